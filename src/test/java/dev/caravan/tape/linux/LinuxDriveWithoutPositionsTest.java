package dev.caravan.tape.linux;

import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/// As the drive of tgt: it cannot locate, cannot tell where it is, and has no end of data.
class LinuxDriveWithoutPositionsTest extends FakeTapeContract {
    @BeforeEach
    void takeAway() {
        device.cannotLocate = true;
        device.bogusRecordAtEndOfData = true;
    }

    @Override
    protected Map<Ability, String> lacks() {
        return Map.of(
                Ability.POSITION, "this device was told to be as tgt",
                Ability.END_OF_DATA, "this device was told to be as tgt");
    }
}
