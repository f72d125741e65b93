package dev.caravan.ledger;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The record of what is protected and how many copies of it are proven, in one SQLite file, cut by
/// noun: [Sources], [Targets], [Scans], [Copies], [Parts], [PlainTree], [Catalog], [History],
/// [Volumes], [TapeFiles], [DueCopies], [Verifications], [Drills], [Rebuild], [Runs], [Upkeep],
/// [Retention], [Removals], [Holds], [Locks], [Counts], [Standings], [Events], [Heads],
/// [EvidenceAges] and [OwnCopies]. The ledger may under-count, never over-count. Thread-safe.
public final class Ledger implements AutoCloseable {

    private final Database database;
    private final Clock clock;
    private final String homeId;

    private Ledger(Database database, Clock clock, String homeId) {
        this.database = database;
        this.clock = clock;
        this.homeId = homeId;
    }

    /// Opens the ledger to write, making or migrating it. The caller holds the home's lock: there
    /// is one writer.
    ///
    /// @throws LedgerException if the file can not be opened or is newer than this program
    public static Ledger open(Path file, Clock clock) {
        Database database = Database.open(file);
        String id =
                database.write(s -> {
                    String known = s.first("SELECT id FROM home", r -> r.getString(1));
                    if (known != null) {
                        return known;
                    }
                    String fresh = UUID.randomUUID().toString();
                    s.run(
                            "INSERT INTO home (id, created_at) VALUES (?, ?)",
                            fresh,
                            Instants.nanos(clock.instant()));
                    return fresh;
                });
        Ledger ledger = new Ledger(database, clock, id);
        ledger.copies().requeueDead();
        return ledger;
    }

    /// Opens an existing ledger beside its writer.
    ///
    /// @throws LedgerException if there is none or it has another schema
    public static Ledger openReadOnly(Path file, Clock clock) {
        return opened(file, clock, Database::openReadOnly);
    }

    /// Opens an existing ledger for a short change beside its writer, whose claims and schema are
    /// left alone; each transaction of either waits for the other's.
    ///
    /// @throws LedgerException if there is none or it has another schema
    public static Ledger openBeside(Path file, Clock clock) {
        return opened(file, clock, Database::openBeside);
    }

    private static Ledger opened(Path file, Clock clock, Function<Path, Database> open) {
        if (!Files.exists(file)) {
            throw new LedgerException(
                    "no ledger at '" + file + "': nothing was backed up from this home yet");
        }
        Database database = open.apply(file);
        String id = database.read(s -> s.one("SELECT id FROM home", r -> r.getString(1)));
        return new Ledger(database, clock, id);
    }

    /// A random name of this ledger, given once; it marks what this home wrote.
    public String homeId() {
        return homeId;
    }

    public Sources sources() {
        return new Sources(database);
    }

    public Targets targets() {
        return new Targets(database, clock);
    }

    public Volumes volumes() {
        return new Volumes(database, clock);
    }

    public Scans scans() {
        return new Scans(database, clock);
    }

    public Copies copies() {
        return new Copies(database, clock);
    }

    public Parts parts() {
        return new Parts(database, clock);
    }

    public PlainTree plainTree() {
        return new PlainTree(database, clock);
    }

    public LegalHolds legalHolds() {
        return new LegalHolds(database);
    }

    public Locks locks() {
        return new Locks(database);
    }

    public Catalog catalog() {
        return new Catalog(database);
    }

    public History history() {
        return new History(database);
    }

    public Drills drills() {
        return new Drills(database);
    }

    public Runs runs() {
        return new Runs(database, clock);
    }

    public Events events() {
        return new Events(database, clock);
    }

    public Heads heads() {
        return new Heads(database, clock);
    }

    public EvidenceAges evidenceAges() {
        return new EvidenceAges(database);
    }

    public OwnCopies ownCopies() {
        return new OwnCopies(database);
    }

    /// Writes a whole and consistent copy of the ledger as it is now to a new file, without holding
    /// up whoever writes. Whether it came to the disk whole, [#damage] tells.
    ///
    /// @throws LedgerException if it can not be written
    public void snapshot(Path copy) {
        database.copyTo(copy);
    }

    /// What SQLite finds wrong with a ledger's file, in one line; null if nothing. Reads all of it.
    public static @Nullable String damage(Path file) {
        return Database.damage(file);
    }

    public TapeFiles tapeFiles() {
        return new TapeFiles(database, clock);
    }

    public DueCopies dueCopies() {
        return new DueCopies(database);
    }

    public Verifications verifications() {
        return new Verifications(database, clock);
    }

    public Rebuild rebuild() {
        return new Rebuild(database, clock);
    }

    public Counts counts() {
        return new Counts(database, clock);
    }

    public Standings standings() {
        return new Standings(database, clock);
    }

    public Retention retention() {
        return new Retention(database, clock);
    }

    public Removals removals() {
        return new Removals(database, clock);
    }

    public Holds holds() {
        return new Holds(database, clock);
    }

    public EncryptedObjects encryptedObjects() {
        return new EncryptedObjects(database);
    }

    public Upkeep upkeep() {
        return new Upkeep(database, clock);
    }

    /// Settles first what a writer leaves, so that the next report is quick; a ledger that cannot
    /// be written any more is closed all the same.
    @Override
    public void close() {
        try {
            if (!database.isReadOnly()) {
                upkeep().settle();
            }
        } catch (LedgerException unwritable) {
            // nothing is counted wrong by it: reports look at what is not settled
        }
        database.close();
    }
}
