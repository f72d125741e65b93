package dev.caravan.tape.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.drive.CartridgeMemory;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.DriveIdentity;
import dev.caravan.tape.drive.MediumReport;
import dev.caravan.tape.drive.TapeAlert;
import dev.caravan.tape.drive.TapeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// What a drive tells of itself and its cartridge, from answers laid out as the standards have
/// them. None were recorded from a physical drive.
class DriveCommandsTest {
    private static final int ALERTS = 0x4D << 16 | 0x2E;
    private static final int CONFIGURATION = 0x5A << 16 | 0x1D;
    private static final int ATTRIBUTES = 0x8C << 16;

    private final FakeTapeDevice device = new FakeTapeDevice();

    private Drive open() throws TapeException {
        return LinuxDrive.open(device, FakeTapeDevice.DEVICE, Duration.ZERO);
    }

    private void answerEverything() {
        device.scsi.putAll(ScsiAnswers.drive());
        device.scsi.put(ALERTS, ScsiAnswers.alerts(3, 20, 64));
        device.scsi.put(CONFIGURATION, ScsiAnswers.mediumConfiguration(true));
        device.scsi.put(
                ATTRIBUTES,
                ScsiAnswers.attributes(
                        ScsiAnswers.attribute(0x0000, 8, 11_000_000),
                        ScsiAnswers.attribute(0x0001, 8, 11_444_224),
                        ScsiAnswers.attribute(0x0003, 8, 17),
                        ScsiAnswers.attribute(0x0009, 4, 0xFFFF_FFF0L),
                        ScsiAnswers.attribute(0x0220, 8, 3_000_000),
                        ScsiAnswers.attribute(0x0221, 8, 5),
                        ScsiAnswers.attribute(
                                0x0401, ScsiAnswers.ascii("V5LB0012ZZ                      ")),
                        ScsiAnswers.attribute(
                                0x0806, ScsiAnswers.ascii("ABC001L8                        "))));
    }

    @Test
    void everythingADriveTellsIsRead() throws TapeException {
        answerEverything();
        try (Drive drive = open()) {
            assertThat(drive.identity())
                    .isEqualTo(new DriveIdentity("HPE", "Ultrium 8-SCSI", "P3A1", "HU1234567A"));
            MediumReport report = drive.medium();

            assertThat(report.alerts())
                    .as("64 is no flag that a person acts on")
                    .containsExactlyInAnyOrder(TapeAlert.HARD_ERROR, TapeAlert.CLEAN_NOW);
            assertThat(report.worm()).isTrue();
            assertThat(report.density()).hasValue(0x5E);
            CartridgeMemory memory = report.memory().orElseThrow();
            assertThat(memory.barcode()).contains("ABC001L8");
            assertThat(memory.serial()).contains("V5LB0012ZZ");
            assertThat(memory.loads()).hasValue(17);
            assertThat(memory.changeReference()).hasValue(0xFFFF_FFF0L);
            assertThat(memory.writtenBytes()).hasValue(3_000_000L << 20);
            assertThat(memory.readBytes()).hasValue(5L << 20);
            assertThat(drive.status().capacityBytes()).hasValue(11_444_224L << 20);
            assertThat(drive.status().remainingBytes()).hasValue(11_000_000L << 20);
        }
        assertThat(device.scsiThroughTape).as("all went through sg").isZero();
        assertThat(device.leaksNothing()).isTrue();
    }

    @Test
    void whatADriveDoesNotTellIsMissing() throws TapeException {
        try (Drive drive = open()) {
            assertMissing(drive);
        }
    }

    @Test
    void whoMaySendNoCommandsStillHasATape() throws TapeException {
        answerEverything();
        device.mayScsi = false;
        device.genericPresent = false;
        try (Drive drive = open()) {
            assertMissing(drive);
            assertThat(device.scsiThroughTape).isPositive();
        }
    }

