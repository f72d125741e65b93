package dev.caravan.cli;

import dev.caravan.ledger.Rebuild.Incomplete;
import dev.caravan.restore.TapeRebuild;
import dev.caravan.restore.TapeRecovery;
import dev.caravan.restore.TapeVerifier.FileResult;
import dev.caravan.restore.WholeHashes;
import dev.caravan.tape.TapeLibrary.TapeCartridge;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.pool.NotThatVolumeException;
import dev.caravan.tape.pool.VolumeRefusedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan tape rebuild`: know again what is on cartridges.
@Command(
        name = "rebuild",
        description =
                "Read what cartridges say of themselves into the tape inventory and the ledger, so"
                        + " that all of it can be restored from nothing else. What the ledger knows"
                        + " stays as it is. Copies found this way do not count before their bytes"
                        + " were read: --verify does that, or 'caravan tape verify'.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all was read; doing it again changes nothing",
            "1:something could not be read, or contradicts the ledger, or the home is in use",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class TapeRebuildCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(arity = "0..*", paramLabel = "BARCODE", description = "The cartridges.")
    private List<String> barcodes = List.of();

    @Option(names = "--all", description = "All cartridges in the library.")
    private boolean all;

    @Option(names = "--verify", description = "Read and hash all that is found, so that it counts.")
    private boolean verify;

    @Option(
            names = "--target",
            paramLabel = "TARGET",
            description = "The target whose copies these are (default: the only one on tape).")
    private @Nullable String target;

    @Override
    public Integer call() throws IOException {
        if (all == !barcodes.isEmpty()) {
            throw new CommandException(
                    ExitCode.USAGE, "want the barcodes of cartridges, or --all for every one");
        }
        List<Barcode> named = barcodes.stream().map(HomeTapes::barcode).distinct().toList();
        try (HomeTapes tapes = HomeTapes.open(home.home())) {
            String name = tapes.target(target);
            if (all && tapes.targets().size() > 1) {
                throw new CommandException(
                        ExitCode.USAGE,
                        "several targets are on tape %s: name the cartridges of '%s'"
                                .formatted(tapes.targets(), name));
            }
            Work work = new Work(tapes, name);
            for (Barcode barcode : all ? inside(tapes) : named) {
                work.index(barcode);
            }
            work.recoverTorn();
            work.taken = tapes.ledger().rebuild().finish();
            if (verify) {
                work.verify();
            }
            work.incomplete = tapes.ledger().rebuild().incomplete(name);
            work.unknown = tapes.ledger().rebuild().unknownVersions();
            work.report();
            return work.good() ? ExitCode.OK : ExitCode.INCOMPLETE;
        }
    }

    private static List<Barcode> inside(HomeTapes tapes) throws IOException {
        return tapes.library().cartridges().stream()
                .filter(TapeCartridge::inside)
                .map(TapeCartridge::barcode)
                .filter(barcode -> !barcode.cleaning())
                .toList();
    }

    /// What one cartridge came to.
    private static final class OfCartridge {
        private final Barcode barcode;
        private TapeRebuild.@Nullable Result read;
        private TapeRecovery.@Nullable Result recovered;
        private List<FileResult> verified = List.of();
        private @Nullable String blank;
        private final List<String> problems = new ArrayList<>();

        OfCartridge(Barcode barcode) {
            this.barcode = barcode;
        }

        boolean good() {
            return problems.isEmpty()
                    && (read == null || read.unreadable().isEmpty() && read.conflicts() == 0)
                    && (recovered == null || recovered.leftOut() == 0)
                    && verified.stream().allMatch(FileResult::good);
        }

        long versions() {
            return (read == null ? 0 : read.versions())
                    + (recovered == null ? 0 : recovered.versions());
        }

        long copies() {
            return read == null ? 0 : read.copies();
        }

        long counted() {
            return (recovered == null ? 0 : recovered.proven())
                    + verified.stream().mapToLong(FileResult::verified).sum();
        }
    }

    private final class Work {
        private final HomeTapes tapes;
        private final String name;
        private final List<OfCartridge> cartridges = new ArrayList<>();
        private final PrintWriter err = spec.commandLine().getErr();
        private long taken;
        private long unknown;
        private List<Incomplete> incomplete = List.of();

        Work(HomeTapes tapes, String name) {
            this.tapes = tapes;
            this.name = name;
        }

        boolean good() {
            return cartridges.stream().allMatch(OfCartridge::good);
        }

        private interface Reading {
            void of(LibraryVolume volume, ReadingLine line) throws IOException;
        }

        /// One cartridge that cannot be read keeps no other from being read.
        private void load(OfCartridge cartridge, boolean cold, Reading reading) throws IOException {
            try (LibraryVolume volume = tapes.load(cartridge.barcode, cold);
                    ReadingLine line = new ReadingLine(err)) {
                reading.of(volume, line);
            } catch (NotThatVolumeException none) {
                if (all) {
                    cartridge.blank = none.found();
                } else {
                    cartridge.problems.add(String.valueOf(none.getMessage()));
                }
            } catch (VolumeRefusedException | TapeException unreadable) {
                cartridge.problems.add(String.valueOf(unreadable.getMessage()));
            }
        }

        void index(Barcode barcode) throws IOException {
            OfCartridge cartridge = new OfCartridge(barcode);
            cartridges.add(cartridge);
            load(
                    cartridge,
                    false,
                    (volume, line) -> {
                        learn(cartridge, volume);
                        cartridge.read =
                                new TapeRebuild(
                                                tapes.ledger(),
                                                name,
                                                file -> line.at(barcode.text(), file))
                                        .read(volume);
                    });
        }

        private void learn(OfCartridge cartridge, LibraryVolume volume) throws IOException {
            try {
                boolean _ = tapes.library().learn(volume.reader());
            } catch (VolumeRefusedException shorter) {
                cartridge.problems.add(String.valueOf(shorter.getMessage()));
            }
        }

        /// Only now is known what other segments have of what was cut off.
        void recoverTorn() throws IOException {
            for (OfCartridge cartridge : cartridges) {
                if (cartridge.read == null || cartridge.read.torn().isEmpty()) {
                    continue;
                }
                List<Integer> torn = cartridge.read.torn();
                load(
                        cartridge,
                        true,
                        (volume, line) ->
                                cartridge.recovered =
                                        new TapeRecovery(
                                                        tapes.ledger(),
                                                        name,
                                                        Clock.systemUTC(),
                                                        Program.nameAndVersion())
                                                .recover(volume, torn));
            }
        }

        /// Only what does not count yet: so a rebuild that was interrupted goes on where it was. In
        /// the order of writing, in which the parts of large files follow each other.
        void verify() throws IOException {
            WholeHashes wholes = new WholeHashes();
            for (OfCartridge cartridge : asWritten()) {
                List<Integer> files =
                        tapes.ledger().tapeFiles().on(cartridge.barcode.text()).stream()
                                .filter(held -> held.target().equals(name) && held.unproven() > 0)
                                .map(held -> held.file())
                                .toList();
                if (cartridge.read != null && !files.isEmpty()) {
                    load(
                            cartridge,
                            true,
                            (volume, line) ->
                                    cartridge.verified =
                                            TapeVerifyCommand.verifier(tapes, volume, line, wholes)
                                                    .verify(volume, files));
                }
            }
        }

        private List<OfCartridge> asWritten() {
            return cartridges.stream()
                    .sorted(
                            Comparator.comparing(each ->
                                    tapes.ledger().tapeFiles().firstWritten(each.barcode.text())))
                    .toList();
        }

        void report() {
            PrintWriter out = spec.commandLine().getOut();
            if (json.wanted) {
                Json.print(out, this::write);
                return;
            }
            for (OfCartridge cartridge : cartridges) {
                print(out, cartridge);
            }
            for (Incomplete file : incomplete) {
                out.println(
                        "file '%s' of '%s': %d of %d parts found; it can be restored when the cartridges with the others were read"
                                .formatted(file.path(), file.source(), file.found(), file.count()));
            }
            out.println(sum());
        }

        private void write(Json object) throws IOException {
            object.text("target", name)
                    .flag("good", good())
                    .number("versions", sum(OfCartridge::versions))
                    .number("copies", sum(OfCartridge::copies))
                    .number("verified", sum(OfCartridge::counted))
                    .number("takenAsDeleted", taken)
                    .number("unknownVersions", unknown);
            object.array(
                    "incomplete",
                    every -> {
                        for (Incomplete file : incomplete) {
                            every.object(each ->
                                    each.text("source", file.source())
                                            .text("path", file.path().text())
                                            .number("found", file.found())
                                            .number("parts", file.count()));
                        }
                    });
            object.array(
                    "cartridges",
                    every -> {
                        for (OfCartridge cartridge : cartridges) {
                            every.object(each -> write(each, cartridge));
                        }
                    });
        }

        private void write(Json object, OfCartridge cartridge) throws IOException {
            TapeRebuild.Result read = cartridge.read;
            TapeRecovery.Result recovered = cartridge.recovered;
            object.text("barcode", cartridge.barcode.text())
                    .flag("good", cartridge.good())
                    .text("notAVolume", cartridge.blank)
                    .number("segments", read == null ? 0 : read.segments())
                    .number("versions", cartridge.versions())
                    .number("copies", cartridge.copies())
                    .number("known", read == null ? 0 : read.known())
                    .number("conflicts", read == null ? 0 : read.conflicts())
                    .number("cutOff", read == null ? 0 : read.torn().size())
                    .number("recovered", recovered == null ? 0 : recovered.versions())
                    .number("leftOut", recovered == null ? 0 : recovered.leftOut())
                    .number("unreadable", read == null ? 0 : read.unreadable().size());
            object.array(
                    "problems",
                    every -> {
                        for (String detail : details(cartridge)) {
                            every.text(detail);
                        }
                    });
            TapeVerifyCommand.files(object, cartridge.verified);
        }

        private List<String> details(OfCartridge cartridge) {
            List<String> details = new ArrayList<>(cartridge.problems);
            if (cartridge.read != null) {
                details.addAll(cartridge.read.details());
            }
            if (cartridge.recovered != null) {
                details.addAll(cartridge.recovered.details());
            }
            return details;
        }

        private void print(PrintWriter out, OfCartridge cartridge) {
            TapeRebuild.Result read = cartridge.read;
            if (cartridge.blank != null) {
                out.println("%s: no volume: %s".formatted(cartridge.barcode, cartridge.blank));
            } else if (read != null) {
                out.println(
                        "%s: %s, %s and %s new to the ledger, %s known"
                                .formatted(
                                        cartridge.barcode,
                                        Words.count(read.segments(), "segment", "segments"),
                                        Words.count(cartridge.versions(), "version", "versions"),
                                        Words.count(cartridge.copies(), "copy", "copies"),
                                        Words.count(read.known())));
            } else {
                out.println("%s: not read".formatted(cartridge.barcode));
            }
            for (String detail : details(cartridge)) {
                out.println("  " + Words.shown(detail));
            }
            if (!cartridge.verified.isEmpty()) {
                TapeVerifyCommand.print(out, cartridge.verified);
            }
        }

        private String sum() {
            long copies = sum(OfCartridge::copies);
            long counted = sum(OfCartridge::counted);
            StringBuilder sum = new StringBuilder();
            sum.append(
                    "%s and %s added, %s read back and counted"
                            .formatted(
                                    Words.count(sum(OfCartridge::versions), "version", "versions"),
                                    Words.count(copies, "copy", "copies"),
                                    Words.count(counted)));
            if (counted < copies) {
                sum.append(
                        ". What was not read back can be restored and does not count yet: 'caravan tape rebuild --verify'");
            }
            if (unknown > 0) {
                sum.append(
                        ". Up to %s registered before the newest of these lie on no volume read so far"
                                .formatted(Words.count(unknown, "version", "versions")));
            }
            return sum.toString();
        }

        private long sum(java.util.function.ToLongFunction<OfCartridge> of) {
            return cartridges.stream().mapToLong(of).sum();
        }
    }
}
