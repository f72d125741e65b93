package dev.caravan.restore;

import dev.caravan.target.Decryption;
import dev.caravan.target.NasReader;
import dev.caravan.target.ObjectReader;
import java.io.IOException;

/// What reads the copies of a target back cold, by the kind of the target.
public sealed interface Medium extends AutoCloseable {

    /// Plain files on a mounted folder.
    record Nas(NasReader reader) implements Medium {
        @Override
        public void close() {
            reader.close();
        }
    }

    /// Objects on a server.
    ///
    /// @param decryption of those that are encrypted
    record Server(ObjectReader reader, Decryption decryption) implements Medium {
        /// All plain.
        public Server(ObjectReader reader) {
            this(reader, Decryption.NONE);
        }

        @Override
        public void close() {
            reader.close();
        }
    }

    /// Tape files on cartridges.
    ///
    /// @param decryption of those that are encrypted
    record Tapes(Cartridges cartridges, Decryption decryption) implements Medium {
        /// All plain.
        public Tapes(Cartridges cartridges) {
            this(cartridges, Decryption.NONE);
        }

        @Override
        public void close() {}
    }

    /// Loads cartridges to be read from the tape itself. This package knows no drives.
    @FunctionalInterface
    interface Cartridges {
        /// Unloads a cartridge if a drive holds it, and loads it.
        ///
        /// @throws IOException if the library or a drive can not do it now
        Loaded load(String barcode) throws IOException;
    }

    /// What came of loading a cartridge.
    sealed interface Loaded {
        record Ready(TapeVolume volume) implements Loaded {}

        /// It is not in the library.
        record Away(String why) implements Loaded {}

        /// It is, and no volume of that name is on it.
        record Another(String why) implements Loaded {}
    }

    /// Gives the medium of a target, newly opened.
    @FunctionalInterface
    interface Media {
        /// @throws IOException if the target is not configured, or can not be reached
        Medium of(String target) throws IOException;
    }

    @Override
    void close();
}
