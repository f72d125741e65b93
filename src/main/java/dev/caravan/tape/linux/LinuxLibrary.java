package dev.caravan.tape.linux;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.CartridgeReader;
import dev.caravan.tape.changer.CartridgeReader.Content;
import dev.caravan.tape.changer.Changer;
import dev.caravan.tape.changer.Library;
import dev.caravan.tape.changer.LibraryInventory;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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
    private final CartridgeReader reader;
    private final Duration threading;
    private final Set<Integer> justLoaded = ConcurrentHashMap.newKeySet();

    /// Where the devices are only known by their order: the serial number of the device that was
    /// seen to be this drive of the changer.
    private final Map<Integer, String> proven = new ConcurrentHashMap<>();

    private boolean orderTold;

    /// @param devices the no-rewind devices of the drives
    /// @param reader tells which cartridge is in a drive
    /// @param threading how long a drive may take until a cartridge that was just loaded is ready
    public LinuxLibrary(
            List<Path> devices,
            Path changer,
            DriveOpener opener,
            CartridgeReader reader,
            Duration threading) {
        this(
                NativeTapeSyscalls.KERNEL,
                new ScsiChanger(changer),
                changer,
                devices,
                opener,
                reader,
                threading);
    }

    LinuxLibrary(
            TapeSyscalls kernel,
            ScsiChanger changer,
            Path changerDevice,
            List<Path> devices,
            DriveOpener opener,
            CartridgeReader reader,
            Duration threading) {
        this.kernel = kernel;
        this.changer = changer;
        this.changerDevice = changerDevice;
        this.devices = List.copyOf(devices);
        this.opener = opener;
        this.reader = reader;
        this.threading = threading;
    }

    /// What is wrong with the devices that were named, one line each; none if each is a drive of
    /// the changer.
    public List<String> faults() {
        try {
            return List.copyOf(served(changer.view()).strangers().values());
        } catch (TapeException e) {
            return List.of(String.valueOf(e.getMessage()));
        }
    }

    /// What a person should know of a library that can be used, one line each.
    public List<String> remarks() {
        try {
            ScsiChanger.View view = changer.view();
            return served(view).byOrder() && view.drives().size() > 1
                    ? List.of(
                            "changer %s tells no serial numbers: its drives are taken in the order in which they were named"
                                    .formatted(changerDevice))
                    : List.of();
        } catch (TapeException _) {
            return List.of(); // a fault, and told as one
        }
    }

    /// The device of each drive that has one, by the drive's number.
    public Map<Integer, TapeDevice> devices() throws TapeException {
        return served(changer.view()).devices();
    }

    private ServedDrives served(ScsiChanger.View view) {
        return ServedDrives.of(kernel, devices, changerDevice, view.drives());
    }

    @Override
    public Changer changer() {
        return this;
    }

    @Override
    public LibraryInventory inventory() throws TapeException {
        ScsiChanger.View view = changer.view();
        ServedDrives served = served(view);
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

    private synchronized void tell(ScsiChanger.View view, ServedDrives served) {
        if (!orderTold && served.byOrder() && view.drives().size() > 1) {
            orderTold = true;
            LOG.warn(
                    "changer {} tells no serial numbers: its drives are taken in the order of the setting",
                    changerDevice);
        }
    }

    private static Bay with(Bay bay, ServedDrives served) {
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
    /// the drive it was sent to: its device had none before, and has one after it.
    @Override
    public void load(Barcode barcode, int drive) throws TapeException {
        ScsiChanger.View view = changer.view();
        ServedDrives served = served(view);
        boolean proves = !isProven(drive, served);
        if (proves && isEmpty(view, drive) && isReady(drive, served, Duration.ZERO)) {
            throw misplaced(
                    "load " + barcode,
                    drive,
                    served,
                    "the changer says that drive %d is empty, and this device has a cartridge");
        }
        changer.load(barcode, drive);
        justLoaded.add(drive);
        if (proves) {
            if (!isReady(drive, served, threading)) {
                throw misplaced(
                        "load " + barcode,
                        drive,
                        served,
                        "the changer put it into drive %d, and this device got none");
            }
            prove(drive, served);
        }
    }

    /// Where the devices are only known by their order, a cartridge that was in its drive before
    /// this program proves it by its name; one without a name proves nothing.
    @Override
    public boolean confirms(Barcode barcode, int drive) throws TapeException {
        ScsiChanger.View view = changer.view();
        ServedDrives served = served(view);
        if (isProven(drive, served)) {
            return true;
        }
        Content inside = content(drive, served);
        if (!(inside instanceof Content.Named(Barcode name))) {
            return false;
        }
        if (name.equals(barcode)) {
            prove(drive, served);
            return true;
        }
        if (view.inventory().driveHolding(name).isPresent()) {
            throw misplaced(
                    "use " + barcode,
                    drive,
                    served,
                    "the changer says that it is in drive %d, and this device has " + name);
        }
        return false;
    }

    private Content content(int drive, ServedDrives served) throws TapeException {
        try (Drive open = open(drive, served, least(THREADED))) {
            open.rewind();
            return reader.read(open);
        } catch (TapeException e) {
            throw e;
        } catch (IOException e) {
            throw new TapeException(
                    "read the name of the cartridge",
                    "drive " + drive,
                    Errno.EIO,
                    String.valueOf(e.getMessage()),
                    e);
        }
    }

    private boolean isProven(int drive, ServedDrives served) {
        TapeDevice device = served.devices().get(drive);
        return device == null
                || !served.byOrder()
                || served.devices().size() < 2
                || device.identity().serial().equals(proven.get(drive));
    }

    private void prove(int drive, ServedDrives served) {
        TapeDevice device = served.devices().get(drive);
        if (device != null) {
            proven.put(drive, device.identity().serial());
        }
    }

    private static boolean isEmpty(ScsiChanger.View view, int drive) {
        return drive >= 0 && drive < view.drives().size() && !view.drives().get(drive).full();
    }

    private boolean isReady(int drive, ServedDrives served, Duration patience)
            throws TapeException {
        try (Drive open = open(drive, served, patience)) {
            return open.status().ready();
        }
    }

    private static TapeException misplaced(
            String operation, int drive, ServedDrives served, String found) {
        TapeDevice device = served.devices().get(drive);
        return new TapeException(
                operation,
                device == null ? "drive " + drive : device.path().toString(),
                Errno.ENOMEDIUM,
                found.formatted(drive) + "; name the drives in the order of the changer");
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

    private Drive open(int drive, ServedDrives served, Duration patience) throws TapeException {
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
