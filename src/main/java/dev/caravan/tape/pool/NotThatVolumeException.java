package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The cartridge under a barcode was loaded and holds no volume of that name: it is blank, another
/// program has written on it, or its label says another barcode. What was on it is not there.
public final class NotThatVolumeException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String found;

    NotThatVolumeException(Barcode barcode, String found) {
        this(barcode, found, null);
    }

    NotThatVolumeException(Barcode barcode, String found, @Nullable Throwable cause) {
        super("cartridge %s is not volume %s: %s".formatted(barcode, barcode, found), cause);
        this.found = found;
    }

    /// What is on it instead, in words.
    public String found() {
        return found;
    }
}
