package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.tape.TapeVm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// The `caravan` command on real tape devices of the kernel. The transcripts are
/// `target/tape-vm-commands/transcript` and `target/tape-vm-faults/transcript`. `mvn -Ptape-vm
/// verify`.
@EnabledIfSystemProperty(
        named = "tape.vm",
        matches = "true",
        disabledReason = "starts a virtual machine: run mvn -Ptape-vm verify")
class CommandsVmIT {
    /// Each run of the program starts a JVM on an emulated CPU: some 15 s, and four times that on a
    /// busy machine.
    private static final Duration LIMIT = Duration.ofMinutes(50);

    @Test
    void aTreeComesBackFromNothingButTheCartridges() throws Exception {
        assertThat(transcript("tape-vm-commands", "commands.sh").lines())
                .contains(
                        "same: files in parts",
                        "VT0001L8 is in vault BANK",
                        "refused: BANK",
                        "same: by hand",
                        "done")
                .anyMatch(
                        line -> line.startsWith("same: restored from nothing but the cartridges"));
    }

    @Test
    void whatIsWrongWithACartridgeOrADriveIsRefused() throws Exception {
        assertThat(transcript("tape-vm-faults", "faults.sh").lines())
                .contains(
                        "refused: another program has written on it",
                        "same: the cartridge of another program",
                        "refused: its label says it is volume VT0002L8",
                        "same: with the right stickers",
                        "refused: another program has the drive open",
                        "done");
    }

    private static String transcript(String folder, String script)
            throws IOException, InterruptedException {
        TapeVm vm = TapeVm.ofBuild(folder);
        vm.stage("program.sh");
        vm.stage(script);
        vm.stage(Path.of("bin/caravan"));
        List<String> options = new ArrayList<>(TapeVm.java());
        options.addAll(List.of("-m", "3072"));
        options.addAll(TapeVm.library(2, 3, 20));
        return vm.run(LIMIT, options, "bash", folder + "/" + script);
    }
}
