package dev.caravan.tape.changer;

import dev.caravan.tape.drive.Drive;
import java.io.IOException;

/// Tells which cartridge is in a drive, by what is on it.
@FunctionalInterface
public interface CartridgeReader {
    /// What is in a drive.
    sealed interface Content {
        /// A cartridge that tells its name.
        record Named(Barcode barcode) implements Content {}

        /// Nothing was ever written on it, and it has no name.
        record Blank() implements Content {}

        /// Another program has written on it.
        record Foreign() implements Content {}
    }

    /// Moves the tape. The drive is ready.
    Content read(Drive drive) throws IOException;
}
