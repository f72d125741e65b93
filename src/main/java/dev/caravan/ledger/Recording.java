package dev.caravan.ledger;

import dev.caravan.item.Kind;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The statements that record what was proven together: evidence, objects, copies. It may go on
/// over several transactions of the session that writes; once one fails it is of no more use.
/// Confined.
final class Recording {
    private final Session s;
    private final int target;
    private final long lease;
    private final Evidence evidence;
    private final Map<String, Instant> lockedUntil;
    private final long evidenceId;
    private final long at;
    private @Nullable StoredObject lastObject;
    private long lastObjectId;

    /// @param lockedUntil by the names of objects, until when nobody can change them
    Recording(
            Session s, int target, long lease, Evidence evidence, Map<String, Instant> lockedUntil)
            throws SQLException {
        this.s = s;
        this.target = target;
        this.lease = lease;
        this.evidence = evidence;
        this.lockedUntil = lockedUntil;
        this.at = Instants.nanos(evidence.at());
        this.evidenceId = EvidenceRow.insert(s, evidence);
    }

    long evidenceId() {
        return evidenceId;
    }

    /// When the proof was complete, as in the ledger.
    long at() {
        return at;
    }

    List<CopyProof> record(String name, List<CopyProof> proofs) throws SQLException {
        List<CopyProof> refused = new ArrayList<>();
        Map<Long, Claimed> claimed = claimed(proofs);
        RowList copies = new RowList();
        RowList hashes = new RowList();
        long bytes = 0;
        long own = 0;
        for (CopyProof proof : proofs) {
            // what is recorded is claimed no more
            Claimed version = claimed.remove(proof.version().id());
            if (version == null || !version.agreesWith(proof)) {
                refused.add(proof);
                continue;
            }
            addCopy(copies, proof);
            if (version.sha256 == null && proof.sha256() != null) {
                hashes.add(proof.version().id(), proof.sha256().bytes());
            }
            if (proof.version().source().equals(OwnSource.NAME)) {
                own++;
            } else {
                bytes += proof.bytesRead();
            }
        }
        store(copies);
        setHashes(hashes);
        Events.append(
                s,
                evidence.at(),
                "recorded",
                "{\"target\":\"%s\",\"copies\":%d,\"bytes\":%d,\"method\":\"%s\"%s}"
                        .formatted(
                                name,
                                proofs.size() - refused.size() - own,
                                bytes,
                                evidence.method(),
                                own == 0 ? "" : ",\"own\":" + own));
        return refused;
    }

    private Map<Long, Claimed> claimed(List<CopyProof> proofs) throws SQLException {
        IdList ids = new IdList();
        proofs.forEach(proof -> ids.add(proof.version().id()));
        Map<Long, Claimed> claimed = new HashMap<>();
        s.each(
                "SELECT v.id, v.sha256 FROM json_each(?) j CROSS JOIN version v ON v.id = j.value"
                        + " CROSS JOIN copy c ON c.target_id = ? AND c.version_id = v.id WHERE"
                        + " c.lease_id = ?",
                r -> claimed.put(r.getLong(1), new Claimed(r.getBytes(2))),
                ids,
                target,
                lease);
        return claimed;
    }

    /// What is known of the bytes of a version of which this lease has a copy: nothing before its
    /// first complete read.
    @SuppressWarnings("ArrayRecordComponent") // read from its row and thrown away
    private record Claimed(byte @Nullable [] sha256) {

        /// Every complete read of a version must give the hash of the first one. A file's copy that
        /// comes without a hash was not read, so nothing is known of its bytes.
        boolean agreesWith(CopyProof proof) {
            if (proof.sha256() == null) {
                return proof.version().metadata().kind() != Kind.FILE;
            }
            return sha256 == null || Arrays.equals(sha256, proof.sha256().bytes());
        }
    }

    private void addCopy(RowList copies, CopyProof proof) throws SQLException {
        copies.add(
                target,
                proof.version().id(),
                proof.object() == null ? null : objectId(proof.object()),
                proof.object() == null ? null : proof.offset(),
                proof.sha256() == null ? null : proof.sha256().bytes(),
                proof.bytesRead());
    }

    /// In one statement: what SQLite keeps to undo one that fails is then kept once for each page
    /// and not for each copy.
    private void store(RowList copies) throws SQLException {
        boolean verified = evidence.level() != Evidence.Level.V1;
        int stored =
                s.run(
                        "UPDATE copy SET state = ?, lease_id = NULL, attempts = 0, next_at = 0,"
                                + " last_error = NULL, replaces = NULL, object_id = j.value ->> 2,"
                                + " offset = j.value ->> 3, sha256 = unhex(j.value ->> 4), bytes_read ="
                                + " j.value ->> 5, evidence_id = ?, recorded_at = ?, verified_at = ?"
                                + " FROM json_each(?) j WHERE copy.target_id = j.value ->> 0 AND copy.version_id"
                                + " = j.value ->> 1",
                        verified ? CopyState.VERIFIED : CopyState.DURABLE,
                        evidenceId,
                        at,
                        verified ? at : null,
                        copies);
        if (stored != copies.size()) {
            throw new SQLException(
                    "%d of %d copies that were claimed are gone"
                            .formatted(copies.size() - stored, copies.size()));
        }
    }

    private void setHashes(RowList hashes) throws SQLException {
        if (hashes.size() > 0) {
            s.run(
                    "UPDATE version SET sha256 = unhex(j.value ->> 1) FROM json_each(?) j WHERE version.id ="
                            + " j.value ->> 0",
                    hashes);
        }
    }

    long objectId(StoredObject object) throws SQLException {
        if (!object.equals(lastObject)) {
            Long volume = object.tape() == null ? null : volumeId(s, target, object.tape());
            lastObjectId =
                    s.insert(
                            "INSERT INTO object (target_id, name, volume_id, tape_file, block,"
                                    + " bytes, segment, recorded_at, sha256, encrypted_for) VALUES"
                                    + " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                            target,
                            object.name(),
                            volume,
                            object.tape() == null ? null : object.tape().file(),
                            object.tape() == null ? null : object.tape().block(),
                            object.bytes(),
                            object.segment(),
                            at,
                            object.sha256() == null ? null : object.sha256().bytes(),
                            object.recipients());
            Instant until = lockedUntil.get(object.name());
            if (until != null) {
                Locks.note(s, target, object.name(), until);
            }
            lastObject = object;
        }
        return lastObjectId;
    }

    static long volumeId(Session s, int target, StoredObject.OnTape tape) throws SQLException {
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
