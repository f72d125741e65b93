package dev.caravan.tape.linux;

import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.tape.TapeVm;
import dev.caravan.tape.drive.DriveContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// The contract of a drive on real tape devices of the kernel, in a virtual machine: each row that
/// ran there is a test here, passed, failed, or skipped with the reason. `mvn -Ptape-vm verify`.
@EnabledIfSystemProperty(
        named = "tape.vm",
        matches = "true",
        disabledReason = "starts a virtual machine: run mvn -Ptape-vm verify")
class TapeVmIT {
    private static final Duration LIMIT = Duration.ofMinutes(15);

    @TestFactory
    Stream<DynamicNode> theContractHoldsOnTheDrivesOfTheKernel() throws Exception {
        return TapeVm.reported(TapeVmIT::inTheVm);
    }

    private static Stream<DynamicNode> inTheVm() throws Exception {
        TapeVm vm = TapeVm.ofBuild("tape-vm");
        vm.stage("contract.sh");
        vm.stageLibraries();
        List<String> options = new ArrayList<>(TapeVm.java());
        options.addAll(List.of("-k", "backports"));
        options.addAll(TapeVm.library(1, 2, 2));

        vm.run(
                LIMIT,
                options,
                "bash",
                "tape-vm/contract.sh",
                TgtDriveContract.class.getName(),
                ScsiDebugDriveContract.class.getName());

        Map<String, List<TapeVm.Row>> rows =
                vm.results().stream()
                        .collect(groupingBy(TapeVm.Row::type, TreeMap::new, Collectors.toList()));
        assertThat(rows).containsOnlyKeys("TgtDriveContract", "ScsiDebugDriveContract");
        assertThat(rows.values())
                .as("rows of each device")
                .allSatisfy(r -> assertThat(r).hasSize(TapeVm.tests(DriveContract.class)));
        return rows.entrySet().stream()
                .map(device ->
                        DynamicContainer.dynamicContainer(
                                device.getKey(),
                                device.getValue().stream().map(TapeVm.Row::asTest)));
    }
}
