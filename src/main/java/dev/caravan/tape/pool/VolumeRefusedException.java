package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import java.io.IOException;

/// A cartridge is not what the inventory says, or nothing the inventory knows: it is left
/// untouched.
public final class VolumeRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    VolumeRefusedException(Barcode barcode, String reason) {
        super("volume %s is refused: %s".formatted(barcode, reason));
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }
}
