package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Volumes;
import dev.caravan.ledger.Volumes.Contents;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.tape.TapeLibrary.TapeCartridge;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.TapeAlert;
import dev.caravan.tape.pool.Location;
import dev.caravan.tape.pool.Medium;
import dev.caravan.tape.pool.Volume;
import dev.caravan.tape.pool.VolumeUse;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan tape show`: all that is known of one cartridge.
@Command(
        name = "show",
        description =
                "Show all that is known of a cartridge: its label, where it is, what lies on it and"
                        + " whether that is needed. No drive is used.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:shown",
            "1:no such cartridge is known",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class TapeShowCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(paramLabel = "BARCODE", description = "The cartridge.")
    private String typed;

    /// What the ledger knows of a volume.
    private record Known(Contents contents, List<Volumes.TapeObject> objects) {}

    @Override
    public Integer call() throws IOException {
        Barcode barcode = ChangingTape.barcode(typed);
        OpenHome open = OpenHome.of(home);
        Settings.Tape tape = open.settings().tape();
        ChangingTape.requireLibrary(tape);
        TapeLibrary library = TapeLibrary.open(TargetParts.place(tape));
        library.govern(ChangingTape.rules(tape, VolumeUse.UNKNOWN));
        TapeCartridge cartridge =
                library.cartridges().stream()
                        .filter(c -> c.barcode().equals(barcode))
                        .findFirst()
                        .orElseThrow(() ->
                                new CommandException(
                                        ExitCode.INCOMPLETE,
                                        "no cartridge %s, neither in the library nor in its inventory"
                                                .formatted(barcode)));
        Optional<Volume> volume = cartridge.volume();
        @Nullable Known known = volume.isPresent() ? known(open, tape, volume.get()) : null;
        Optional<String> keep =
                volume.isPresent() ? library.reasonToKeep(volume.get()) : Optional.empty();
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(out, object -> write(object, tape, cartridge, known, keep));
        } else {
            print(out, Style.ofProcess(), tape, cartridge, known, keep);
        }
        return ExitCode.OK;
    }

    private static @Nullable Known known(OpenHome open, Settings.Tape tape, Volume volume) {
        Optional<Ledger> ledger = open.ledger(Clock.systemUTC());
        if (ledger.isEmpty()) {
            return null;
        }
        try (Ledger opened = ledger.get()) {
            String barcode = volume.barcode().text();
            String id = volume.id().toString();
            Volumes.Rule rule =
                    new Volumes.Rule(
                            HomePolicies.of(open.settings()),
                            ChangingTape.retention(tape),
                            HomeRetention.GLOBS);
            return opened.volumes()
                    .contents(barcode, id, rule)
                    .map(contents -> new Known(contents, opened.volumes().objects(barcode, id)))
                    .orElse(null);
        }
    }

    private static void write(
            Json json,
            Settings.Tape tape,
            TapeCartridge cartridge,
            @Nullable Known known,
            Optional<String> keep)
            throws IOException {
        json.text("barcode", cartridge.barcode().text())
                .text("place", cartridge.place())
                .flag("inside", cartridge.inside())
                .flag("simulated", tape.simulated());
        @Nullable Volume volume = cartridge.volume().orElse(null);
        VolumeJson.outside(
                json, volume == null || cartridge.inside() ? null : volume.outside().orElse(null));
        if (volume == null) {
            json.nothing("volume");
        } else {
            json.object("volume", object -> VolumeJson.write(object, volume));
        }
        json.text("notRecycledBecause", keep.orElse(null));
        if (known == null) {
            json.nothing("ledger");
        } else {
            json.object("ledger", object -> write(object, known));
        }
    }

    private static void write(Json json, Known known) throws IOException {
        Contents contents = known.contents();
        json.number("copies", contents.copies())
                .number("items", contents.items())
                .number("bytes", contents.bytes())
                .number("needed", contents.needed())
                .number("neededAsCurrent", contents.current())
                .number("neededForTheirNumber", contents.few())
                .number("neededForTheirAge", contents.young())
                .number("neededForAHold", contents.held())
                .number("neededAsBegun", contents.begun())
                .number("unproven", contents.unproven())
                .number("notCounted", contents.unproven() + contents.gone());
        json.array(
                "tapeFiles",
                all -> {
                    for (Volumes.TapeObject file : known.objects()) {
                        all.object(each ->
                                each.number("file", file.file())
                                        .number("block", file.block())
                                        .text("name", file.name())
                                        .number("bytes", file.bytes())
                                        .number("copies", file.copies()));
                    }
                });
    }

    private static void print(
            PrintWriter out,
            Style style,
            Settings.Tape tape,
            TapeCartridge cartridge,
            @Nullable Known known,
            Optional<String> keep) {
        out.println(
                style.strong(cartridge.barcode().text())
                        + (tape.simulated() ? "  " + style.warning("SIMULATED") : ""));
        Table facts = new Table("  ").left("").left("");
        @Nullable Volume volume = cartridge.volume().orElse(null);
        facts.row("place", place(cartridge, volume));
        if (volume == null) {
            facts.row("status", "blank, as far as is known");
            if (cartridge.capacityBytes() > 0) { // else no drive told it
                facts.row("capacity", Words.bytes(cartridge.capacityBytes()));
            }
            facts.print(out, style);
            return;
        }
        label(facts, volume);
        volume.medium().ifPresent(medium -> medium(facts, medium));
        if (known == null) {
            facts.row("copies", "the ledger knows of none");
        } else {
            Contents contents = known.contents();
            facts.row(
                    "copies",
                    "%s that count, of %s, %s%s"
                            .formatted(
                                    Words.count(contents.copies(), "copy", "copies"),
                                    Words.count(contents.items(), "item", "items"),
                                    Words.bytes(contents.bytes()),
                                    notCounted(contents)));
            facts.row(
                    "needed",
                    contents.needed() == 0 ? "none of them" : LedgerVolumeUse.needed(contents));
        }
        facts.row("recycling", keep.orElse("when no copy on it is needed"));
        facts.print(out, style);
        files(out, style, volume, known);
    }

    private static String notCounted(Contents contents) {
        StringBuilder more = new StringBuilder();
        if (contents.unproven() > 0) {
            more.append("; %s more to be verified".formatted(Words.count(contents.unproven())));
        }
        if (contents.begun() > 0) {
            more.append(
                    "; parts of %s that are not complete"
                            .formatted(Words.count(contents.begun(), "copy", "copies")));
        }
        if (contents.gone() > 0) {
            more.append("; %s more do not count".formatted(Words.count(contents.gone())));
        }
        return more.toString();
    }

    private static String place(TapeCartridge cartridge, @Nullable Volume volume) {
        Optional<Location> outside =
                volume == null || cartridge.inside() ? Optional.empty() : volume.outside();
        return cartridge.place() + outside.map(o -> " since " + Words.local(o.since())).orElse("");
    }

    private static void label(Table facts, Volume volume) {
        facts.row("status", volume.status().name().toLowerCase(Locale.ROOT));
        facts.row(
                "pool",
                volume.set().number() == 0
                        ? volume.pool()
                        : "%s, media set %d, cartridge %d of it"
                                .formatted(
                                        volume.pool(),
                                        volume.set().number(),
                                        volume.set().sequence()));
        facts.row(
                "label",
                "volume %s, %s, records of %s"
                        .formatted(
                                volume.id(),
                                Words.local(volume.labelled()),
                                Words.bytes(volume.blockBytes())));
        facts.row(
                "used",
                "%s%s, %s, data ends at block %s"
                        .formatted(
                                Words.bytes(volume.bytes()),
                                volume.capacityBytes() == 0 // no drive told it
                                        ? ""
                                        : " of " + Words.bytes(volume.capacityBytes()),
                                Words.count(volume.files(), "tape file", "tape files"),
                                Words.count(volume.endOfData())));
        facts.row("last write", volume.written().map(Words::local).orElse("not known"));
        for (Volume.Gap gap : volume.gaps()) {
            facts.row(
                    "void",
                    "tape file %d: blocks %d to %d"
                            .formatted(gap.file(), gap.block(), gap.endBlock() - 1));
        }
    }

    private static void medium(Table facts, Medium medium) {
        List<String> said = new ArrayList<>();
        medium.serial().ifPresent(serial -> said.add("serial " + Words.shown(serial)));
        medium.loads().ifPresent(loads -> said.add(Words.count(loads, "load", "loads")));
        medium.writtenBytes()
                .ifPresent(bytes -> said.add(Words.bytes(bytes) + " written in its life"));
        medium.density().ifPresent(code -> said.add("density %02Xh".formatted(code)));
        medium.changeReference().ifPresent(number -> said.add("change reference " + number));
        if (medium.worm()) {
            said.add("WORM");
        }
        if (!said.isEmpty()) {
            facts.row("medium", String.join(", ", said));
        }
        for (TapeAlert alert : medium.alerts()) {
            facts.row(
                    "alert",
                    "%s (TapeAlert %d)%s"
                            .formatted(
                                    alert.meaning(),
                                    alert.number(),
                                    medium.alerted().map(at -> ", " + Words.local(at)).orElse("")));
        }
    }

    private static void files(PrintWriter out, Style style, Volume volume, @Nullable Known known) {
        if (known == null || known.objects().isEmpty()) {
            return;
        }
        out.println();
        Table files =
                new Table("  ")
                        .right("FILE")
                        .right("BLOCK")
                        .right("RECORDS")
                        .right("BYTES")
                        .right("COPIES")
                        .left("NAME");
        for (Volumes.TapeObject file : known.objects()) {
            files.row(
                    String.valueOf(file.file()),
                    String.valueOf(file.block()),
                    Words.count(Math.ceilDiv(file.bytes(), volume.blockBytes())),
                    Words.bytes(file.bytes()),
                    Words.count(file.copies()),
                    file.name());
        }
        files.print(out, style);
    }
}
