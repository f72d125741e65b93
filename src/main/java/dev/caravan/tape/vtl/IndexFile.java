package dev.caravan.tape.vtl;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32C;

/// The sidecar `p0.idx`: the [BlockIndex] of an image as it was when the drive was closed. A cache
/// only: never synced, believed only after a check against the image, rebuilt by reading the image.
///
/// Little-endian: magic (8 bytes), then per run a length (4) and a count (8), then the CRC-32C of
/// all before (4).
final class IndexFile {
    private static final long MAGIC = 0x3130584449565443L; // "CTVIDX01"
    private static final int RUN_BYTES = 12;

    private IndexFile() {}

    /// The index in `file`; empty if there is none or it is not whole.
    static BlockIndex read(Path file) throws IOException {
        BlockIndex index = new BlockIndex();
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return index;
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int body = bytes.length - Integer.BYTES;
        if (body < Long.BYTES
                || (body - Long.BYTES) % RUN_BYTES != 0
                || buffer.getLong() != MAGIC
                || buffer.getInt(body) != checksum(bytes, body)) {
            return index;
        }
        while (buffer.position() < body) {
            index.add(buffer.getInt(), buffer.getLong());
        }
        return index;
    }

    static void write(Path file, BlockIndex index) throws IOException {
        var runs = index.runs();
        byte[] bytes = new byte[Long.BYTES + runs.size() * RUN_BYTES + Integer.BYTES];
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(MAGIC);
        runs.forEach(run -> buffer.putInt(run.length()).putLong(run.count()));
        buffer.putInt(checksum(bytes, bytes.length - Integer.BYTES));
        Path aside = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.write(aside, bytes);
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
