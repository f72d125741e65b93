package dev.caravan.tape.drive;

/// What one write did.
public enum WriteResult {
    /// The drive took the whole record. It is proven only by the next synchronous filemark.
    WRITTEN,
    /// The end of the tape is near or reached (`ENOSPC`). The record is to be taken as not written;
    /// only the position tells whether the drive took it (`st` on some drives records it).
    NO_SPACE
}
