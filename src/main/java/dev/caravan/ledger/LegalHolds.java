package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Which stored objects the holds in force are on, for targets that can refuse by themselves to
/// remove what is held. An object is held if anything in it is. Thread-safe.
public final class LegalHolds {
    private final Database database;

    LegalHolds(Database database) {
        this.database = database;
    }

    /// An object that is not held as it is to be.
    ///
    /// @param segment whether it describes itself; else a manifest does
    /// @param hold whether it is to be held
    public record Due(String name, boolean segment, boolean hold) {}

    private record Held(boolean segment, boolean was, boolean held) {}

    /// What is to be changed on a target, as far as the ledger knows. Looks at all copies there if
    /// there is a hold at all.
    public List<Due> due(String target, RetentionRules.Globs globs) {
        return database.read(s -> {
            int id = Copies.targetId(s, target);
            Integer any =
                    s.first(
                            "SELECT 1 WHERE EXISTS (SELECT 1 FROM hold WHERE released_at IS NULL)"
                                    + " OR EXISTS (SELECT 1 FROM object WHERE target_id = ? AND"
                                    + " legal_hold = 1)",
                            r -> r.getInt(1),
                            id);
            if (any == null) {
                return List.of();
            }
            Holds.InForce holds = Holds.inForce(s, globs);
            Map<String, Held> objects = new LinkedHashMap<>();
            s.each(
                    "SELECT s.name, i.path, o.name, o.segment, o.legal_hold FROM copy c JOIN object"
                            + " o ON o.id = c.object_id JOIN version v ON v.id = c.version_id JOIN"
                            + " item i ON i.id = v.item_id JOIN source s ON s.id = i.source_id WHERE"
                            + " c.target_id = ?1 AND o.target_id = ?1",
                    r -> {
                        boolean held = holds.on(r.getString(1), ItemPath.of(r.getBytes(2))) != null;
                        Held one = new Held(r.getBoolean(4), r.getBoolean(5), held);
                        objects.merge(
                                r.getString(3),
                                one,
                                (a, b) -> new Held(a.segment, a.was, a.held || b.held));
                    },
                    id);
            List<Due> due = new ArrayList<>();
            objects.forEach((name, object) -> {
                if (object.was != object.held) {
                    due.add(new Due(name, object.segment, object.held));
                }
            });
            return List.copyOf(due);
        });
    }

    /// Notes that an object is held or not, as the target itself says.
    public void note(String target, String object, boolean held) {
        database.write(s ->
                s.run(
                        "UPDATE object SET legal_hold = ? WHERE target_id = ? AND name = ?",
                        held,
                        Copies.targetId(s, target),
                        object));
    }
}
