package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.item.Version;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// What proving copies again showed of those that lie as plain files; which are due is said by
/// [DueCopies]. Thread-safe. Methods throw [LedgerException] if the ledger can not be read or
/// written, and [IllegalArgumentException] if it has no such target.
public final class Verifications {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String COUNTED = "('DURABLE', 'VERIFIED', 'STALE')";
    private static final int NAMED = 100;

    private final Database database;
    private final Clock clock;

    Verifications(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
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
            Session s, Instant at, String kind, String target, long copies, Map<Long, String> why)
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

    private static long counted(Session s, int target, Collection<Long> versions)
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
            Session s, int target, Evidence evidence, Collection<Long> versions)
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

    private static long bad(Session s, int target, String state, Map<Long, String> why)
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

    /// When a proof is complete.
    public Instant now() {
        return clock.instant();
    }
}
