package dev.caravan.tape.vtl;

import dev.caravan.tape.drive.CartridgeMemory;
import dev.caravan.tape.drive.DriveStatus;
import dev.caravan.tape.drive.MediumReport;
import dev.caravan.tape.drive.TapeAlert;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// A virtual cartridge in a drive: its tape, its memory and its capacity. It knows what fits where;
/// what a user is told, and when, is the drive's affair. Confined to one thread.
final class LoadedCartridge implements AutoCloseable {
    /// What stays free on the host's disk, so that a full one still takes filemarks and
    /// inventories, and the ledger that may lie beside them.
    private static final long HOST_RESERVE = 16L << 20;

    private final Cartridge cartridge;
    private final TapImage image;
    private final MemoryFile memory;
    private final FileStore host;

    private LoadedCartridge(
            Cartridge cartridge, TapImage image, MemoryFile memory, FileStore host) {
        this.cartridge = cartridge;
        this.image = image;
        this.memory = memory;
        this.host = host;
    }

    static LoadedCartridge open(Path directory, Cartridge cartridge) throws IOException {
        MemoryFile memory = MemoryFile.read(directory);
        FileStore host = Files.getFileStore(directory);
        return new LoadedCartridge(cartridge, TapImage.open(directory), memory, host);
    }

    boolean writeProtected() {
        return cartridge.writeProtected();
    }

    /// The cartridge can be written once, and something is at `block` or behind it.
    boolean forbidsOverwriting(long block) {
        return cartridge.format().worm() && block < blocks();
    }

    long blocks() {
        return image.index().blocks();
    }

    /// The length of a record, or [BlockIndex#FILEMARK].
    int length(long block) {
        return image.index().length(block);
    }

    long behindFilemarks(long block, int count) {
        return image.index().behindFilemarks(block, count);
    }

    boolean takesRecord(long block, int length) {
        return offset(block) + BlockIndex.framed(length) <= cartridge.capacityBytes();
    }

    boolean takesFilemarks(long block, int count) {
        long bytes = count * BlockIndex.framed(BlockIndex.FILEMARK);
        return offset(block) + bytes <= cartridge.capacityBytes();
    }

    boolean behindEarlyWarning(long block) {
        return offset(block) >= cartridge.earlyWarningBytes();
    }

    long offset(long block) {
        return image.index().offset(block);
    }

    long capacityBytes() {
        return cartridge.capacityBytes();
    }

    boolean hostIsFull(long bytes) throws IOException {
        return host.getUsableSpace() < bytes + HOST_RESERVE;
    }

    /// Writes a record at `block`; the tape ends behind it.
    void append(long block, ByteBuffer data) throws IOException {
        long bytes = data.remaining();
        prepare(block);
        image.append(data);
        memory.written(bytes);
    }

    /// Leaves half a record at `block`.
    void tear(long block, ByteBuffer data) throws IOException {
        prepare(block);
        image.tear(data);
    }

    void appendFilemarks(long block, int count) throws IOException {
        prepare(block);
        image.appendFilemarks(count);
    }

    /// Ends the tape before `block`.
    void cut(long block) throws IOException {
        if (block < blocks()) {
            image.truncate(block);
            image.cutTail();
        }
    }

    private void prepare(long block) throws IOException {
        memory.beforeWrite();
        cut(block);
    }

    void sync() throws IOException {
        image.sync();
    }

    void read(long block, ByteBuffer into) throws IOException {
        image.read(block, into);
        memory.read(length(block));
    }

    DriveStatus status(long block) {
        return new DriveStatus(
                true,
                cartridge.writeProtected(),
                behindEarlyWarning(block),
                OptionalLong.of(cartridge.capacityBytes()),
                OptionalLong.of(remainingBytes()));
    }

    MediumReport report(Set<TapeAlert> alerts) {
        return new MediumReport(
                Optional.of(
                        new CartridgeMemory(
                                Optional.of(cartridge.barcode().text()),
                                cartridge.serial(),
                                OptionalLong.of(memory.loads()),
                                OptionalLong.of(memory.writtenBytes()),
                                OptionalLong.of(memory.readBytes()),
                                OptionalLong.of(remainingBytes()),
                                OptionalLong.of(cartridge.capacityBytes()),
                                OptionalLong.of(memory.changeReference()))),
                alerts,
                cartridge.format().density(),
                cartridge.format().worm());
    }

    private long remainingBytes() {
        return Math.max(0, cartridge.earlyWarningBytes() - image.index().endOffset());
    }

    @Override
    public void close() throws IOException {
        try (image) {
            memory.save();
        }
    }
}
