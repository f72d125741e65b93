package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.tape.LibraryControl;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.changer.LibraryInventory.Slot;
import dev.caravan.tape.changer.OperatorDesk.Request;
import dev.caravan.tape.pool.Volume;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `caravan tape inventory`: what is where.
@Command(
        name = "inventory",
        description = {
            "Show slots, mail slots and drives, what lies in each, and what is known of it.",
            "Also what a person is asked to load."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:shown",
            "1:the library does not answer",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class TapeInventoryCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Option(
            names = "--scan",
            description =
                    "Have the changer read every barcode again first, which may take minutes.")
    private boolean scan;

    @Override
    public Integer call() throws IOException {
        Settings.Tape tape = OpenHome.of(home).settings().tape();
        LibraryControl control = TapeDesk.require(home);
        LibraryInventory inside = scan ? control.scan() : control.inside();
        Map<Barcode, Volume> volumes = control.volumes();
        List<Request> requests = control.requests();
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(out, object -> write(object, tape, inside, volumes, requests));
        } else {
            new Text(out, Style.ofProcess(), volumes, control.manual())
                    .print(tape, inside, requests);
        }
        return ExitCode.OK;
    }

    private static void write(
            Json json,
            Settings.Tape tape,
            LibraryInventory inside,
            Map<Barcode, Volume> volumes,
            List<Request> requests)
            throws IOException {
        json.text("library", tape.library().toString())
                .flag("simulated", tape.simulated())
                .array(
                        "drives",
                        all -> {
                            for (Bay bay : inside.drives()) {
                                all.object(each -> {
                                    each.number("drive", bay.drive())
                                            .text("serial", bay.serial().orElse(null))
                                            .flag("served", bay.served())
                                            .number("homeSlot", bay.homeSlot().orElse(null));
                                    write(each, bay.cartridge(), bay.unread(), volumes);
                                });
                            }
                        });
        json.array(
                "slots",
                all -> {
                    for (Slot slot : inside.slots()) {
                        all.object(each -> {
                            each.number("slot", slot.number()).flag("mail", slot.mail());
                            write(each, slot.cartridge(), slot.unread(), volumes);
                        });
                    }
                });
        json.number("unread", inside.unread())
                .array(
                        "requests",
                        all -> {
                            for (Request request : requests) {
                                all.object(each -> write(each, request));
                            }
                        });
    }

    private static void write(
            Json json, Optional<Barcode> cartridge, boolean unread, Map<Barcode, Volume> volumes)
            throws IOException {
        @Nullable Volume volume = cartridge.map(volumes::get).orElse(null);
        json.text("barcode", cartridge.map(Barcode::text).orElse(null))
                .flag("unread", unread)
                .text("pool", volume == null ? null : volume.pool())
                .text("status", status(cartridge, volume))
                .number("bytes", volume == null ? null : (Number) volume.bytes());
    }

    /// As `tape list` says it: what was never labelled is blank, as far as is known.
    private static @Nullable String status(Optional<Barcode> cartridge, @Nullable Volume volume) {
        return volume != null
                ? volume.status().name()
                : cartridge.filter(barcode -> !barcode.cleaning()).map(_ -> "BLANK").orElse(null);
    }

    static void write(Json json, Request request) throws IOException {
        json.text("barcode", request.barcode().text())
                .number("drive", request.drive())
                .text("device", request.device())
                .time("since", request.since())
                .text("found", request.found().orElse(null))
                .text("task", request.words());
    }

    /// The barcode in a table.
    static String cartridge(Optional<Barcode> cartridge, boolean unread) {
        return cartridge.map(Barcode::text).orElse(unread ? "(unreadable)" : "-");
    }

    /// The inventory for a person.
    private record Text(
            PrintWriter out, Style style, Map<Barcode, Volume> volumes, boolean manual) {
        void print(Settings.Tape tape, LibraryInventory inside, List<Request> requests) {
            String simulated = tape.simulated() ? "  " + style.warning("SIMULATED") : "";
            out.println(style.strong("Tape library " + tape.library()) + simulated);
            requests.forEach(
                    request -> out.println("  " + style.warning("TO DO") + "  " + request.words()));
            out.println();
            Table table =
                    new Table("  ")
                            .left("PLACE")
                            .left("BARCODE")
                            .left("STATUS")
                            .left("POOL")
                            .right("USED");
            for (Bay bay : inside.drives()) {
                String place = "drive " + bay.drive() + (bay.served() ? "" : " (no device)");
                row(table, place, bay.cartridge(), bay.unread());
            }
            for (Slot slot : inside.slots()) {
                String place =
                        manual ? "shelf" : (slot.mail() ? "mail slot " : "slot ") + slot.number();
                row(table, place, slot.cartridge(), slot.unread());
            }
            table.print(out, style);
            out.println();
            out.println(
                    "  "
                            + Words.count(inside.cartridges().size(), "cartridge", "cartridges")
                            + (inside.unread() == 0
                                    ? ""
                                    : "; %s with no readable barcode, never used"
                                            .formatted(Words.count(inside.unread()))));
        }

        private void row(Table table, String place, Optional<Barcode> cartridge, boolean unread) {
            @Nullable Volume volume = cartridge.map(volumes::get).orElse(null);
            String status =
                    cartridge.isEmpty()
                            ? (unread ? "-" : "empty")
                            : cartridge.get().cleaning()
                                    ? "cleaning"
                                    : volume == null
                                            ? "blank"
                                            : volume.status().name().toLowerCase(Locale.ROOT);
            table.row(
                    place,
                    cartridge(cartridge, unread),
                    status,
                    volume == null ? "-" : volume.pool(),
                    volume == null ? "-" : Words.bytes(volume.bytes()));
        }
    }
}
