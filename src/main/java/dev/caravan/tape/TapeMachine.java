package dev.caravan.tape;

import dev.caravan.tape.changer.Library;
import dev.caravan.tape.changer.ManualLibrary;
import dev.caravan.tape.linux.LinuxDrive;
import dev.caravan.tape.linux.LinuxLibrary;
import dev.caravan.tape.linux.TapeDevice;
import dev.caravan.tape.pool.LabelReader;
import dev.caravan.tape.pool.OperatorRequests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Real drives, with a changer or with a person to load them.
public final class TapeMachine {
    /// How long a cartridge is threaded. A new LTO-9 cartridge is measured for up to two hours at
    /// its first load.
    private static final Duration THREADING = Duration.ofHours(2);

    /// How long a person is waited for: over night, and the morning after.
    private static final Duration PATIENCE = Duration.ofHours(24);

    private static final Duration LOOK = Duration.ofSeconds(3);

    private TapeMachine() {}

    static Library of(LibraryPlace place) {
        List<Path> devices = place.drives().stream().map(Path::of).toList();
        return place.changer()
                .<Library>map(changer ->
                        new LinuxLibrary(
                                devices,
                                Path.of(changer),
                                LinuxDrive::open,
                                new LabelReader(),
                                THREADING))
                .orElseGet(() -> {
                    List<ManualLibrary.Station> stations = new ArrayList<>();
                    for (Path device : devices) {
                        stations.add(
                                new ManualLibrary.Station(
                                        device.toString(),
                                        () -> {
                                            TapeDevice.of(device);
                                            return LinuxDrive.open(device, Duration.ZERO);
                                        }));
                    }
                    return new ManualLibrary(
                            stations,
                            new LabelReader(),
                            new OperatorRequests(place.directory(), place.shelf()),
                            PATIENCE,
                            LOOK,
                            Clock.systemUTC());
                });
    }

    /// What keeps a library with real drives from being used, one line each: devices that are
    /// missing, that are no tape drive, that this user may not use, or that are not in the changer.
    public static List<String> faults(LibraryPlace place) {
        List<String> faults = new ArrayList<>();
        library(place).ifPresent(library -> faults.addAll(library.faults()));
        for (String drive : place.drives()) {
            Path device = Path.of(drive);
            try {
                if (place.changer().isEmpty()) {
                    TapeDevice.of(device);
                }
                if (Files.exists(device)
                        && !(Files.isReadable(device) && Files.isWritable(device))) {
                    faults.add(
                            "tape drive %s: this user may not read and write it; add the user to its group"
                                    .formatted(device));
                }
            } catch (IOException e) {
                faults.add(String.valueOf(e.getMessage()));
            }
        }
        return faults;
    }

    /// What a person should know of a library that can be used, one line each.
    public static List<String> remarks(LibraryPlace place) {
        return library(place).map(LinuxLibrary::remarks).orElse(List.of());
    }

    private static Optional<LinuxLibrary> library(LibraryPlace place) {
        return place.changer()
                .map(changer ->
                        new LinuxLibrary(
                                place.drives().stream().map(Path::of).toList(),
                                Path.of(changer),
                                LinuxDrive::open,
                                new LabelReader(),
                                Duration.ZERO));
    }

    /// The folder of the inventory. Whoever reads it knows what is on every cartridge.
    ///
    /// @return whether it was made now, and the library is a new one
    static boolean makeDirectory(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return false;
        }
        Files.createDirectories(directory.toAbsolutePath().getParent());
        Files.createDirectory(
                directory,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return true;
    }
}
