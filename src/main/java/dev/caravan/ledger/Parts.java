package dev.caravan.ledger;

import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// The parts of copies that are too large for one piece: each is recorded by itself, and the copy
/// counts when all are there. What a dead program had recorded is gone on with. Thread-safe.
public final class Parts {
    private static final String SELECT =
            "SELECT p.part_set, p.number, p.parts, p.content_offset, p.size, p.most_stored,"
                    + " p.hidden, p.sha256, o.name, o.bytes, o.segment, w.name, w.uuid,"
                    + " o.tape_file, o.block, p.offset, o.encrypted_for FROM part p JOIN object o ON o.id ="
                    + " p.object_id LEFT JOIN volume w ON w.id = o.volume_id WHERE"
                    + " p.version_id = ? AND p.target_id = ? AND p.void = 0 ORDER BY p.number";

    private final Database database;
    private final Clock clock;

    Parts(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// What became of one part.
    public enum Outcome {
        /// It is recorded; more are to come.
        RECORDED,
        /// It was the last that was missing: the copy counts.
        COMPLETE,
        /// The hash of the whole is not that of an earlier read: the parts are void.
        OTHER_HASH,
        /// The claim is no longer ours.
        NOT_OURS
    }

    /// The recorded parts of a copy that are not void, in their order.
    public List<StoredPart> of(String target, Version version) {
        return database.read(s -> of(s, Copies.targetId(s, target), version.id()));
    }

    static List<StoredPart> of(Session s, int target, long version) throws SQLException {
        return s.list(SELECT, Parts::map, version, target);
    }

    private static StoredPart map(ResultSet row) throws SQLException {
        String volume = row.getString(12);
        return new StoredPart(
                new PartOfCopy(
                        row.getString(1),
                        row.getInt(2),
                        row.getInt(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6),
                        row.getInt(7) == 1),
                Sha256.of(row.getBytes(8)),
                new StoredObject(
                        row.getString(9),
                        row.getLong(10),
                        row.getInt(11) == 1,
                        volume == null
                                ? null
                                : new StoredObject.OnTape(
                                        volume, row.getString(13), row.getInt(14), row.getLong(15)),
                        null,
                        StoredObject.recipients(row.getString(17))),
                row.getLong(16));
    }

    /// Records proven parts, all in one transaction with their evidence.
    ///
    /// @return what became of each
    public List<Outcome> record(
            String target, long lease, Evidence evidence, List<PartProof> proofs) {
        return database.write(s -> {
            int id = Copies.targetId(s, target);
            Recording recording = new Recording(s, id, lease, evidence, Map.of());
            List<Outcome> outcomes = new ArrayList<>();
            for (PartProof proof : proofs) {
                outcomes.add(record(s, recording, target, id, lease, proof));
            }
            return outcomes;
        });
    }

    private Outcome record(
            Session s, Recording recording, String name, int target, long lease, PartProof proof)
            throws SQLException {
        long version = proof.version().id();
        if (!claimed(s, target, version, lease)) {
            return Outcome.NOT_OURS;
        }
        s.run(
                "UPDATE part SET void = 1 WHERE version_id = ? AND target_id = ? AND number = ? AND"
                        + " void = 0",
                version,
                target,
                proof.part().number());
        insert(s, recording, target, proof);
        Sha256 whole = proof.whole();
        if (whole == null) {
            Events.append(
                    s,
                    clock.instant(),
                    "part",
                    "{\"target\":\"%s\",\"version\":%d,\"part\":%d,\"parts\":%d}"
                            .formatted(name, version, proof.part().number(), proof.part().count()));
            return Outcome.RECORDED;
        }
        return complete(s, name, target, lease, proof.version(), whole);
    }

    private static void insert(Session s, Recording recording, int target, PartProof proof)
            throws SQLException {
        PartOfCopy part = proof.part();
        s.run(
                "INSERT INTO part (target_id, version_id, part_set, number, parts, content_offset,"
                        + " size, most_stored, hidden, sha256, object_id, offset, evidence_id,"
                        + " recorded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                target,
                proof.version().id(),
                part.set(),
                part.number(),
                part.count(),
                part.contentOffset(),
                part.size(),
                part.mostStored(),
                part.hidden(),
                proof.sha256().bytes(),
                recording.objectId(proof.object()),
                proof.offset(),
                recording.evidenceId(),
                recording.at());
    }

    private static boolean claimed(Session s, int target, long version, long lease)
            throws SQLException {
        return s.first(
                        "SELECT 1 FROM copy WHERE target_id = ? AND version_id = ? AND lease_id = ?",
                        r -> 1,
                        target,
                        version,
                        lease)
                != null;
    }

    /// Makes a copy count whose parts were all recorded before, now that the whole was read.
    public Outcome complete(String target, long lease, Version version, Sha256 whole) {
        return database.write(s -> {
            int id = Copies.targetId(s, target);
            return claimed(s, id, version.id(), lease)
                    ? complete(s, target, id, lease, version, whole)
                    : Outcome.NOT_OURS;
        });
    }

    private Outcome complete(
            Session s, String name, int target, long lease, Version version, Sha256 whole)
            throws SQLException {
        byte[] known =
                s.one(
                        "SELECT coalesce(sha256, x'') FROM version WHERE id = ?",
                        r -> r.getBytes(1),
                        version.id());
        if (known.length > 0 && !Arrays.equals(known, whole.bytes())) {
            giveUp(s, clock.instant(), version.id(), name, target);
            return Outcome.OTHER_HASH;
        }
        int parts = of(s, target, version.id()).size();
        s.run(
                "UPDATE version SET sha256 = ? WHERE id = ? AND sha256 IS NULL",
                whole.bytes(),
                version.id());
        long at = Instants.nanos(clock.instant());
        // the evidence of the copy is that of the part that was proven last
        s.run(
                "UPDATE copy SET state = 'DURABLE', lease_id = NULL, attempts = 0, next_at = 0,"
                        + " last_error = NULL, replaces = NULL, parts = ?1, sha256 = ?2, bytes_read = ?3,"
                        + " recorded_at = ?4, (object_id, offset) = (SELECT object_id, offset FROM"
                        + " part p WHERE p.version_id = ?5 AND p.target_id = ?6 AND void = 0 AND"
                        + " number = 1), evidence_id = (SELECT max(evidence_id) FROM part p WHERE"
                        + " p.version_id = ?5 AND p.target_id = ?6 AND void = 0) WHERE version_id ="
                        + " ?5 AND target_id = ?6 AND lease_id = ?7",
                parts,
                whole.bytes(),
                version.metadata().size(),
                at,
                version.id(),
                target,
                lease);
        recorded(s, name, version, target, parts);
        return Outcome.COMPLETE;
    }

    /// Calls the parts of a copy void: they stay on tape and are written again.
    public void giveUp(String target, Version version) {
        database.write(s -> {
            giveUp(s, clock.instant(), version.id(), target, Copies.targetId(s, target));
            return version;
        });
    }

    private static void giveUp(Session s, Instant at, long version, String name, int target)
            throws SQLException {
        int parts =
                s.run(
                        "UPDATE part SET void = 1 WHERE version_id = ? AND target_id = ? AND void ="
                                + " 0",
                        version,
                        target);
        voided(s, at, version, parts);
    }

    /// Calls the parts of a version void on all targets, because the version itself is given up.
    static void giveUp(Session s, Instant at, long version) throws SQLException {
        voided(
                s,
                at,
                version,
                s.run("UPDATE part SET void = 1 WHERE version_id = ? AND void = 0", version));
    }

    private static void voided(Session s, Instant at, long version, int parts) throws SQLException {
        if (parts > 0) {
            Events.append(
                    s, at, "voided", "{\"version\":%d,\"parts\":%d}".formatted(version, parts));
        }
    }

    private void recorded(Session s, String name, Version version, int target, int parts)
            throws SQLException {
        String method =
                s.one(
                        "SELECT e.method FROM part p JOIN evidence e ON e.id = p.evidence_id WHERE"
                                + " p.version_id = ? AND p.target_id = ? AND p.void = 0 ORDER BY e.id"
                                + " DESC LIMIT 1",
                        r -> r.getString(1),
                        version.id(),
                        target);
        Events.append(
                s,
                clock.instant(),
                "recorded",
                "{\"target\":\"%s\",\"copies\":1,\"bytes\":%d,\"parts\":%d,\"method\":\"%s\"}"
                        .formatted(name, version.metadata().size(), parts, method));
    }

    /// Whether an item of a source has, or had, a name that begins so.
    public boolean nameTaken(String source, byte[] stem) {
        byte[] end = stem.clone();
        end[end.length - 1]++; // the stem ends in '-'
        return database.read(s ->
                s.first(
                                "SELECT 1 FROM item i JOIN source s ON s.id = i.source_id WHERE"
                                        + " s.name = ? AND i.path >= ? AND i.path < ? LIMIT 1",
                                r -> 1,
                                source,
                                stem,
                                end)
                        != null);
    }
}
