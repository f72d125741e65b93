package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.Changer;
import dev.caravan.tape.changer.Library;
import dev.caravan.tape.drive.CartridgeMemory;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.MediumReport;
import dev.caravan.tape.drive.TapeAlert;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.drive.WriteResult;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// The virtual library with cartridges that have a memory as LTO cartridges have: a serial number,
/// a count of changes, alerts, and some that can be written once. Not thread-safe.
final class MemoryLibrary implements Library {
    private final VirtualLibrary library;
    private final Map<Barcode, Long> changes = new HashMap<>();
    private final Map<Barcode, Long> ends = new HashMap<>();
    private final Map<Barcode, String> barcodes = new HashMap<>();
    private final Set<Barcode> worm = new HashSet<>();
    private final EnumSet<TapeAlert> alerts = EnumSet.noneOf(TapeAlert.class);
    private boolean unreadable;

    MemoryLibrary(VirtualLibrary library) {
        this.library = library;
    }

    /// What the memory of this cartridge says its barcode is.
    void memoryBarcode(Barcode barcode, String says) {
        barcodes.put(barcode, says);
    }

    /// As a drive of somebody else's does when it writes.
    void changedByAnother(Barcode barcode) {
        changes.merge(barcode, 1L, Long::sum);
    }

    void worm(Barcode barcode) {
        worm.add(barcode);
    }

    void raise(TapeAlert alert) {
        alerts.add(alert);
    }

    void unreadableMemory() {
        unreadable = true;
    }

    @Override
    public Changer changer() {
        return library.changer();
    }

    @Override
    public OptionalLong capacityBytes(Barcode barcode) throws TapeException {
        return library.capacityBytes(barcode);
    }

    @Override
    public Drive open(int number) throws TapeException {
        Drive drive = library.open(number);
        Optional<Barcode> inside =
                library.inventory().drives().stream()
                        .filter(bay -> bay.drive() == number)
                        .findFirst()
                        .orElseThrow()
                        .cartridge();
        if (inside.isEmpty()) {
            return drive;
        }
        Barcode barcode = inside.get();
        return (Drive)
                Proxy.newProxyInstance(
                        Drive.class.getClassLoader(),
                        new Class<?>[] {Drive.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("medium")) {
                                return report(barcode);
                            }
                            int blocks =
                                    switch (method.getName()) {
                                        case "write" -> 1;
                                        case "writeFilemarks" -> (int) arguments[0];
                                        default -> 0;
                                    };
                            long at = blocks > 0 ? drive.position().orElseThrow() : 0;
                            if (blocks > 0) {
                                requireWritable(drive, barcode, at);
                            }
                            try {
                                Object result = method.invoke(drive, arguments);
                                if (blocks > 0 && result != WriteResult.NO_SPACE) {
                                    ends.merge(barcode, at + blocks, Long::max);
                                    changes.merge(barcode, 1L, Long::sum);
                                }
                                return result;
                            } catch (InvocationTargetException failed) {
                                throw failed.getCause();
                            }
                        });
    }

    /// What was written on a WORM cartridge stays: only behind it can be written.
    private void requireWritable(Drive drive, Barcode barcode, long at) throws TapeException {
        if (worm.contains(barcode) && at < ends.getOrDefault(barcode, 0L)) {
            throw new TapeException(
                    "write", drive.device(), Errno.EACCES, "WORM medium: overwrite attempted");
        }
    }

    private MediumReport report(Barcode barcode) throws TapeException {
        if (unreadable) {
            throw new TapeException("read the memory", "drive 0", Errno.EIO, "no such page");
        }
        Set<TapeAlert> raised = EnumSet.copyOf(alerts);
        alerts.clear();
        return new MediumReport(
                Optional.of(
                        new CartridgeMemory(
                                Optional.of(barcodes.getOrDefault(barcode, barcode.text())),
                                Optional.of("SN-" + barcode),
                                OptionalLong.of(12),
                                OptionalLong.of(3L << 40),
                                OptionalLong.empty(),
                                OptionalLong.empty(),
                                OptionalLong.empty(),
                                OptionalLong.of(changes.getOrDefault(barcode, 0L)))),
                raised,
                OptionalInt.of(0x5E),
                worm.contains(barcode));
    }
}
