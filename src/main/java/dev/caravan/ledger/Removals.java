package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.item.Version;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The data of copies that retention retired: what may be removed by now, and what was. What is
/// wanted again, or held, is not among it. Thread-safe.
public final class Removals {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int NAMED = 100;

    private static final String DUE =
            "r.removed_at IS NULL AND r.cause = 'RETENTION' AND r.remove_after <= ?2";

    private final Database database;
    private final Clock clock;

    Removals(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// Versions whose copies on a target lie as themselves and may be removed, in the order of
    /// their ids.
    public List<Version> plain(String target, RetentionRules.Globs globs) {
        return database.read(s -> {
            Holds.InForce holds = Holds.inForce(s, globs);
            return s
                    .list(
                            "SELECT "
                                    + VersionRow.COLUMNS
                                    + " FROM retirement r CROSS JOIN copy c ON c.target_id = r.target_id"
                                    + " AND c.version_id = r.version_id JOIN version v ON v.id ="
                                    + " r.version_id JOIN item i ON i.id = v.item_id JOIN source s ON"
                                    + " s.id = i.source_id WHERE r.target_id = ?1 AND "
                                    + DUE
                                    + " AND c.state = 'RETIRED' AND c.object_id IS NULL ORDER BY"
                                    + " v.id",
                            VersionRow::map,
                            Copies.targetId(s, target),
                            Instants.nanos(clock.instant()))
                    .stream()
                    .filter(version -> holds.on(version.source(), version.path()) == null)
                    .toList();
        });
    }

    /// An object of which nothing is needed any more.
    ///
    /// @param segment whether it describes itself; else a manifest does
    /// @param versions all whose copies lie in it
    public record Whole(String name, boolean segment, long bytes, List<Version> versions) {}

    /// What may be removed of the objects of a target.
    ///
    /// @param whole objects of which nothing is needed
    /// @param waiting copies that could be removed, but for others in their objects
    public record Objects(List<Whole> whole, long waiting) {}

    /// Objects that lie on no cartridge, all of whose copies may be removed. Looks at all copies of
    /// the target.
    public Objects objects(String target, RetentionRules.Globs globs) {
        return database.read(s -> {
            int id = Copies.targetId(s, target);
            long now = Instants.nanos(clock.instant());
            IdList ids = new IdList();
            s.each(
                    "SELECT DISTINCT c.object_id FROM retirement r CROSS JOIN copy c ON c.target_id ="
                            + " r.target_id AND c.version_id = r.version_id JOIN object o ON o.id ="
                            + " c.object_id WHERE r.target_id = ?1 AND "
                            + DUE
                            + " AND c.state = 'RETIRED' AND o.volume_id IS NULL",
                    r -> ids.add(r.getLong(1)),
                    id,
                    now);
            Holds.InForce holds = Holds.inForce(s, globs);
            Map<Long, Gathered> objects = new LinkedHashMap<>();
            s.each(
                    "SELECT "
                            + VersionRow.COLUMNS
                            + ", o.id, o.name, o.segment, o.bytes, c.state = 'RETIRED' AND"
                            + " coalesce(r.removed_at IS NOT NULL OR r.cause = 'RETENTION' AND"
                            + " r.remove_after <= ?2, 0) FROM copy c JOIN object o ON o.id ="
                            + " c.object_id LEFT JOIN retirement r ON r.target_id = c.target_id AND"
                            + " r.version_id = c.version_id JOIN version v ON v.id = c.version_id JOIN"
                            + " item i ON i.id = v.item_id JOIN source s ON s.id = i.source_id WHERE"
                            + " c.target_id = ?1 AND c.object_id IN (SELECT value FROM json_each(?3))"
                            + " ORDER BY c.version_id",
                    r -> gather(r, objects, holds),
                    id,
                    now,
                    ids);
            List<Whole> whole = new ArrayList<>();
            long waiting = 0;
            for (Gathered each : objects.values()) {
                if (each.needed) {
                    waiting += each.versions.size();
                } else {
                    whole.add(
                            new Whole(
                                    each.name,
                                    each.segment,
                                    each.bytes,
                                    List.copyOf(each.versions)));
                }
            }
            return new Objects(List.copyOf(whole), waiting);
        });
    }

    private static void gather(ResultSet row, Map<Long, Gathered> objects, Holds.InForce holds)
            throws SQLException {
        Gathered object = objects.get(row.getLong(20));
        if (object == null) {
            object = new Gathered(row.getString(21), row.getBoolean(22), row.getLong(23));
            objects.put(row.getLong(20), object);
        }
        Version version = VersionRow.map(row);
        if (!row.getBoolean(24) || holds.on(version.source(), version.path()) != null) {
            object.needed = true;
        } else {
            object.versions.add(version);
        }
    }

    /// What lies in one object.
    private static final class Gathered {
        private final String name;
        private final boolean segment;
        private final long bytes;
        private final List<Version> versions = new ArrayList<>();
        private boolean needed;

        Gathered(String name, boolean segment, long bytes) {
            this.name = name;
            this.segment = segment;
            this.bytes = bytes;
        }
    }

    /// Notes that the data of these copies is gone, after it is.
    ///
    /// @param bytes that were freed
    /// @return how many copies that concerns
    public long removed(
            String target, Collection<Version> versions, long bytes, RetentionRules rules) {
        Set<Long> ids = new HashSet<>();
        versions.forEach(version -> ids.add(version.id()));
        return database.write(s -> {
            int id = Copies.targetId(s, target);
            Instant now = clock.instant();
            long removed = 0;
            for (Long version : ids) {
                removed +=
                        s.run(
                                "UPDATE retirement SET removed_at = ? WHERE target_id = ? AND"
                                        + " version_id = ? AND removed_at IS NULL",
                                Instants.nanos(now),
                                id,
                                version);
                s.run(
                        "UPDATE copy SET last_error = ? WHERE target_id = ? AND version_id = ? AND"
                                + " state = 'RETIRED'",
                        "retention: data removed " + LocalDate.ofInstant(now, rules.zone()),
                        id,
                        version);
            }
            if (removed > 0) {
                ObjectNode detail =
                        JSON.createObjectNode()
                                .put("target", target)
                                .put("copies", removed)
                                .put("bytes", bytes);
                if (versions.stream().allMatch(v -> v.source().equals(OwnSource.NAME))) {
                    detail.put("own", true);
                }
                var some = detail.putArray("versions");
                ids.stream().sorted().limit(NAMED).forEach(some::add);
                Events.append(s, now, "remove", detail.toString());
            }
            return removed;
        });
    }
}
