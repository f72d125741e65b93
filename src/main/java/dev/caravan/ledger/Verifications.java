package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which copies are to be proven again, the oldest proof first, and what that showed of copies that
/// lie as plain files. Thread-safe.
public final class Verifications {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String COUNTED = "('DURABLE', 'VERIFIED', 'STALE')";
    private static final String PROOF = "coalesce(c.verified_at, c.recorded_at)";
    private static final int NAMED = 100;

    private final Database database;
    private final Clock clock;

    Verifications(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// What is to be verified.
    ///
    /// @param where only copies of items at or below one of these; empty for all. The root of a
    ///   source is all of it
    /// @param provenBefore only copies whose last proof is older than this, and those without any
    /// @param bad also what a verify found bad before, or missing: a person may have put it right
    /// @param versions only copies of these; empty for all. Then `where` is empty
    public record Scope(List<At> where, Instant provenBefore, boolean bad, Set<Long> versions) {
        public Scope {
            where = List.copyOf(where);
            versions = Set.copyOf(versions);
        }

        /// Of all versions.
        public Scope(List<At> where, Instant provenBefore, boolean bad) {
            this(where, provenBefore, bad, Set.of());
        }

        /// All copies of these versions that count, however young their proofs are, and whatever
        /// the clock says by now.
        public static Scope of(Set<Long> versions) {
            return new Scope(List.of(), Instants.of(Long.MAX_VALUE), false, versions);
        }

        private IdList ids() {
            IdList ids = new IdList();
            versions.forEach(ids::add);
            return ids;
        }
    }

    /// An item and all below it.
    public record At(String source, ItemPath path) {}

    /// A copy that is to be verified and lies as itself.
    ///
    /// @param bytes of its version
    /// @param proven when it last was; null if it was not, or the proof failed
    public record Due(long version, long bytes, @Nullable Instant proven) {}

    /// The copies of a target that are due, those without a proof first, then the oldest proof
    /// first, and where that is equal those whose versions have fewest other copies.
    ///
    /// @param mostBytes enough with so many, but for copies proven before `overdue`
    /// @param overdue proofs older than this are too old, whatever `mostBytes` says
    public List<Due> plain(String target, Scope scope, long mostBytes, Instant overdue) {
        List<Due> due =
                database.read(s -> {
                    int id = Copies.targetId(s, target);
                    if (!scope.versions.isEmpty()) {
                        return ofVersions(s, id, scope);
                    }
                    return scope.where.isEmpty()
                            ? ofAll(s, id, scope, mostBytes, overdue)
                            : ofSome(s, id, scope);
                });
        return cut(due, mostBytes, overdue);
    }

    private static List<Due> ofVersions(Database.Session s, int target, Scope scope)
            throws SQLException {
        return s.list(
                "SELECT c.version_id, v.size, "
                        + PROOF
                        + " FROM json_each(?1) j CROSS JOIN copy c ON c.target_id = ?2 AND"
                        + " c.version_id = j.value JOIN version v ON v.id = c.version_id WHERE"
                        + " c.state IN "
                        + COUNTED
                        + " AND "
                        + PROOF
                        + " < ?3 ORDER BY c.version_id",
                Verifications::due,
                scope.ids(),
                target,
                Instants.nanos(scope.provenBefore));
    }

    private static List<Due> ofAll(
            Database.Session s, int target, Scope scope, long mostBytes, Instant overdue)
            throws SQLException {
        List<Due> due = new ArrayList<>();
        // without a proof that holds: a walk over the few that have none
        due.addAll(
                s.list(
                        "SELECT c.version_id, v.size, NULL FROM copy c INDEXED BY copy_unproven JOIN"
                                + " version v ON v.id = c.version_id WHERE c.target_id = ? AND"
                                + " (c.state = 'ACKED' OR c.state = 'SUSPECT' OR c.state = 'LOST') AND"
                                + " (c.state = 'ACKED' OR ?) ORDER BY c.version_id",
                        Verifications::due,
                        target,
                        scope.bad));
        List<Due> proven = new ArrayList<>();
        for (String state : List.of("DURABLE", "VERIFIED", "STALE")) {
            Budget budget = new Budget(mostBytes, overdue);
            proven.addAll(
                    s.listWhile(
                            "SELECT c.version_id, v.size, "
                                    + PROOF
                                    + " FROM copy c INDEXED BY copy_proof CROSS JOIN version v ON"
                                    + " v.id = c.version_id WHERE c.target_id = ?1 AND c.state = '"
                                    + state
                                    + "' AND "
                                    + PROOF
                                    + " < ?2 ORDER BY "
                                    + PROOF
                                    + ", "
                                    + OTHERS,
                            Verifications::due,
                            budget::takes,
                            target,
                            Instants.nanos(scope.provenBefore)));
        }
        // each of the three is in order; the sort is stable, and keeps what is equal as it was
        proven.sort(Comparator.comparing(Due::proven, Comparator.nullsFirst(Instant::compareTo)));
        due.addAll(proven);
        return due;
    }

    /// How many other copies the version of `c` has.
    private static final String OTHERS =
            "(SELECT count(*) FROM target t CROSS JOIN copy o ON o.target_id = t.id AND o.version_id"
                    + " = c.version_id WHERE t.id <> c.target_id AND o.state IN "
                    + COUNTED
                    + ")";

    private static List<Due> ofSome(Database.Session s, int target, Scope scope)
            throws SQLException {
        List<Due> due = new ArrayList<>();
        for (At at : scope.where) {
            due.addAll(
                    s.list(
                            "SELECT c.version_id, v.size, CASE WHEN c.state IN "
                                    + COUNTED
                                    + " THEN "
                                    + PROOF
                                    + " END FROM source s CROSS JOIN item i ON i.source_id = s.id"
                                    + " CROSS JOIN version v ON v.item_id = i.id CROSS JOIN copy c ON"
                                    + " c.target_id = ?1 AND c.version_id = v.id WHERE s.name = ?2 AND "
                                    + BELOW
                                    + " AND "
                                    + DUE
                                    + " ORDER BY 3, "
                                    + OTHERS,
                            Verifications::due,
                            target,
                            at.source,
                            at.path.bytes(),
                            below(at.path, '/'),
                            below(at.path, '/' + 1),
                            Instants.nanos(scope.provenBefore),
                            scope.bad));
        }
        return due.stream()
                .distinct()
                .sorted(
                        Comparator.comparing(
                                Due::proven, Comparator.nullsFirst(Instant::compareTo)))
                .toList();
    }

    /// Item `i` is at or below the path in `?3`; `?4` and `?5` are [#below].
    private static final String BELOW =
            "(length(?3) = 0 OR i.path = ?3 OR i.path >= ?4 AND i.path < ?5)";

    /// Copy `c` is in the scope: `?6` is before when, `?7` whether bad ones are.
    private static final String DUE =
            "(c.state IN "
                    + COUNTED
                    + " AND "
                    + PROOF
                    + " < ?6 OR c.state = 'ACKED' OR ?7 AND c.state IN ('SUSPECT', 'LOST'))";

    private static byte[] below(ItemPath path, int last) {
        byte[] bytes = java.util.Arrays.copyOf(path.bytes(), path.bytes().length + 1);
        bytes[bytes.length - 1] = (byte) last;
        return bytes;
    }

    private static Due due(java.sql.ResultSet row) throws SQLException {
        return new Due(row.getLong(1), row.getLong(2), Instants.nullable(row, 3));
    }

    private static List<Due> cut(List<Due> due, long mostBytes, Instant overdue) {
        Budget budget = new Budget(mostBytes, overdue);
        return due.stream().takeWhile(budget::takes).toList();
    }

    /// Takes what comes, until a sum is reached; what has no proof, or too old a one, beyond it.
    private static final class Budget {
        private final long mostBytes;
        private final Instant overdue;
        private long sum;

        Budget(long mostBytes, Instant overdue) {
            this.mostBytes = mostBytes;
            this.overdue = overdue;
        }

        boolean takes(Due due) {
            Instant proven = due.proven;
            boolean takes = sum < mostBytes || proven != null && proven.isBefore(overdue);
            sum += due.bytes;
            return takes;
        }
    }

    /// A stored object whose copies are due.
    ///
    /// @param proven when the copy in it with the oldest proof last was; null if one has none
    public record DueObject(TapeFiles.Held held, @Nullable Instant proven) {}

    /// The stored objects of a target in which a copy is due, in the order of [#plain]. To be read
    /// as a whole, whatever of it is due. Looks at all copies of the target.
    public List<DueObject> objects(String target, Scope scope) {
        return database.read(s -> {
            int id = Copies.targetId(s, target);
            if (!scope.versions.isEmpty()) {
                return objects(
                        s,
                        id,
                        scope,
                        " AND c.version_id IN (SELECT value FROM json_each(?4))",
                        scope.ids().toString());
            }
            if (scope.where.isEmpty()) {
                return objects(s, id, scope, "");
            }
            List<DueObject> all = new ArrayList<>();
            for (At at : scope.where) {
                objects(s, id, scope, at).stream()
                        .filter(each ->
                                all.stream().noneMatch(known -> known.held.equals(each.held)))
                        .forEach(all::add);
            }
            return all;
        });
    }

    private static List<DueObject> objects(Database.Session s, int target, Scope scope, At at)
            throws SQLException {
        String versions =
                "SELECT v.id FROM source s CROSS JOIN item i ON i.source_id = s.id CROSS JOIN"
                        + " version v ON v.item_id = i.id WHERE s.name = ?4 AND (length(?5) = 0 OR"
                        + " i.path = ?5 OR i.path >= ?6 AND i.path < ?7)";
        return objects(
                s,
                target,
                scope,
                " AND c.version_id IN (" + versions + ")",
                at.source,
                at.path.bytes(),
                below(at.path, '/'),
                below(at.path, '/' + 1));
    }

    /// @param which of the copies of the target, in SQL; `c` is the copy
    private static List<DueObject> objects(
            Database.Session s, int target, Scope scope, String which, @Nullable Object... more)
            throws SQLException {
        @Nullable Object[] values = new @Nullable Object[3 + more.length];
        values[0] = target;
        values[1] = Instants.nanos(scope.provenBefore);
        values[2] = scope.bad;
        System.arraycopy(more, 0, values, 3, more.length);
        String written = "('ACKED', 'DURABLE', 'VERIFIED', 'STALE', 'SUSPECT', 'LOST')";
        String due =
                "(c.state IN "
                        + COUNTED
                        + " OR c.state = 'ACKED' OR ?3 AND c.state IN ('SUSPECT', 'LOST'))"
                        + which;
        return s.list(
                "SELECT t.name, o.name, coalesce(w.name, ''), coalesce(w.uuid, ''),"
                        + " coalesce(o.tape_file, 0), coalesce(o.block, 0), o.bytes, o.segment,"
                        + " o.sha256, g.copies, g.unproven, g.first, g.last, o.encrypted_for, nullif(g.oldest, -1) FROM"
                        + " (SELECT object_id, count(*) AS copies, sum(NOT counted) AS unproven,"
                        + " min(version_id) AS first, max(version_id) AS last, min(CASE WHEN due THEN"
                        + " CASE WHEN counted THEN proof ELSE -1 END END) AS oldest FROM (SELECT"
                        + " c.object_id, c.version_id, c.state IN "
                        + COUNTED
                        + " AS counted, "
                        + PROOF
                        + " AS proof, "
                        + due
                        + " AS due FROM copy c WHERE c.target_id = ?1 AND c.parts = 1 AND c.object_id"
                        + " IS NOT NULL AND c.state IN "
                        + written
                        + " UNION ALL SELECT p.object_id, p.version_id, c.state IN "
                        + COUNTED
                        + ", coalesce(p.verified_at, p.recorded_at), "
                        + due
                        + " FROM part p CROSS JOIN copy c ON c.target_id = p.target_id AND c.version_id ="
                        + " p.version_id WHERE p.target_id = ?1 AND p.void = 0 AND c.parts > 1 AND"
                        + " c.state IN "
                        + written
                        + ") GROUP BY object_id) g JOIN object o ON o.id = g.object_id JOIN target t ON"
                        + " t.id = o.target_id LEFT JOIN volume w ON w.id = o.volume_id WHERE g.oldest"
                        + " < ?2 ORDER BY g.oldest, (SELECT count(*) FROM target x CROSS JOIN copy y ON"
                        + " y.target_id = x.id AND y.version_id = g.first WHERE x.id <> ?1 AND y.state IN "
                        + COUNTED
                        + "), o.id",
                r -> new DueObject(TapeFiles.held(r), Instants.nullable(r, 15)),
                values);
    }

    /// A copy that lies as itself.
    ///
    /// @param inPlainTree whether the ledger has it in the plain current tree: else it is in the
    ///   history
    /// @param moving whether it may just be on its way there: a newer version is to be copied, or
    ///   the item is gone and its copy not withdrawn yet
    public record Plain(Version version, CopyState state, boolean inPlainTree, boolean moving) {}

    /// The copies of these versions, those that were written.
    public List<Plain> copies(String target, Collection<Long> versions) {
        IdList ids = new IdList();
        versions.forEach(ids::add);
        return database.read(s ->
                s.list(
                        "SELECT "
                                + VersionRow.COLUMNS
                                + ", c.state, c.withdrawn = 0 AND NOT EXISTS (SELECT 1 FROM version n"
                                + " CROSS JOIN copy d ON d.target_id = c.target_id AND d.version_id ="
                                + " n.id WHERE n.item_id = v.item_id AND n.id > v.id AND d.withdrawn ="
                                + " 0 AND d.state IN "
                                + COUNTED
                                + "), i.present = 0 AND c.withdrawn = 0 OR EXISTS (SELECT 1 FROM version n"
                                + " CROSS JOIN copy d ON d.target_id = c.target_id AND d.version_id ="
                                + " n.id WHERE n.item_id = v.item_id AND n.id > v.id AND d.state IN"
                                + " ('WANTED', 'WRITING')) FROM json_each(?1) j CROSS JOIN copy c ON c.target_id = ?2 AND"
                                + " c.version_id = j.value JOIN version v ON v.id = c.version_id JOIN"
                                + " item i ON i.id = v.item_id JOIN source s ON s.id = i.source_id"
                                + " WHERE c.state NOT IN ('WANTED', 'WRITING', 'FAILED', 'RETIRED')",
                        r ->
                                new Plain(
                                        VersionRow.map(r),
                                        CopyState.valueOf(r.getString(20)),
                                        r.getBoolean(21),
                                        r.getBoolean(22)),
                        ids,
                        Copies.targetId(s, target)));
    }

    /// What verifying copies that lie as themselves showed.
    ///
    /// @param good versions whose copies are what they should be
    /// @param wrong why those of these are not
    /// @param missing why those of these are not there
    public record Found(
            Evidence evidence,
            Collection<Long> good,
            Map<Long, String> wrong,
            Map<Long, String> missing) {}

    /// Records it, in one transaction: good copies get this evidence and count, others are out of
    /// the count at once.
    public TapeFiles.Outcome record(String target, Found found) {
        Evidence evidence = found.evidence;
        return database.write(s -> {
            int id = Copies.targetId(s, target);
            long fell = counted(s, id, found.wrong.keySet());
            fell += counted(s, id, found.missing.keySet());
            long verified = found.good.isEmpty() ? 0 : verified(s, id, evidence, found.good);
            long wrong = bad(s, id, "SUSPECT", found.wrong);
            long missing = bad(s, id, "LOST", found.missing);
            if (verified > 0) {
                Events.append(
                        s,
                        evidence.at(),
                        "verified",
                        JSON.createObjectNode()
                                .put("target", target)
                                .put("copies", verified)
                                .put("bytes", evidence.bytesRead())
                                .put("method", evidence.method())
                                .toString());
            }
            append(s, evidence.at(), "suspect", target, wrong, found.wrong);
            append(s, evidence.at(), "missing", target, missing, found.missing);
            return new TapeFiles.Outcome(verified, wrong + missing, fell);
        });
    }

    private static void append(
            Database.Session s,
            Instant at,
            String kind,
            String target,
            long copies,
            Map<Long, String> why)
            throws SQLException {
        if (copies > 0) {
            ObjectNode detail =
                    JSON.createObjectNode()
                            .put("target", target)
                            .put("copies", copies)
                            .put("first", why.values().iterator().next());
            var versions = detail.putArray("versions");
            why.keySet().stream().limit(NAMED).forEach(versions::add);
            Events.append(s, at, kind, detail.toString());
        }
    }

    private static long counted(Database.Session s, int target, Collection<Long> versions)
            throws SQLException {
        IdList ids = new IdList();
        versions.forEach(ids::add);
        return s.one(
                "SELECT count(*) FROM json_each(?1) j CROSS JOIN copy c ON c.target_id = ?2 AND"
                        + " c.version_id = j.value WHERE c.state IN "
                        + COUNTED,
                r -> r.getLong(1),
                ids,
                target);
    }

    /// A copy that is wanted anew by now, or given up, stays so.
    private static final String WRITTEN =
            "state IN ('ACKED', 'DURABLE', 'VERIFIED', 'STALE', 'SUSPECT', 'LOST')";

    private static long verified(
            Database.Session s, int target, Evidence evidence, Collection<Long> versions)
            throws SQLException {
        IdList ids = new IdList();
        versions.forEach(ids::add);
        return s.run(
                "UPDATE copy SET state = 'VERIFIED', evidence_id = ?1, verified_at = ?2, recorded_at"
                        + " = coalesce(recorded_at, ?2), attempts = 0, last_error = NULL WHERE"
                        + " target_id = ?3 AND version_id IN (SELECT value FROM json_each(?4)) AND "
                        + WRITTEN,
                EvidenceRow.insert(s, evidence),
                Instants.nanos(evidence.at()),
                target,
                ids);
    }

    private static long bad(Database.Session s, int target, String state, Map<Long, String> why)
            throws SQLException {
        long changed = 0;
        for (Map.Entry<Long, String> each : why.entrySet()) {
            changed +=
                    s.run(
                            "UPDATE copy SET state = ?1, last_error = ?2 WHERE target_id = ?3 AND"
                                    + " version_id = ?4 AND "
                                    + WRITTEN,
                            state,
                            each.getValue(),
                            target,
                            each.getKey());
        }
        return changed;
    }

    /// How long ago the counted copy of a target with the oldest proof was proven; empty if none
    /// counts. Three looks into an index.
    public Optional<Instant> oldestProof(String target) {
        OptionalLong oldest =
                database.read(s -> {
                    int id = Copies.targetId(s, target);
                    long least = Long.MAX_VALUE;
                    for (String state : List.of("DURABLE", "VERIFIED", "STALE")) {
                        Long of =
                                s.first(
                                        "SELECT "
                                                + PROOF
                                                + " FROM copy c INDEXED BY copy_proof WHERE"
                                                + " c.target_id = ? AND c.state = '"
                                                + state
                                                + "' ORDER BY "
                                                + PROOF
                                                + " LIMIT 1",
                                        r -> r.getLong(1),
                                        id);
                        least = of == null ? least : Math.min(least, of);
                    }
                    return least == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(least);
                });
        return oldest.isPresent() ? Optional.of(Instants.of(oldest.getAsLong())) : Optional.empty();
    }

    /// When a proof is complete.
    public Instant now() {
        return clock.instant();
    }
}
