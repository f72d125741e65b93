package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Version;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The copies: claimed by copy routes, recorded with their evidence. The queue of every target.
/// Thread-safe.
public final class Copies {
    private static final String COUNTS = "('DURABLE', 'VERIFIED', 'STALE')";

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
                    "UPDATE target SET state = 'READY', attempts = 0, next_at = 0 WHERE"
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

    private static List<Version> due(
            Database.Session s, int target, long now, int most, long mostBytes)
            throws SQLException {
        List<Version> due = new ArrayList<>();
        long bytes = 0;
        for (Version version :
                s.list(
                        "SELECT "
                                + VersionRow.COLUMNS
                                + " FROM copy c INDEXED BY copy_wanted JOIN version v ON v.id ="
                                + " c.version_id JOIN item i ON i.id = v.item_id JOIN source s ON"
                                + " s.id = i.source_id WHERE c.target_id = ? AND c.state ="
                                + " 'WANTED' AND c.next_at <= ? ORDER BY c.version_id LIMIT ?",
                        VersionRow::map,
                        target,
                        now,
                        most)) {
            if (!due.isEmpty() && bytes + version.metadata().size() > mostBytes) {
                break;
            }
            due.add(version);
            bytes += version.metadata().size();
        }
        return due;
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

    /// Puts one claimed copy back to be tried again after `wait`.
    public void retry(String target, long lease, Version version, String error, Duration wait) {
        database.write(s -> retry(s, target, lease, version, error, wait));
    }

    private int retry(
            Database.Session s,
            String target,
            long lease,
            Version version,
            String error,
            Duration wait)
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

    /// Records proven copies, all in one transaction with their evidence.
    ///
    /// @return those that were not recorded, because another read of the same version had another
    ///   hash or because the claim was no longer ours
    public List<CopyProof> record(
            String target, long lease, Evidence evidence, List<CopyProof> proofs) {
        return database.write(
                s -> new Recording(s, targetId(s, target), lease, evidence).record(target, proofs));
    }

    /// The statements of one recording transaction.
    private static final class Recording {
        private final Database.Session s;
        private final int target;
        private final long lease;
        private final Evidence evidence;
        private final long evidenceId;
        private final long at;
        private @Nullable StoredObject lastObject;
        private long lastObjectId;

        Recording(Database.Session s, int target, long lease, Evidence evidence)
                throws SQLException {
            this.s = s;
            this.target = target;
            this.lease = lease;
            this.evidence = evidence;
            this.at = Instants.nanos(evidence.at());
            this.evidenceId =
                    s.insert(
                            "INSERT INTO evidence (method, level, at, program) VALUES (?, ?, ?, ?)",
                            evidence.method(),
                            evidence.level(),
                            at,
                            evidence.program());
        }

        List<CopyProof> record(String name, List<CopyProof> proofs) throws SQLException {
            List<CopyProof> refused = new ArrayList<>();
            long bytes = 0;
            for (CopyProof proof : proofs) {
                if (isOfThisVersion(proof) && store(proof)) {
                    setHash(proof);
                    bytes += proof.bytesRead();
                } else {
                    refused.add(proof);
                }
            }
            Events.append(
                    s,
                    evidence.at(),
                    "recorded",
                    "{\"target\":\"%s\",\"copies\":%d,\"bytes\":%d,\"method\":\"%s\"}"
                            .formatted(
                                    name,
                                    proofs.size() - refused.size(),
                                    bytes,
                                    evidence.method()));
            return refused;
        }

        /// Every complete read of a version must give the hash of the first one. A file's copy that
        /// comes without a hash was not read, so nothing is known of its bytes.
        private boolean isOfThisVersion(CopyProof proof) throws SQLException {
            byte[][] known = {null};
            boolean[] found = {false};
            s.each(
                    "SELECT sha256 FROM version WHERE id = ?",
                    r -> {
                        known[0] = r.getBytes(1);
                        found[0] = true;
                    },
                    proof.version().id());
            if (proof.sha256() == null) {
                return found[0] && proof.version().metadata().kind() != Kind.FILE;
            }
            return found[0]
                    && (known[0] == null || Arrays.equals(known[0], proof.sha256().bytes()));
        }

        private void setHash(CopyProof proof) throws SQLException {
            if (proof.sha256() != null) {
                s.run(
                        "UPDATE version SET sha256 = ? WHERE id = ? AND sha256 IS NULL",
                        proof.sha256().bytes(),
                        proof.version().id());
            }
        }

        private boolean store(CopyProof proof) throws SQLException {
            boolean verified = evidence.level() != Evidence.Level.V1;
            return s.run(
                            "UPDATE copy SET state = ?, lease_id = NULL, attempts = 0, next_at = 0,"
                                    + " last_error = NULL, object_id = ?, offset = ?, evidence_id = ?,"
                                    + " sha256 = ?, bytes_read = ?, recorded_at = ?, verified_at = ?"
                                    + " WHERE target_id = ? AND version_id = ? AND lease_id = ?",
                            verified ? CopyState.VERIFIED : CopyState.DURABLE,
                            proof.object() == null ? null : objectId(proof.object()),
                            proof.object() == null ? null : proof.offset(),
                            evidenceId,
                            proof.sha256() == null ? null : proof.sha256().bytes(),
                            proof.bytesRead(),
                            at,
                            verified ? at : null,
                            target,
                            proof.version().id(),
                            lease)
                    == 1;
        }

        private long objectId(StoredObject object) throws SQLException {
            if (!object.equals(lastObject)) {
                Long volume = object.tape() == null ? null : volumeId(object.tape());
                lastObjectId =
                        s.insert(
                                "INSERT INTO object (target_id, name, volume_id, tape_file, block,"
                                        + " bytes, segment, recorded_at) VALUES (?, ?, ?, ?, ?, ?,"
                                        + " ?, ?)",
                                target,
                                object.name(),
                                volume,
                                object.tape() == null ? null : object.tape().file(),
                                object.tape() == null ? null : object.tape().block(),
                                object.bytes(),
                                object.segment(),
                                at);
                lastObject = object;
            }
            return lastObjectId;
        }

        private long volumeId(StoredObject.OnTape tape) throws SQLException {
            Long known =
                    s.first(
                            "SELECT id FROM volume WHERE target_id = ? AND name = ? AND uuid = ?",
                            r -> r.getLong(1),
                            target,
                            tape.volume(),
                            tape.uuid());
            return known != null
                    ? known
                    : s.insert(
                            "INSERT INTO volume (target_id, name, uuid) VALUES (?, ?, ?)",
                            target,
                            tape.volume(),
                            tape.uuid());
        }
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
            boolean elsewhere =
                    s.one(
                                    "SELECT count(*) FROM copy WHERE version_id = ? AND"
                                            + " state NOT IN ('WANTED', 'FAILED') AND NOT"
                                            + " (target_id = ? AND lease_id IS ?)",
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
                deleteVersion(s, item, version.id());
            }
            return Abandoned.FORGOTTEN;
        });
    }

    static void deleteVersion(Database.Session s, long item, long version) throws SQLException {
        s.run("DELETE FROM copy WHERE version_id = ?", version);
        s.run("DELETE FROM version WHERE id = ?", version);
        s.run(
                "UPDATE item SET version_id = (SELECT max(id) FROM version WHERE item_id = ?1)"
                        + " WHERE id = ?1",
                item);
        s.run("DELETE FROM item WHERE id = ?1 AND version_id IS NULL AND present = 0", item);
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
                                        + COUNTS
                                        + " ORDER BY v.id DESC LIMIT 1",
                                r -> r.getLong(1),
                                targetId(s, target),
                                source,
                                path.bytes()));
        return found == null ? OptionalLong.empty() : OptionalLong.of(found);
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
                                targetId(s, target),
                                f.device(),
                                f.inode(),
                                f.changed().getEpochSecond(),
                                f.changed().getNano(),
                                version.id())));
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
                                + COUNTS
                                + " ORDER BY length(i.path) DESC LIMIT ?",
                        VersionRow::map,
                        targetId(s, target),
                        most));
    }

    /// Notes that these copies were moved from the plain tree to the history.
    public void withdrawn(String target, List<Version> versions) {
        database.write(s -> {
            int id = targetId(s, target);
            for (Version version : versions) {
                s.run(
                        "UPDATE copy SET withdrawn = 1 WHERE target_id = ? AND version_id =" + " ?",
                        id,
                        version.id());
            }
            return versions.size();
        });
    }

    private static int targetId(Database.Session s, String target) throws SQLException {
        Integer id = s.first("SELECT id FROM target WHERE name = ?", r -> r.getInt(1), target);
        if (id == null) {
            throw new IllegalArgumentException("target '" + target + "' is not in the ledger");
        }
        return id;
    }
}
