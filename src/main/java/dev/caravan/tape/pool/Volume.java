package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// A labelled cartridge, as the inventory knows it.
///
/// @param barcode the name outside
/// @param id the name inside, in `VOLUME.json`
/// @param pool the media pool it belongs to
/// @param status whether it takes more data
/// @param blockBytes the size of its records; only the last of a tape file is shorter
/// @param capacityBytes what the cartridge takes, 0 if the drive does not know
/// @param bytes what has been written, void tape files included
/// @param endOfData the block at which the next tape file begins
/// @param files the tape files on it, the volume file and void ones included; the number of the
///   next
/// @param labelled when it was labelled
/// @param gaps void stretches: tape files that were cut off and count for nothing
public record Volume(
        Barcode barcode,
        UUID id,
        String pool,
        VolumeStatus status,
        int blockBytes,
        long capacityBytes,
        long bytes,
        long endOfData,
        int files,
        Instant labelled,
        List<Gap> gaps) {

    /// Blocks `block` to before `endBlock`, beginning with tape file `file`, are void.
    public record Gap(int file, long block, long endBlock) {}

    public Volume {
        gaps = List.copyOf(gaps);
    }

    /// A labelled cartridge of which nothing has been written or read yet.
    static Volume of(VolumeLabel label, long capacityBytes) {
        return new Volume(
                label.barcode(),
                label.id(),
                label.pool(),
                VolumeStatus.WRITABLE,
                label.blockBytes(),
                capacityBytes,
                0,
                0,
                0,
                label.labelled(),
                List.of());
    }

    Volume with(VolumeStatus next) {
        return new Volume(
                barcode,
                id,
                pool,
                next,
                blockBytes,
                capacityBytes,
                bytes,
                endOfData,
                files,
                labelled,
                gaps);
    }

    /// After tape files were appended up to `end`.
    Volume appended(int newFiles, long newBytes, long end) {
        return new Volume(
                barcode,
                id,
                pool,
                status,
                blockBytes,
                capacityBytes,
                bytes + newBytes,
                end,
                files + newFiles,
                labelled,
                gaps);
    }

    /// After void tape files were left up to `end`.
    Volume voided(int newFiles, long newBytes, long end) {
        List<Gap> all = new ArrayList<>(gaps);
        all.add(new Gap(files, endOfData, end));
        Volume next = appended(newFiles, newBytes, end);
        return new Volume(
                barcode,
                id,
                pool,
                status,
                blockBytes,
                capacityBytes,
                next.bytes,
                next.endOfData,
                next.files,
                labelled,
                all);
    }
}
