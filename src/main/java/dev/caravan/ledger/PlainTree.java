package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Version;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// What of a target's copies lies in its plain current tree, where a person sees it, and what was
/// moved from there to the history. Thread-safe.
public final class PlainTree {
    private static final String COUNTS = "('DURABLE', 'VERIFIED', 'STALE')";

    /// What lies there, proven or not: after a rebuild nobody has read it yet, and it is to be kept
    /// all the same when a newer version takes its place.
    private static final String THERE = "('ACKED', 'DURABLE', 'VERIFIED', 'STALE')";

    private final Database database;
    private final Clock clock;

    PlainTree(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// The newest version at this path whose copy lies in the target's plain tree now.
    public OptionalLong inPlainTree(String target, String source, ItemPath path) {
        Long found =
                database.read(s ->
                        s.first(
                                "SELECT v.id FROM source s JOIN item i ON i.source_id ="
                                        + " s.id JOIN version v ON v.item_id = i.id JOIN copy c"
                                        + " ON c.version_id = v.id AND c.target_id = ? WHERE"
                                        + " s.name = ? AND i.path = ? AND c.withdrawn = 0 AND"
                                        + " c.state IN "
                                        + THERE
                                        + " ORDER BY v.id DESC LIMIT 1",
                                r -> r.getLong(1),
                                Copies.targetId(s, target),
                                source,
                                path.bytes()));
        return found == null ? OptionalLong.empty() : OptionalLong.of(found);
    }

    /// As [#inPlainTree] for the items of all these versions, in one query.
    ///
    /// @return by the id of each version, where there is one: the newest version of its item whose
    ///   copy lies in the target's plain tree now
    public Map<Long, There> inPlainTree(String target, Collection<Version> versions) {
        IdList ids = new IdList();
        versions.forEach(version -> ids.add(version.id()));
        Map<Long, There> found = new HashMap<>();
        database.read(s -> {
            s.each(
                    // CROSS JOIN keeps this order: the planner would walk all copies of the target
                    "SELECT w.id, max(v.id), v.kind, v.size, v.modified_s, v.modified_ns FROM json_each(?1) j CROSS JOIN version w ON w.id ="
                            + " j.value CROSS JOIN version v ON v.item_id = w.item_id CROSS JOIN"
                            + " copy c ON c.target_id = ?2 AND c.version_id = v.id WHERE"
                            + " c.withdrawn = 0 AND c.state IN "
                            + THERE
                            + " GROUP BY w.id",
                    r ->
                            found.put(
                                    r.getLong(1),
                                    new There(
                                            r.getLong(2),
                                            Kind.valueOf(r.getString(3)),
                                            r.getLong(4),
                                            Instant.ofEpochSecond(r.getLong(5), r.getLong(6)))),
                    ids,
                    Copies.targetId(s, target));
            return found.size();
        });
        return found;
    }

    /// A version whose copy lies in the plain tree, by its id, and what must be there.
    public record There(long version, Kind kind, long size, Instant modified) {}

    /// Notes that the copies of these versions are not where they were: they count no more.
    public void lost(String target, Collection<Long> versions) {
        IdList ids = new IdList();
        versions.forEach(ids::add);
        database.write(s -> {
            Events.append(
                    s,
                    clock.instant(),
                    "lost",
                    "{\"target\":\"%s\",\"versions\":%s}".formatted(target, ids));
            return s.run(
                    "UPDATE copy SET state = 'LOST' WHERE target_id = ? AND state IN "
                            + THERE
                            + " AND version_id IN (SELECT value FROM json_each(?))",
                    Copies.targetId(s, target),
                    ids);
        });
    }

    /// A version with a counted copy in the target's plain tree that is a hard link of the same
    /// file in the same state.
    public Optional<Version> linked(String target, Version version) {
        var f = version.fingerprint();
        return Optional.ofNullable(
                database.read(s ->
                        s.first(
                                "SELECT "
                                        + VersionRow.COLUMNS
                                        + VersionRow.FROM
                                        + "JOIN copy c ON c.version_id = v.id AND"
                                        + " c.target_id = ? WHERE v.device = ? AND v.inode"
                                        + " = ? AND v.links > 1 AND v.kind = 'FILE' AND"
                                        + " v.changed_s = ? AND v.changed_ns = ? AND v.id"
                                        + " <> ? AND i.present = 1 AND i.version_id = v.id"
                                        + " AND c.withdrawn = 0 AND c.state IN "
                                        + COUNTS
                                        + " LIMIT 1",
                                VersionRow::map,
                                Copies.targetId(s, target),
                                f.device(),
                                f.inode(),
                                f.changed().getEpochSecond(),
                                f.changed().getNano(),
                                version.id())));
    }

    /// Those of these versions whose copies are in the target's history and not to come back to its
    /// plain tree, because their items are deleted.
    public Set<Long> inHistory(String target, Collection<Version> versions) {
        IdList ids = new IdList();
        versions.forEach(version -> ids.add(version.id()));
        return new HashSet<>(
                database.read(s ->
                        s.list(
                                "SELECT c.version_id FROM json_each(?) j CROSS JOIN copy c ON"
                                        + " c.target_id = ? AND c.version_id = j.value WHERE"
                                        + " c.withdrawn = 1",
                                r -> r.getLong(1),
                                ids,
                                Copies.targetId(s, target))));
    }

    /// Versions of deleted items whose copies still lie in the target's plain tree, deepest first.
    public List<Version> toWithdraw(String target, int most) {
        return database.read(s ->
                s.list(
                        "SELECT "
                                + VersionRow.COLUMNS
                                + " FROM item i INDEXED BY item_gone JOIN source s ON s.id"
                                + " = i.source_id JOIN version v ON v.id = i.version_id"
                                + " JOIN copy c ON c.version_id = v.id AND c.target_id = ?"
                                + " WHERE i.present = 0 AND c.withdrawn = 0 AND c.state IN "
                                + THERE
                                + " ORDER BY length(i.path) DESC LIMIT ?",
                        VersionRow::map,
                        Copies.targetId(s, target),
                        most));
    }

    /// Notes that these copies were moved from the plain tree to the history.
    public void withdrawn(String target, List<Version> versions) {
        database.write(s -> {
            int id = Copies.targetId(s, target);
            for (Version version : versions) {
                s.run(
                        "UPDATE copy SET withdrawn = 1 WHERE target_id = ? AND version_id =" + " ?",
                        id,
                        version.id());
            }
            return versions.size();
        });
    }
}
