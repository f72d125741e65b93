package dev.caravan.tape;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where a tape library is. Its inventory is a file in `directory`. Without `drives` it is a
/// virtual library, whose cartridges lie there too.
///
/// @param directory where its inventory is kept
/// @param drives the no-rewind devices of its drives, by names that stay (`/dev/tape/by-id/…-nst`)
/// @param changer the device of its changer (`/dev/tape/by-id/…` or `/dev/sgN`); nothing if a
///   person loads the cartridges
public record LibraryPlace(Path directory, List<String> drives, Optional<String> changer) {
    public LibraryPlace {
        directory = directory.toAbsolutePath().normalize();
        drives = List.copyOf(drives);
        if (drives.isEmpty() && changer.isPresent()) {
            throw new IllegalArgumentException(
                    "tape library %s has the changer %s and no drive; name its drives too"
                            .formatted(directory, changer.get()));
        }
    }

    public static LibraryPlace virtual(Path directory) {
        return new LibraryPlace(directory, List.of(), Optional.empty());
    }

    public boolean isVirtual() {
        return drives.isEmpty();
    }
}
