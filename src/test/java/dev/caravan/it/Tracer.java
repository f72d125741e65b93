package dev.caravan.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// strace, which makes system calls of a process fail without making them.
final class Tracer implements AutoCloseable {
    private static final Path STRACE = Path.of("/usr/bin/strace");
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Process strace;
    private final Path log;

    private Tracer(Process strace, Path log) {
        this.strace = strace;
        this.log = log;
    }

    /// The words before a command that let its calls of one kind fail.
    ///
    /// @param which as in strace(1), such as `when=1`
    static List<String> before(String call, String error, String which) throws Exception {
        assumeAllowed();
        return List.of(
                STRACE.toString(),
                "-f",
                "-qqq",
                "--seccomp-bpf",
                "-o",
                "/dev/null",
                "-e",
                "trace=" + call,
                "-e",
                "inject=" + call + ":error=" + error + ":" + which);
    }

    static Tracer attach(long pid, String call, String error) throws Exception {
        assumeAllowed();
        Path log = Files.createTempFile("caravan-it", "strace");
        Process strace =
                new ProcessBuilder(
                                STRACE.toString(),
                                "-f",
                                "-o",
                                log.toString(),
                                "-e",
                                "trace=" + call,
                                "-e",
                                "inject=" + call + ":error=" + error,
                                "-p",
                                Long.toString(pid))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        await().atMost(LONGEST)
                .until(() ->
                        Files.readString(Path.of("/proc", Long.toString(pid), "status"))
                                .contains("TracerPid:\t" + strace.pid() + "\n"));
        return new Tracer(strace, log);
    }

    private static void assumeAllowed() throws Exception {
        assumeTrue(Files.isExecutable(STRACE), "no strace here: apt install strace");
        Process tried =
                new ProcessBuilder(STRACE.toString(), "-o", "/dev/null", "true")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assumeTrue(tried.waitFor() == 0, "no process may be traced here");
    }

    /// How many calls have failed so far.
    long injected() throws Exception {
        return Files.readAllLines(log).stream().filter(line -> line.contains("(INJECTED)")).count();
    }

    @Override
    public void close() throws Exception {
        strace.destroy();
        strace.waitFor(10, TimeUnit.SECONDS);
        Files.delete(log);
    }
}
