package dev.caravan.tape.linux;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Changer;
import dev.caravan.tape.changer.Library;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A tape library or autoloader of this machine: a changer, and the devices of its drives.
///
/// Which device is which drive of the changer is told by serial numbers, asked for each time, never
/// by the numbers in device names. A drive of the changer that no device belongs to is shown and
/// not used. Thread-safe.
public final class LinuxLibrary implements Library, Changer {
    /// How long a cartridge that was loaded some time ago is waited for: the drive may have let go
    /// of it, and then it never gets ready.
    private static final Duration THREADED = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(LinuxLibrary.class);

    /// Opens the device of a drive.
    @FunctionalInterface
    public interface DriveOpener {
        /// @param patience how long a cartridge that is being threaded is waited for
        Drive open(Path device, Duration patience) throws TapeException;
    }

    private final TapeSyscalls kernel;
    private final ScsiChanger changer;
    private final Path changerDevice;
    private final List<Path> devices;
    private final DriveOpener opener;
    private final Duration threading;
    private final Set<Integer> justLoaded = ConcurrentHashMap.newKeySet();
    private boolean orderTold;

    /// @param devices the no-rewind devices of the drives
    /// @param threading how long a drive may take until a cartridge that was just loaded is ready
    public LinuxLibrary(List<Path> devices, Path changer, DriveOpener opener, Duration threading) {
        this(
                NativeTapeSyscalls.KERNEL,
                new ScsiChanger(changer),
                changer,
                devices,
                opener,
                threading);
    }

    LinuxLibrary(
            TapeSyscalls kernel,
            ScsiChanger changer,
            Path changerDevice,
            List<Path> devices,
            DriveOpener opener,
            Duration threading) {
        this.kernel = kernel;
        this.changer = changer;
        this.changerDevice = changerDevice;
        this.devices = List.copyOf(devices);
        this.opener = opener;
        this.threading = threading;
    }

    /// Which device serves which drive of the changer.
    ///
    /// @param byOrder the changer tells no serial numbers: the devices are taken in the order in
    ///   which they were named
    /// @param strangers devices that are no drive of this changer, or do not answer, and why
    record Served(Map<Integer, TapeDevice> devices, boolean byOrder, Map<Path, String> strangers) {}

    /// What is wrong with the devices that were named, one line each; none if each is a drive of
    /// the changer.
    public List<String> faults() {
        try {
            ScsiChanger.View view = changer.view();
            Served served = served(view);
            List<String> faults = new ArrayList<>(served.strangers().values());
            if (served.byOrder() && view.drives().size() > 1) {
                faults.add(
                        "changer %s tells no serial numbers: its drives are taken in the order in which they were named"
                                .formatted(changerDevice));
            }
            return faults;
        } catch (TapeException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    /// The device of each drive that has one, by the drive's number.
    public Map<Integer, TapeDevice> devices() throws TapeException {
        return served(changer.view()).devices();
    }

    private Served served(ScsiChanger.View view) {
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
        List<ElementStatus> drives = view.drives();
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
                                    changerDevice,
                                    named
                                            ? ""
                                            : ", which tells no serial numbers and has %d drives: name all of them, in its order"
                                                    .formatted(drives.size())));
        }
        return new Served(served, byOrder, strangers);
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

    @Override
    public Changer changer() {
        return this;
    }

    @Override
    public LibraryInventory inventory() throws TapeException {
        ScsiChanger.View view = changer.view();
        Served served = served(view);
        if (served.devices().isEmpty()) {
            throw new TapeException(
                    "use the drives",
                    "changer " + changerDevice,
                    Errno.ENODEV,
                    String.join("; ", served.strangers().values()));
        }
        tell(view, served);
        LibraryInventory inventory = view.inventory();
        return new LibraryInventory(
                inventory.slots(),
                inventory.drives().stream().map(bay -> with(bay, served)).toList());
    }

    private synchronized void tell(ScsiChanger.View view, Served served) {
        if (!orderTold && served.byOrder() && view.drives().size() > 1) {
            orderTold = true;
            LOG.warn(
                    "changer {} tells no serial numbers: its drives are taken in the order of the setting",
                    changerDevice);
        }
    }

    private static Bay with(Bay bay, Served served) {
        Optional<TapeDevice> device = Optional.ofNullable(served.devices().get(bay.drive()));
        return new Bay(
                bay.drive(),
                bay.cartridge(),
                bay.homeSlot(),
                bay.unread(),
                device.map(d -> d.identity().serial()).or(bay::serial),
                device.isPresent());
    }

    @Override
    public void scan() throws TapeException {
        changer.scan();
    }

    /// Where the devices are only known by their order, it is proven that the cartridge came into
    /// the drive it was sent to.
    @Override
    public void load(Barcode barcode, int drive) throws TapeException {
        changer.load(barcode, drive);
        justLoaded.add(drive);
        Served served = served(changer.view());
        if (!served.byOrder() || served.devices().size() < 2) {
            return;
        }
        try (Drive loaded = open(drive, served, threading)) {
            if (!loaded.status().ready()) {
                throw new TapeException(
                        "load " + barcode,
                        loaded.device(),
                        Errno.ENOMEDIUM,
                        "the changer put it into drive %d, and this device got none; name the drives in the order of the changer"
                                .formatted(drive));
            }
        }
    }

    @Override
    public void unload(int drive) throws TapeException {
        changer.unload(drive);
        justLoaded.remove(drive);
    }

    @Override
    public void transfer(int fromSlot, int toSlot) throws TapeException {
        changer.transfer(fromSlot, toSlot);
    }

    @Override
    public Drive open(int drive) throws TapeException {
        ScsiChanger.View view = changer.view();
        boolean full =
                drive >= 0 && drive < view.drives().size() && view.drives().get(drive).full();
        Duration patience =
                !full ? Duration.ZERO : justLoaded.contains(drive) ? threading : least(THREADED);
        Drive opened = open(drive, served(view), patience);
        justLoaded.remove(drive);
        return opened;
    }

    private Duration least(Duration other) {
        return threading.compareTo(other) < 0 ? threading : other;
    }

    private Drive open(int drive, Served served, Duration patience) throws TapeException {
        TapeDevice device = served.devices().get(drive);
        if (device == null) {
            throw new TapeException(
                    "open drive " + drive,
                    "changer " + changerDevice,
                    Errno.ENODEV,
                    "none of the devices that were named is this drive"
                            + (served.strangers().isEmpty()
                                    ? ""
                                    : ": " + String.join("; ", served.strangers().values())));
        }
        return opener.open(device.path(), patience);
    }
}
