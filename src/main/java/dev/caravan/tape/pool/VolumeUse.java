package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import java.io.IOException;
import java.util.UUID;

/// Whoever keeps count of the copies that lie on volumes: no volume that holds anything is labelled
/// again before it has agreed. Thread-safe.
public interface VolumeUse {
    /// Nobody keeps count: nothing is ever recycled.
    VolumeUse UNKNOWN =
            new VolumeUse() {
                @Override
                public Verdict of(Barcode barcode, UUID id) {
                    return new Verdict.Unknown("nobody keeps count of the copies on it");
                }

                @Override
                public Verdict giveUp(Barcode barcode, UUID id) {
                    return of(barcode, id);
                }
            };

    /// Whether a volume may be written over.
    sealed interface Verdict {
        /// No copy on it is needed any more.
        record Free() implements Verdict {}

        /// @param reason how many copies on it are needed, and why
        record Needed(String reason) implements Verdict {}

        /// It can not be told: the volume is not known, or not by this id.
        record Unknown(String reason) implements Verdict {}
    }

    /// Whether anything on a volume is still needed.
    Verdict of(Barcode barcode, UUID id) throws IOException;

    /// Takes all copies on a volume out of the count, durably, if none of them is needed. Only
    /// after [Verdict.Free] may the cartridge be written over. May be called again.
    Verdict giveUp(Barcode barcode, UUID id) throws IOException;
}
