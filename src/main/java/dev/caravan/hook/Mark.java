package dev.caravan.hook;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// A file that says: what a command made for a source is not undone yet. It is there before the
/// command begins and until its counterpart has succeeded, so that a program that is killed leaves
/// word to the next one. Its text is the process of the command and when that began, once there is
/// one.
///
/// Immutable.
record Mark(Path file) {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /// Of what stands behind the name in /proc/PID/stat, field 3 being the first.
    private static final int BEGUN = 22 - 3;

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
        Files.writeString(file, process.pid() + " " + begun(process.pid()), StandardCharsets.UTF_8);
    }

    /// The process that was noted, if it still runs: another one may have its number by now.
    Optional<ProcessHandle> process() throws IOException {
        String[] noted = Files.readString(file, StandardCharsets.UTF_8).split(" ", 2);
        if (noted.length < 2 || !noted[0].matches("\\d{1,18}")) {
            return Optional.empty();
        }
        long pid = Long.parseLong(noted[0]);
        return ProcessHandle.of(pid).filter(_ -> begun(pid).equals(noted[1]));
    }

    /// A mark that comes back with a power cut only has something undone twice.
    void clear() throws IOException {
        Files.deleteIfExists(file);
    }

    /// Which start of the machine, and how many ticks after it the process began (proc(5), field
    /// 22). The time of day would be another one for the next program, once somebody has set the
    /// clock.
    private static String begun(long pid) {
        try {
            String stat =
                    Files.readString(
                            Path.of("/proc", Long.toString(pid), "stat"),
                            StandardCharsets.ISO_8859_1);
            String[] behindName = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Files.readString(BOOT_ID).strip() + " " + behindName[BEGUN];
        } catch (IOException gone) {
            return "gone";
        }
    }
}
