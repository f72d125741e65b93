package dev.caravan.tape.drive;

/// What one read found. The ends of a tape file and of a tape are expected, so they are values.
public sealed interface ReadResult {
    /// A record of `length` bytes is in the buffer.
    record Data(int length) implements ReadResult {}

    /// The end of a tape file; the drive now stands behind the mark.
    record Filemark() implements ReadResult {}

    /// Nothing was ever written here. A second read at this place fails with [Errno#EIO].
    record EndOfData() implements ReadResult {}
}
