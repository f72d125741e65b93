package dev.caravan.tape.drive;

import java.nio.ByteBuffer;
import java.util.OptionalLong;

/// A tape drive that somebody has opened: one user at a time, confined to that user's thread.
///
/// The tape is a row of blocks counted from 0; a record is one block and a filemark is one block.
/// Writing anywhere ends the tape behind what was written. A move or a close right after a write
/// first writes one filemark, as the kernel's `st` driver does. Every operation fails with
/// [TapeException]; [Errno#ENOMEDIUM] without a cartridge, [Errno#EACCES] for a write to a
/// protected one.
public interface Drive extends AutoCloseable {
    /// The largest record, in bytes. One MiB and more meets transfer limits of host adapters.
    int MAX_RECORD_BYTES = (1 << 20) - 4096;

    /// The name of the drive in messages.
    String device();

    /// Whether a tape moves in it, which must be fed fast enough not to stop.
    default boolean streams() {
        return true;
    }

    /// Writes what remains in `record` as one record. A direct buffer is written without a copy.
    WriteResult write(ByteBuffer record) throws TapeException;

    /// Writes `count` filemarks and waits until they and everything before them are on the medium:
    /// the commit point. 0 only waits.
    void writeFilemarks(int count) throws TapeException;

    /// Waits until everything written is on the medium, without a filemark.
    default void flush() throws TapeException {
        writeFilemarks(0);
    }

    /// Reads the next block; data is put into `buffer` from its position on. A record larger than
    /// the buffer is skipped and fails with [Errno#ENOMEM].
    ReadResult read(ByteBuffer buffer) throws TapeException;

    void rewind() throws TapeException;

    /// Goes to a block. A block behind the end of data fails with [Errno#EIO].
    void seek(long block) throws TapeException;

    /// Goes forward behind the next `count` filemarks; fails with [Errno#EIO] when there are fewer.
    void spaceFilemarks(int count) throws TapeException;

    /// Goes to where the next record can be appended.
    void seekToEndOfData() throws TapeException;

    /// The number of the next block, or nothing if this drive cannot tell.
    OptionalLong position() throws TapeException;

    DriveStatus status() throws TapeException;

    /// Who the drive is. Needs no cartridge.
    DriveIdentity identity() throws TapeException;

    /// What is known of the cartridge. Reading clears the alerts, so whoever asks keeps them: ask
    /// once after a load and once before an unload.
    MediumReport medium() throws TapeException;

    /// Rewinds and gives the cartridge free for the changer.
    void unload() throws TapeException;

    @Override
    void close() throws TapeException;
}
