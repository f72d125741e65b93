package dev.caravan.tape.changer;

import dev.caravan.tape.changer.CartridgeReader.Content;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.changer.LibraryInventory.Slot;
import dev.caravan.tape.changer.OperatorDesk.Request;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Drives that a person loads. Whoever wants a cartridge has a request put on the operator's desk
/// and waits until it is in the drive; another one is told by its name and put out again.
///
/// Which cartridge is in a drive is read from it, once: it stands at its beginning only when it was
/// just put in, so a drive that stands elsewhere holds the cartridge it held before. A blank one
/// without a name is what a person called it, or else what they were asked for. Thread-safe.
public final class ManualLibrary implements Library, Changer {
    private static final Logger LOG = LoggerFactory.getLogger(ManualLibrary.class);

    /// A drive and how to open it, with or without a cartridge in it.
    public record Station(String device, Opening opening) {
        /// Opens a drive at once, ready or not.
        @FunctionalInterface
        public interface Opening {
            Drive open() throws TapeException;
        }
    }

    private final List<Station> stations;
    private final List<Optional<Barcode>> inside = new ArrayList<>();
    private final List<Boolean> looked = new ArrayList<>();
    private final CartridgeReader reader;
    private final OperatorDesk desk;
    private final Duration patience;
    private final Duration pause;
    private final Clock clock;

    /// @param patience how long a person is waited for
    /// @param pause how often it is looked whether a cartridge is there
    public ManualLibrary(
            List<Station> stations,
            CartridgeReader reader,
            OperatorDesk desk,
            Duration patience,
            Duration pause,
            Clock clock) {
        this.stations = List.copyOf(stations);
        this.reader = reader;
        this.desk = desk;
        this.patience = patience;
        this.pause = pause;
        this.clock = clock;
        for (Station _ : stations) {
            inside.add(Optional.empty());
            looked.add(false);
        }
    }

    @Override
    public Changer changer() {
        return this;
    }

    /// The cartridges in the drives, and those on the shelf as if each had a slot.
    @Override
    public synchronized LibraryInventory inventory() throws TapeException {
        List<Bay> bays = new ArrayList<>();
        List<Barcode> loaded = new ArrayList<>();
        for (int drive = 0; drive < stations.size(); drive++) {
            if (!looked.get(drive)) {
                look(drive);
            }
            bays.add(new Bay(drive, inside.get(drive), Optional.empty()));
            inside.get(drive).ifPresent(loaded::add);
        }
        List<Slot> slots = new ArrayList<>();
        for (Barcode barcode : shelf()) {
            if (!loaded.contains(barcode)) {
                slots.add(new Slot(slots.size() + 1, false, Optional.of(barcode)));
            }
        }
        return new LibraryInventory(slots, bays);
    }

    private List<Barcode> shelf() throws TapeException {
        try {
            return desk.shelf().stream().distinct().sorted().toList();
        } catch (IOException e) {
            throw asTape("read the list of cartridges", "shelf", e);
        }
    }

    /// Looks what is in a drive that nobody else uses.
    private void look(int drive) throws TapeException {
        try (Drive open = station(drive).opening().open()) {
            Optional<Barcode> found = Optional.empty();
            if (open.status().ready()) {
                found =
                        switch (read(open)) {
                            case Content.Named(Barcode barcode) -> Optional.of(barcode);
                            case Content.Blank _ -> desk.named(drive);
                            case Content.Foreign _ -> Optional.empty();
                        };
            }
            inside.set(drive, found);
            looked.set(drive, true);
        } catch (TapeException e) {
            if (e.errno() != Errno.EBUSY) { // whoever has it will free it
                throw e;
            }
        } catch (IOException e) {
            throw asTape("read the name of the cartridge", station(drive).device(), e);
        }
    }

