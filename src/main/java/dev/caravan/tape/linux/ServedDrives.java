package dev.caravan.tape.linux;

import dev.caravan.tape.drive.TapeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which device serves which drive of the changer. Immutable.
///
/// @param byOrder the changer tells no serial numbers: the devices are taken in the order in which
///   they were named
/// @param strangers devices that are no drive of this changer, or do not answer, and why
record ServedDrives(
        Map<Integer, TapeDevice> devices, boolean byOrder, Map<Path, String> strangers) {
    static ServedDrives of(
            TapeSyscalls kernel, List<Path> devices, Path changer, List<ElementStatus> drives) {
        Map<Path, String> strangers = new LinkedHashMap<>();
        List<TapeDevice> unmatched = new ArrayList<>();
        for (Path path : devices) {
            try {
                unmatched.add(TapeDevice.of(kernel, path));
            } catch (TapeException e) {
                strangers.put(path, String.valueOf(e.getMessage()));
            }
        }
        Map<Integer, TapeDevice> served = new LinkedHashMap<>();
        boolean named = drives.stream().anyMatch(d -> d.name().isPresent());
        boolean byOrder = !named && strangers.isEmpty() && unmatched.size() == drives.size();
        if (byOrder) {
            for (int drive = 0; drive < drives.size(); drive++) {
                served.put(drive, unmatched.get(drive));
            }
            unmatched.clear();
        } else {
            match(drives, unmatched, served, true);
            match(drives, unmatched, served, false);
        }
        for (TapeDevice stranger : unmatched) {
            strangers.put(
                    stranger.path(),
                    "tape drive %s (serial number %s) is no drive of changer %s%s"
                            .formatted(
                                    stranger.path(),
                                    stranger.identity().serial(),
                                    changer,
                                    named
                                            ? ""
                                            : ", which tells no serial numbers and has %d drives: name all of them, in its order"
                                                    .formatted(drives.size())));
        }
        return new ServedDrives(served, byOrder, strangers);
    }

    /// @param whole match by whole serial numbers; else by the beginning of one that the report cut
    ///   off, if only one device fits it
    private static void match(
            List<ElementStatus> drives,
            List<TapeDevice> unmatched,
            Map<Integer, TapeDevice> served,
            boolean whole) {
        for (int drive = 0; drive < drives.size(); drive++) {
            ElementStatus.Name name = drives.get(drive).name().orElse(null);
            if (name == null || name.whole() != whole || served.containsKey(drive)) {
                continue;
            }
            List<TapeDevice> fitting =
                    unmatched.stream().filter(d -> fits(name, d.identity().serial())).toList();
            if (fitting.size() == 1 && (whole || isOnly(name, drives, served))) {
                served.put(drive, fitting.getFirst());
                unmatched.remove(fitting.getFirst());
            }
        }
    }

    /// Whether no other drive without a device reports the same.
    private static boolean isOnly(
            ElementStatus.Name name, List<ElementStatus> drives, Map<Integer, TapeDevice> served) {
        int same = 0;
        for (int drive = 0; drive < drives.size(); drive++) {
            if (!served.containsKey(drive)
                    && drives.get(drive).name().filter(name::equals).isPresent()) {
                same++;
            }
        }
        return same == 1;
    }

    /// Some changers put vendor and product before the serial number.
    private static boolean fits(ElementStatus.Name name, String serial) {
        if (serial.isEmpty()) {
            return false;
        }
        return name.whole()
                ? name.serial().equals(serial) || name.serial().endsWith(" " + serial)
                : serial.startsWith(name.serial());
    }
}
