package dev.caravan.ledger;

/// The ledger could not be read or written: disk full, locked by another program, damaged. Nothing
/// of the transaction was kept, so whatever it was to record does not count.
public final class LedgerException extends RuntimeException {
    public LedgerException(String message, Throwable cause) {
        super(message, cause);
    }

    public LedgerException(String message) {
        super(message);
    }
}
