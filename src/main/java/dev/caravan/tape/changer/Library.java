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

    /// What a cartridge takes in all, where that is known without loading it.
    default OptionalLong capacityBytes(Barcode barcode) throws TapeException {
        return OptionalLong.empty();
    }
}
