package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import java.util.UUID;

/// Where a body lies, after the synchronous filemark behind it has been proven.
///
/// @param volume the cartridge's barcode
/// @param volumeId the id in its label
/// @param pool its media pool
/// @param file the number of the tape file, 0 being the volume file
/// @param block its first block
/// @param endBlock the block behind its filemark
/// @param records its records
/// @param bytes its bytes
/// @param proof how its place was proven
/// @param voidAttempts how many cartridges turned out to be too full before this one
/// @param streaming how the drive was fed
public record TapeFile(
        Barcode volume,
        UUID volumeId,
        String pool,
        int file,
        long block,
        long endBlock,
        long records,
        long bytes,
        Proof proof,
        int voidAttempts,
        Streaming streaming) {

    /// How it is known that all records are on the tape.
    public enum Proof {
        /// The drive's position behind the filemark is the one before plus records and filemark.
        POSITION,
        /// The drive cannot tell; the tape file was read back and is the last on the tape.
        CONTENT
    }
}
