package dev.caravan.tape.drive;

import java.util.Arrays;
import java.util.Optional;

/// The TapeAlert flags that a person must act on (SSC-4, log page 2Eh), by their numbers there.
public enum TapeAlert {
    READ_WARNING(1, "the drive has trouble reading"),
    WRITE_WARNING(2, "the drive has trouble writing"),
    HARD_ERROR(3, "an error that the drive could not correct"),
    MEDIA(4, "the cartridge can no longer be written or read reliably"),
    READ_FAILURE(5, "the cartridge or the drive is damaged"),
    WRITE_FAILURE(6, "the cartridge is faulty or the drive is damaged"),
    MEDIA_LIFE(7, "the cartridge has reached the end of its life"),
    WRITE_PROTECT(9, "a write to a protected cartridge"),
    CLEANING_MEDIA(11, "a cleaning cartridge is loaded"),
    CLEAN_NOW(20, "the drive must be cleaned now"),
    CLEAN_PERIODIC(21, "the drive is due for cleaning"),
    EXPIRED_CLEANING_MEDIA(22, "the cleaning cartridge is used up"),
    INVALID_CLEANING_TAPE(23, "not a cleaning cartridge for this drive"),
    HARDWARE_A(30, "the drive has a fault and must be reset"),
    HARDWARE_B(31, "the drive has a fault and must be repaired"),
    DRIVE_TEMPERATURE(36, "the drive is too hot");

    private final int number;
    private final String meaning;

    TapeAlert(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    public int number() {
        return number;
    }

    /// What it means, in words for a person.
    public String meaning() {
        return meaning;
    }

    public static Optional<TapeAlert> of(int number) {
        return Arrays.stream(values()).filter(a -> a.number == number).findFirst();
    }
}
