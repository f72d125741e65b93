package dev.caravan.tape;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// A tape library of the kernel, in a virtual machine: the contract of a changer on its `sg`
/// device, and a backup onto two cartridges and back through [TapeLibrary]. `mvn -Ptape-vm verify`.
@EnabledIfSystemProperty(
        named = "tape.vm",
        matches = "true",
        disabledReason = "starts a virtual machine: run mvn -Ptape-vm verify")
class TapeLibraryVmIT {
    private static final Path TOOL = Path.of("src/test/tape-vm").toAbsolutePath();
    private static final Path SHARE = Path.of("target").toAbsolutePath();
    private static final Path WORK = SHARE.resolve("tape-vm-library");
    private static final Path LOG = WORK.resolve("vm.log");
    private static final int MISSING = 121;

    /// What runs in the VM needs beside our classes, by the beginning of the file's name.
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

    @TestFactory
    Stream<DynamicTest> theContractHoldsAndABackupComesBack() throws Exception {
        for (String program : List.of("qemu-system-x86_64", "mke2fs", "apt-get")) {
            assumeTrue(
                    installed(program),
                    program + " is missing: apt-get install qemu-system-x86 e2fsprogs (Debian)");
        }
        stage();
        int code = runInVm();
        assumeTrue(code != MISSING, "the VM cannot be built here, see " + LOG);
        assertThat(code).as("exit code of the VM, see %s", LOG).isZero();
        assertThat(Files.readAllLines(LOG)).contains("done");
        return Files.readAllLines(WORK.resolve("results")).stream()
                .map(line -> line.split("\t", -1))
                .map(cells ->
                        DynamicTest.dynamicTest(
                                cells[1],
                                () -> {
                                    if (cells[2].equals("ABORTED")) {
                                        abort(cells[3]);
                                    }
                                    assertThat(cells[2]).as(cells[3]).isEqualTo("SUCCESSFUL");
                                }));
    }

    private static boolean installed(String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static void stage() throws IOException {
        Path lib = Files.createDirectories(WORK.resolve("lib"));
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        for (String entry : classPath.split(":")) {
            Path jar = Path.of(entry);
            if (LIBRARIES.stream().anyMatch(jar.getFileName().toString()::startsWith)) {
                Files.copy(jar, lib.resolve(jar.getFileName()), REPLACE_EXISTING);
            }
        }
        Files.copy(TOOL.resolve("library.sh"), WORK.resolve("library.sh"), REPLACE_EXISTING);
        Files.deleteIfExists(WORK.resolve("results"));
    }

    private static int runInVm() throws IOException, InterruptedException {
        return new ProcessBuilder(
                        TOOL.resolve("tapevm.sh").toString(),
                        "-s",
                        SHARE.toString(),
                        "-j",
                        System.getProperty("java.home"),
                        "-l",
                        WORK.toString(),
                        "-t",
                        "900",
                        "--drives",
                        "2",
                        "--slots",
                        "2",
                        "--tape-mib",
                        "20",
                        "--",
                        "bash",
                        "tape-vm-library/library.sh")
                .redirectErrorStream(true)
                .redirectOutput(LOG.toFile())
                .start()
                .waitFor();
    }
}
