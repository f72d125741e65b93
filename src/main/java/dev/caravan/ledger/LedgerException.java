package dev.caravan.ledger;

import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// The ledger could not be read or written: disk full, locked by another program, damaged. Nothing
/// of the transaction was kept, so whatever it was to record does not count.
public final class LedgerException extends RuntimeException {
    public LedgerException(String message, Throwable cause) {
        super(message, cause);
    }

    public LedgerException(String message) {
        super(message);
    }

    /// What SQLite could not do, in one line with what to do about it.
    static LedgerException of(String operation, Path file, SQLException failed) {
        String todo = failed instanceof SQLiteException known ? todo(known.getResultCode()) : "";
        return new LedgerException(
                "unable to %s ledger '%s': %s%s"
                        .formatted(operation, file, failed.getMessage(), todo),
                failed);
    }

    /// The low byte is the kind of error, whatever the rest tells of its place.
    private static String todo(SQLiteErrorCode error) {
        return switch (error.code & 0xFF) {
            case 5, 6 -> // SQLITE_BUSY, SQLITE_LOCKED
                    ": another program has held it for 10 s; find it with fuser, end it, and try again";
            case 8, 14 -> // SQLITE_READONLY, SQLITE_CANTOPEN
                    ": it, or its folder, may not be written by this user, or its disk is read-only or not mounted; put that right and try again";
            case 13 -> ": make room on its disk and try again; nothing that counts is lost"; // FULL
            case 11, 26 -> // SQLITE_CORRUPT, SQLITE_NOTADB
                    ": the file is damaged; move it away with its -wal and -shm, and put the newest snapshot in its place ('%s' on every target), or make it anew with 'caravan rebuild --from TARGET'"
                            .formatted(OwnSource.NAME);
            default -> "";
        };
    }
}