    @Override
    public void load(Barcode barcode, int drive) throws TapeException {
        Station station = station(drive);
        Request request =
                new Request(barcode, drive, station.device(), clock.instant(), Optional.empty());
        long deadline = System.nanoTime() + patience.toNanos();
        boolean asked = false;
        try {
            while (true) {
                Optional<String> wrong = tryToTake(barcode, drive);
                if (wrong.isEmpty()) {
                    return;
                }
                if (!asked || !(wrong.get().isEmpty() || request.found().equals(wrong))) {
                    asked = true;
                    request =
                            new Request(
                                    barcode,
                                    drive,
                                    station.device(),
                                    request.since(),
                                    wrong.filter(w -> !w.isEmpty()).or(request::found));
                    desk.ask(request);
                    LOG.warn("{}", request.words());
                }
                if (System.nanoTime() - deadline >= 0) {
                    throw new TapeException(
                            "load " + barcode,
                            station.device(),
                            Errno.ENOMEDIUM,
                            "nobody loaded it in time"
                                    + request.found().map(f -> "; " + f).orElse(""));
                }
                TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TapeException(
                    "load " + barcode, station.device(), Errno.EINTR, "interrupted", e);
        } catch (TapeException e) {
            throw e;
        } catch (IOException e) {
            throw asTape("load " + barcode, station.device(), e);
        } finally {
            if (asked) {
                withdraw(drive);
            }
        }
    }

    private void withdraw(int drive) {
        try {
            desk.withdraw(drive);
        } catch (IOException e) {
            LOG.warn("the request for drive {} is still shown: {}", drive, e.getMessage());
        }
    }

    /// @return nothing if the cartridge is in the drive; else what is wrong, empty if there is none
    ///   or the drive is in use
    private synchronized Optional<String> tryToTake(Barcode barcode, int drive) throws IOException {
        Drive open;
        try {
            open = station(drive).opening().open();
        } catch (TapeException e) {
            if (e.errno() == Errno.EBUSY) {
                return Optional.of("");
            }
            throw e;
        }
        try (open) {
            if (!open.status().ready()) {
                inside.set(drive, Optional.empty());
                looked.set(drive, true);
                return Optional.of("");
            }
            Content content = read(open);
            switch (content) {
                case Content.Named(Barcode named) when named.equals(barcode) -> {}
                case Content.Named(Barcode other) -> {
                    return putOut(open, drive, "it held " + other + ", which is put out");
                }
                case Content.Foreign _ -> {
                    return putOut(
                            open,
                            drive,
                            "it held a cartridge of another program, which is put out");
                }
                case Content.Blank _ when desk.labelled(barcode) -> {
                    return putOut(open, drive, "it held a blank cartridge, which is put out");
                }
                case Content.Blank _ -> {
                    LOG.info("the blank cartridge in drive {} is {} from now on", drive, barcode);
                    desk.name(drive, barcode);
                }
            }
            inside.set(drive, Optional.of(barcode));
            looked.set(drive, true);
            return Optional.empty();
        }
    }

    private Optional<String> putOut(Drive open, int drive, String found) throws TapeException {
        open.unload();
        inside.set(drive, Optional.empty());
        looked.set(drive, true);
        return Optional.of(found);
    }

    private Content read(Drive drive) throws IOException {
        drive.rewind();
        return reader.read(drive);
    }

    /// Puts the cartridge out of the drive, if it is still in it.
    @Override
    public synchronized void unload(int drive) throws TapeException {
        try (Drive open = station(drive).opening().open()) {
            if (open.status().ready()) {
                open.unload();
            } else if (inside.get(drive).isEmpty()) {
                throw new TapeException(
                        "unload drive " + drive,
                        station(drive).device(),
                        Errno.ENOMEDIUM,
                        "source element empty: the drive is empty");
            }
        }
        inside.set(drive, Optional.empty());
        looked.set(drive, true);
    }

    @Override
    public void transfer(int fromSlot, int toSlot) throws TapeException {
        throw new TapeException(
                "move a cartridge from slot %d to slot %d".formatted(fromSlot, toSlot),
                "drives without a changer",
                Errno.EINVAL,
                "there is no changer: a person moves cartridges");
    }

    /// Opens a drive; if its cartridge was changed by hand since it was loaded, it fails.
    @Override
    public synchronized Drive open(int drive) throws TapeException {
        Drive open = station(drive).opening().open();
        try {
            if (open.status().ready() && open.position().orElse(0) == 0) {
                unchanged(open, drive);
            }
            return open;
        } catch (IOException e) {
            try (open) {
                throw asTape("open drive " + drive, station(drive).device(), e);
            }
        } catch (RuntimeException e) {
            try (open) {
                throw e;
            }
        }
    }

    private void unchanged(Drive open, int drive) throws IOException {
        Optional<Barcode> known = inside.get(drive);
        Optional<Barcode> now =
                switch (read(open)) {
                    case Content.Named(Barcode barcode) -> Optional.of(barcode);
                    case Content.Blank _ -> desk.named(drive);
                    case Content.Foreign _ -> Optional.empty();
                };
        open.rewind();
        if (!known.equals(now)) {
            inside.set(drive, now);
            looked.set(drive, true);
            throw new TapeException(
                    "open drive " + drive,
                    station(drive).device(),
                    Errno.ENOMEDIUM,
                    "it held %s and now holds %s: the cartridge was changed by hand"
                            .formatted(
                                    known.map(Barcode::text).orElse("nothing"),
                                    now.map(Barcode::text).orElse("an unknown cartridge")));
        }
    }

    private Station station(int drive) throws TapeException {
        if (drive < 0 || drive >= stations.size()) {
            throw new TapeException(
                    "use drive " + drive,
                    "drives without a changer",
                    Errno.ENODEV,
                    "there is no drive %d, there are %d".formatted(drive, stations.size()));
        }
        return stations.get(drive);
    }

    private static TapeException asTape(String operation, String device, IOException e) {
        return e instanceof TapeException tape
                ? tape
                : new TapeException(
                        operation, device, Errno.EIO, String.valueOf(e.getMessage()), e);
    }
}
