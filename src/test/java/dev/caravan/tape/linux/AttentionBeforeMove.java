package dev.caravan.tape.linux;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/// A changer whose mail slot is opened right before the first move.
final class AttentionBeforeMove implements TapeSyscalls {
    private final FakeChanger changer;
    private boolean opened;

    AttentionBeforeMove(FakeChanger changer) {
        this.changer = changer;
    }

    @Override
    public ScsiReply sgIo(
            int fd, byte[] cdb, Direction direction, MemorySegment buffer, Duration timeout) {
        if (cdb[0] == (byte) 0xA5 && !opened) {
            opened = true;
            return new ScsiReply(0, 2, 0, ScsiSense.of(FakeChanger.sense(6, 0x2801)), 0);
        }
        return changer.sgIo(fd, cdb, direction, buffer, timeout);
    }

    @Override
    public int open(Path device, int flags) {
        return changer.open(device, flags);
    }

    @Override
    public int close(int fd) {
        return changer.close(fd);
    }

    @Override
    public int deviceNumber(Path device) {
        return changer.deviceNumber(device);
    }

    @Override
    public Optional<Path> generic(int deviceNumber) {
        return changer.generic(deviceNumber);
    }

    @Override
    public OptionalInt options(int deviceNumber) {
        return changer.options(deviceNumber);
    }

    @Override
    public long read(int fd, MemorySegment into) {
        return changer.read(fd, into);
    }

    @Override
    public long write(int fd, MemorySegment record) {
        return changer.write(fd, record);
    }

    @Override
    public int mtop(int fd, int operation, int count) {
        return changer.mtop(fd, operation, count);
    }

    @Override
    public int mtget(int fd, MemorySegment mtget) {
        return changer.mtget(fd, mtget);
    }

    @Override
    public long mtpos(int fd) {
        return changer.mtpos(fd);
    }
}
