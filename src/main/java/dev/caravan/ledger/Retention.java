package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.item.Version;
import dev.caravan.ledger.DropProof.Copy;
import dev.caravan.ledger.DropProof.Read;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Retires copies of old versions: the ledger first, their data later ([Removals]). Never a copy of
/// what is there now. Thread-safe.
public final class Retention {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int NAMED = 100;

    private final Database database;
    private final Clock clock;

    Retention(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// What there is to retire; changes nothing.
    ///
    /// @param only the one target; null for all
    public RetentionPlan plan(RetentionRules rules, @Nullable String only) {
        return database.read(s -> {
            Dropping dropping = new Dropping(s, rules, null, clock.instant());
            RetentionSums sums = new RetentionSums(s, dropping.targets(), rules, only);
            for (Long item : s.list(Dropping.ITEMS_WITH_OLD, r -> r.getLong(1))) {
                sums.add(item, dropping.ofItem(item));
            }
            return sums.plan();
        });
    }

    /// The state of one copy; empty if there is none.
    Optional<CopyState> state(String target, long version) {
        return Optional.ofNullable(
                database.read(s ->
                        s.first(
                                "SELECT state FROM copy WHERE target_id = ? AND version_id = ?",
                                r -> CopyState.valueOf(r.getString(1)),
                                Copies.targetId(s, target),
                                version)));
    }

    /// Reads copies again on their target, as a verify does, and records what that shows.
    @FunctionalInterface
    public interface Rereading {
        /// Reads the copies of one target.
        ///
        /// @param versions only copies of these
        void read(String target, Set<Long> versions);
    }

    /// Reads the copies of versions that would be relied on, on these targets.
    ///
    /// @return what was found good
    public DropProof prove(Set<Long> versions, Collection<String> targets, Rereading rereading) {
        IdList ids = new IdList();
        versions.forEach(ids::add);
        long before =
                database.read(
                        s -> s.one("SELECT coalesce(max(id), 0) FROM evidence", r -> r.getLong(1)));
        Map<Copy, Read> reads = new HashMap<>();
        for (String target : targets) {
            rereading.read(target, Set.copyOf(versions));
            database.read(s -> {
                int id = Copies.targetId(s, target);
                s.each(
                        // what was attested, or had its evidence before, was not read now
                        "SELECT c.version_id, e.id, e.at FROM json_each(?1) j CROSS JOIN copy c ON"
                                + " c.target_id = ?2 AND c.version_id = j.value JOIN evidence e ON e.id ="
                                + " c.evidence_id WHERE c.state = 'VERIFIED' AND e.id > ?3 AND e.level IN"
                                + " ('V3', 'V4')",
                        r ->
                                reads.put(
                                        new Copy(r.getLong(1), id),
                                        new Read(r.getLong(2), Instants.of(r.getLong(3)))),
                        ids,
                        id,
                        before);
                return reads.size();
            });
        }
        return new DropProof(reads);
    }

    /// What a version has without its original.
    ///
    /// @param copies that were read and found good, on media that do not fail together
    /// @param targets they are on
    /// @param why there are too few, in words; empty if there are enough
    public record WithoutOriginal(int copies, int offsite, List<String> targets, List<String> why) {
        /// Whether the original may go.
        public boolean isEnough() {
            return why.isEmpty();
        }
    }

    /// What is left of versions if their originals are deleted: only copies count that the proof is
    /// of. At least 2 are wanted, one of them offsite, and as many as the policy asks for beside
    /// the original.
    public List<WithoutOriginal> withoutOriginal(
            List<Version> versions, RetentionRules rules, DropProof proof) {
        return database.read(s -> {
            Instant now = clock.instant();
            OriginalGone gone = new OriginalGone(s, rules, proof, now);
            List<WithoutOriginal> all = new ArrayList<>(versions.size());
            for (Version version : versions) {
                all.add(gone.of(version));
            }
            return all;
        });
    }

    /// What was retired.
    ///
    /// @param copies by the name of the target
    /// @param bytes of their content
    /// @param left copies that the plan would have retired and that stay, with the first reason
    public record Retired(Map<String, Long> copies, long bytes, long left, @Nullable String why) {
        /// How many.
        public long all() {
            return copies.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /// Retires what may be retired of these items, all in one transaction, in which everything is
    /// looked at again.
    ///
    /// @param only as in [#plan]
    /// @param proof of the copies that are relied on; null if none is: then only versions expire
    public Retired retire(
            RetentionRules rules,
            @Nullable String only,
            List<RetentionPlan.Work> items,
            @Nullable DropProof proof) {
        DropProof shown = proof == null ? new DropProof(Map.of()) : proof;
        return database.write(s -> {
            Instant now = clock.instant();
            Dropping dropping = new Dropping(s, rules, shown, now);
            Retiring retiring = new Retiring(s, rules, now, only);
            for (RetentionPlan.Work work : items) {
                for (Dropping.Decided decided : dropping.ofItem(work.item())) {
                    retiring.take(decided, work);
                }
            }
            return retiring.end();
        });
    }

    /// The statements of one retiring transaction.
    private static final class Retiring {
        private final Session s;
        private final RetentionRules rules;
        private final Instant now;
        private final @Nullable String only;
        private final Map<String, List<Long>> versions = new LinkedHashMap<>();
        private long expired;
        private long bytes;
        private boolean own = true;
        private long left;
        private @Nullable String why;

        Retiring(Session s, RetentionRules rules, Instant now, @Nullable String only) {
            this.s = s;
            this.rules = rules;
            this.now = now;
            this.only = only;
        }

        void take(Dropping.Decided decided, RetentionPlan.Work work) throws SQLException {
            boolean marked = false;
            for (Dropping.Fate fate : decided.fates()) {
                boolean floor =
                        fate.kept() == RetentionPlan.Reason.FLOOR
                                || fate.kept() == RetentionPlan.Reason.POLICY;
                if (floor && work.versions().contains(decided.version())) {
                    left++;
                    why = why == null ? "'%s': %s".formatted(decided.path(), fate.why()) : why;
                }
                if (fate.kept() != null || only != null && !only.equals(fate.target().name())) {
                    continue;
                }
                if (decided.expired() && !marked) {
                    expired +=
                            s.run(
                                    "INSERT INTO expired (version_id, at) VALUES (?, ?) ON CONFLICT DO"
                                            + " NOTHING",
                                    decided.version(),
                                    Instants.nanos(now));
                    marked = true;
                }
                retire(decided, fate);
            }
        }

        private void retire(Dropping.Decided decided, Dropping.Fate fate) throws SQLException {
            Instant until = now.plus(rules.grace());
            s.run(
                    "INSERT INTO retirement (target_id, version_id, cause, reason, retired_at,"
                            + " remove_after, proof) VALUES (?, ?, 'RETENTION', ?, ?, ?, ?)",
                    fate.target().id(),
                    decided.version(),
                    fate.why(),
                    Instants.nanos(now),
                    Instants.nanos(until),
                    decided.expired() ? null : others(decided.version(), fate.target().id()));
            s.run(
                    "UPDATE copy SET state = 'RETIRED', replaces = NULL, last_error = ? WHERE target_id"
                            + " = ? AND version_id = ?",
                    "retention: %s; data until %s"
                            .formatted(fate.why(), LocalDate.ofInstant(until, rules.zone())),
                    fate.target().id(),
                    decided.version());
            versions.computeIfAbsent(fate.target().name(), _ -> new ArrayList<>())
                    .add(decided.version());
            bytes += fate.bytes();
            own &= decided.source().equals(OwnSource.NAME);
        }

        /// The evidence of the copies that are left, by target.
        private @Nullable String others(long version, int target) throws SQLException {
            ObjectNode proof = JSON.createObjectNode();
            s.each(
                    "SELECT t.name, c.evidence_id FROM target t CROSS JOIN copy c ON c.target_id = t.id"
                            + " AND c.version_id = ? WHERE t.id <> ? AND c.state IN ('DURABLE',"
                            + " 'VERIFIED', 'STALE') ORDER BY t.id",
                    r -> proof.put(r.getString(1), r.getLong(2)),
                    version,
                    target);
            return proof.toString();
        }

        Retired end() throws SQLException {
            Map<String, Long> copies = new LinkedHashMap<>();
            versions.forEach((target, ids) -> copies.put(target, (long) ids.size()));
            if (!versions.isEmpty()) {
                ObjectNode detail = JSON.createObjectNode().put("expired", expired);
                detail.put("bytes", bytes);
                if (own) { // the export would cause itself for ever
                    detail.put("own", true);
                }
                var targets = detail.putArray("targets");
                versions.forEach((target, ids) -> {
                    ObjectNode of = targets.addObject().put("target", target);
                    var some = of.put("copies", ids.size()).putArray("versions");
                    ids.stream().limit(NAMED).forEach(some::add);
                });
                Events.append(s, now, "retire", detail.toString());
            }
            return new Retired(copies, bytes, left, why);
        }
    }
}
