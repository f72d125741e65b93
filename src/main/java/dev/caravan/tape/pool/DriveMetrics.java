package dev.caravan.tape.pool;

/// What one drive has written since the library was opened. A snapshot, immutable.
///
/// @param drive the number of the drive in its library
/// @param tapeFiles the tape files that were proven
/// @param voidTapeFiles the tape files that were begun and count for nothing: the end of the tape,
///   a failed body, an error
/// @param streaming how it was fed, void tape files included
public record DriveMetrics(int drive, long tapeFiles, long voidTapeFiles, Streaming streaming) {
    static DriveMetrics none(int drive) {
        return new DriveMetrics(drive, 0, 0, Streaming.NONE);
    }

    /// After one more tape file.
    DriveMetrics with(boolean proven, Streaming more) {
        return new DriveMetrics(
                drive,
                tapeFiles + (proven ? 1 : 0),
                voidTapeFiles + (proven ? 0 : 1),
                streaming.plus(more));
    }
}
