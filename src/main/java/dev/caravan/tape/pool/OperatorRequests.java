package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.OperatorDesk;
import dev.caravan.tape.json.Fields;
import dev.caravan.tape.json.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The operator's desk of a library without a changer, as two files beside its inventory, for other
/// processes to see: `requests.json`, what a person is to load now, gone when there is nothing; and
/// `named.json`, what a person called the cartridges that have no name yet. Thread-safe within a
/// process.
///
/// A request whose process is gone is nobody's wish any more, and not shown.
public final class OperatorRequests implements OperatorDesk {
    private static final String REQUESTS = "requests.json";
    private static final String NAMED = "named.json";
    private static final int FORMAT = 1;

    private final Path directory;
    private final List<Barcode> declared;

    /// @param declared cartridges that the settings name
    public OperatorRequests(Path directory, List<Barcode> declared) {
        this.directory = directory;
        this.declared = List.copyOf(declared);
    }

    /// What a person is to do now, by the drive.
    public static List<Request> open(Path directory) throws IOException {
        List<Request> open = new ArrayList<>();
        for (Entry entry : entries(directory)) {
            if (ProcessHandle.of(entry.pid()).isPresent()) {
                open.add(entry.request());
            }
        }
        return open;
    }

    private record Entry(Request request, long pid) {}

    private static List<Entry> entries(Path directory) throws IOException {
        Path file = directory.resolve(REQUESTS);
        List<Entry> entries = new ArrayList<>();
        if (!Files.exists(file)) {
            return entries;
        }
        for (Fields fields : JsonFile.read(file, FORMAT).objects("requests")) {
            entries.add(
                    new Entry(
                            new Request(
                                    new Barcode(fields.text("barcode")),
                                    fields.integer("drive"),
                                    fields.text("device"),
                                    Instant.parse(fields.text("since")),
                                    fields.optionalText("found")),
                            fields.number("pid")));
        }
        return entries;
    }

    /// Every cartridge that the settings name, a person named, or the inventory knows; but not what
    /// was carried to a vault, which nobody can be asked to load.
    @Override
    public synchronized List<Barcode> shelf() throws IOException {
        List<Barcode> shelf = new ArrayList<>(declared);
        shelf.addAll(names().values());
        for (Volume volume : new VolumeInventory(directory).volumes()) {
            shelf.add(volume.barcode());
            if (volume.outside().filter(Location.Vault.class::isInstance).isPresent()) {
                shelf.removeIf(volume.barcode()::equals);
            }
        }
        return shelf;
    }

    @Override
    public synchronized void ask(Request request) throws IOException {
        List<Entry> entries = others(request.drive());
        entries.add(new Entry(request, ProcessHandle.current().pid()));
        write(entries);
    }

    @Override
    public synchronized void withdraw(int drive) throws IOException {
        write(others(drive));
    }

    private List<Entry> others(int drive) throws IOException {
        List<Entry> entries = new ArrayList<>(entries(directory));
        entries.removeIf(entry ->
                entry.request().drive() == drive || ProcessHandle.of(entry.pid()).isEmpty());
        return entries;
    }

    private void write(List<Entry> entries) throws IOException {
        if (entries.isEmpty()) {
            Files.deleteIfExists(directory.resolve(REQUESTS));
            return;
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("format", FORMAT);
        object.put("requests", entries.stream().map(OperatorRequests::object).toList());
        JsonFile.replace(directory, REQUESTS, object);
    }

    private static Map<String, Object> object(Entry entry) {
        Request request = entry.request();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("barcode", request.barcode().text());
        object.put("drive", request.drive());
        object.put("device", request.device());
        object.put("since", request.since().toString());
        request.found().ifPresent(found -> object.put("found", found));
        object.put("pid", entry.pid());
        return object;
    }

    @Override
    public synchronized Optional<Barcode> named(int drive) throws IOException {
        Barcode named = names().get(drive);
        // one that has a label by now is another cartridge than the blank one in the drive
        return named == null || labelled(named) ? Optional.empty() : Optional.of(named);
    }

    @Override
    public synchronized boolean labelled(Barcode barcode) throws IOException {
        return new VolumeInventory(directory).find(barcode).isPresent();
    }

    @Override
    public synchronized void name(int drive, Barcode barcode) throws IOException {
        Map<Integer, Barcode> names = names();
        names.values().remove(barcode);
        names.put(drive, barcode);
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("format", FORMAT);
        object.put(
                "drives",
                names.entrySet().stream()
                        .map(entry -> {
                            Map<String, Object> each = new LinkedHashMap<>();
                            each.put("drive", entry.getKey());
                            each.put("barcode", entry.getValue().text());
                            return each;
                        })
                        .toList());
        JsonFile.replace(directory, NAMED, object);
    }

    private Map<Integer, Barcode> names() throws IOException {
        Map<Integer, Barcode> names = new TreeMap<>();
        Path file = directory.resolve(NAMED);
        if (Files.exists(file)) {
            for (Fields fields : JsonFile.read(file, FORMAT).objects("drives")) {
                names.put(fields.integer("drive"), new Barcode(fields.text("barcode")));
            }
        }
        return names;
    }
}
