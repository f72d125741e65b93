package dev.caravan.tape.drive;

import static dev.caravan.tape.drive.LtoGeneration.LTO10;
import static dev.caravan.tape.drive.LtoGeneration.LTO10_PREMIUM;
import static dev.caravan.tape.drive.LtoGeneration.LTO5;
import static dev.caravan.tape.drive.LtoGeneration.LTO6;
import static dev.caravan.tape.drive.LtoGeneration.LTO7;
import static dev.caravan.tape.drive.LtoGeneration.LTO7_TYPE_M;
import static dev.caravan.tape.drive.LtoGeneration.LTO8;
import static dev.caravan.tape.drive.LtoGeneration.LTO9;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;

class LtoGenerationTest {
    private static final List<LtoGeneration> DRIVES = List.of(LTO5, LTO6, LTO7, LTO8, LTO9, LTO10);

    private static Map<LtoGeneration, List<LtoGeneration>> table(
            BiPredicate<LtoGeneration, LtoGeneration> accepts) {
        return DRIVES.stream()
                .collect(
                        java.util.stream.Collectors.toMap(
                                drive -> drive,
                                drive ->
                                        Arrays.stream(LtoGeneration.values())
                                                .filter(c -> accepts.test(drive, c))
                                                .toList()));
    }

    @Test
    void aDriveWritesItsGenerationAndTheOneBeforeButLto10OnlyItsOwn() {
        assertThat(table(LtoGeneration::writes))
                .isEqualTo(
                        Map.of(
                                LTO5, List.of(LTO5),
                                LTO6, List.of(LTO5, LTO6),
                                LTO7, List.of(LTO6, LTO7),
                                LTO8, List.of(LTO7, LTO7_TYPE_M, LTO8),
                                LTO9, List.of(LTO8, LTO9),
                                LTO10, List.of(LTO10, LTO10_PREMIUM)));
    }

    @Test
    void aDriveReadsTwoGenerationsBackUpToLto7AndOneAfter() {
        assertThat(table(LtoGeneration::reads))
                .isEqualTo(
                        Map.of(
                                LTO5, List.of(LTO5),
                                LTO6, List.of(LTO5, LTO6),
                                LTO7, List.of(LTO5, LTO6, LTO7),
                                LTO8, List.of(LTO7, LTO7_TYPE_M, LTO8),
                                LTO9, List.of(LTO8, LTO9),
                                LTO10, List.of(LTO10, LTO10_PREMIUM)));
    }

    @Test
    void aBarcodeNamesTheGenerationAndWhetherItIsWorm() {
        assertThat(LtoGeneration.ofBarcode("VT0001L8")).contains(LTO8);
        assertThat(LtoGeneration.ofBarcode("VT0001M8")).contains(LTO7_TYPE_M);
        assertThat(LtoGeneration.ofBarcode("VT0001LY")).contains(LTO8);
        assertThat(LtoGeneration.ofBarcode("VT0001LA")).contains(LTO10);
        assertThat(LtoGeneration.ofBarcode("VT0001PA")).contains(LTO10_PREMIUM);
        assertThat(LtoGeneration.ofBarcode("VT00L8")).isEmpty();
        assertThat(LtoGeneration.ofBarcode("CLN001CU")).isEmpty();
        assertThat(LtoGeneration.worm("VT0001LY")).isTrue();
        assertThat(LtoGeneration.worm("VT0001LZ")).isTrue();
        assertThat(LtoGeneration.worm("VT0001L8")).isFalse();
        assertThat(LtoGeneration.worm("VT0001")).isFalse();
    }

    @Test
    void aDensityCodeNamesTheGeneration() {
        for (LtoGeneration generation : LtoGeneration.values()) {
            assertThat(LtoGeneration.ofDensity(generation.density())).contains(generation);
        }
        assertThat(LtoGeneration.ofDensity(0x5E)).contains(LTO8);
        assertThat(LtoGeneration.ofDensity(0)).isEmpty();
    }

    @Test
    void eachHasAFloorBelowItsSpeedAndMoreRoomThanTheOneBefore() {
        for (LtoGeneration generation : LtoGeneration.values()) {
            assertThat(generation.floorBytesPerSecond())
                    .as("%s", generation)
                    .isBetween(generation.bytesPerSecond() / 5, generation.bytesPerSecond() / 2);
        }
        assertThat(Arrays.stream(LtoGeneration.values()).map(LtoGeneration::capacityBytes))
                .isSorted();
        assertThat(LTO8.capacityBytes()).isEqualTo(12_000_000_000_000L);
        assertThat(LTO10_PREMIUM).hasToString("LTO-10 Premium");
    }
}
