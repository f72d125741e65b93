package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.ReadResult;
import dev.caravan.tape.drive.TapeException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The bytes of one tape file, read from the drive as they are asked for. The drive is free again
/// when the end is reached or the stream is closed. Confined to one thread, but for the closing of
/// the library, which takes the drive back between two reads.
public final class TapeFileStream extends InputStream {
    private static final Logger LOG = LoggerFactory.getLogger(TapeFileStream.class);

    private final DriveBays.Mount mount;
    private final long block;
    private final int blockBytes;
    private final ByteBuffer record;
    private boolean ended;
    private boolean stopped;

    private TapeFileStream(DriveBays.Mount mount, long block, int blockBytes) throws TapeException {
        this.mount = mount;
        this.block = block;
        this.blockBytes = blockBytes;
        this.record =
                ByteBuffer.allocateDirect(TapeEnd.readBytes(mount.drive(), blockBytes)).limit(0);
    }

    /// Opens the tape file that begins at `block`, at byte `offset` of it. The caller knows both
    /// from the write: an offset behind the tape file's end would lead into the next one.
    ///
    /// @throws VolumeRefusedException if the cartridge is missing or not that volume
    public static TapeFileStream open(
            DriveBays bays, VolumeInventory inventory, Barcode barcode, long block, long offset)
            throws IOException {
        if (block < 0 || offset < 0) {
            throw new IllegalArgumentException(
                    "block %d, offset %d of %s: want none below 0"
                            .formatted(block, offset, barcode));
        }
        Volume volume =
                inventory
                        .find(barcode)
                        .orElseThrow(() ->
                                new VolumeRefusedException(
                                        barcode, "the inventory does not know it"));
        if (!bays.inventory().cartridges().contains(barcode)) {
            throw VolumeRefusedException.outside(barcode, volume.outside());
        }
        DriveBays.Mount mount = bays.mount(volume.barcode());
        try {
            Labels.verify(mount, volume);
            Drive drive = mount.drive();
            drive.seek(block + offset / volume.blockBytes());
            TapeFileStream stream = new TapeFileStream(mount, block, volume.blockBytes());
            stream.skipNBytes(offset % volume.blockBytes());
            mount.whenStopped(stream::stop);
            return stream;
        } catch (IOException | RuntimeException e) {
            try (mount) {
                throw e;
            }
        }
    }

    public Barcode barcode() {
        return mount.barcode();
    }

    /// Gives the drive back for whoever reads on: told so by an error.
    private synchronized void stop() {
        stopped = true;
        try {
            close();
        } catch (IOException e) {
            LOG.warn("{}: {}", mount.barcode(), e.getMessage());
        }
    }

    @Override
    public synchronized int read() throws IOException {
        return more() ? record.get() & 0xFF : -1;
    }

    @Override
    public synchronized int read(byte[] to, int offset, int length) throws IOException {
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
    public synchronized int available() {
        return record.remaining();
    }

    @Override
    public synchronized void close() throws IOException {
        ended = true;
        record.limit(0);
        mount.close();
    }

    private boolean more() throws IOException {
        if (record.hasRemaining()) {
            return true;
        }
        if (stopped) {
            throw new IOException(
                    "the tape library was closed while %s was read".formatted(mount.barcode()));
        }
        if (ended) {
            return false;
        }
        ReadResult result = TapeEnd.read(mount.drive(), record.clear(), blockBytes);
        record.flip();
        return switch (result) {
            case ReadResult.Data _ -> true;
            case ReadResult.Filemark _ -> {
                close();
                yield false;
            }
            case ReadResult.EndOfData _ -> {
                close();
                throw new EOFException(
                        "the tape file at block %d of %s has no filemark behind it: it was never committed"
                                .formatted(block, mount.barcode()));
            }
        };
    }
}
