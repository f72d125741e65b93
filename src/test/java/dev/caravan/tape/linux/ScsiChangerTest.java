package dev.caravan.tape.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Changer;
import dev.caravan.tape.changer.ChangerContract;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScsiChangerTest extends ChangerContract {
    private final FakeChanger fake =
            new FakeChanger(3, 1, "HU1111", "HU2222").with(1, "VT0001L8").with(2, "VT0002L8");
    private final ScsiChanger changer =
            new ScsiChanger(fake, FakeChanger.DEVICE, Duration.ofMillis(50));

    @Override
    protected Changer changer() {
        return changer;
    }

    @Override
    protected void jam() {
        fake.jam();
    }

    @Override
    protected void hideBarcode(Barcode barcode) {
        fake.relabel(barcode.text(), "");
    }

    @AfterEach
    void noDeviceIsLeftOpen() {
        assertThat(fake.openDescriptors()).isZero();
    }

    @Test
    void theNewsOfACartridgeChangeIsNoError() throws IOException {
        fake.answersBefore.add(FakeChanger.sense(6, 0x2800));
        fake.answersBefore.add(FakeChanger.sense(6, 0x2900));

        assertThat(changer.inventory().cartridges()).containsExactly(FIRST, SECOND);
    }

    @Test
    void aRobotInMotionIsWaitedFor() throws IOException {
        fake.answersBefore.add(FakeChanger.sense(2, 0x0401));

        assertThat(changer.inventory().cartridges()).containsExactly(FIRST, SECOND);
    }

    @Test
    void aRobotThatNeverStopsIsToldInWords() {
        for (int i = 0; i < 1000; i++) {
            fake.answersBefore.add(FakeChanger.sense(2, 0x0401));
        }

        assertThatThrownBy(changer::inventory)
                .isInstanceOfSatisfying(
                        TapeException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBUSY))
                .hasMessageContaining("not ready: in motion")
                .hasMessageContaining("/dev/sg7");
    }

    @Test
    void whatNeedsAPersonIsNotWaitedFor() {
        fake.answersBefore.add(FakeChanger.sense(2, 0x0418));

        assertRefused(changer::inventory, "mail slot open");
    }

    @Test
    void aReservedLibraryIsTold() {
        fake.answersBefore.add(new byte[] {0x18});

        assertRefused(changer::inventory, "reserved by another host");
    }

    @Test
    void aMoveIsDecidedAnewWhenTheMailSlotWasOpenedBeforeIt() throws IOException {
        FakeChanger opened = new FakeChanger(3, 1, "HU1111", "HU2222").with(1, "VT0001L8");
        ScsiChanger robot =
                new ScsiChanger(
                        new AttentionBeforeMove(opened), FakeChanger.DEVICE, Duration.ofMillis(50));

        robot.load(FIRST, 0);

        assertThat(opened.commands.stream().filter(c -> c[0] == (byte) 0xA5)).hasSize(1);
        assertThat(opened.commands.stream().filter(c -> c[0] == 0x1A)).hasSize(2);
        assertThat(robot.inventory().driveHolding(FIRST)).isPresent();
    }

    @Test
    void aBarcodeLosesItsPaddingAndMayBeLonger() throws IOException {
        fake.relabel("VT0001L8", "ARCHIVE0001L9");
        fake.relabel("VT0002L8", "A-12 x");

        var inventory = changer.inventory();

        assertThat(inventory.cartridges()).containsExactly(new Barcode("ARCHIVE0001L9"));
        assertThat(inventory.unread()).isEqualTo(1);
    }

    @Test
    void theBarcodeOfACartridgeThatLeftIsNotBelieved() throws IOException {
        changer.load(FIRST, 0);
        changer.unload(0);

        assertThat(changer.inventory().drives().get(0).cartridge()).isEmpty();
        assertThat(changer.inventory().cartridges()).containsExactly(FIRST, SECOND);
    }

    @Test
    void aLibraryWithoutAReaderHasOnlyUnreadCartridges() throws IOException {
        fake.knowsBarcodes = false;

        assertThat(changer.inventory().unread()).isEqualTo(2);
        assertThat(changer.inventory().cartridges()).isEmpty();
    }

    @Test
    void driveSerialsAreReadInBothForms() throws IOException {
        assertThat(changer.inventory().drives().stream().map(Bay::serial).map(s -> s.orElse("-")))
                .containsExactly("HU1111", "HU2222");
        fake.names = FakeChanger.Names.VENDOR_PRODUCT_SERIAL;
        assertThat(changer.inventory().drives().stream().map(Bay::serial).map(s -> s.orElse("-")))
                .containsExactly("HU1111", "HU2222");
    }

    @Test
    void aChangerThatKnowsNoNamesHasNone() throws IOException {
        fake.knowsNames = false;

        assertThat(changer.inventory().drives()).hasSize(2).allMatch(b -> b.serial().isEmpty());
    }

    @Test
    void aLargeLibraryIsReadInParts() throws IOException {
        FakeChanger large = new FakeChanger(250, 0, "HU1111");
        for (int slot = 1; slot <= 250; slot++) {
            large.with(slot, "AB%04dL9".formatted(slot));
        }

        var inventory =
                new ScsiChanger(large, FakeChanger.DEVICE, Duration.ofMillis(50)).inventory();

        assertThat(inventory.slots()).hasSize(250);
        assertThat(inventory.slotHolding(new Barcode("AB0201L9")).orElseThrow().number())
                .isEqualTo(201);
    }

    @Test
    void aReportThatEndsEarlyGivesNoSerialOfHalf() throws IOException {
        fake.cutBytes = 3;
        fake.ignoresCount = true;

        assertThat(changer.inventory().drives().stream().map(Bay::serial).map(s -> s.orElse("-")))
                .containsExactly("HU1111", "-");
    }

    @Test
    void whatIsNoChangerIsToldBeforeAnythingIsSent() {
        assertRefused(
                () ->
                        new ScsiChanger(fake, Path.of("/etc/hosts"), Duration.ofMillis(50))
                                .inventory(),
                "no character device");
        assertRefused(
                () ->
                        new ScsiChanger(fake, Path.of("/dev/sg99"), Duration.ofMillis(50))
                                .inventory(),
                "no such device");
        fake.present = false;
        assertRefused(changer::inventory, "may not use it");
    }

    @Test
    void theScanLooksAtEveryElement() throws IOException {
        changer.scan();

        assertThat(fake.commands).anyMatch(c -> c[0] == 0x07);
    }
}
