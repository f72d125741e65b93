package dev.caravan.cli;

import dev.caravan.ledger.Rebuild.Incomplete;
import dev.caravan.ledger.Rebuild.PartAt;
import dev.caravan.ledger.TapeFiles.Held;
import dev.caravan.restore.TapeRebuild;
import dev.caravan.restore.TapeRecovery;
import dev.caravan.restore.TapeVerifier.FileResult;
import dev.caravan.restore.WholeHashes;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.pool.NotThatVolumeException;
import dev.caravan.tape.pool.VolumeRefusedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// The rebuilding from cartridges: of `tape rebuild`, and of `rebuild --from` a target on tape. One
/// cartridge that cannot be read keeps no other from being read. Confined to one thread.
final class TapeRebuilding {
    private final HomeTapes tapes;
    private final String name;
    private final List<OfCartridge> cartridges = new ArrayList<>();
    private final boolean all;
    private final PrintWriter err;
    private long taken;
    private long unknown;
    private long spares;
    private List<Incomplete> incomplete = List.of();

    /// @param all whether the cartridges are all there are, not named ones: then a blank one is
    ///   fine
    TapeRebuilding(HomeTapes tapes, String name, boolean all, PrintWriter err) {
        this.tapes = tapes;
        this.name = name;
        this.all = all;
        this.err = err;
    }

    /// Reads the indexes of these cartridges, and what is whole of segments that were cut off; with
    /// `verify`, all that is found.
    void run(List<Barcode> barcodes, boolean verify) throws IOException {
        for (Barcode barcode : barcodes) {
            index(barcode);
        }
        recoverTorn();
        taken = tapes.ledger().rebuild().finish();
        boolean _ = takeSpares().isEmpty();
        if (verify) {
            verify(held -> held.unproven() > 0);
            for (Set<String> objects = takeSpares(); !objects.isEmpty(); objects = takeSpares()) {
                Set<String> next = objects;
                verify(held -> next.contains(held.name()));
            }
        }
        spares = tapes.ledger().rebuild().spares(name);
        incomplete = tapes.ledger().rebuild().incomplete(name);
        unknown = tapes.ledger().rebuild().unknownVersions();
    }

    long versions() {
        return sum(OfCartridge::versions);
    }

    long copies() {
        return sum(OfCartridge::copies);
    }

    long counted() {
        return sum(OfCartridge::counted);
    }

    boolean good() {
        return cartridges.stream().allMatch(OfCartridge::good);
    }

    private interface Reading {
        void of(LibraryVolume volume, ReadingLine line) throws IOException;
    }

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

    private void index(Barcode barcode) throws IOException {
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
                                            tapes.decryption(),
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
    private void recoverTorn() throws IOException {
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
                                                    Program.nameAndVersion(),
                                                    tapes.decryption())
                                            .recover(volume, torn));
        }
    }

    /// What was found bad gives way to another copy of the same version, which is read then.
    ///
    /// @return the objects that hold these
    private Set<String> takeSpares() {
        return tapes.ledger().rebuild().takeSpares(name);
    }

    /// Only what does not count yet: so a rebuild that was interrupted goes on where it was. In the
    /// order of writing, in which the parts of large files follow each other.
    private void verify(Predicate<Held> which) throws IOException {
        WholeHashes wholes = new WholeHashes();
        for (OfCartridge cartridge : asWritten()) {
            List<Integer> files =
                    tapes.ledger().tapeFiles().on(cartridge.barcode.text()).stream()
                            .filter(held -> held.target().equals(name) && which.test(held))
                            .map(held -> held.file())
                            .toList();
            if (cartridge.read != null && !files.isEmpty()) {
                read(cartridge, files, wholes);
            }
        }
        for (List<PartAt> parts : tapes.ledger().rebuild().unjoined(name)) {
            join(parts);
        }
    }

    private void read(OfCartridge cartridge, List<Integer> files, WholeHashes wholes)
            throws IOException {
        load(
                cartridge,
                true,
                (volume, line) ->
                        TapeVerifyCommand.verifier(tapes, volume, line, wholes)
                                .verify(volume, files)
                                .forEach(cartridge::add));
    }

    /// Reads the parts of one file in their order, if the cartridges of all of them are here.
    private void join(List<PartAt> parts) throws IOException {
        Map<String, OfCartridge> here = new HashMap<>();
        cartridges.stream()
                .filter(cartridge -> cartridge.read != null)
                .forEach(cartridge -> here.put(cartridge.barcode.text(), cartridge));
        if (!parts.stream().allMatch(part -> here.containsKey(part.volume()))) {
            return;
        }
        WholeHashes whole = new WholeHashes();
        int from = 0;
        for (int to = 1; to <= parts.size(); to++) {
            PartAt last = parts.get(to - 1);
            boolean goesOn =
                    to < parts.size()
                            && parts.get(to).volume().equals(last.volume())
                            && parts.get(to).file() > last.file();
            if (!goesOn) {
                read(
                        Objects.requireNonNull(here.get(last.volume())),
                        parts.subList(from, to).stream().map(PartAt::file).toList(),
                        whole);
                from = to;
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

    void print(PrintWriter out) {
        for (OfCartridge cartridge : cartridges) {
            print(out, cartridge);
        }
        for (Incomplete file : incomplete) {
            out.println(
                    "file '%s' of '%s': %d of %d parts found; it can be restored when the cartridges with the others were read"
                            .formatted(file.path(), file.source(), file.found(), file.count()));
        }
    }

    void write(Json object) throws IOException {
        object.text("target", name)
                .flag("good", good())
                .number("versions", sum(OfCartridge::versions))
                .number("copies", sum(OfCartridge::copies))
                .number("verified", sum(OfCartridge::counted))
                .number("takenAsDeleted", taken)
                .number("unknownVersions", unknown)
                .number("spares", spares);
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

    String sum() {
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
        if (spares > 0) {
            sum.append(
                    ". Of %s there is a further copy, kept until one was read back: its cartridge is needed"
                            .formatted(Words.count(spares, "version", "versions")));
        }
        if (unknown > 0) {
            sum.append(
                    ". Up to %s registered before the newest of these lie on no volume read so far"
                            .formatted(Words.count(unknown, "version", "versions")));
        }
        return sum.toString();
    }

    private long sum(ToLongFunction<OfCartridge> of) {
        return cartridges.stream().mapToLong(of).sum();
    }

    /// What one cartridge came to.
    private static final class OfCartridge {
        private final Barcode barcode;
        private TapeRebuild.@Nullable Result read;
        private TapeRecovery.@Nullable Result recovered;
        private final List<FileResult> verified = new ArrayList<>();
        private @Nullable String blank;
        private final List<String> problems = new ArrayList<>();

        OfCartridge(Barcode barcode) {
            this.barcode = barcode;
        }

        /// What is read again, for a copy in it that was taken later, is found once.
        void add(FileResult result) {
            verified.removeIf(before -> before.file() == result.file());
            verified.add(result);
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
}
