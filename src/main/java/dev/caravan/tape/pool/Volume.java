package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
/// @param set the media set it belongs to
/// @param written when it was last written on; missing where no version of this program that notes
///   it has written yet
/// @param outside where it is while it is not in the library, as a person said; it says nothing
///   while the changer has it
/// @param medium what the cartridge itself said; missing before it was first loaded to be written
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
        List<Gap> gaps,
        MediaSet set,
        Optional<Instant> written,
        Optional<Location> outside,
        Optional<Medium> medium) {

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
                List.of(),
                label.set(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /// Whether nothing but its label was ever written on it.
    public boolean isEmpty() {
        return files <= 1;
    }

    public boolean worm() {
        return medium.isPresent() && medium.get().worm();
    }

    Volume with(VolumeStatus next) {
        return new Draft(this).status(next).done();
    }

    Volume with(Optional<Medium> known) {
        return new Draft(this).medium(known).done();
    }

    /// While it is being written its change reference is not known.
    Volume withoutReference() {
        return with(medium.map(Medium::withoutReference));
    }

    Volume writtenAt(Instant now) {
        return new Draft(this).written(now).done();
    }

    Volume at(Optional<Location> place) {
        return new Draft(this).outside(place).done();
    }

    /// Given up by its pool; what is on it is there until the cartridge is labelled again.
    Volume toSupply() {
        return new Draft(this)
                .pool(SupplyPool.NAME, MediaSet.NONE)
                .status(VolumeStatus.WRITABLE)
                .done();
    }

    /// After tape files were appended up to `end`.
    Volume appended(int newFiles, long newBytes, long end) {
        return new Draft(this)
                .content(bytes + newBytes, end, files + newFiles, gaps)
                .medium(medium.map(Medium::withoutReference))
                .done();
    }

    /// After void tape files were left up to `end`.
    Volume voided(int newFiles, long newBytes, long end) {
        List<Gap> all = new ArrayList<>(gaps);
        all.add(new Gap(files, endOfData, end));
        return new Draft(this)
                .content(bytes + newBytes, end, files + newFiles, all)
                .medium(medium.map(Medium::withoutReference))
                .done();
    }

    /// A volume in change.
    private static final class Draft {
        private final Volume from;
        private String pool;
        private MediaSet set;
        private VolumeStatus status;
        private long bytes;
        private long endOfData;
        private int files;
        private List<Gap> gaps;
        private Optional<Instant> written;
        private Optional<Location> outside;
        private Optional<Medium> medium;

        Draft(Volume from) {
            this.from = from;
            this.pool = from.pool;
            this.set = from.set;
            this.status = from.status;
            this.bytes = from.bytes;
            this.endOfData = from.endOfData;
            this.files = from.files;
            this.gaps = from.gaps;
            this.written = from.written;
            this.outside = from.outside;
            this.medium = from.medium;
        }

        Draft pool(String name, MediaSet of) {
            pool = name;
            set = of;
            return this;
        }

        Draft status(VolumeStatus next) {
            status = next;
            return this;
        }

        Draft content(long newBytes, long end, int newFiles, List<Gap> allGaps) {
            bytes = newBytes;
            endOfData = end;
            files = newFiles;
            gaps = allGaps;
            return this;
        }

        Draft written(Instant now) {
            written = Optional.of(now);
            return this;
        }

        Draft outside(Optional<Location> place) {
            outside = place;
            return this;
        }

        Draft medium(Optional<Medium> known) {
            medium = known;
            return this;
        }

        Volume done() {
            return new Volume(
                    from.barcode,
                    from.id,
                    pool,
                    status,
                    from.blockBytes,
                    from.capacityBytes,
                    bytes,
                    endOfData,
                    files,
                    from.labelled,
                    gaps,
                    set,
                    written,
                    outside,
                    medium);
        }
    }
}
