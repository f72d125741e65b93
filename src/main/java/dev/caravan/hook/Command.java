package dev.caravan.hook;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One run of a command: a program with its arguments, no shell, nothing on its standard input, an
/// environment that has no secrets of this process in it. Confined, but for [#stop].
final class Command {
    private static final Logger LOG = LoggerFactory.getLogger(Command.class);

    /// What a program needs of its surroundings, where they have it.
    private static final List<String> PASSED_ON = List.of("HOME", "USER", "LOGNAME", "TZ");

    private static final String USUAL_PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final String STOPPED = "was stopped with Caravan";

    private final String name;
    private final List<String> words;
    private final Path home;
    private final Map<String, String> told;
    private volatile @Nullable Process process;
    private volatile boolean stopped;

    /// @param name by which it is known in the log
    /// @param home the folder it runs in
    /// @param told what its environment tells it
    Command(String name, List<String> words, Path home, Map<String, String> told) {
        this.name = name;
        this.words = List.copyOf(words);
        this.home = home;
        this.told = Map.copyOf(told);
    }

    /// Runs it to its end. An interrupt is kept for later: what undoes something must not be cut
    /// off, and the rest ends by [#stop].
    ///
    /// @param started is told the process
    /// @throws IOException saying in one line why it did not end well
    void run(Duration timeout, Consumer<ProcessHandle> started) throws IOException {
        if (stopped) {
            throw new IOException(STOPPED);
        }
        Process running = start();
        process = running;
        started.accept(running.toHandle());
        Output output =
                Output.of(name, running.getInputStream(), line -> LOG.info("{}: {}", name, line));
        if (stopped) {
            stop();
        }
        boolean ended = await(running, timeout);
        if (!ended) {
            new ProcessTree(running.toHandle()).end();
        }
        String last = output.last();
        String said = last.isEmpty() ? "" : ": " + last;
        if (stopped) {
            throw new IOException(STOPPED);
        }
        if (!ended) {
            throw new IOException(
                    "took longer than %s and was ended%s".formatted(words(timeout), said));
        }
        if (running.exitValue() != 0) {
            throw new IOException(
                    "failed with exit code %d%s".formatted(running.exitValue(), said));
        }
    }

    /// Ends it if it runs, or as soon as it does.
    void stop() {
        stopped = true;
        Process running = process;
        if (running != null) {
            new ProcessTree(running.toHandle()).end();
        }
    }

    private Process start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.directory(home.toFile());
        builder.redirectErrorStream(true).redirectInput(new File("/dev/null"));
        Map<String, String> ours = new HashMap<>(builder.environment());
        Map<String, String> environment = builder.environment();
        environment.clear();
        PASSED_ON.stream()
                .filter(ours::containsKey)
                .forEach(variable -> environment.put(variable, ours.getOrDefault(variable, "")));
        environment.put("PATH", USUAL_PATH);
        environment.put("LC_ALL", "C.UTF-8");
        environment.putAll(told);
        try {
            return builder.start();
        } catch (IOException failed) {
            throw new IOException("can not be run: " + failed.getMessage(), failed);
        }
    }

    private static boolean await(Process running, Duration timeout) {
        long until = System.nanoTime() + timeout.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return running.waitFor(until - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static String words(Duration time) {
        return time.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
    }
}
