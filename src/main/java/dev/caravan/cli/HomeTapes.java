package dev.caravan.cli;

import dev.caravan.config.Home;
import dev.caravan.ledger.Ledger;
import dev.caravan.pipeline.check.CopyRoute;
import dev.caravan.posix.Directory;
import dev.caravan.posix.OpenFile;
import dev.caravan.tape.LibraryPlace;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.target.Decryption;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The tape library of a home and the ledger, open to write: the composition root of the commands
/// that read cartridges back. Holds the home's lock.
final class HomeTapes implements AutoCloseable {
    private final LostHome home;
    private final Ledger ledger;
    private final HomeChecks.Checked checked;
    private final Decryption decryption;
    private final LibraryPlace place;
    private final TapeLibrary library;

    HomeTapes(LostHome home) throws IOException {
        this.home = home;
        this.ledger = home.ledger();
        this.checked = home.checked();
        this.decryption = home.decryption();
        this.place = TargetParts.place(checked.settings().tape());
        this.library = TapeLibrary.open(place);
    }

    /// Opens a home whose sources may be lost, and makes its targets known to the ledger.
    ///
    /// @throws CommandException if the home is in use, or something in it is wrong
    static HomeTapes open(Home home) throws IOException {
        LostHome opened = LostHome.open(home);
        try {
            return opened.tapes();
        } catch (IOException | RuntimeException failed) {
            opened.close();
            throw failed;
        }
    }

    Ledger ledger() {
        return ledger;
    }

    /// What opens segments that are encrypted.
    Decryption decryption() {
        return decryption;
    }

    TapeLibrary library() {
        return library;
    }

    /// The target whose copies lie on the cartridges.
    ///
    /// @param named null for the only one
    String target(@Nullable String named) {
        List<String> targets = targets();
        if (named != null) {
            if (!targets.contains(named)) {
                throw new CommandException(
                        ExitCode.USAGE,
                        "--target '%s': no copy route to tape has it; there are %s"
                                .formatted(named, targets));
            }
            return named;
        }
        if (targets.size() != 1) {
            throw new CommandException(
                    ExitCode.USAGE,
                    targets.isEmpty()
                            ? "no copy route of this home goes to tape: there is no target whose copies these are"
                            : "several targets are on tape %s: choose one with --target"
                                    .formatted(targets));
        }
        return targets.getFirst();
    }

    /// The targets on tape.
    List<String> targets() {
        return checked.copyRoutes().stream()
                .filter(route -> route.proof().equals("tape"))
                .map(CopyRoute::target)
                .toList();
    }

    /// Loads a cartridge to be read as it is.
    ///
    /// @param cold whether nothing may come from what a drive or this machine still holds of it
    LibraryVolume load(Barcode barcode, boolean cold) throws IOException {
        return load(library, place, barcode, cold);
    }

    static LibraryVolume load(
            TapeLibrary library, LibraryPlace place, Barcode barcode, boolean cold)
            throws IOException {
        if (cold) {
            library.putAway(barcode);
            if (place.isVirtual()) {
                dropCache(place.directory().resolve(barcode.text()));
            }
        }
        return new LibraryVolume(library.openVolume(barcode, cold));
    }

    /// The cartridge of a virtual library is a file, and the machine keeps what was written to it.
    private static void dropCache(Path cartridge) throws IOException {
        if (!Files.isDirectory(cartridge)) {
            return;
        }
        try (Directory folder = Directory.open(cartridge);
                OpenFile image = folder.openFile("p0.tap".getBytes(StandardCharsets.US_ASCII))) {
            image.dropCache();
        }
    }

    /// The barcode a person typed.
    static Barcode barcode(String typed) {
        try {
            return new Barcode(typed);
        } catch (IllegalArgumentException wrong) {
            throw new CommandException(ExitCode.USAGE, String.valueOf(wrong.getMessage()), wrong);
        }
    }

    @Override
    public void close() throws IOException {
        home.close();
    }
}
