package dev.caravan.tape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.tape.changer.ChangerContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// A tape library of the kernel, in a virtual machine: the contract of a changer on its `sg`
/// device, and a backup onto two cartridges and back through [TapeLibrary]. `mvn -Ptape-vm verify`.
@EnabledIfSystemProperty(
        named = "tape.vm",
        matches = "true",
        disabledReason = "starts a virtual machine: run mvn -Ptape-vm verify")
class TapeLibraryVmIT {
    private static final Duration LIMIT = Duration.ofMinutes(15);

    @TestFactory
    Stream<DynamicNode> theContractHoldsAndABackupComesBack() throws Exception {
        return TapeVm.reported(TapeLibraryVmIT::inTheVm);
    }

    private static Stream<DynamicNode> inTheVm() throws Exception {
        TapeVm vm = TapeVm.ofBuild("tape-vm-library");
        vm.stage("library.sh");
        vm.stageLibraries();
        List<String> options = new ArrayList<>(TapeVm.java());
        options.addAll(TapeVm.library(2, 2, 20));

        String output = vm.run(LIMIT, options, "bash", "tape-vm-library/library.sh");

        assertThat(output.lines()).contains("done");
        assertThat(vm.results()).as("rows").hasSize(TapeVm.tests(ChangerContract.class));
        return vm.results().stream().map(TapeVm.Row::asTest);
    }
}
