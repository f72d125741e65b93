package dev.caravan.ledger;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/// The SQLite file: one connection that writes, under a lock, and a few that read. WAL with
/// synchronous=FULL: a committed transaction survives a power cut. Thread-safe.
final class Database implements AutoCloseable {

    private static final List<String> MIGRATIONS =
            List.of(
                    "0001-ledger.sql",
                    "0002-parts.sql",
                    "0003-policy.sql",
                    "0004-history.sql",
                    "0005-verification.sql",
                    "0006-heads.sql",
                    "0007-retention.sql",
                    "0008-quick-rules.sql",
                    "0009-encryption.sql",
                    "0010-locks.sql",
                    "0011-tested.sql",
                    "0012-source-media.sql",
                    "0013-legal-hold.sql",
                    "0014-spares.sql",
                    "0015-problems-of-copying.sql");
    private static final int BUSY_MILLIS = 10_000;

    private final Path file;
    private final boolean readOnly;
    private final @Nullable Session writer;

    /// Fair: who writes many transactions one after the other lets others in between.
    private final ReentrantLock writing = new ReentrantLock(true);

    private final Deque<Session> readers = new ArrayDeque<>();

    private Database(Path file, boolean readOnly) {
        this.file = file;
        this.readOnly = readOnly;
        this.writer = readOnly ? null : new Session(connect(false));
    }

    static Database open(Path file) {
        Database database = new Database(file, false);
        try {
            database.migrate();
        } catch (RuntimeException broken) {
            database.close();
            throw broken;
        }
        return database;
    }

    static Database openReadOnly(Path file) {
        return ofThisSchema(new Database(file, true));
    }

    /// Opens an existing file to write beside the program that has it open: migrates nothing.
    static Database openBeside(Path file) {
        return ofThisSchema(new Database(file, false));
    }

    private static Database ofThisSchema(Database database) {
        Path file = database.file;
        int version = database.read(s -> s.one("PRAGMA user_version", r -> r.getInt(1)));
        if (version > MIGRATIONS.size()) {
            database.close();
            throw newer(file, version);
        }
        if (version < MIGRATIONS.size()) {
            database.close();
            throw new LedgerException(
                    "ledger '%s' has schema %d, this program wants %d: run `caravan backup` once"
                            .formatted(file, version, MIGRATIONS.size()));
        }
        return database;
    }

    private static LedgerException newer(Path file, int schema) {
        return new LedgerException(
                "ledger '%s' has schema %d, written by a newer Caravan; this one knows up to %d"
                        .formatted(file, schema, MIGRATIONS.size()));
    }

    boolean isReadOnly() {
        return readOnly;
    }

    private Connection connect(boolean reader) {
        SQLiteConfig config = new SQLiteConfig();
        if (!readOnly) { // a snapshot is in another mode, and may be read as it is
            config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        }
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setBusyTimeout(BUSY_MILLIS);
        config.enforceForeignKeys(false);
        config.setCacheSize(reader ? -8_000 : -32_000);
        config.setGetGeneratedKeys(false); // RETURNING gives them; this would be a query per insert
        // IMMEDIATE takes the write lock: a reader would wait for the writer, and one that may not
        // write would not even begin
        config.setTransactionMode(
                reader
                        ? SQLiteConfig.TransactionMode.DEFERRED
                        : SQLiteConfig.TransactionMode.IMMEDIATE);
        if (readOnly) {
            config.setReadOnly(true);
        }
        try {
            Connection connection = config.createConnection("jdbc:sqlite:" + file);
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA wal_autocheckpoint=4000");
                if (reader) {
                    statement.execute("PRAGMA query_only=1");
                }
            }
            return connection;
        } catch (SQLException failed) {
            throw failure("open", failed);
        }
    }

    private void migrate() {
        int found = write(s -> s.one("PRAGMA user_version", r -> r.getInt(1)));
        if (found > MIGRATIONS.size()) {
            throw newer(file, found);
        }
        for (int next = found; next < MIGRATIONS.size(); next++) {
            String script = script(MIGRATIONS.get(next));
            int version = next + 1;
            write(s -> {
                s.script(script);
                s.script("PRAGMA user_version=" + version);
                return version;
            });
        }
    }

    private static String script(String name) {
        try (InputStream in = Database.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new LedgerException("migration '" + name + "' is missing in the program");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new LedgerException("migration '" + name + "' is unreadable", unreadable);
        }
    }

    /// Whether somebody is at a transaction that writes, or waits to begin it.
    boolean isWriting() {
        return writing.isLocked();
    }

    /// One transaction; all or nothing.
    <T extends @Nullable Object> T write(Work<T> work) {
        Session session = writer;
        if (session == null) {
            throw new LedgerException("ledger '" + file + "' is open for reading only");
        }
        writing.lock();
        try {
            return inTransaction(session, work);
        } finally {
            writing.unlock();
        }
    }

    private <T extends @Nullable Object> T inTransaction(Session session, Work<T> work) {
        try {
            session.begin();
            T result = work.run(session);
            session.commit();
            return result;
        } catch (SQLException failed) {
            session.rollBack(failed);
            throw failure("write", failed);
        } catch (RuntimeException failed) {
            session.rollBack(failed);
            throw failed;
        }
    }

    /// One consistent look; never waits for the writer.
    <T extends @Nullable Object> T read(Work<T> work) {
        Session session;
        synchronized (readers) {
            session = readers.isEmpty() ? null : readers.pop();
        }
        if (session == null) {
            session = new Session(connect(true));
        }
        try {
            session.begin();
            try {
                return work.run(session);
            } catch (SQLException failed) {
                session.forgetStatements();
                throw failed;
            } finally {
                session.rollBack();
                synchronized (readers) {
                    readers.push(session);
                }
            }
        } catch (SQLException failed) {
            throw failure("read", failed);
        }
    }

    /// Writes a whole and consistent copy of the ledger as it is now to a new file, without holding
    /// up whoever writes.
    ///
    /// @param copy must not exist
    void copyTo(Path copy) {
        try (Connection connection = connect(false); // query_only would refuse it
                Statement settings = connection.createStatement();
                PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
            settings.execute("PRAGMA cache_size=-2000"); // no page is asked for twice
            vacuum.setString(1, copy.toString());
            vacuum.execute();
        } catch (SQLException failed) {
            throw failure("copy", failed);
        }
    }

    /// What SQLite finds wrong with the file, in one line; null if nothing.
    static @Nullable String damage(Path file) {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(BUSY_MILLIS);
        try (Connection connection = config.createConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery("PRAGMA integrity_check(1)")) {
            String found = rows.next() ? rows.getString(1) : "no answer";
            return found.equals("ok") ? null : found.replace('\n', ' ');
        } catch (SQLException failed) {
            return String.valueOf(failed.getMessage());
        }
    }

    private LedgerException failure(String operation, SQLException failed) {
        return LedgerException.of(operation, file, failed);
    }

    @Override
    public void close() {
        synchronized (readers) {
            readers.forEach(Session::close);
            readers.clear();
        }
        if (writer != null) {
            writing.lock();
            try {
                writer.close();
            } finally {
                writing.unlock();
            }
        }
    }

    /// What is done with a session.
    @FunctionalInterface
    interface Work<T extends @Nullable Object> {
        T run(Session session) throws SQLException;
    }
}
