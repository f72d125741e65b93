package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.tape.TapeLibrary.TapeCartridge;
import dev.caravan.tape.pool.Volume;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `caravan tape list`: the cartridges.
@Command(
        name = "list",
        description = "List the cartridges: their status, their pool, how full and where they are.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:listed",
            "1:the library is unreadable",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class TapeListCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Override
    public Integer call() throws IOException {
        Settings.Tape tape = OpenHome.of(home).settings().tape();
        // the first backup makes the library
        boolean made = TapeDesk.find(tape).isPresent();
        List<TapeCartridge> cartridges =
                made ? TapeLibrary.open(TargetParts.place(tape)).cartridges() : List.of();
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(out, object -> write(object, tape, cartridges));
        } else if (made) {
            print(out, Style.ofProcess(), tape, cartridges);
        } else {
            out.println(
                    "No tape library yet: the first backup makes it. Start with: caravan backup");
        }
        return ExitCode.OK;
    }

    private static void write(Json json, Settings.Tape tape, List<TapeCartridge> cartridges)
            throws IOException {
        json.text("library", tape.library().toString())
                .flag("simulated", tape.simulated())
                .array(
                        "cartridges",
                        all -> {
                            for (TapeCartridge cartridge : cartridges) {
                                all.object(each -> write(each, cartridge));
                            }
                        });
        json.number("bytes", used(cartridges)).number("capacityBytes", capacity(cartridges));
    }

    static void write(Json json, TapeCartridge cartridge) throws IOException {
        @Nullable Volume volume = cartridge.volume().orElse(null);
        json.text("barcode", cartridge.barcode().text())
                .text("status", volume == null ? "BLANK" : volume.status().name())
                .text("pool", volume == null ? null : volume.pool())
                .number("bytes", volume == null ? 0 : volume.bytes())
                .number("capacityBytes", cartridge.capacityBytes())
                .number("files", volume == null ? 0 : volume.files())
                .text("place", cartridge.place())
                .time("labelled", volume == null ? null : volume.labelled())
                .number("mediaSet", volume == null ? 0 : volume.set().number());
        VolumeJson.outside(
                json, volume == null || cartridge.inside() ? null : volume.outside().orElse(null));
    }

    private static void print(
            PrintWriter out, Style style, Settings.Tape tape, List<TapeCartridge> cartridges) {
        String simulated = tape.simulated() ? "  " + style.warning("SIMULATED") : "";
        out.println(style.strong("Tape library " + tape.library()) + simulated);
        out.println();
        Table table =
                new Table("  ")
                        .left("BARCODE")
                        .left("STATUS")
                        .left("POOL")
                        .right("SET")
                        .right("USED")
                        .right("CAPACITY")
                        .right("FILES")
                        .left("PLACE");
        for (TapeCartridge cartridge : cartridges) {
            @Nullable Volume volume = cartridge.volume().orElse(null);
            table.row(
                    cartridge.barcode().text(),
                    volume == null ? "blank" : volume.status().name().toLowerCase(Locale.ROOT),
                    volume == null ? "-" : volume.pool(),
                    volume == null || volume.set().number() == 0
                            ? "-"
                            : Words.count(volume.set().number()),
                    volume == null ? "-" : Words.bytes(volume.bytes()),
                    cartridge.capacityBytes() == 0
                            ? "-" // a real drive does not tell, but where the memory does
                            : Words.bytes(cartridge.capacityBytes()),
                    volume == null ? "-" : Words.count(volume.files()),
                    cartridge.place());
        }
        table.print(out, style);
        long blank = cartridges.stream().filter(c -> c.volume().isEmpty()).count();
        out.println();
        out.println(
                "  %s, %s blank; %s used%s"
                        .formatted(
                                Words.count(cartridges.size(), "cartridge", "cartridges"),
                                Words.count(blank),
                                Words.bytes(used(cartridges)),
                                capacity(cartridges) == 0
                                        ? ""
                                        : " of " + Words.bytes(capacity(cartridges))));
    }

    private static long used(List<TapeCartridge> cartridges) {
        return cartridges.stream().flatMap(c -> c.volume().stream()).mapToLong(Volume::bytes).sum();
    }

    private static long capacity(List<TapeCartridge> cartridges) {
        return cartridges.stream().mapToLong(TapeCartridge::capacityBytes).sum();
    }
}
