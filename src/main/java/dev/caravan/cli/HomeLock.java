package dev.caravan.cli;

import dev.caravan.config.Home;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.PosixException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

/// One writer per home: an operating system lock that ends with the process, however it ends.
final class HomeLock implements AutoCloseable {
    private final OpenFile file;

    private HomeLock(OpenFile file) {
        this.file = file;
    }

    /// @throws CommandException with exit code 1 if another program has it, naming its pid
    static HomeLock take(Home home) throws IOException {
        Files.createDirectories(home.data());
        try (Directory data = Directory.open(home.data())) {
            byte[] name = "lock".getBytes(StandardCharsets.UTF_8);
            OpenFile file = open(data, name);
            if (!file.tryLock()) {
                byte[] holder = new byte[32];
                int length = Math.max(0, file.readAt(0, holder, 0, holder.length));
                file.close();
                throw new CommandException(
                        ExitCode.INCOMPLETE,
                        "home '%s' is in use by another caravan (pid %s): wait for it, or stop it"
                                .formatted(
                                        home.root(),
                                        new String(holder, 0, length, StandardCharsets.UTF_8)
                                                .strip()));
            }
            byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.UTF_8);
            file.truncate(0);
            file.writeAt(0, pid, 0, pid.length);
            return new HomeLock(file);
        }
    }

    private static OpenFile open(Directory data, byte[] name) throws PosixException {
        try {
            return data.createFile(name, 0644);
        } catch (PosixException exists) {
            if (exists.is(Errno.EEXIST)) {
                return data.openToChange(name);
            }
            throw exists;
        }
    }

    @Override
    public void close() throws PosixException {
        file.close();
    }
}
