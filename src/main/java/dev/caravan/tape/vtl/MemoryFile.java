package dev.caravan.tape.vtl;

import dev.caravan.tape.json.Fields;
import dev.caravan.tape.json.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `memory.json`: what the chip in a cartridge counts. Only who has the drive writes it. Confined
/// to one thread.
///
/// A cartridge without it was never loaded by a program that counts: all is 0. The change reference
/// is durable before the first record of a load, so that an unchanged one proves that nobody wrote;
/// the counters may lag behind after a power cut.
final class MemoryFile {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryFile.class);
    private static final String NAME = "memory.json";
    private static final int FORMAT = 1;

    private final Path cartridge;
    private long loads;
    private long writtenBytes;
    private long readBytes;
    private long changeReference;
    private long changedInLoad = -1;
    private boolean changed;

    private MemoryFile(Path cartridge) {
        this.cartridge = cartridge;
    }

    /// The memory of a cartridge. A damaged one counts from 0 again and the change reference moves
    /// on: that nobody wrote can no longer be proven.
    static MemoryFile read(Path cartridge) throws IOException {
        MemoryFile memory = new MemoryFile(cartridge);
        try {
            Fields fields = JsonFile.read(cartridge.resolve(NAME), FORMAT);
            memory.loads = fields.number("loads");
            memory.writtenBytes = fields.number("writtenBytes");
            memory.readBytes = fields.number("readBytes");
            memory.changeReference = fields.number("changeReference");
            memory.changedInLoad = fields.number("changedInLoad");
        } catch (NoSuchFileException e) {
            return memory;
        } catch (IOException e) {
            LOG.warn("{}: the memory of the cartridge is lost: {}", cartridge, e.getMessage());
            memory.changeReference = System.currentTimeMillis();
            memory.changed = true;
        }
        return memory;
    }

    /// The changer has put the cartridge into a drive.
    static void countLoad(Path cartridge) throws IOException {
        MemoryFile memory = read(cartridge);
        memory.loads++;
        memory.changed = true;
        memory.save();
    }

    long loads() {
        return loads;
    }

    long writtenBytes() {
        return writtenBytes;
    }

    long readBytes() {
        return readBytes;
    }

    long changeReference() {
        return changeReference;
    }

    /// Before something is written. The first time in a load it moves the change reference.
    void beforeWrite() throws IOException {
        if (changedInLoad != loads) {
            changedInLoad = loads;
            changeReference++;
            JsonFile.replace(cartridge, NAME, fields());
            changed = false;
        }
    }

    void written(long bytes) {
        writtenBytes += bytes;
        changed = true;
    }

    void read(long bytes) {
        readBytes += bytes;
        changed = true;
    }

    /// Keeps the counters; not synced, because they prove nothing.
    void save() throws IOException {
        if (!changed) {
            return;
        }
        Path aside = cartridge.resolve(NAME + ".new");
        try {
            Files.writeString(aside, JsonFile.text(fields()));
            Files.move(aside, cartridge.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(aside);
        }
        changed = false;
    }

    private Map<String, Object> fields() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("format", FORMAT);
        object.put("loads", loads);
        object.put("writtenBytes", writtenBytes);
        object.put("readBytes", readBytes);
        object.put("changeReference", changeReference);
        object.put("changedInLoad", changedInLoad);
        return object;
    }
}
