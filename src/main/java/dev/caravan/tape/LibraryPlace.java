package dev.caravan.tape;

import dev.caravan.tape.changer.Barcode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Where a tape library is. Its inventory is a file in `directory`. Without `drives` it is a
/// virtual library, whose cartridges lie there too.
///
/// @param directory where its inventory is kept
/// @param drives the no-rewind devices of its drives, by names that stay (`/dev/tape/by-id/…-nst`)
/// @param changer the device of its changer (`/dev/tape/by-id/…` or `/dev/sgN`); nothing if a
///   person loads the cartridges
/// @param shelf the cartridges that a person may be asked for, where there is no changer
public record LibraryPlace(
        Path directory, List<String> drives, Optional<String> changer, List<Barcode> shelf) {
    public LibraryPlace {
        directory = directory.toAbsolutePath().normalize();
        drives = List.copyOf(drives);
        shelf = List.copyOf(shelf);
        if (drives.stream().distinct().count() < drives.size()) {
            throw new IllegalArgumentException(
                    "tape library %s names a drive twice: %s"
                            .formatted(directory, String.join(", ", drives)));
        }
        if (drives.isEmpty() && changer.isPresent()) {
            throw new IllegalArgumentException(
                    "tape library %s has the changer %s and no drive; name its drives too"
                            .formatted(directory, changer.get()));
        }
    }

    public LibraryPlace(Path directory, List<String> drives, Optional<String> changer) {
        this(directory, drives, changer, List.of());
    }

    /// @param drives device names, separated by commas; empty for a virtual library
    /// @param changer a device name; empty where there is none
    /// @param shelf barcodes, separated by commas
    static LibraryPlace parse(Path directory, String drives, String changer, String shelf) {
        return new LibraryPlace(
                directory,
                list(drives),
                Optional.of(changer.strip()).filter(device -> !device.isEmpty()),
                list(shelf).stream().map(Barcode::new).toList());
    }

    private static List<String> list(String text) {
        return Stream.of(text.split(",")).map(String::strip).filter(t -> !t.isEmpty()).toList();
    }

    public static LibraryPlace virtual(Path directory) {
        return new LibraryPlace(directory, List.of(), Optional.empty());
    }

    public boolean isVirtual() {
        return drives.isEmpty();
    }
}
