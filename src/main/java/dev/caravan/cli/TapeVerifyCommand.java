package dev.caravan.cli;

import dev.caravan.restore.CartridgeLabels;
import dev.caravan.restore.TapeVerifier;
import dev.caravan.restore.TapeVerifier.FileResult;
import dev.caravan.restore.TapeVolume;
import dev.caravan.restore.WholeHashes;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.NotThatVolumeException;
import dev.caravan.tape.pool.VolumeRefusedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan tape verify`: read a cartridge back.
@Command(
        name = "verify",
        description =
                "Unload and load a cartridge, read all of it and compare every member with the"
                        + " segment's index and the ledger. What is good counts as read back cold;"
                        + " what is not counts no more.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all of it is good",
            "1:something is damaged, missing or unreadable, or the home is in use",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class TapeVerifyCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(paramLabel = "BARCODE", description = "The cartridge.")
    private String barcode;

    @Option(
            names = "--segment",
            paramLabel = "N",
            description = "Only tape file N, as 'whereis' numbers them (1 is the first segment).")
    private @Nullable Integer segment;

    @Override
    public Integer call() throws IOException {
        Barcode wanted = HomeTapes.barcode(barcode);
        if (segment != null && segment < 1) {
            throw new CommandException(
                    ExitCode.USAGE, "--segment %d: the first segment is 1".formatted(segment));
        }
        try (HomeTapes tapes = HomeTapes.open(home.home())) {
            return verify(tapes, wanted);
        }
    }

    private int verify(HomeTapes tapes, Barcode wanted) throws IOException {
        try (LibraryVolume volume = tapes.load(wanted, true)) {
            relabelled(tapes, volume);
            List<FileResult> results = read(tapes, volume);
            report(volume, results);
            return results.stream().allMatch(FileResult::good) ? ExitCode.OK : ExitCode.INCOMPLETE;
        } catch (VolumeRefusedException absent) {
            throw new CommandException(
                    ExitCode.INCOMPLETE, String.valueOf(absent.getMessage()), absent);
        } catch (NotThatVolumeException other) {
            throw gone(tapes, wanted, String.valueOf(other.getMessage()), other);
        }
    }

    /// Nothing on the cartridge can be read as that volume: what the ledger has on it is not
    /// proven.
    private static CommandException gone(
            HomeTapes tapes, Barcode barcode, String why, IOException cause) {
        long fell = CartridgeLabels.gone(tapes.ledger(), barcode.text(), why);
        return new CommandException(
                ExitCode.INCOMPLETE,
                "%s; %s %s no more: find the right cartridge and verify it, or restore from another copy"
                        .formatted(
                                why,
                                Words.count(fell, "copy", "copies"),
                                fell == 1 ? "counts" : "count"),
                cause);
    }

    /// Copies under an earlier label of this cartridge are overwritten.
    private void relabelled(HomeTapes tapes, LibraryVolume volume) {
        CartridgeLabels.relabelled(tapes.ledger(), volume)
                .forEach((uuid, fell) ->
                        spec.commandLine()
                                .getErr()
                                .println(
                                        "caravan: %s was labelled again: %s of volume %s count no more"
                                                .formatted(
                                                        volume.barcode(),
                                                        Words.count(fell, "copy", "copies"),
                                                        uuid)));
    }

    private List<FileResult> read(HomeTapes tapes, TapeVolume volume) throws IOException {
        try (ReadingLine line = new ReadingLine(spec.commandLine().getErr())) {
            TapeVerifier verifier = verifier(tapes, volume, line);
            return segment == null
                    ? verifier.verify(volume)
                    : verifier.verify(volume, List.of(segment));
        }
    }

    static TapeVerifier verifier(HomeTapes tapes, TapeVolume volume, ReadingLine line) {
        return verifier(tapes, volume, line, new WholeHashes());
    }

    static TapeVerifier verifier(
            HomeTapes tapes, TapeVolume volume, ReadingLine line, WholeHashes wholes) {
        return new TapeVerifier(
                tapes.ledger(),
                Clock.systemUTC(),
                Program.nameAndVersion(),
                tapes.decryption(),
                file -> line.at(volume.barcode(), file),
                wholes);
    }

    private void report(LibraryVolume volume, List<FileResult> results) {
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(
                    out,
                    object -> {
                        object.text("barcode", volume.barcode())
                                .text("volumeId", volume.uuid())
                                .text("pool", volume.reader().pool())
                                .flag("good", results.stream().allMatch(FileResult::good));
                        files(object, results);
                    });
        } else {
            out.println(
                    "%s, pool %s, volume %s"
                            .formatted(volume.barcode(), volume.reader().pool(), volume.uuid()));
            print(out, results);
            out.println(sum(results));
        }
    }

    static void files(Json object, List<FileResult> results) throws IOException {
        object.array(
                "files",
                all -> {
                    for (FileResult result : results) {
                        all.object(each -> write(each, result));
                    }
                });
    }

    private static void write(Json json, FileResult result) throws IOException {
        json.number("file", result.file())
                .text("result", result.found().name())
                .text("segment", result.segment())
                .number("members", result.members())
                .number("bytes", result.bytes())
                .number("copies", result.copies())
                .number("verified", result.verified())
                .number("suspect", result.suspect())
                .number("countNoMore", result.fell());
        json.array(
                "details",
                all -> {
                    for (String detail : result.details()) {
                        all.text(detail);
                    }
                });
    }

    static void print(PrintWriter out, List<FileResult> results) {
        Table table =
                new Table("  ")
                        .right("File")
                        .left("Result")
                        .right("Members")
                        .right("Size")
                        .right("Verified")
                        .right("Suspect")
                        .left("Segment");
        for (FileResult result : results) {
            table.row(
                    Integer.toString(result.file()),
                    result.found().name().toLowerCase(Locale.ROOT),
                    Words.count(result.members()),
                    Words.bytes(result.bytes()),
                    Words.count(result.verified()),
                    Words.count(result.suspect()),
                    result.segment() == null ? "" : Words.shown(result.segment()));
        }
        table.print(out, Style.ofProcess());
        for (FileResult result : results) {
            if (!result.good()) {
                for (String detail : result.details()) {
                    out.println("  file %d: %s".formatted(result.file(), Words.shown(detail)));
                }
            }
        }
    }

    static String sum(List<FileResult> results) {
        long bad = results.stream().filter(r -> !r.good()).count();
        long verified = results.stream().mapToLong(FileResult::verified).sum();
        long suspect = results.stream().mapToLong(FileResult::suspect).sum();
        long fell = results.stream().mapToLong(FileResult::fell).sum();
        boolean unknown =
                results.stream()
                        .anyMatch(r -> r.found() == TapeVerifier.Found.GOOD && r.copies() == 0);
        String known =
                unknown
                        ? "; the ledger knows nothing of some of it: see 'caravan tape rebuild'"
                        : "";
        String good =
                "%s read back, %s verified"
                        .formatted(
                                Words.count(results.size(), "tape file", "tape files"),
                                Words.count(verified, "copy", "copies"));
        return bad == 0
                ? good + "; all good" + known
                : good
                        + "; %s wrong, %s suspect, %s of them counted until now: restore what is left from other copies"
                                .formatted(
                                        Words.count(bad, "tape file is", "tape files are"),
                                        Words.count(suspect, "copy is", "copies are"),
                                        Words.count(fell))
                        + known;
    }
}
