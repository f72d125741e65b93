package dev.caravan.tape.linux;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.caravan.tape.drive.DriveContract;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// The contract of a drive on real tape devices of the kernel, in a virtual machine: each row that
/// ran there is a test here, passed, failed, or skipped with the reason. `mvn -Ptape-vm verify`.
@EnabledIfSystemProperty(
        named = "tape.vm",
        matches = "true",
        disabledReason = "starts a virtual machine: run mvn -Ptape-vm verify")
class TapeVmIT {
    private static final Path TOOL = Path.of("src/test/tape-vm").toAbsolutePath();
    private static final Path WORK = Path.of("target/tape-vm").toAbsolutePath();
    private static final Path SHARE = WORK.resolve("share");
    private static final int MISSING = 121;

    /// What the contract needs beside our classes, by the beginning of the file's name.
    private static final List<String> LIBRARIES =
            List.of(
                    "junit-",
                    "opentest4j",
                    "apiguardian",
                    "assertj",
                    "byte-buddy-1",
                    "slf4j-api",
                    "jspecify");

    private record Row(String test, String status, String reason) {
        DynamicTest asTest() {
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

    @TestFactory
    Stream<DynamicNode> theContractHoldsOnTheDrivesOfTheKernel() throws Exception {
        for (String program : List.of("qemu-system-x86_64", "mke2fs", "apt-get")) {
            if (!installed(program)) {
                return skipped(
                        program
                                + " is missing: apt-get install qemu-system-x86 e2fsprogs (Debian)");
            }
        }
        stage();
        int code = runInVm();
        if (code == MISSING) {
            return skipped("the VM cannot be built here, see " + WORK.resolve("vm.log"));
        }
        assertThat(code).as("exit code of the VM, see %s", WORK.resolve("vm.log")).isZero();

        Map<String, List<Row>> rows = results();
        long wanted =
                Arrays.stream(DriveContract.class.getDeclaredMethods())
                        .filter(method -> method.isAnnotationPresent(Test.class))
                        .count();
        assertThat(rows).containsOnlyKeys("TgtDriveContract", "ScsiDebugDriveContract");
        assertThat(rows.values())
                .as("rows of each device")
                .allSatisfy(r -> assertThat(r).hasSize((int) wanted));
        return rows.entrySet().stream()
                .map(device ->
                        DynamicContainer.dynamicContainer(
                                device.getKey(), device.getValue().stream().map(Row::asTest)));
    }

    /// A test of its own, because a factory that gives up is not reported.
    private static Stream<DynamicNode> skipped(String reason) {
        return Stream.of(DynamicTest.dynamicTest("the VM starts", () -> abort(reason)));
    }

    private static boolean installed(String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static void stage() throws IOException {
        if (!Files.isDirectory(WORK.resolve("jdk"))) {
            Files.createDirectories(WORK);
            int code =
                    ToolProvider.findFirst("jlink")
                            .orElseThrow()
                            .run(
                                    System.out,
                                    System.err,
                                    "--add-modules",
                                    "java.base,java.instrument,java.logging,java.management,java.xml",
                                    "--strip-debug",
                                    "--no-header-files",
                                    "--no-man-pages",
                                    "--output",
                                    WORK.resolve("jdk").toString());
            assertThat(code).as("jlink").isZero();
        }
        copyClasses(Path.of("target/classes"));
        copyClasses(Path.of("target/test-classes"));
        Files.createDirectories(SHARE.resolve("lib"));
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        for (String entry : classPath.split(":", -1)) {
            Path jar = Path.of(entry);
            if (LIBRARIES.stream().anyMatch(jar.getFileName().toString()::startsWith)) {
                Files.copy(jar, SHARE.resolve("lib").resolve(jar.getFileName()), REPLACE_EXISTING);
            }
        }
        Files.copy(TOOL.resolve("contract.sh"), SHARE.resolve("contract.sh"), REPLACE_EXISTING);
        Files.deleteIfExists(SHARE.resolve("results"));
    }

    private static void copyClasses(Path from) throws IOException {
        Path tape = from.resolve("dev/caravan/tape");
        try (Stream<Path> files = Files.walk(tape, FileVisitOption.FOLLOW_LINKS)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = SHARE.resolve("classes").resolve(from.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to, REPLACE_EXISTING);
            }
        }
    }

    private static int runInVm() throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                TOOL.resolve("tapevm.sh").toString(),
                                "-s",
                                SHARE.toString(),
                                "-j",
                                WORK.resolve("jdk").toString(),
                                "-l",
                                WORK.toString(),
                                "-k",
                                "backports",
                                "-t",
                                "900"));
        command.addAll(List.of("--drives", "1", "--slots", "2", "--tape-mib", "2", "--"));
        command.addAll(List.of("bash", "contract.sh"));
        command.add(TgtDriveContract.class.getName());
        command.add(ScsiDebugDriveContract.class.getName());
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(WORK.resolve("vm.log").toFile())
                .start()
                .waitFor();
    }

    private static Map<String, List<Row>> results() throws IOException {
        Map<String, List<Row>> rows = new TreeMap<>();
        for (String line : Files.readAllLines(SHARE.resolve("results"))) {
            String[] cells = line.split("\t", -1);
            rows.computeIfAbsent(cells[0].replaceAll(".*\\.", ""), _ -> new ArrayList<>())
                    .add(new Row(cells[1], cells[2], cells[3]));
        }
        return rows;
    }
}
