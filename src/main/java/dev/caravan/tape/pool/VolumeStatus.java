package dev.caravan.tape.pool;

/// Whether a volume takes more data. All of them can be read.
public enum VolumeStatus {
    WRITABLE,
    /// The end of the tape was reached.
    FULL,
    /// A write failed or the end of data is not where it was left; a person should look.
    DAMAGED,
    /// Taken out of use by a person.
    RETIRED
}
