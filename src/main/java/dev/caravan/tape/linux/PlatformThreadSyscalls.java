package dev.caravan.tape.linux;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Keeps system calls off the carriers of virtual threads. A rewind lasts minutes; made by a
/// virtual thread it would hold one of the few carriers that all others need. So the calls of a
/// virtual thread are made by a platform thread that belongs to one device, while the virtual one
/// waits; a platform thread makes its own calls. An interrupt waits for the end of the call,
/// because the kernel has the buffer until then, and stays set.
///
/// Confined, as the device is, to one user at a time.
final class PlatformThreadSyscalls implements TapeSyscalls {
    private final TapeSyscalls kernel;
    private final String name;
    private @Nullable ExecutorService thread;

    /// @param name of the thread, if one is needed
    PlatformThreadSyscalls(TapeSyscalls kernel, String name) {
        this.kernel = kernel;
        this.name = name;
    }

    private <T> T call(Supplier<T> call) {
        if (!Thread.currentThread().isVirtual()) {
            return call.get();
        }
        if (thread == null) {
            thread =
                    Executors.newSingleThreadExecutor(
                            Thread.ofPlatform().daemon().name(name).factory());
        }
        Future<T> result = thread.submit(call::get);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw new IllegalStateException(name, e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public int open(Path device, int flags) {
        return call(() -> kernel.open(device, flags));
    }

    @Override
    public int close(int fd) {
        return call(() -> kernel.close(fd));
    }

    /// Ends the thread, after the last close.
    void end() {
        if (thread != null) {
            thread.shutdown();
            thread = null;
        }
    }

    @Override
    public long read(int fd, MemorySegment into) {
        return call(() -> kernel.read(fd, into));
    }

    @Override
    public long write(int fd, MemorySegment record) {
        return call(() -> kernel.write(fd, record));
    }

    @Override
    public int mtop(int fd, int operation, int count) {
        return call(() -> kernel.mtop(fd, operation, count));
    }

    @Override
    public int mtget(int fd, MemorySegment mtget) {
        return call(() -> kernel.mtget(fd, mtget));
    }

    @Override
    public long mtpos(int fd) {
        return call(() -> kernel.mtpos(fd));
    }

    @Override
    public ScsiReply sgIo(
            int fd, byte[] cdb, Direction direction, MemorySegment buffer, Duration timeout) {
        return call(() -> kernel.sgIo(fd, cdb, direction, buffer, timeout));
    }

    @Override
    public int deviceNumber(Path device) {
        return kernel.deviceNumber(device);
    }

    @Override
    public OptionalInt options(int deviceNumber) {
        return kernel.options(deviceNumber);
    }

    @Override
    public Optional<Path> generic(int deviceNumber) {
        return kernel.generic(deviceNumber);
    }
}
