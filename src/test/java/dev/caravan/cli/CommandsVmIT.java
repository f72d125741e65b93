package dev.caravan.cli;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// The `caravan` command on real tape devices of the kernel: from two blank cartridges to a restore
/// from nothing but them. Its transcript is `target/tape-vm-commands/transcript`. `mvn -Ptape-vm
/// verify`.
@EnabledIfSystemProperty(
        named = "tape.vm",
        matches = "true",
        disabledReason = "starts a virtual machine: run mvn -Ptape-vm verify")
class CommandsVmIT {
    private static final Path TOOL = Path.of("src/test/tape-vm").toAbsolutePath();
    private static final Path SHARE = Path.of("target").toAbsolutePath();
    private static final Path WORK = SHARE.resolve("tape-vm-commands");
    private static final Path TRANSCRIPT = WORK.resolve("transcript");
    private static final int MISSING = 121;
    private static final int LIMIT_SECONDS = 900;

    @Test
    void aTreeComesBackFromNothingButTheCartridges() throws Exception {
        for (String program : List.of("qemu-system-x86_64", "mke2fs", "apt-get")) {
            assumeTrue(
                    installed(program),
                    program + " is missing: apt-get install qemu-system-x86 e2fsprogs (Debian)");
        }
        Files.createDirectories(WORK);
        Files.copy(TOOL.resolve("commands.sh"), WORK.resolve("commands.sh"), REPLACE_EXISTING);
        Files.copy(Path.of("bin/caravan"), WORK.resolve("caravan"), REPLACE_EXISTING);

        int code = runInVm();

        assumeTrue(code != MISSING, "the VM cannot be built here, see " + WORK.resolve("vm.log"));
        String transcript = Files.readString(TRANSCRIPT);
        assertThat(code).as("exit code of the VM, which printed:\n%s", transcript).isZero();
        assertThat(transcript.lines())
                .contains("same: the file in parts", "VT0001L8 is in vault BANK", "done")
                .anyMatch(
                        line -> line.startsWith("same: restored from nothing but the cartridges"));
    }

    private static boolean installed(String program) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static int runInVm() throws IOException, InterruptedException {
        Process vm =
                new ProcessBuilder(
                                TOOL.resolve("tapevm.sh").toString(),
                                "-s",
                                SHARE.toString(),
                                "-j",
                                System.getProperty("java.home"),
                                "-l",
                                WORK.toString(),
                                "-t",
                                Integer.toString(LIMIT_SECONDS),
                                "-m",
                                "3072",
                                "--drives",
                                "2",
                                "--slots",
                                "3",
                                "--tape-mib",
                                "20",
                                "--",
                                "bash",
                                "tape-vm-commands/commands.sh")
                        .redirectError(WORK.resolve("vm.log").toFile())
                        .redirectOutput(TRANSCRIPT.toFile())
                        .start();
        try {
            assertThat(vm.waitFor(LIMIT_SECONDS + 60, TimeUnit.SECONDS))
                    .as("the VM ended")
                    .isTrue();
            return vm.exitValue();
        } finally {
            vm.destroy();
        }
    }
}
