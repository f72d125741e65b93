package dev.caravan.tape.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Which device serves which drive: a wrong answer writes to a cartridge that is in another drive.
class ServedDrivesTest {
    private final List<Path> devices = new ArrayList<>();

    /// @param serials of the devices that were named
    private ServedDrives of(List<ElementStatus> drives, String... serials) {
        FakeChanger fake = new FakeChanger(1, 0, serials);
        devices.addAll(fake.devices.keySet());
        return ServedDrives.of(fake, devices, FakeChanger.DEVICE, drives);
    }

    private static ElementStatus drive(String serial, boolean whole) {
        return new ElementStatus(
                4,
                FakeChanger.DRIVES,
                false,
                "",
                OptionalInt.empty(),
                Optional.of(new ElementStatus.Name(serial, whole)));
    }

    private static Map<Integer, String> serials(ServedDrives served) {
        return served.devices().entrySet().stream()
                .collect(
                        Collectors.toMap(
                                Map.Entry::getKey, each -> each.getValue().identity().serial()));
    }

    @Test
    void theBeginningOfASerialThatTwoDrivesReportIsNotGuessed() {
        ServedDrives served = of(List.of(drive("HU2", false), drive("HU2", false)), "HU2222");

        assertThat(served.devices()).isEmpty();
        assertThat(served.strangers()).containsOnlyKeys(devices);
        assertThat(served.byOrder()).isFalse();
    }

    @Test
    void theBeginningOfASerialThatOneDriveReportsIsEnough() {
        ServedDrives served = of(List.of(drive("HU3", false), drive("HU2", false)), "HU2222");

        assertThat(serials(served)).isEqualTo(Map.of(1, "HU2222"));
        assertThat(served.strangers()).isEmpty();
    }

    /// One that reports its whole serial number has its device before any is guessed.
    @Test
    void aDriveThatReportsAllOfItsSerialIsNoRivalOfOneThatReportsTheBeginning() {
        ServedDrives served =
                of(List.of(drive("HU2", false), drive("HU2222", true)), "HU2222", "HU2333");

        assertThat(serials(served)).isEqualTo(Map.of(0, "HU2333", 1, "HU2222"));
    }

    @Test
    void aBeginningThatTwoDevicesFitIsNotGuessedEither() {
        ServedDrives served =
                of(List.of(drive("HU2", false), drive("HU1", false)), "HU2222", "HU2333", "HU1111");

        assertThat(serials(served)).isEqualTo(Map.of(1, "HU1111"));
        assertThat(served.strangers()).hasSize(2);
        assertThat(Objects.requireNonNull(served.strangers().get(devices.getFirst())))
                .contains("HU2222", "is no drive of changer");
    }
}
