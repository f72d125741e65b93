package dev.caravan.tape.vtl;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Holds a lock file as a process holds an open device; it goes when the process dies.
///
/// The set of held paths keeps this process from opening a lock file twice: POSIX drops all locks
/// of a process on a file as soon as it closes any descriptor of that file (`fcntl(2)`).
final class DeviceLock implements AutoCloseable {
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private DeviceLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /// Takes the lock, or answers nothing if somebody has it.
    static Optional<DeviceLock> tryLock(Path file) throws IOException {
        Path key = file.toAbsolutePath().normalize();
        if (!HELD.add(key)) {
            return Optional.empty();
        }
        boolean locked = false;
        try {
            FileChannel channel =
                    FileChannel.open(key, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                FileLock lock = channel.tryLock();
                locked = lock != null;
            } finally {
                if (!locked) {
                    channel.close();
                }
            }
            return locked ? Optional.of(new DeviceLock(key, channel)) : Optional.empty();
        } finally {
            if (!locked) {
                HELD.remove(key);
            }
        }
    }

    boolean held() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            try (channel) {
                HELD.remove(file);
            }
        }
    }
}
