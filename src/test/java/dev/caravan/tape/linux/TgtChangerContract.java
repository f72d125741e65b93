package dev.caravan.tape.linux;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Changer;
import dev.caravan.tape.changer.ChangerContract;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.changer.LibraryInventory.Slot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;

/// The contract on the changer that `tgt` serves, through the kernel's `sg` driver. Runs inside the
/// VM only; `library.sh` gives the library its shape.
class TgtChangerContract extends ChangerContract {
    /// The element address of slot 1 in that library.
    private static final int STORAGE = 4;

    private final ScsiChanger changer = new ScsiChanger(Path.of(System.getenv("TAPE_CHANGER")));

    /// Puts everything where the contract has it.
    @BeforeEach
    void arrange() throws IOException {
        for (Bay bay : changer.inventory().drives()) {
            if (!bay.empty()) {
                changer.unload(bay.drive());
            }
        }
        rename();
        if (changer.inventory().slotHolding(SECOND).orElseThrow().number() == 1) {
            put(
                    SECOND,
                    changer.inventory().slots().stream()
                            .filter(Slot::empty)
                            .findFirst()
                            .orElseThrow()
                            .number());
        }
        put(FIRST, 1);
        put(SECOND, 2);
    }

    /// A cartridge whose barcode was hidden is the one that has none.
    private void rename() throws IOException {
        for (Slot slot : changer.inventory().slots()) {
            if (slot.unread()) {
                barcode(slot.number(), SECOND.text());
            }
        }
    }

    private void put(Barcode barcode, int slot) throws IOException {
        LibraryInventory now = changer.inventory();
        int from = now.slotHolding(barcode).orElseThrow().number();
        if (from != slot) {
            changer.transfer(from, slot);
        }
    }

    private static void barcode(int slot, String text) throws IOException {
        List<String> command =
                List.of(
                        "tgtadm",
                        "-C",
                        "1",
                        "--lld",
                        "iscsi",
                        "--mode",
                        "logicalunit",
                        "--tid",
                        "1",
                        "--op",
                        "update",
                        "--lun",
                        "3",
                        "--params",
                        "element_type=2,address=%d,barcode=%s,sides=1"
                                .formatted(STORAGE + slot - 1, text));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(command + ": " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(command + ": " + said, e);
        }
    }

    @Override
    protected Changer changer() {
        return changer;
    }

    @Override
    protected void jam() {
        abort("the robot of tgt cannot jam");
    }

    @Override
    protected void hideBarcode(Barcode barcode) throws IOException {
        barcode(changer.inventory().slotHolding(barcode).orElseThrow().number(), "");
    }
}
