package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.tape.TapeLibrary.TapeCartridge;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.SupplyPool;
import dev.caravan.tape.pool.Volume;
import dev.caravan.tape.pool.VolumeStatus;
import dev.caravan.tape.pool.VolumeUse;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `caravan tape pools`: the media pools and the supply.
@Command(
        name = "pools",
        description =
                "Show the media pools: their volumes, how much they hold and still take, and the"
                        + " supply of blank cartridges.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:shown",
            "1:there is no library yet, or it is unreadable",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class TapePoolsCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    /// One media pool.
    ///
    /// @param freeBytes of its writable volumes inside; null if no drive told the size of one
    private record Pool(
            String name,
            int volumes,
            int inside,
            int full,
            int damaged,
            long bytes,
            @Nullable Long freeBytes,
            @Nullable Volume newest) {

        static Pool of(String name, List<TapeCartridge> cartridges) {
            List<Volume> volumes = new ArrayList<>();
            long free = 0;
            boolean told = true;
            int inside = 0;
            for (TapeCartridge cartridge : cartridges) {
                Volume volume = cartridge.volume().orElseThrow();
                volumes.add(volume);
                inside += cartridge.inside() ? 1 : 0;
                if (cartridge.inside() && volume.status() == VolumeStatus.WRITABLE) {
                    free += Math.max(0, volume.capacityBytes() - volume.bytes());
                    told &= volume.capacityBytes() > 0;
                }
            }
            return new Pool(
                    name,
                    volumes.size(),
                    inside,
                    count(volumes, VolumeStatus.FULL),
                    count(volumes, VolumeStatus.DAMAGED),
                    volumes.stream().mapToLong(Volume::bytes).sum(),
                    told ? free : null,
                    volumes.stream().max(Comparator.comparing(Volume::labelled)).orElse(null));
        }

        private static int count(List<Volume> volumes, VolumeStatus status) {
            return (int) volumes.stream().filter(v -> v.status() == status).count();
        }
    }

    @Override
    public Integer call() throws IOException {
        Settings.Tape tape = OpenHome.of(home).settings().tape();
        ChangingTape.requireLibrary(tape);
        TapeLibrary library = TapeLibrary.open(TargetParts.place(tape));
        library.govern(ChangingTape.rules(tape, VolumeUse.UNKNOWN));
        List<Pool> pools = pools(tape, library.cartridges());
        List<Barcode> supply = library.supply();
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(out, object -> write(object, tape, pools, supply));
        } else {
            print(out, Style.ofProcess(), tape, pools, supply);
        }
        return ExitCode.OK;
    }

    /// The pool that is written to is there before its first volume is.
    private static List<Pool> pools(Settings.Tape tape, List<TapeCartridge> cartridges) {
        Map<String, List<TapeCartridge>> byPool = new TreeMap<>();
        byPool.put(tape.pool(), new ArrayList<>());
        for (TapeCartridge cartridge : cartridges) {
            Optional<String> pool = cartridge.volume().map(Volume::pool);
            if (pool.isPresent() && !pool.get().equals(SupplyPool.NAME)) {
                byPool.computeIfAbsent(pool.get(), _ -> new ArrayList<>()).add(cartridge);
            }
        }
        return byPool.entrySet().stream().map(e -> Pool.of(e.getKey(), e.getValue())).toList();
    }

    private static void write(Json json, Settings.Tape tape, List<Pool> pools, List<Barcode> supply)
            throws IOException {
        json.text("allocation", tape.pools().allocation())
                .number(
                        "retentionSeconds",
                        tape.pools().retention().map(Duration::toSeconds).orElse(null))
                .flag("simulated", tape.simulated());
        json.array(
                "pools",
                all -> {
                    for (Pool pool : pools) {
                        all.object(each -> write(each, pool));
                    }
                });
        json.array(
                "supply",
                all -> {
                    for (Barcode barcode : supply) {
                        all.text(barcode.text());
                    }
                });
    }

    private static void write(Json json, Pool pool) throws IOException {
        @Nullable Volume newest = pool.newest();
        json.text("pool", pool.name())
                .number("volumes", pool.volumes())
                .number("inside", pool.inside())
                .number("full", pool.full())
                .number("damaged", pool.damaged())
                .number("bytes", pool.bytes())
                .number("freeBytes", pool.freeBytes())
                .text("newest", newest == null ? null : newest.barcode().text())
                .number("mediaSet", newest == null ? 0 : newest.set().number());
    }

    private static void print(
            PrintWriter out,
            Style style,
            Settings.Tape tape,
            List<Pool> pools,
            List<Barcode> supply) {
        Table table =
                new Table("  ")
                        .left("POOL")
                        .right("VOLUMES")
                        .right("INSIDE")
                        .right("FULL")
                        .right("DAMAGED")
                        .right("USED")
                        .right("FREE")
                        .left("NEWEST")
                        .right("MEDIA SET");
        for (Pool pool : pools) {
            @Nullable Volume newest = pool.newest();
            @Nullable Long free = pool.freeBytes();
            table.row(
                    pool.name(),
                    Words.count(pool.volumes()),
                    Words.count(pool.inside()),
                    Words.count(pool.full()),
                    Words.count(pool.damaged()),
                    Words.bytes(pool.bytes()),
                    free == null ? "-" : Words.bytes(free),
                    newest == null ? "-" : newest.barcode().text(),
                    newest == null ? "-" : Words.count(newest.set().number()));
        }
        table.print(out, style);
        out.println();
        out.println(
                "  Supply: %s; allocation %s; retention %s%s"
                        .formatted(
                                Words.count(supply.size(), "cartridge", "cartridges"),
                                tape.pools().allocation(),
                                tape.pools().retention().map(Words::duration).orElse("never"),
                                tape.simulated() ? "  " + style.warning("SIMULATED") : ""));
    }
}
