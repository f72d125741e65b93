package dev.caravan.ledger;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;

/// The record of what is protected and how many copies of it are proven, in one SQLite file, cut by
/// noun: [Sources], [Targets], [Scans], [Copies], [Parts], [PlainTree], [Catalog], [Volumes],
/// [TapeFiles], [Rebuild], [Runs] and [Events]. The ledger may under-count, never over-count.
/// Thread-safe.
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
        if (!Files.exists(file)) {
            throw new LedgerException(
                    "no ledger at '" + file + "': nothing was backed up from this home yet");
        }
        Database database = Database.openReadOnly(file);
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

    public Catalog catalog() {
        return new Catalog(database);
    }

    public Runs runs() {
        return new Runs(database, clock);
    }

    public Events events() {
        return new Events(database, clock);
    }

    public TapeFiles tapeFiles() {
        return new TapeFiles(database, clock);
    }

    public Rebuild rebuild() {
        return new Rebuild(database, clock);
    }

    public Counts counts() {
        return new Counts(database, clock);
    }

    @Override
    public void close() {
        database.close();
    }
}
