package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.cli.CaravanHere;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Caravan in a process of its own, as users start it.
final class CaravanProcess {
    private static final Duration LONGEST = Duration.ofMinutes(4);

    /// How a process ended and what it said.
    record Outcome(int exit, String out, String err) {

        JsonNode json() throws IOException {
            return new ObjectMapper().readTree(out);
        }

        Outcome exits(int expected) {
            assertThat(exit).as("exit code of: %s%s", out, err).isEqualTo(expected);
            return this;
        }

        void complainsNot() {
            assertThat(err).as("stderr").isEmpty();
        }

        /// One line for one problem: no stack, nothing said twice.
        Outcome complainsOnce(String... parts) {
            assertThat(err.lines().filter(line -> !line.isBlank()).toList())
                    .as("stderr")
                    .doesNotHaveDuplicates()
                    .noneMatch(line -> line.stripLeading().startsWith("at "))
                    .noneMatch(line -> line.contains("Exception"))
                    .filteredOn(line -> List.of(parts).stream().allMatch(line::contains))
                    .as("lines with %s in: %s", List.of(parts), err)
                    .hasSize(1);
            return this;
        }
    }

    private final Process process;
    private final Path out;
    private final Path err;

    private CaravanProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /// Starts it; what it says goes to files, so that no pipe can fill up.
    ///
    /// @param before words before the command, such as `setpriv …`
    static CaravanProcess start(Path scratch, List<String> before, String... arguments)
            throws IOException {
        Path out = Files.createTempFile(scratch, "out", "");
        Path err = Files.createTempFile(scratch, "err", "");
        ProcessBuilder builder = PackagedProgram.command(before, arguments);
        return new CaravanProcess(
                builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start(), out, err);
    }

    /// Runs a command to its end in the JVM of the test, which is warm. For all that needs no
    /// process of its own to be killed, limited or watched.
    static Outcome run(String... arguments) throws InterruptedException {
        var ended = CaravanHere.run(LONGEST, arguments);
        return new Outcome(ended.exit(), ended.out(), ended.err());
    }

    Process process() {
        return process;
    }

    /// How many threads it has now.
    long threads() throws IOException {
        try (Stream<Path> tasks =
                Files.list(Path.of("/proc", Long.toString(process.pid()), "task"))) {
            return tasks.count();
        }
    }

    /// What it has written to stderr up to now.
    String said() throws IOException {
        return Files.readString(err);
    }

    /// Whether the program has ended, as far as that is its own to do: a thread whose request a
    /// FUSE server has taken up and does not answer stays in the kernel, and with it the process.
    boolean hasEnded() throws IOException {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return stat.substring(stat.lastIndexOf(')')).startsWith(") Z");
        } catch (NoSuchFileException gone) {
            return true;
        }
    }

    Outcome await() throws IOException, InterruptedException {
        return await(LONGEST);
    }

    Outcome await(Duration longest) throws IOException, InterruptedException {
        boolean ended = process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        Outcome outcome =
                new Outcome(
                        process.exitValue(),
                        Files.readString(out, StandardCharsets.UTF_8),
                        Files.readString(err, StandardCharsets.UTF_8));
        assertThat(ended).as("ended within %s: %s", longest, outcome).isTrue();
        Files.delete(out);
        Files.delete(err);
        return outcome;
    }
}
