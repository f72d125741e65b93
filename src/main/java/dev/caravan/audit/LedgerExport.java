package dev.caravan.audit;

import dev.caravan.item.ItemPath;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.SignedHead;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// Writes what a home exports of its ledger into a folder, which the routes then carry to every
/// target like a source: the signed head, the public key, a snapshot. Confined to one thread.
public final class LedgerExport {
    /// The signed head.
    public static final ItemPath HEAD = ItemPath.of("head.json");

    /// The whole ledger, an SQLite file in gzip.
    public static final ItemPath SNAPSHOT = ItemPath.of("ledger.db.gz");

    private static final String KEY = "ledger-key.pem";
    private static final String README = "README.txt";
    private static final int BUFFER = 1 << 16;

    private static final String README_TEXT =
            """
            What a Caravan home exports of its ledger.

            ledger.db.gz    The ledger: which versions there are, where their copies lie and why
                            they count. gunzip it: it is an SQLite 3 file. To go on with it, put
                            it into the home as data/ledger.db, without ledger.db-wal and
                            ledger.db-shm beside it.
            head.json       The newest event of its log when this was written, signed (Ed25519).
                            The ledger's log must have an event of this number with this hash: else
                            it is older than this file, or was written anew.
            ledger-key.pem  The key that it is signed with. Keep a copy where nobody can change
                            it: what is signed is in the first five fields of head.json, one to
                            a line:

                            python3 -c 'import json; h = json.load(open("head.json")); print(
                                h["format"], h["home"], h["seq"], h["hash"], h["at"], sep="\\n")' > text
                            python3 -c 'import json, base64, sys; sys.stdout.buffer.write(
                                base64.b64decode(json.load(open("head.json"))["signature"]))' > signature
                            openssl pkeyutl -verify -pubin -inkey ledger-key.pem -rawin -in text -sigfile signature
            """;

    private final Ledger ledger;
    private final Path folder;
    private final Path keys;
    private final Optional<Duration> every;
    private final Clock clock;

    /// @param folder what is exported lies in it, and nothing else
    /// @param keys the folder of the home's keys
    /// @param every how old the last snapshot is at least before there is another; empty for none
    public LedgerExport(
            Ledger ledger, Path folder, Path keys, Optional<Duration> every, Clock clock) {
        this.ledger = ledger;
        this.folder = folder;
        this.keys = keys;
        this.every = every;
        this.clock = clock;
    }

    /// Makes the folder if there is none. It is a source: of a ledger that was rebuilt, copies are
    /// wanted of what was in it once, and what is not there is copied from another copy.
    ///
    /// @throws IOException if it can not be made
    public void makeFolder() throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectory(
                    folder,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
    }

    /// Whether something happened that no exported head covers, a snapshot is due, or what was
    /// written is not on its way to the targets. Costs nothing where nothing happened.
    public boolean due() throws IOException {
        Optional<SignedHead> last = ledger.heads().last();
        if (last.isEmpty()) {
            return ledger.heads().changedSince(0);
        }
        if (ledger.heads().changedSince(last.get().head().seq())
                || snapshotDue()
                || !isWritten(last.get())) {
            return true;
        }
        Optional<Instant> carried = ledger.ownCopies().lastScan();
        return carried.isEmpty() || carried.get().isBefore(last.get().head().at());
    }

    private boolean isWritten(SignedHead head) throws IOException {
        Path file = folder.resolve(HEAD.text());
        return Files.isRegularFile(file)
                && Arrays.equals(Files.readAllBytes(file), HeadDocument.write(head));
    }

    private boolean snapshotDue() throws IOException {
        if (every.isEmpty()) {
            return false;
        }
        Optional<SignedHead> last = ledger.heads().lastWithSnapshot();
        if (last.isEmpty() || !hasSnapshotOf(last.get())) {
            return true;
        }
        Duration age = Duration.between(last.get().head().at(), clock.instant());
        // a clock that was set back must not put it off
        return (age.isNegative() || age.compareTo(every.get()) >= 0)
                && ledger.heads().changedSince(last.get().head().seq());
    }

