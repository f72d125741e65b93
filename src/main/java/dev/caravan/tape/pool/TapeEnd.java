package dev.caravan.tape.pool;

import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.ReadResult;
import dev.caravan.tape.drive.TapeException;
import java.nio.ByteBuffer;

/// Where nothing was written, some drives that cannot tell their position answer a read with a
/// record that is exactly as long as the buffer, whatever that is (`tgt`, measured). So the end of
/// data is known by a record that is longer than any the volume has.
final class TapeEnd {
    /// Two lengths that no record of a label has.
    private static final int PROBE = VolumeLabel.MAX_BYTES + 512;

    private static final int OTHER_PROBE = PROBE + 512;

    private TapeEnd() {}

    /// Reads the next block of a volume.
    ///
    /// @param buffer with room for more than `blockBytes`
    static ReadResult read(Drive drive, ByteBuffer buffer, int blockBytes) throws TapeException {
        int room = buffer.remaining();
        ReadResult result = drive.read(buffer);
        return result instanceof ReadResult.Data(int length)
                        && length == room
                        && length > blockBytes
                        && drive.position().isEmpty()
                ? new ReadResult.EndOfData()
                : result;
    }

    /// How large a buffer the records of a volume are read into. Exactly a record where the drive
    /// is a sound one: reading with more room makes a drive report each record as a short one.
    ///
    /// Twice that where it cannot tell its position. `tgt` before 1.0.94 sends of a record that is
    /// shorter than the buffer as many bytes as it is shorter, not as many as it has (measured
    /// below `st` too); at least half of a buffer of this size are all of them. And the end of data
    /// is known by a longer record, as above.
    static int readBytes(Drive drive, int blockBytes) throws TapeException {
        int record = Math.max(blockBytes, 1);
        return drive.position().isPresent() ? record : Math.min(2 * record, Drive.MAX_RECORD_BYTES);
    }

    /// Has the drive stand at the end of data after that was read. One that answers there with a
    /// record that is none goes on to where no tape is, and says at the next write that the medium
    /// is full (`tgt`, measured).
    static void standAt(Drive drive) throws TapeException {
        if (drive.position().isEmpty()) {
            drive.rewind();
            drive.seekToEndOfData();
        }
    }

    /// Whether a drive that cannot tell its position has a blank tape: its first record has the
    /// length of two different buffers. Leaves the tape rewound.
    static boolean blank(Drive drive) throws TapeException {
        boolean filled = fills(drive, PROBE) && fills(drive, OTHER_PROBE);
        drive.rewind();
        return filled;
    }

    private static boolean fills(Drive drive, int length) throws TapeException {
        drive.rewind();
        return drive.read(ByteBuffer.allocateDirect(length)) instanceof ReadResult.Data(int read)
                && read == length;
    }
}
