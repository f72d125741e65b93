package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which copies are to be proven again, the oldest proof first; what that shows is recorded by
/// [Verifications]. Thread-safe. Methods throw [LedgerException] if the ledger can not be read, and
/// [IllegalArgumentException] if it has no such target.
public final class DueCopies {
    private static final String COUNTED = "('DURABLE', 'VERIFIED', 'STALE')";
    private static final String PROOF = "coalesce(c.verified_at, c.recorded_at)";

    private final Database database;

    DueCopies(Database database) {
        this.database = database;
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

    private static List<Due> ofVersions(Session s, int target, Scope scope) throws SQLException {
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
                DueCopies::due,
                scope.ids(),
                target,
                Instants.nanos(scope.provenBefore));
    }

    private static List<Due> ofAll(
            Session s, int target, Scope scope, long mostBytes, Instant overdue)
            throws SQLException {
        List<Due> due = new ArrayList<>();
        // without a proof that holds: a walk over the few that have none
        due.addAll(
                s.list(
                        "SELECT c.version_id, v.size, NULL FROM copy c INDEXED BY copy_unproven JOIN"
                                + " version v ON v.id = c.version_id WHERE c.target_id = ? AND"
                                + " (c.state = 'ACKED' OR c.state = 'SUSPECT' OR c.state = 'LOST') AND"
                                + " (c.state = 'ACKED' OR ?) ORDER BY c.version_id",
                        DueCopies::due,
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
                            DueCopies::due,
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

    private static List<Due> ofSome(Session s, int target, Scope scope) throws SQLException {
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
                            DueCopies::due,
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

    private static List<DueObject> objects(Session s, int target, Scope scope, At at)
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
            Session s, int target, Scope scope, String which, @Nullable Object... more)
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
}
