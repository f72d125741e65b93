package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.CopyState;
import dev.caravan.ledger.Ledger;
import dev.caravan.restore.Plan;
import dev.caravan.restore.Plan.Cartridge;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan tape needed`: which cartridges to fetch before a restore from tape.
@Command(
        name = "needed",
        description = {
            "Show which cartridges a restore of these paths from tape needs, and where each is.",
            "",
            "A restore takes the nearest copy: it needs these when the others are gone, or with"
                    + " --from tape."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all of them are in the library",
            "1:a cartridge is outside, or something has no copy on tape",
            "2:wrong usage, or a path that is in several sources",
            "78:there is no such home, or its configuration is wrong"
        })
final class TapeNeededCommand implements Callable<Integer> {
    /// What a cartridge outside costs, in cartridges inside: a person has to fetch it.
    private static final long OUTSIDE = 1000;

    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description = "Path below the source's root; '.' for all of it.")
    private List<String> paths;

    @Option(names = "--source", paramLabel = "NAME", description = "The source the paths are in.")
    private @Nullable String source;

    /// A cartridge that is needed, and where it is.
    private record Needed(Cartridge cartridge, CartridgePlaces.Place place) {
        boolean inside() {
            return place.inside();
        }
    }

    @Override
    public Integer call() throws IOException {
        OpenHome open = OpenHome.of(home);
        Settings.Tape tape = open.settings().tape();
        ChangingTape.requireLibrary(tape);
        try (Ledger ledger =
                open.ledger(Clock.systemUTC())
                        .orElseThrow(() ->
                                new CommandException(
                                        ExitCode.INCOMPLETE,
                                        "no backup has run yet, so no copies are known"))) {
            CartridgePlaces places = new CartridgePlaces(tape);
            Catalog catalog = ledger.catalog();
            List<Version> versions = versions(catalog);
            Map<String, Cartridge> needed = new TreeMap<>();
            long without = 0;
            for (List<Catalog.Copy> copies : catalog.copiesAndSpares(versions)) {
                Catalog.@Nullable Copy copy = onTape(copies, needed.keySet(), places);
                if (copy == null) {
                    without++;
                    continue;
                }
                Plan.onTape(copy)
                        .forEach((volume, bytes) ->
                                needed.merge(
                                        volume,
                                        new Cartridge(volume, 1, bytes),
                                        (known, one) -> known.with(bytes)));
            }
            List<Needed> placed =
                    needed.values().stream()
                            .map(each -> new Needed(each, places.of(each.barcode())))
                            .toList();
            report(tape, placed, without);
            return without == 0 && placed.stream().allMatch(Needed::inside)
                    ? ExitCode.OK
                    : ExitCode.INCOMPLETE;
        }
    }

    private List<Version> versions(Catalog catalog) {
        Map<Long, Version> versions = new LinkedHashMap<>();
        for (String path : paths) {
            NamedItem at = NamedItem.locate(catalog, PathArgument.of(path), source);
            boolean present = catalog.present(at.source(), at.path());
            catalog.tree(at.source(), at.path(), !present).forEach(v -> versions.put(v.id(), v));
        }
        return List.copyOf(versions.values());
    }

    /// The copy that costs least: on cartridges that are needed anyway, else inside, else any.
    private static Catalog.@Nullable Copy onTape(
            List<Catalog.Copy> copies, Set<String> needed, CartridgePlaces places) {
        Catalog.@Nullable Copy best = null;
        long least = Long.MAX_VALUE;
        for (Catalog.Copy copy : copies) {
            Map<String, Long> tapes = Plan.onTape(copy);
            boolean usable = copy.state().counts() || copy.state() == CopyState.ACKED;
            if (tapes.isEmpty() || !usable) {
                continue;
            }
            long cost = 0;
            for (String volume : tapes.keySet()) {
                boolean inside = places.of(volume).inside();
                cost += needed.contains(volume) ? 0 : inside ? 1 : OUTSIDE;
            }
            if (cost < least) {
                least = cost;
                best = copy;
            }
        }
        return best;
    }

    private void report(Settings.Tape tape, List<Needed> needed, long without) {
        PrintWriter out = spec.commandLine().getOut();
        long missing = needed.stream().filter(n -> !n.inside()).count();
        if (json.wanted) {
            Json.print(
                    out,
                    object -> {
                        object.flag("simulated", tape.simulated());
                        object.array(
                                "cartridges",
                                all -> {
                                    for (Needed each : needed) {
                                        all.object(one ->
                                                one.text("barcode", each.cartridge().barcode())
                                                        .text("place", each.place().text())
                                                        .flag("inside", each.inside())
                                                        .number("copies", each.cartridge().copies())
                                                        .number("bytes", each.cartridge().bytes()));
                                    }
                                });
                        object.number("missing", missing).number("notOnTape", without);
                    });
            return;
        }
        Style style = Style.ofProcess();
        Table table =
                new Table("  ")
                        .left("BARCODE")
                        .left("PLACE")
                        .right("COPIES")
                        .right("BYTES")
                        .left("TO DO");
        for (Needed each : needed) {
            table.row(
                    each.cartridge().barcode(),
                    each.place().text(),
                    Words.count(each.cartridge().copies()),
                    Words.bytes(each.cartridge().bytes()),
                    each.inside() ? "" : "bring it back and import it");
        }
        if (!needed.isEmpty()) {
            table.print(out, style);
            out.println();
        }
        out.println(
                "  %s needed, %s outside the library%s"
                        .formatted(
                                Words.count(needed.size(), "cartridge", "cartridges"),
                                Words.count(missing),
                                without == 0
                                        ? ""
                                        : "; "
                                                + Words.count(without, "item has", "items have")
                                                + " no copy on tape"));
    }
}
