package dev.caravan.ledger;

import dev.caravan.item.Version;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The copies: claimed by copy routes, recorded with their evidence. The queue of every target.
/// Thread-safe.
public final class Copies {
    /// A segment has tens of thousands of copies. As long as they are recorded no other lane claims
    /// or records, and once a transaction has split a page SQLite writes what each statement
    /// changes to a file of its own, to its end.
    private static final int RECORDED_AT_ONCE = 1000;

    private final Database database;
    private final Clock clock;

    Copies(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// A lease of one running program: what it claimed is its own until the lease runs out.
    public long lease(String owner, Duration duration) {
        return database.write(s ->
                s.insert(
                        "INSERT INTO lease (owner, expires_at) VALUES (?, ?)",
                        owner,
                        Instants.nanos(clock.instant().plus(duration))));
    }

    public void renew(long lease, Duration duration) {
        database.write(s ->
                s.run(
                        "UPDATE lease SET expires_at = ? WHERE id = ?",
                        Instants.nanos(clock.instant().plus(duration)),
                        lease));
    }

    /// Puts back what dead programs had claimed. Called while opening, under the home's lock: then
    /// no other program is alive and no lease needs to run out.
    void requeueDead() {
        database.write(s -> {
            int back =
                    s.run(
                            "UPDATE copy SET state = 'WANTED', lease_id = NULL WHERE state ="
                                    + " 'WRITING'");
            s.run("DELETE FROM lease");
            s.run(
                    "UPDATE target SET state = 'READY', attempts = 0, next_at = 0, last_error = NULL WHERE"
                            + " state <> 'READY'");
            s.run("UPDATE copy SET next_at = 0 WHERE state = 'WANTED' AND next_at > 0");
            return back;
        });
    }

    /// Claims wanted copies that are due, oldest versions first: every target goes in the same
    /// order.
    ///
    /// @param most how many at most
    /// @param mostBytes stop after the version that reaches this sum
    public List<Version> claim(String target, long lease, int most, long mostBytes) {
        long now = Instants.nanos(clock.instant());
        return database.write(s -> {
            Integer id = targetId(s, target);
            List<Version> due = due(s, id, now, most, mostBytes);
            if (!due.isEmpty()) {
                s.run(
                        "UPDATE copy SET state = 'WRITING', lease_id = ? WHERE target_id ="
                                + " ? AND version_id BETWEEN ? AND ? AND state = 'WANTED' AND"
                                + " next_at <= ?",
                        lease,
                        id,
                        due.getFirst().id(),
                        due.getLast().id(),
                        now);
            }
            return due;
        });
    }

    private static List<Version> due(Session s, int target, long now, int most, long mostBytes)
            throws SQLException {
        long[] before = {0, 0}; // how many, how many bytes
        return s.listWhile(
                "SELECT "
                        + VersionRow.COLUMNS
                        + " FROM copy c INDEXED BY copy_wanted JOIN version v ON v.id ="
                        + " c.version_id JOIN item i ON i.id = v.item_id JOIN source s ON"
                        + " s.id = i.source_id WHERE c.target_id = ? AND c.state ="
                        + " 'WANTED' AND c.next_at <= ? ORDER BY c.version_id LIMIT ?",
                VersionRow::map,
                version -> {
                    before[1] += version.metadata().size();
                    return before[0]++ == 0 || before[1] <= mostBytes;
                },
                target,
                now,
                most);
    }

    /// Gives claimed copies back untouched, for instance because their target can not take any.
    public void release(String target, long lease, List<Version> versions) {
        database.write(s -> {
            int id = targetId(s, target);
            for (Version version : versions) {
                s.run(
                        "UPDATE copy SET state = 'WANTED', lease_id = NULL WHERE target_id"
                                + " = ? AND version_id = ? AND lease_id = ?",
                        id,
                        version.id(),
                        lease);
            }
            return versions.size();
        });
    }

    /// Puts back all that this lease has claimed for a target: for an owner that lost track of it.
    public void putBack(String target, long lease) {
        database.write(s ->
                s.run(
                        "UPDATE copy SET state = 'WANTED', lease_id = NULL WHERE target_id ="
                                + " ? AND state = 'WRITING' AND lease_id = ?",
                        targetId(s, target),
                        lease));
    }

    /// Puts one claimed copy back to be tried again after `wait`.
    public void retry(String target, long lease, Version version, String error, Duration wait) {
        database.write(s -> retry(s, target, lease, version, error, wait));
    }

    /// Puts all these claimed copies back to be tried again after `wait`.
    public void retry(
            String target, long lease, List<Version> versions, String error, Duration wait) {
        database.write(s -> {
            for (Version version : versions) {
                retry(s, target, lease, version, error, wait);
            }
            return versions.size();
        });
    }

    private int retry(
            Session s, String target, long lease, Version version, String error, Duration wait)
            throws SQLException {
        return s.run(
                "UPDATE copy SET state = 'WANTED', lease_id = NULL, attempts = attempts + 1,"
                        + " next_at = ?, last_error = ? WHERE target_id = ? AND version_id = ? AND"
                        + " lease_id = ?",
                Instants.nanos(clock.instant().plus(wait)),
                error,
                targetId(s, target),
                version.id(),
                lease);
    }

    /// How often this copy was tried in vain since it was last put to order.
    public int attempts(String target, Version version) {
        return database.read(s -> {
            Integer attempts =
                    s.first(
                            "SELECT attempts FROM copy WHERE target_id = ? AND version_id =" + " ?",
                            r -> r.getInt(1),
                            targetId(s, target),
                            version.id());
            return attempts == null ? 0 : attempts;
        });
    }

    /// Records proven copies with their evidence, up to 1000 in one transaction. If it ends with an
    /// exception, some may count already: those that do are not {@linkplain #retry put back}.
    ///
    /// @param proofs at least one
    /// @param lockedUntil by the names of objects, until when nobody can change them
    /// @return those that were not recorded, because another read of the same version had another
    ///   hash or because the claim was no longer ours
    public List<CopyProof> record(
            String target,
            long lease,
            Evidence evidence,
            List<CopyProof> proofs,
            Map<String, Instant> lockedUntil) {
        List<CopyProof> refused = new ArrayList<>();
        Recording recording =
                database.write(s -> {
                    int id = targetId(s, target);
                    var begun = new Recording(s, id, lease, evidence, lockedUntil);
                    refused.addAll(begun.record(target, chunk(proofs, 0)));
                    return begun;
                });
        for (int from = RECORDED_AT_ONCE; from < proofs.size(); from += RECORDED_AT_ONCE) {
            List<CopyProof> more = chunk(proofs, from);
            refused.addAll(database.write(s -> recording.record(target, more)));
        }
        return refused;
    }

    /// As the other, of what nothing is locked.
    public List<CopyProof> record(
            String target, long lease, Evidence evidence, List<CopyProof> proofs) {
        return record(target, lease, evidence, proofs, Map.of());
    }

    private static List<CopyProof> chunk(List<CopyProof> proofs, int from) {
        return proofs.subList(from, Math.min(from + RECORDED_AT_ONCE, proofs.size()));
    }

    /// What became of a copy whose bytes can not be had from the source any more.
    public enum Abandoned {
        /// No copy of the version was ever made: the version is forgotten, a scan sees the newer
        /// one.
        FORGOTTEN,
        /// Another target has, or is just making, a copy: this one is made from it later.
        WAITS
    }

    /// Gives up reading a version from its source.
    public Abandoned abandon(
            String target, long lease, Version version, String error, Duration wait) {
        return database.write(s -> {
            if (replacesForNothing(s, target, version)) {
                Repair.giveUp(s, targetId(s, target), version.id(), error);
                return Abandoned.WAITS;
            }
            boolean elsewhere =
                    s.one(
                                    // by target, because the key of a copy begins with it
                                    "SELECT count(*) FROM target t CROSS JOIN copy c ON c.target_id ="
                                            + " t.id AND c.version_id = ? WHERE (c.state NOT IN"
                                            + " ('WANTED', 'FAILED') OR c.replaces IS NOT NULL) AND"
                                            + " NOT (c.target_id = ? AND c.lease_id IS ?)",
                                    r -> r.getInt(1),
                                    version.id(),
                                    targetId(s, target),
                                    lease)
                            > 0;
            if (elsewhere) {
                retry(s, target, lease, version, error, wait);
                return Abandoned.WAITS;
            }
            Long item =
                    s.first(
                            "SELECT item_id FROM version WHERE id = ?",
                            r -> r.getLong(1),
                            version.id());
            if (item != null) {
                deleteVersion(s, item, version.id(), clock.instant());
            }
            return Abandoned.FORGOTTEN;
        });
    }

    /// Whether this copy was to be made anew and there is nothing good left to make it from.
    private static boolean replacesForNothing(Session s, String target, Version version)
            throws SQLException {
        return s.first(
                        "SELECT 1 FROM copy c WHERE c.target_id = ? AND c.version_id = ? AND"
                                + " c.replaces IS NOT NULL AND NOT EXISTS (SELECT 1 FROM target g"
                                + " CROSS JOIN copy o ON o.target_id = g.id AND o.version_id ="
                                + " c.version_id WHERE o.state IN ('DURABLE', 'VERIFIED', 'STALE'))",
                        r -> 1,
                        targetId(s, target),
                        version.id())
                != null;
    }

    /// Whether this copy is made anew because it was found bad or missing: then nothing that lies
    /// on the target already may stand for it.
    public boolean isRepair(String target, Version version) {
        return database.read(s ->
                s.first(
                                "SELECT 1 FROM copy WHERE target_id = ? AND version_id = ? AND replaces"
                                        + " IS NOT NULL",
                                r -> 1,
                                targetId(s, target),
                                version.id())
                        != null);
    }

    static void deleteVersion(Session s, long item, long version, Instant now) throws SQLException {
        Parts.giveUp(s, now, version);
        s.run(
                "DELETE FROM copy WHERE target_id IN (SELECT id FROM target) AND version_id = ?",
                version);
        s.run("DELETE FROM version WHERE id = ?", version);
        s.run(
                "UPDATE item SET version_id = (SELECT max(id) FROM version WHERE item_id = ?1)"
                        + " WHERE id = ?1",
                item);
        int forgotten =
                s.run(
                        "DELETE FROM item WHERE id = ?1 AND version_id IS NULL AND present = 0",
                        item);
        if (forgotten > 0) {
            History.forget(s, item);
        }
    }

    /// Whether a copy for this target is due at `when`; looks at one row if there is.
    public boolean isDue(String target, Instant when) {
        return database.read(s ->
                s.first(
                                "SELECT 1 FROM copy INDEXED BY copy_wanted WHERE target_id"
                                        + " = ? AND state = 'WANTED' AND next_at <= ? LIMIT 1",
                                r -> 1,
                                targetId(s, target),
                                Instants.nanos(when))
                        != null);
    }

    /// How many copies this target still wants. Looks at all of them: for people, not for loops.
    public Queue queue(String target) {
        return database.read(s ->
                s.one(
                        "SELECT count(*), coalesce(sum(v.size), 0) FROM copy c INDEXED BY"
                                + " copy_wanted JOIN version v ON v.id = c.version_id WHERE"
                                + " c.target_id = ? AND c.state = 'WANTED'",
                        r -> new Queue(r.getLong(1), r.getLong(2)),
                        targetId(s, target)));
    }

    /// Whether at least so many bytes, or so many copies, are wanted.
    public boolean isWorth(String target, int copies, long bytes) {
        return database.read(s ->
                s.one(
                        "SELECT count(*) >= ?3 OR coalesce(sum(size), 0) >= ?2 FROM (SELECT"
                                + " v.size AS size FROM copy c INDEXED BY copy_wanted JOIN"
                                + " version v ON v.id = c.version_id WHERE c.target_id ="
                                + " ?1 AND c.state = 'WANTED' LIMIT ?3)",
                        r -> r.getInt(1) == 1,
                        targetId(s, target),
                        bytes,
                        copies));
    }

    /// What a target has before it.
    public record Queue(long copies, long bytes) {}

    static int targetId(Session s, String target) throws SQLException {
        Integer id = s.first("SELECT id FROM target WHERE name = ?", r -> r.getInt(1), target);
        if (id == null) {
            throw new IllegalArgumentException("target '" + target + "' is not in the ledger");
        }
        return id;
    }
}
