package dev.caravan.ledger;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/// The row of one stored object that a rebuild finds, made when it is first asked for. Methods
/// throw [SQLException] if the ledger can not be read or written. Confined.
final class FoundObject {
    private final Session s;
    private final int target;
    private final StoredObject stored;
    private final long writtenAt;
    private @Nullable Long id;

    FoundObject(Session s, int target, StoredObject stored, long writtenAt) {
        this.s = s;
        this.target = target;
        this.stored = stored;
        this.writtenAt = writtenAt;
    }

    /// The id of the row; null if one that is not on tape is there in another length. A segment
    /// that reached the end of a cartridge is written again on the next, and may be whole on both:
    /// the second place has a name of its own here.
    @Nullable Long id() throws SQLException {
        if (id != null) {
            return id;
        }
        StoredObject.OnTape tape = stored.tape();
        if (tape == null) {
            Row there = named(stored.name());
            if (there != null && there.bytes != stored.bytes()) {
                return null;
            }
            id = there == null ? insert(stored.name(), null) : there.id;
            return id;
        }
        long volume = Recording.volumeId(s, target, tape);
        String name = stored.name();
        Row there = named(name);
        if (there != null && !there.isAt(volume, tape)) {
            name = "%s@%s/%d".formatted(name, tape.uuid(), tape.block());
            there = named(name);
        }
        id = there == null ? insert(name, volume) : there.id;
        return id;
    }

    private @Nullable Row named(String name) throws SQLException {
        return s.first(
                "SELECT id, volume_id, block, bytes FROM object WHERE target_id = ? AND name = ?",
                r -> new Row(r.getLong(1), r.getLong(2), r.getLong(3), r.getLong(4)),
                target,
                name);
    }

    private long insert(String name, @Nullable Long volume) throws SQLException {
        StoredObject.OnTape tape = stored.tape();
        return s.insert(
                "INSERT INTO object (target_id, name, volume_id, tape_file, block, bytes, segment,"
                        + " recorded_at, encrypted_for) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                target,
                name,
                volume,
                tape == null ? null : tape.file(),
                tape == null ? null : tape.block(),
                stored.bytes(),
                stored.segment(),
                writtenAt,
                stored.recipients());
    }

    private record Row(long id, long volume, long block, long bytes) {
        boolean isAt(long onVolume, StoredObject.OnTape tape) {
            return volume == onVolume && block == tape.block();
        }
    }
}
