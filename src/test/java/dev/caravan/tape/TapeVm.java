package dev.caravan.tape;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/// A run of the virtual machine with tape devices of the kernel (`src/test/tape-vm`). A test that
/// asks for it where it cannot start is skipped, with the reason. Confined to one thread.
public final class TapeVm {
    private static final Path TOOL = Path.of("src/test/tape-vm").toAbsolutePath();
    private static final Path TARGET = Path.of("target").toAbsolutePath();

    /// The exit code of the tool where a program of the host or a source of packages is missing.
    private static final int MISSING = 121;

    private static final Duration TO_END = Duration.ofMinutes(1);

    /// What test classes need in the VM beside our own, by the beginning of the file's name.
    private static final List<String> LIBRARIES =
            List.of(
                    "junit-",
                    "opentest4j",
                    "apiguardian",
                    "assertj",
                    "byte-buddy-1",
                    "slf4j-api",
                    "jspecify",
                    "camel-util-json");

    private final Path share;
    private final Path work;

    private TapeVm(Path share, Path work) {
        this.share = share;
        this.work = work;
    }

    /// A VM that sees the build's `target` at `/host`; its own files are in the folder of that name
    /// in there.
    public static TapeVm ofBuild(String name) throws IOException {
        requirePrograms();
        return new TapeVm(TARGET, Files.createDirectories(TARGET.resolve(name)));
    }

    /// A VM that sees nothing but this folder, at `/host`.
    public static TapeVm of(Path folder) {
        requirePrograms();
        return new TapeVm(folder, folder);
    }

    private static void requirePrograms() {
        for (String program : List.of("qemu-system-x86_64", "mke2fs", "apt-get")) {
            boolean installed =
                    Stream.concat(
                                    Arrays.stream(
                                            System.getenv().getOrDefault("PATH", "").split(":")),
                                    Stream.of("/usr/sbin", "/sbin"))
                            .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
            if (!installed) {
                abort(program + " is missing: apt-get install qemu-system-x86 e2fsprogs (Debian)");
            }
        }
    }

    /// Puts a script of the tool beside what the VM leaves behind.
    public void stage(String script) throws IOException {
        stage(TOOL.resolve(script));
    }

    public void stage(Path file) throws IOException {
        Files.copy(file, work.resolve(file.getFileName()), REPLACE_EXISTING);
    }

    /// Puts what [dev.caravan.tape.linux.ContractRunner] needs beside our classes into `lib`.
    public void stageLibraries() throws IOException {
        Path lib = Files.createDirectories(work.resolve("lib"));
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        for (String entry : classPath.split(":")) {
            Path jar = Path.of(entry);
            if (LIBRARIES.stream().anyMatch(jar.getFileName().toString()::startsWith)) {
                Files.copy(jar, lib.resolve(jar.getFileName()), REPLACE_EXISTING);
            }
        }
        Files.deleteIfExists(work.resolve("results"));
    }

    /// Runs a command to its end, which must be a good one. Its output is left in `transcript`,
    /// what the tool itself says in `vm.log`.
    ///
    /// @param options of the tool
    /// @return the output of the command
    public String run(Duration limit, List<String> options, String... command)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>();
        line.addAll(List.of(TOOL.resolve("tapevm.sh").toString(), "-s", share.toString()));
        line.addAll(List.of("-l", work.toString(), "-t", Long.toString(limit.toSeconds())));
        line.addAll(options);
        line.add("--");
        line.addAll(List.of(command));
        Path transcript = work.resolve("transcript");
        Path log = work.resolve("vm.log");
        Process vm =
                new ProcessBuilder(line)
                        .redirectOutput(transcript.toFile())
                        .redirectError(log.toFile())
                        .start();
        try {
            boolean ended = vm.waitFor(limit.plus(TO_END).toSeconds(), TimeUnit.SECONDS);
            assertThat(ended).as("the VM ended").isTrue();
        } finally {
            vm.destroy();
        }
        if (vm.exitValue() == MISSING) {
            abort("the VM cannot be built here: " + Files.readString(log));
        }
        String output = Files.readString(transcript);
        assertThat(vm.exitValue())
                .as("exit code of the VM, which said:\n%s\nand printed:\n%s", log(log), output)
                .isZero();
        return output;
    }

    private static String log(Path log) throws IOException {
        return Files.readString(log).strip();
    }

    /// The options for a JDK in the VM: the one that runs the test.
    public static List<String> java() {
        return List.of("-j", System.getProperty("java.home"));
    }

    /// The options for a library of this shape.
    public static List<String> library(int drives, int slots, int tapeMebibytes) {
        return List.of(
                "--drives",
                Integer.toString(drives),
                "--slots",
                Integer.toString(slots),
                "--tape-mib",
                Integer.toString(tapeMebibytes));
    }

    /// What a test did in the VM: a line that `ContractRunner` left.
    ///
    /// @param type the simple name of its class
    /// @param test its method
    /// @param status of JUnit's `TestExecutionResult`
    /// @param reason for a status that is not `SUCCESSFUL`
    public record Row(String type, String test, String status, String reason) {
        public DynamicTest asTest() {
            return DynamicTest.dynamicTest(
                    test,
                    () -> {
                        switch (status) {
                            case "SUCCESSFUL" -> {}
                            case "ABORTED" -> abort(reason);
                            default -> fail(reason);
                        }
                    });
        }
    }

    public List<Row> results() throws IOException {
        return Files.readAllLines(work.resolve("results")).stream()
                .map(line -> line.split("\t", -1))
                .map(cell -> new Row(cell[0].replaceAll(".*\\.", ""), cell[1], cell[2], cell[3]))
                .toList();
    }

    /// How many tests a contract has, so that none is missing from the results.
    public static int tests(Class<?> contract) {
        return (int)
                Arrays.stream(contract.getDeclaredMethods())
                        .filter(method -> method.isAnnotationPresent(Test.class))
                        .count();
    }

    /// The tests of a factory. One that gives up is a skipped test of its own, because a factory
    /// that gives up is not reported.
    public static Stream<DynamicNode> reported(Callable<Stream<DynamicNode>> factory)
            throws Exception {
        try {
            return factory.call();
        } catch (TestAbortedException skipped) {
            return Stream.of(
                    DynamicTest.dynamicTest(
                            "the VM starts",
                            () -> {
                                throw skipped;
                            }));
        }
    }
}