    /// A snapshot bears the time of its head, to the second, which is what every disk can keep.
    private boolean hasSnapshotOf(SignedHead head) throws IOException {
        Path file = folder.resolve(SNAPSHOT.text());
        return Files.isRegularFile(file)
                && !Files.getLastModifiedTime(file)
                        .toInstant()
                        .isBefore(head.head().at().truncatedTo(ChronoUnit.SECONDS));
    }

    /// Signs a head if something happened since the last one, and writes what is due.
    ///
    /// @return the head that is there now
    /// @throws IOException if it can not be written; then it is due again
    /// @throws dev.caravan.ledger.LedgerException if the ledger can not be read or written
    public SignedHead make() throws IOException {
        SigningKey key = SigningKey.readOrMake(keys);
        makeFolder();
        sweep();
        boolean snapshot = snapshotDue();
        Optional<SignedHead> last = ledger.heads().last();
        boolean stands =
                last.isPresent()
                        && !snapshot
                        && !ledger.heads().changedSince(last.get().head().seq());
        SignedHead head =
                stands ? last.get() : ledger.heads().sign(key.publicKey(), key::sign, snapshot);
        if (snapshot) {
            writeSnapshot(head.head().at());
        }
        SmallFile.write(
                folder.resolve(README),
                README_TEXT.getBytes(StandardCharsets.UTF_8),
                SmallFile.READABLE);
        SmallFile.write(folder.resolve(KEY), key.publicPem(), SmallFile.READABLE);
        SmallFile.write(folder.resolve(HEAD.text()), HeadDocument.write(head), SmallFile.READABLE);
        return head;
    }

    /// What a program that was killed here left half.
    private void sweep() throws IOException {
        try (DirectoryStream<Path> left =
                Files.newDirectoryStream(folder, "*" + SmallFile.PART + "*")) {
            for (Path part : left) {
                Files.delete(part);
            }
        }
    }

    private void writeSnapshot(Instant at) throws IOException {
        Path whole = folder.resolve("ledger.db" + SmallFile.PART);
        Path packed = folder.resolve(SNAPSHOT.text() + SmallFile.PART);
        try {
            Files.createFile(whole, SmallFile.PRIVATE); // SQLite would let others read it
            ledger.snapshot(whole);
            FutureTask<Optional<String>> check =
                    new FutureTask<>(() -> Optional.ofNullable(Ledger.damage(whole)));
            Thread.ofPlatform().daemon().name("check-snapshot").start(check);
            pack(whole, packed); // meanwhile: both read all of it
            requireWhole(whole, check);
            Files.setLastModifiedTime(packed, FileTime.from(at));
            SmallFile.publish(packed, folder.resolve(SNAPSHOT.text()));
        } finally {
            Files.deleteIfExists(whole);
            Files.deleteIfExists(packed);
        }
    }

    private static void requireWhole(Path copy, FutureTask<Optional<String>> check)
            throws InterruptedIOException {
        try {
            Optional<String> damage = check.get();
            if (damage.isPresent()) {
                throw new LedgerException(
                        "snapshot of the ledger '%s' is not whole: %s"
                                .formatted(copy, damage.get()));
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("stopped while a snapshot of the ledger was checked");
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        }
    }

    private static void pack(Path whole, Path packed) throws IOException {
        try (FileChannel channel =
                        FileChannel.open(
                                packed,
                                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                                SmallFile.PRIVATE);
                InputStream in = Files.newInputStream(whole)) {
            OutputStream raw = Channels.newOutputStream(channel);
            GZIPOutputStream out = new Fast(raw);
            in.transferTo(out);
            out.finish();
            channel.force(true);
        }
    }

    /// A ledger shrinks to a quarter already at the fastest level.
    private static final class Fast extends GZIPOutputStream {
        Fast(OutputStream out) throws IOException {
            super(out, BUFFER);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
