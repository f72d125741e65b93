package dev.caravan.tape.changer;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Where the person who loads cartridges by hand is told what to do, and what they have said.
/// Thread-safe.
public interface OperatorDesk {
    /// One thing to do: a cartridge to load.
    ///
    /// @param device the drive's device
    /// @param since when it was first asked for
    /// @param found what is wrong with what was loaded instead, in words
    record Request(
            Barcode barcode, int drive, String device, Instant since, Optional<String> found) {

        /// `load cartridge ABC001L8 into drive 0 (/dev/nst0)`
        public String words() {
            return "load cartridge %s into drive %d (%s)%s"
                    .formatted(barcode, drive, device, found.map(f -> "; " + f).orElse(""));
        }
    }

    /// The cartridges a person may be asked for.
    List<Barcode> shelf() throws IOException;

    /// Shows a request until it is withdrawn; one for the same drive replaces it.
    void ask(Request request) throws IOException;

    void withdraw(int drive) throws IOException;

    /// Whether a cartridge has a label, so that a blank one cannot be it.
    boolean labelled(Barcode barcode) throws IOException;

    /// What a person called the blank cartridge in a drive, which cannot tell its name itself.
    Optional<Barcode> named(int drive) throws IOException;

    void name(int drive, Barcode barcode) throws IOException;
}
