package dev.caravan.hook;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;

/// A file that says: what a command made for a source is not undone yet. It is there before the
/// command begins and until its counterpart has succeeded, so that a program that is killed leaves
/// word to the next one. Its text is the process of the command and when that began, once there is
/// one.
///
/// Immutable.
record Mark(Path file) {

    boolean isSet() {
        return Files.exists(file);
    }

    /// Makes it, for good: a power cut does not take it away.
    void set() throws IOException {
        Files.createDirectories(file.getParent());
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.force(true);
        }
        try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    /// Notes which process is at it. Nobody looks at this after a power cut.
    void note(ProcessHandle process) throws IOException {
        Files.writeString(
                file,
                process.pid() + " " + begun(process).map(Instant::toString).orElse("-"),
                StandardCharsets.UTF_8);
    }

    /// The process that was noted, if it still runs: another one may have its number by now.
    Optional<ProcessHandle> process() throws IOException {
        String[] noted = Files.readString(file, StandardCharsets.UTF_8).split(" ", 2);
        if (noted.length < 2 || !noted[0].matches("\\d{1,18}")) {
            return Optional.empty();
        }
        return ProcessHandle.of(Long.parseLong(noted[0]))
                .filter(running ->
                        begun(running).map(Instant::toString).equals(Optional.of(noted[1])));
    }

    /// A mark that comes back with a power cut only has something undone twice.
    void clear() throws IOException {
        Files.deleteIfExists(file);
    }

    private static Optional<Instant> begun(ProcessHandle process) {
        return process.info().startInstant();
    }
}
