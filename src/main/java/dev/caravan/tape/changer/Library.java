package dev.caravan.tape.changer;

import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.TapeException;
import java.util.OptionalLong;

/// Changer, drives and slots as one machine. Thread-safe; each [Drive] it opens is not.
public interface Library {
    Changer changer();

    /// Opens a drive, with or without a cartridge in it. A drive that somebody else has open fails
    /// at once with [dev.caravan.tape.drive.Errno#EBUSY].
    Drive open(int drive) throws TapeException;

    /// Whether the drive that is opened as this one has the cartridge that the changer says is in
    /// it. One of which that is not known is not used before it was loaded anew.
    ///
    /// @throws TapeException if it is known that another one is in it
    default boolean confirms(Barcode barcode, int drive) throws TapeException {
        return true;
    }

    /// What a cartridge takes in all, where that is known without loading it.
    default OptionalLong capacityBytes(Barcode barcode) throws TapeException {
        return OptionalLong.empty();
    }
}
