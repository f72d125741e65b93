package dev.caravan.tape.vtl;

import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.json.JsonFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One partition of a virtual cartridge: a SIMH `.tap` file. A record is its length (32 bits,
/// little endian), its bytes, a zero byte if the length is odd, and the length again; a filemark is
/// a length of 0; `0xFFFFFFFF` or the end of the file ends the tape. Confined to one thread.
///
/// What follows the last block that is framed right is not part of the tape (a write that was cut
/// off); it is removed by the next append, never by opening. Source: `simh_magtape`.
final class TapImage implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TapImage.class);
    private static final String IMAGE = "p0.tap";
    private static final String INDEX = "p0.idx";

    private final Path cartridge;
    private final Path file;
    private final Path indexFile;
    private final FileChannel channel;
    private final ImageEnd end;
    private final BlockIndex index;
    private final ByteBuffer header = little(4);
    private final ByteBuffer trailer = little(5);
    private long size;
    private boolean directorySynced;
    private boolean changed;

    /// Whether `end` stands at the end of the image.
    private boolean appending;

    private TapImage(Path cartridge, FileChannel channel) throws IOException {
        this.cartridge = cartridge;
        this.file = cartridge.resolve(IMAGE);
        this.indexFile = cartridge.resolve(INDEX);
        this.channel = channel;
        this.end =
                new ImageEnd(
                        channel,
                        () -> ImageEnd.openDirect(file),
                        "tape-image-" + cartridge.getFileName());
        this.index = IndexFile.read(indexFile);
        this.size = channel.size();
        if (!stillDescribes()) {
            truncate(0);
        }
        scan();
    }

    static TapImage open(Path cartridge) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        cartridge.resolve(IMAGE),
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.CREATE);
        try {
            return new TapImage(cartridge, channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    BlockIndex index() {
        return index;
    }

    /// Appends a record.
    void append(ByteBuffer data) throws IOException {
        int length = data.remaining();
        prepareAppend();
        header.clear().putInt(length).flip();
        trailer.clear();
        if ((length & 1) == 1) {
            trailer.put((byte) 0);
        }
        trailer.putInt(length).flip();
        add(header);
        add(data);
        add(trailer);
        index.add(length, 1);
    }

    void appendFilemarks(int count) throws IOException {
        prepareAppend();
        for (int i = 0; i < count; i++) {
            header.clear().putInt(BlockIndex.FILEMARK).flip();
            add(header);
            index.add(BlockIndex.FILEMARK, 1);
        }
    }

    /// Leaves the first half of a record behind the last block, as a cut-off write does.
    void tear(ByteBuffer data) throws IOException {
        prepareAppend();
        header.clear().putInt(data.remaining()).flip();
        add(header);
        add(data.slice(data.position(), data.remaining() / 2));
        end.flush();
    }

    private void add(ByteBuffer bytes) throws IOException {
        size += bytes.remaining();
        end.append(bytes);
    }

    /// Reads the record `block` into `data` and checks its framing.
    void read(long block, ByteBuffer data) throws IOException {
        end.flush();
        int length = index.length(block);
        ByteBuffer into = data.slice(data.position(), length);
        int pad = length & 1;
        header.clear();
        trailer.clear().limit(pad + Integer.BYTES);
        ByteBuffer[] parts = {header, into, trailer};
        channel.position(index.offset(block));
        while (trailer.hasRemaining()) {
            if (channel.read(parts) < 0) {
                throw new IOException("image " + file + " ends inside block " + block);
            }
        }
        if (header.getInt(0) != length
                || trailer.getInt(pad) != length
                || (pad == 1 && trailer.get(0) != 0)) {
            throw new IOException("block " + block + " of image " + file + " is framed wrongly");
        }
        data.position(data.position() + length);
    }

    /// Ends the tape before `block`. The sidecar may lag behind the image, but it may never speak
    /// of blocks that are about to be replaced.
    void truncate(long block) throws IOException {
        Files.deleteIfExists(indexFile);
        index.truncate(block);
        changed = true;
    }

    /// Takes what lies behind the last block out of the image.
    void cutTail() throws IOException {
        prepareAppend();
    }

    /// Makes all that was appended durable, and the name of the image too.
    void sync() throws IOException {
        end.sync();
        if (!directorySynced) {
            JsonFile.syncDirectory(cartridge);
            directorySynced = true;
        }
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            end.close();
            if (changed) {
                writeIndex(channel.isOpen() && channel.size() == size);
            }
        }
    }

    /// @param whole whether the image is as the index has it; otherwise the next load reads it
    private void writeIndex(boolean whole) throws IOException {
        Files.deleteIfExists(indexFile);
        try {
            if (whole) {
                IndexFile.write(indexFile, index);
            }
        } catch (IOException e) { // the image is whole without it; the next load reads the image
            LOG.warn("unable to write {}: {}", indexFile, e.getMessage());
        }
    }

    private void prepareAppend() throws IOException {
        long offset = index.endOffset();
        if (size != offset) {
            end.flush();
            channel.truncate(offset);
            size = offset;
            appending = false;
        }
        if (!appending) {
            end.moveTo(offset);
            appending = true;
        }
        changed = true;
    }

    private boolean stillDescribes() throws IOException {
        long blocks = index.blocks();
        if (blocks == 0) {
            return true;
        }
        return index.endOffset() <= size
                && framedAt(0) == index.length(0)
                && framedAt(index.offset(blocks - 1)) == index.length(blocks - 1);
    }

    private void scan() throws IOException {
        while (true) {
            int length = framedAt(index.endOffset());
            if (length < 0) {
                return;
            }
            index.add(length, 1);
            changed = true;
        }
    }

    /// The length of the block framed at `offset`; -1 if there is no whole block.
    private int framedAt(long offset) throws IOException {
        if (!readFully(header.clear(), offset)) {
            return -1;
        }
        int length = header.getInt(0);
        if (length == BlockIndex.FILEMARK) {
            return length;
        }
        int pad = length & 1;
        if (length < 0
                || length > Drive.MAX_RECORD_BYTES
                || !readFully(
                        trailer.clear().limit(pad + Integer.BYTES), offset + Integer.BYTES + length)
                || trailer.getInt(pad) != length
                || (pad == 1 && trailer.get(0) != 0)) {
            return -1;
        }
        return length;
    }

    private boolean readFully(ByteBuffer buffer, long offset) throws IOException {
        if (offset + buffer.remaining() > size) {
            return false;
        }
        long at = offset;
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer, at);
            if (read < 0) {
                return false;
            }
            at += read;
        }
        return true;
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
