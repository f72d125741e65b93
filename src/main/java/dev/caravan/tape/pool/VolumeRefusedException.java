package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import java.io.IOException;
import java.util.Optional;

/// A cartridge is not what the inventory says, or nothing the inventory knows: it is left
/// untouched.
public final class VolumeRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    VolumeRefusedException(Barcode barcode, String reason) {
        super("volume %s is refused: %s".formatted(barcode, reason));
        this.reason = reason;
    }

    private VolumeRefusedException(String message, String reason) {
        super(message);
        this.reason = reason;
    }

    /// It is wanted, and not in the library.
    ///
    /// @param place where it is, as far as a person said
    static VolumeRefusedException outside(Barcode barcode, Optional<Location> place) {
        String where =
                place.map(p -> p instanceof Location.Shelf ? "on the shelf" : "in " + p)
                        .orElse("not in the library");
        String reason = "it is " + where + ": bring it back and import it";
        return new VolumeRefusedException(
                "cartridge %s is %s: bring it back and import it".formatted(barcode, where),
                reason);
    }

    public String reason() {
        return reason;
    }
}
