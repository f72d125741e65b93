package dev.caravan.tape.pool;

import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.ReadResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/// The bytes of a tape file as they lie on the tape, whether it was ever committed or not: it ends
/// at its filemark or where the data ends, and [#committed] tells which. Belongs to a
/// [VolumeReader] and is over when that goes on. Confined to one thread.
public final class TapeFileInput extends InputStream {
    private final Drive drive;
    private final ByteBuffer record;
    private final int file;
    private final long block;
    private long records;
    private long bytes;
    private final int blockBytes;
    private boolean ended;
    private boolean committed;

    TapeFileInput(Drive drive, ByteBuffer record, int blockBytes, int file, long block) {
        this.drive = drive;
        this.blockBytes = blockBytes;
        this.record = record.clear().limit(0);
        this.file = file;
        this.block = block;
    }

    /// The number of the tape file, the volume file being 0.
    public int file() {
        return file;
    }

    /// The block at which the tape file begins; -1 if it is not known any more, because something
    /// before it could not be read and the drive cannot tell.
    public long block() {
        return block;
    }

    /// Records read so far.
    public long records() {
        return records;
    }

    /// Bytes of these records.
    public long bytes() {
        return bytes;
    }

    /// Whether a filemark ended it. False before its end was met.
    public boolean committed() {
        return committed;
    }

    boolean ended() {
        return ended;
    }

    /// Whether nothing at all is here: the tape ends.
    boolean fetchFirst() throws IOException {
        boolean _ = more();
        return records == 0 && ended && !committed;
    }

    /// Reads what is left, so that the drive stands behind the tape file and [#committed] is known.
    public void finish() throws IOException {
        record.limit(record.position());
        while (more()) {
            record.position(record.limit());
        }
    }

    @Override
    public int read() throws IOException {
        return more() ? record.get() & 0xFF : -1;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, to.length);
        if (length == 0) {
            return 0;
        }
        if (!more()) {
            return -1;
        }
        int count = Math.min(length, record.remaining());
        record.get(to, offset, count);
        return count;
    }

    @Override
    public int available() {
        return record.remaining();
    }

    private boolean more() throws IOException {
        while (!record.hasRemaining()) {
            if (ended) {
                return false;
            }
            switch (fetch()) {
                case ReadResult.Data(int length) -> {
                    records++;
                    bytes += length;
                }
                case ReadResult.Filemark _ -> {
                    ended = true;
                    committed = true;
                }
                case ReadResult.EndOfData _ -> ended = true;
            }
        }
        return true;
    }

    private ReadResult fetch() throws IOException {
        record.clear();
        try {
            return TapeEnd.read(drive, record, blockBytes);
        } finally {
            record.flip(); // empty unless it was data
        }
    }
}