    private static void assertMissing(Drive drive) throws TapeException {
        assertThat(drive.identity()).isEqualTo(new DriveIdentity("", "", "", ""));
        MediumReport report = drive.medium();
        assertThat(report.memory()).isEmpty();
        assertThat(report.alerts()).isEmpty();
        assertThat(report.worm()).isFalse();
        assertThat(report.density()).hasValue(0x5E);
        assertThat(drive.status().ready()).isTrue();
        assertThat(drive.status().capacityBytes()).isEmpty();
    }

    @Test
    void anAnswerCutOffAnywhereIsNoError() throws TapeException {
        answerEverything();
        for (int key : new int[] {ALERTS, CONFIGURATION, ATTRIBUTES, 0x12_0000, 0x12_0080}) {
            byte[] whole = Objects.requireNonNull(device.scsi.get(key));
            for (int length = 0; length < whole.length; length++) {
                device.scsi.put(key, Arrays.copyOf(whole, length));
                try (Drive drive = open()) {
                    drive.identity();
                    drive.medium();
                }
            }
            device.scsi.put(key, whole);
        }
    }

    @Test
    void attributesThatDoNotFitOneAnswerAreAskedForOn() {
        MemoryAttributes attributes = new MemoryAttributes();
        byte[] all =
                ScsiAnswers.attributes(
                        ScsiAnswers.attribute(0x0003, 8, 17),
                        ScsiAnswers.attribute(0x0401, ScsiAnswers.ascii("SERIAL")));

        int next = attributes.add(ByteBuffer.wrap(all, 0, all.length - 3).slice(), 0);
        assertThat(next).isEqualTo(4);
        next =
                attributes.add(
                        ByteBuffer.wrap(
                                ScsiAnswers.attributes(
                                        ScsiAnswers.attribute(
                                                0x0401, ScsiAnswers.ascii("SERIAL")))),
                        next);

        assertThat(next).isEqualTo(-1);
        assertThat(attributes.memory().serial()).contains("SERIAL");
        assertThat(attributes.memory().loads()).hasValue(17);
    }

    @Test
    void aBufferThatIsLargerThanTheAnswerHoldsNoAttributesOfItsOwn() {
        MemoryAttributes attributes = new MemoryAttributes();
        byte[] answer = ScsiAnswers.attributes(ScsiAnswers.attribute(0x0000, 8, 12));

        attributes.add(ByteBuffer.wrap(Arrays.copyOf(answer, 400)), 0);

        assertThat(attributes.memory().remainingBytes()).hasValue(12L << 20);
    }

    @Test
    void aCleaningCartridgeIsKnownThoughItNeverBecomesReady() throws TapeException {
        device.opensUntilReady = 1000;
        device.scsi.put(ATTRIBUTES, ScsiAnswers.attributes(ScsiAnswers.attribute(0x0408, 1, 0x01)));
        try (Drive drive = open()) {
            assertThat(drive.status().ready()).isFalse();
            MediumReport report = drive.medium();
            assertThat(report.alerts()).containsExactly(TapeAlert.CLEANING_MEDIA);
            assertThat(report.density()).isEmpty();
        }
        device.scsi.clear();
        device.scsi.put(ALERTS, ScsiAnswers.alerts(20));
        try (Drive drive = open()) {
            assertThat(drive.medium().alerts())
                    .as("read once, so they are not lost with the cartridge")
                    .containsExactly(TapeAlert.CLEAN_NOW);
        }
        device.scsi.clear();
        try (Drive drive = open()) {
            assertThatThrownBy(drive::medium).hasMessageContaining("no cartridge");
        }
    }

    @Test
    void aWormCartridgeIsKnownByItsMediumTypeToo() throws TapeException {
        device.scsi.put(ATTRIBUTES, ScsiAnswers.attributes(ScsiAnswers.attribute(0x0408, 1, 0x80)));
        try (Drive drive = open()) {
            assertThat(drive.medium().worm()).isTrue();
        }
    }
}
