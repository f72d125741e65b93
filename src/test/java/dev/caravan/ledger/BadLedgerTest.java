package dev.caravan.ledger;

import static dev.caravan.ledger.LedgerFixture.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.posix.Directory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A ledger that can not be used says why in one line, and keeps what it had.
class BadLedgerTest {
    private static final Clock CLOCK = Clock.systemUTC();

    @TempDir Path folder;

    @Test
    void aFullLedgerRefusesInOneLineAndKeepsAllThatWasCommitted() {
        try (Database database = Database.open(folder.resolve("ledger.db"))) {
            Events events = new Events(database, CLOCK);
            events.append("note", "{}");
            long pages = database.read(s -> s.one("PRAGMA page_count", r -> r.getLong(1)));
            database.write(s -> s.one("PRAGMA max_page_count=" + (pages + 8), r -> r.getLong(1)));

            long[] written = {1};
            LedgerException full =
                    catchThrowableOfType(
                            LedgerException.class,
                            () -> {
                                while (written[0] < 10_000) {
                                    events.append("note", "\"" + "x".repeat(900) + "\"");
                                    written[0]++;
                                }
                            });

            assertOneLine(full, "write", "full", "make room on its disk");
            assertThat(events.walk()).isEqualTo(new Events.Chain(written[0], null));

            // as in a service that outlives it: the driver closes the statement that failed
            database.write(
                    s -> s.one("PRAGMA max_page_count=" + (pages + 1000), r -> r.getLong(1)));
            events.append("note", "{}");
            assertThat(events.walk()).isEqualTo(new Events.Chain(written[0] + 1, null));
        }
    }

    @Test
    void aLockedLedgerIsWaitedFor() throws Exception {
        Path file = folder.resolve("ledger.db");
        try (LedgerFixture fixture = new LedgerFixture(file)) {
            fixture.usual();
            CountDownLatch locked = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            CompletableFuture<Void> other =
                    CompletableFuture.runAsync(() -> lock(file, locked, release));
            assertThat(locked.await(20, TimeUnit.SECONDS)).isTrue();

            CompletableFuture<Void> written =
                    CompletableFuture.runAsync(
                            () -> fixture.ledger().events().append("note", "{}"));
            release.countDown();

            written.get(20, TimeUnit.SECONDS);
            other.get(20, TimeUnit.SECONDS);
            assertThat(fixture.ledger().events().walk()).isEqualTo(new Events.Chain(1, null));
        }
    }

    @Test
    void aLedgerThatStaysLockedIsRefusedAndNothingIsCounted() throws Exception {
        Path file = folder.resolve("ledger.db");
        try (LedgerFixture fixture = new LedgerFixture(file)) {
            fixture.usual();
            fixture.scan("docs", file("a", 5, 1));
            CountDownLatch locked = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            CompletableFuture<Void> other =
                    CompletableFuture.runAsync(() -> lock(file, locked, release));
            assertThat(locked.await(20, TimeUnit.SECONDS)).isTrue();

            LedgerException refused =
                    catchThrowableOfType(LedgerException.class, () -> fixture.copyAll("nas"));

            assertOneLine(refused, "write", "locked", "another program", "fuser");
            assertThat(
                            fixture.ledger()
                                    .counts()
                                    .report(Policy.THREE_TWO_ONE)
                                    .targets()
                                    .getFirst()
                                    .copies())
                    .isZero();
            release.countDown();
            other.get(20, TimeUnit.SECONDS);
            fixture.copyAll("nas");
            assertThat(fixture.ledger().events().walk().bad()).isNull();
        }
    }

    private static void lock(Path file, CountDownLatch locked, CountDownLatch release) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            locked.countDown();
            assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
            statement.execute("ROLLBACK");
        } catch (SQLException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Test
    void aLedgerThatMayNotBeWrittenIsRefused() throws Exception {
        Path home = Files.createDirectory(folder.resolve("home"));
        Path file = home.resolve("ledger.db");
        new LedgerFixture(file).usual().close();
        boolean root = Directory.effectiveUser() == 0;
        if (root) {
            assumeTrue(run("mount", "--bind", home.toString(), home.toString()), "no mount here");
            run("mount", "-o", "remount,ro,bind", home.toString());
        } else {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
            Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("r-xr-xr-x"));
        }
        try {
            LedgerException refused =
                    catchThrowableOfType(LedgerException.class, () -> Ledger.open(file, CLOCK));

            assertOneLine(refused, "ledger.db", "may not be written");
        } finally {
            if (root) {
                run("umount", home.toString());
            } else {
                Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    @Test
    void aCorruptPageIsFoundAndNothingIsWrittenOverIt() throws Exception {
        Path file = folder.resolve("ledger.db");
        try (LedgerFixture fixture = new LedgerFixture(file)) {
            fixture.usual();
            fixture.scan("docs", file("a", 5, 1), file("b", 5, 1));
        }
        assertThat(Ledger.damage(file)).isNull();
        overwrite(file, 4096, (int) Files.size(file) - 4096);
        byte[] damaged = Files.readAllBytes(file);

        LedgerException refused =
                catchThrowableOfType(LedgerException.class, () -> Ledger.open(file, CLOCK));

        assertOneLine(
                refused, "ledger.db", "is damaged", "caravan-ledger", "rebuild --from TARGET");
        assertThat(Ledger.damage(file)).isNotNull();
        assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
    }

    @Test
    void aFileThatIsNoLedgerIsRefused() throws Exception {
        Path file = folder.resolve("ledger.db");
        Files.writeString(file, "this is no database, whatever its name says".repeat(100));

        assertThatThrownBy(() -> Ledger.open(file, CLOCK))
                .isInstanceOf(LedgerException.class)
                .hasMessageContaining("is damaged");
    }

    @Test
    void aSnapshotIsWholeAndIsTheLedgerOfThatMoment() throws Exception {
        Path copy = folder.resolve("copy.db");
        try (LedgerFixture fixture = new LedgerFixture(folder.resolve("ledger.db"))) {
            fixture.usual();
            fixture.scan("docs", file("a", 5, 1));
            fixture.ledger().snapshot(copy);
            fixture.copyAll();
        }

        assertThat(Ledger.damage(copy)).isNull();
        try (Ledger ledger = Ledger.openReadOnly(copy, CLOCK)) {
            assertThat(ledger.events().walk()).isEqualTo(new Events.Chain(2, null));
            assertThat(ledger.counts().report(Policy.THREE_TWO_ONE).items()).isEqualTo(1);
        }
    }

    private static void overwrite(Path file, long at, int length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer garbage = ByteBuffer.allocate(length);
            while (garbage.hasRemaining()) {
                garbage.put((byte) 0xA5);
            }
            garbage.flip();
            channel.write(garbage, at);
        }
    }

    private static void assertOneLine(LedgerException refused, String... words) {
        assertThat(refused).isNotNull();
        String told = String.valueOf(refused.getMessage());
        assertThat(told).contains(words);
        assertThat(told.lines()).hasSize(1);
    }
}
