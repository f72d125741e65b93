package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// How many copies, on how many media kinds, everything has reached, and whether that is what is
/// asked. Every number follows from rows with evidence: how items stand is kept beside them by
/// triggers, and a recount must give the same. What a home keeps of itself ([OwnSource]) is not
/// among them. Thread-safe.
public final class Counts {
    private static final int SHOWN = 10;

    /// The versions of what a home keeps of itself, in SQL: few, and subtracted where all are
    /// summed by triggers.
    private static final String OWN = " FROM version WHERE id IN " + OwnSource.VERSIONS;

    /// Their copies on target `?1` that are in the class `?2` of the tally.
    private static final String OWN_COPIES =
            " FROM item i CROSS JOIN version v ON v.item_id = i.id CROSS JOIN copy c ON c.target_id"
                    + " = ?1 AND c.version_id = v.id WHERE i.source_id = "
                    + OwnSource.ID
                    + " AND CASE WHEN c.state IN ('WANTED', 'WRITING') THEN 'WANTED' WHEN c.state IN"
                    + " ('DURABLE', 'VERIFIED', 'STALE') THEN 'COUNTED' ELSE c.state END = ?2";

    private final Database database;
    private final Clock clock;

    Counts(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// One target in numbers.
    public record OfTarget(
            Target target,
            long copies,
            long bytes,
            long wanted,
            long failed,
            long suspect,
            @Nullable Duration oldestWanted,
            @Nullable String lastError) {}

    /// One of the five numbers.
    ///
    /// @param wanted by the policy
    /// @param worst what the worst item has
    /// @param reaching how many items have what is wanted
    public record Goal(int wanted, int worst, long reaching) {}

    /// The five numbers of 3-2-1-1-0.
    public record Goals(Goal copies, Goal mediaKinds, Goal offsite, Goal offline, Goal errors) {}

    /// One source in numbers.
    public record OfSource(String name, Policy policy, long items, long inPolicy, Goals goals) {}

    /// An item that is below policy.
    public record Offender(String source, ItemPath path, Reached reached) {}

    /// The state of everything.
    ///
    /// @param items files, folders and symlinks present at the last scan, without unstable ones
    /// @param versions all kept
    /// @param bytes of all kept versions
    /// @param worst some of those below policy, the worst first
    /// @param reached how many items have reached what, the worst first
    /// @param goals over all sources; what is wanted is what the policy of the home wants
    /// @param sources in the order of their names, those that have items
    public record Report(
            long items,
            long versions,
            long bytes,
            long inPolicy,
            long belowPolicy,
            List<Offender> worst,
            long unstable,
            long unreadable,
            long skipped,
            long overLong,
            long deleted,
            boolean simulated,
            @Nullable Instant lastScan,
            @Nullable Instant lastBackup,
            List<OfTarget> targets,
            Map<Reached, Long> reached,
            Map<Reached, Long> reachedBelow,
            Goals goals,
            List<OfSource> sources) {

        /// The paths of [#worst].
        public List<ItemPath> belowPolicyPaths() {
            return worst.stream().map(Offender::path).toList();
        }

        /// Whether all sources are asked the same.
        public boolean onePolicy() {
            return sources.stream().map(OfSource::policy).distinct().count() <= 1;
        }
    }

    /// As [#report(Policies)] with one policy for all.
    public Report report(Policy policy) {
        return report(Policies.of(policy));
    }

    /// Counts everything, in one consistent look.
    public Report report(Policies policies) {
        return database.read(s -> new Counting(s, policies).report());
    }

    /// Before there is a ledger.
    public static Report nothing(Policies policies, boolean simulated) {
        Tally none = new Tally(policies.home());
        return new Report(
                0,
                0,
                0,
                0,
                0,
                List.of(),
                0,
                0,
                0,
                0,
                0,
                simulated,
                null,
                null,
                List.of(),
                Map.of(),
                Map.of(),
                none.goals(),
                List.of());
    }

    /// How many items have reached what, from nothing but the rows of items and copies: slow, and
    /// what the report must be equal to.
    public Map<Reached, Long> recount(Policies policies) {
        return database.read(s -> {
            Judge judge = new Judge(s, policies);
            Ageing ageing = Ageing.at(s, policies, clock.instant());
            Map<Reached, Long> reached = new TreeMap<>();
            StandingRows.recounted(s, ageing)
                    .forEach((standing, items) ->
                            reached.merge(judge.of(standing).reached(), items, Long::sum));
            return reached;
        });
    }

    /// Sums what items have reached. Confined.
    private static final class Tally {
        private final Policy policy;
        private long items;
        private long inPolicy;
        private final long[] reaching = new long[5];
        private @Nullable Reached least;

        Tally(Policy policy) {
            this.policy = policy;
        }

        void add(Reached reached, Policy asked, long more) {
            items += more;
            inPolicy += asked.isMetBy(reached) ? more : 0;
            reaching[0] += reached.copies() >= asked.copies() ? more : 0;
            reaching[1] += reached.mediaKinds() >= asked.mediaKinds() ? more : 0;
            reaching[2] += reached.offsite() >= asked.offsite() ? more : 0;
            reaching[3] += reached.offline() >= asked.offline() ? more : 0;
            reaching[4] += reached.errors() == 0 ? more : 0;
            Reached low = least;
            least =
                    low == null
                            ? reached
                            : new Reached(
                                    Math.min(low.copies(), reached.copies()),
                                    Math.min(low.mediaKinds(), reached.mediaKinds()),
                                    Math.min(low.offsite(), reached.offsite()),
                                    Math.min(low.offline(), reached.offline()),
                                    Math.max(low.errors(), reached.errors()));
        }

        Goals goals() {
            Reached low = least == null ? new Reached(0, 0, 0, 0, 0) : least;
            return new Goals(
                    new Goal(policy.copies(), low.copies(), reaching[0]),
                    new Goal(policy.mediaKinds(), low.mediaKinds(), reaching[1]),
                    new Goal(policy.offsite(), low.offsite(), reaching[2]),
                    new Goal(policy.offline(), low.offline(), reaching[3]),
                    new Goal(0, low.errors(), reaching[4]));
        }
    }

    private final class Counting {
        private final Session s;
        private final Policies policies;
        private final Judge judge;
        private final Ageing ageing;
        private final TreeMap<Reached, Long> reached = new TreeMap<>();
        private final TreeMap<Reached, Long> reachedBelow = new TreeMap<>();
        private final Map<Reached, Set<Standing>> below = new TreeMap<>();
        private final Map<String, Tally> ofSources = new TreeMap<>();
        private final Tally whole;

        Counting(Session s, Policies policies) throws SQLException {
            this.s = s;
            this.policies = policies;
            this.judge = new Judge(s, policies);
            this.ageing = Ageing.at(s, policies, clock.instant());
            this.whole = new Tally(policies.home());
        }

        Report report() throws SQLException {
            StandingRows.all(s, ageing).forEach(this::add);
            List<OfTarget> ofTargets = new ArrayList<>();
            for (Target target : judge.targets()) {
                OfTarget numbers = ofTarget(target);
                if (target.active() || numbers.copies > 0) {
                    ofTargets.add(numbers);
                }
            }
            List<OfSource> sources = new ArrayList<>();
            ofSources.forEach((name, tally) ->
                    sources.add(
                            new OfSource(
                                    name,
                                    tally.policy,
                                    tally.items,
                                    tally.inPolicy,
                                    tally.goals())));
            return new Report(
                    whole.items,
                    number("SELECT versions - (SELECT count(*)" + OWN + ") FROM home"),
                    number("SELECT bytes - (SELECT coalesce(sum(size), 0)" + OWN + ") FROM home"),
                    whole.inPolicy,
                    whole.items - whole.inPolicy,
                    worst(),
                    problems(Problem.Kind.UNSTABLE),
                    problems(Problem.Kind.UNREADABLE),
                    problems(Problem.Kind.SKIPPED),
                    problems(Problem.Kind.OVER_LONG),
                    number(
                            "SELECT count(*) FROM item WHERE present = 0 AND source_id IS NOT "
                                    + OwnSource.ID),
                    ofTargets.stream().anyMatch(t -> t.target.simulated()),
                    instant(
                            "SELECT max(last_scan_at) FROM source WHERE name <> '"
                                    + OwnSource.NAME
                                    + "'"),
                    instant(
                            "SELECT max(ended_at) FROM run WHERE kind IN ('backup', 'demo', 'run')"
                                    + " AND outcome <> 'cut off'"),
                    List.copyOf(ofTargets),
                    reached,
                    reachedBelow,
                    whole.goals(),
                    List.copyOf(sources));
        }

        private void add(Standing standing, long items) {
            Judge.Verdict verdict = judge.of(standing);
            String source = judge.source(standing.source());
            reached.merge(verdict.reached(), items, Long::sum);
            if (!verdict.met()) {
                reachedBelow.merge(verdict.reached(), items, Long::sum);
                below.computeIfAbsent(verdict.reached(), _ -> new HashSet<>()).add(standing);
            }
            Policy policy = policies.of(source);
            whole.add(verdict.reached(), policy, items);
            ofSources
                    .computeIfAbsent(source, _ -> new Tally(policy))
                    .add(verdict.reached(), policy, items);
        }

        private List<Offender> worst() throws SQLException {
            Map<Long, Reached> ids = new LinkedHashMap<>();
            for (Map.Entry<Reached, Set<Standing>> each : below.entrySet()) {
                if (ids.size() < SHOWN) {
                    StandingRows.items(
                            s,
                            ageing,
                            each.getValue(),
                            (item, _) -> {
                                ids.put(item, each.getKey());
                                return ids.size() < SHOWN;
                            });
                }
            }
            List<Offender> worst = new ArrayList<>();
            for (Map.Entry<Long, Reached> each : ids.entrySet()) {
                s.each(
                        "SELECT s.name, i.path FROM item i JOIN source s ON s.id = i.source_id WHERE"
                                + " i.id = ?",
                        r ->
                                worst.add(
                                        new Offender(
                                                r.getString(1),
                                                ItemPath.of(r.getBytes(2)),
                                                each.getValue())),
                        each.getKey());
            }
            return List.copyOf(worst);
        }

        private OfTarget ofTarget(Target target) throws SQLException {
            Instant oldest =
                    instant(
                            "SELECT min(wanted_at) FROM copy INDEXED BY copy_waiting WHERE target_id"
                                    + " = ? AND state IN ('WANTED', 'WRITING') AND version_id NOT IN "
                                    + OwnSource.VERSIONS,
                            target.id());
            return new OfTarget(
                    target,
                    copies(target, "COUNTED"),
                    bytes(target),
                    copies(target, "WANTED"),
                    copies(target, "FAILED"),
                    copies(target, "SUSPECT"),
                    oldest == null ? null : Duration.between(oldest, clock.instant()),
                    lastError(target));
        }

        private long copies(Target target, String kind) throws SQLException {
            return tallied(target, kind, "copies", "count(*)");
        }

        private long bytes(Target target) throws SQLException {
            return tallied(target, "COUNTED", "bytes", "coalesce(sum(c.bytes_read), 0)");
        }

        private long tallied(Target target, String kind, String what, String own)
                throws SQLException {
            return number(
                    "SELECT coalesce((SELECT "
                            + what
                            + " FROM tally WHERE target_id = ?1 AND class = ?2), 0) - (SELECT "
                            + own
                            + OWN_COPIES
                            + ")",
                    target.id(),
                    kind);
        }

        /// The target's own error, else one of a copy that needs a person, else one that waits.
        private @Nullable String lastError(Target target) throws SQLException {
            String error = target.lastError();
            for (String state : List.of("FAILED", "WANTED")) {
                error =
                        error != null
                                ? error
                                : s.first(
                                        "SELECT last_error FROM copy INDEXED BY copy_erring WHERE"
                                                + " target_id = ? AND last_error IS NOT NULL AND"
                                                + " state IN ('WANTED', 'FAILED') AND state = '"
                                                + state
                                                + "' LIMIT 1",
                                        r -> r.getString(1),
                                        target.id());
            }
            return error;
        }

        private long problems(Problem.Kind kind) throws SQLException {
            return number("SELECT count(*) FROM problem WHERE kind = '" + kind + "'");
        }

        private long number(String sql, @Nullable Object... values) throws SQLException {
            return s.one(sql, r -> r.getLong(1), values);
        }

        private @Nullable Instant instant(String sql, @Nullable Object... values)
                throws SQLException {
            return s.first(sql, r -> Instants.nullable(r, 1), values);
        }
    }
}
