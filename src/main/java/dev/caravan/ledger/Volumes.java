package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the ledger knows of cartridges: the copies on each, and whether they are needed.
/// Thread-safe.
public final class Volumes {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String COUNTS = "('DURABLE', 'VERIFIED', 'STALE')";

    /// Every copy on one volume. There are few objects and few volumes, so the copies of the target
    /// are gone through once.
    private static final String COPIES =
            " FROM volume w CROSS JOIN copy c ON c.target_id = w.target_id JOIN object o ON o.id ="
                    + " c.object_id AND o.volume_id = w.id JOIN version v ON v.id = c.version_id JOIN"
                    + " item i ON i.id = v.item_id WHERE w.name = ?1 AND w.uuid = ?2";

    private final Database database;
    private final Clock clock;

    Volumes(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// When a copy that counts is needed. It is if its version is the present state of an item; or
    /// if the version would have too few copies without it; or if the version was current, or the
    /// copy made, less than the retention ago.
    ///
    /// @param policy of its copies one is the original. A version that was overwritten or deleted
    ///   has none any more, and wants the others
    /// @param retention zero asks for no age
    public record Rule(Policy policy, Duration retention) {}

    /// What is on a volume.
    ///
    /// @param objects tape files that hold copies
    /// @param copies that count
    /// @param items they are of
    /// @param bytes of their content
    /// @param gone copies that do not count: retired, lost, suspect
    /// @param current copies needed because they are of the present state of an item
    /// @param few copies needed because there are too few others
    /// @param young copies needed for their age alone
    public record Contents(
            long objects,
            long copies,
            long items,
            long bytes,
            long gone,
            long current,
            long few,
            long young) {

        /// How many copies are needed.
        public long needed() {
            return current + few + young;
        }
    }

    /// What lies on a volume, and what of it is needed; empty if the ledger does not know it.
    ///
    /// @param uuid the id in its label
    public Optional<Contents> contents(String barcode, String uuid, Rule rule) {
        return database.read(s -> contents(s, barcode, uuid, rule));
    }

    /// A tape file that holds copies.
    ///
    /// @param bytes its length
    /// @param copies in it that count
    public record TapeObject(int file, long block, String name, long bytes, long copies) {}

    /// The tape files of a volume that hold, or held, copies, in the order of the tape.
    public List<TapeObject> objects(String barcode, String uuid) {
        return database.read(s -> {
            Map<Long, Long> copies = new HashMap<>();
            s.each(
                    "SELECT c.object_id, sum(c.state IN "
                            + COUNTS
                            + ")"
                            + COPIES
                            + " GROUP BY c.object_id",
                    r -> copies.put(r.getLong(1), r.getLong(2)),
                    barcode,
                    uuid);
            return s.list(
                    "SELECT o.id, o.tape_file, o.block, o.name, o.bytes FROM volume w JOIN object o"
                            + " ON o.volume_id = w.id WHERE w.name = ? AND w.uuid = ? ORDER BY"
                            + " o.block",
                    r ->
                            new TapeObject(
                                    r.getInt(2),
                                    r.getLong(3),
                                    r.getString(4),
                                    r.getLong(5),
                                    copies.getOrDefault(r.getLong(1), 0L)),
                    barcode,
                    uuid);
        });
    }

    /// The ids by which a barcode is known, in the order they were first written on.
    public List<String> ids(String barcode) {
        return database.read(s ->
                s.list(
                        "SELECT uuid FROM volume WHERE name = ? ORDER BY id",
                        r -> r.getString(1),
                        barcode));
    }

    /// Takes every copy on a volume out of the count if none of them is needed, in one transaction
    /// with the look at them. What lies on the cartridge may be written over only after this.
    ///
    /// @return what was on it; the copies were given up if [Contents#needed] is 0. Empty if the
    ///   ledger does not know the volume
    public Optional<Contents> giveUp(String barcode, String uuid, Rule rule) {
        return database.write(s -> {
            Optional<Contents> found = contents(s, barcode, uuid, rule);
            if (found.isPresent() && found.get().needed() == 0) {
                retire(s, barcode, uuid);
            }
            return found;
        });
    }

    private void retire(Database.Session s, String barcode, String uuid) throws SQLException {
        int retired =
                s.run(
                        "UPDATE copy SET state = 'RETIRED', last_error = ?3 WHERE state IN"
                                + " ('ACKED', 'DURABLE', 'VERIFIED', 'STALE', 'SUSPECT') AND"
                                + " target_id IN (SELECT target_id FROM volume WHERE name = ?1 AND"
                                + " uuid = ?2) AND object_id IN (SELECT o.id FROM object o JOIN"
                                + " volume w ON w.id = o.volume_id WHERE w.name = ?1 AND w.uuid ="
                                + " ?2)",
                        barcode,
                        uuid,
                        "cartridge " + barcode + " was given up");
        if (retired > 0) {
            Events.append(
                    s,
                    clock.instant(),
                    "retired",
                    JSON.createObjectNode()
                            .put("volume", barcode)
                            .put("uuid", uuid)
                            .put("copies", retired)
                            .toString());
        }
    }

    private Optional<Contents> contents(Database.Session s, String barcode, String uuid, Rule rule)
            throws SQLException {
        boolean known =
                s.first("SELECT 1 FROM volume WHERE name = ? AND uuid = ?", r -> 1, barcode, uuid)
                        != null;
        if (!known) {
            return Optional.empty();
        }
        Tally tally = new Tally(rule, clock.instant());
        s.each(
                "SELECT c.state IN "
                        + COUNTS
                        + ", c.bytes_read, i.present = 1 AND i.version_id = v.id, (SELECT count(*)"
                        + " FROM target t CROSS JOIN copy e ON e.target_id = t.id AND e.version_id ="
                        + " v.id WHERE t.id <> c.target_id AND e.state IN "
                        + COUNTS
                        + "), v.registered_at, (SELECT min(n.registered_at) FROM version n WHERE"
                        + " n.item_id = v.item_id AND n.number > v.number), c.recorded_at"
                        + COPIES,
                row ->
                        tally.add(
                                row.getInt(1) == 1,
                                row.getLong(2),
                                row.getInt(3) == 1,
                                row.getInt(4),
                                Instants.of(row.getLong(5)),
                                Instants.nullable(row, 6),
                                Instants.nullable(row, 7)),
                barcode,
                uuid);
        long[] distinct = {0, 0};
        s.each(
                "SELECT count(DISTINCT c.object_id), count(DISTINCT i.id)"
                        + COPIES
                        + " AND c.state IN "
                        + COUNTS,
                row -> {
                    distinct[0] = row.getLong(1);
                    distinct[1] = row.getLong(2);
                },
                barcode,
                uuid);
        return Optional.of(tally.contents(distinct[0], distinct[1]));
    }

    /// Counts the copies of one volume. Confined.
    private static final class Tally {
        private final Rule rule;
        private final Instant now;
        private long copies;
        private long bytes;
        private long gone;
        private long current;
        private long few;
        private long young;

        Tally(Rule rule, Instant now) {
            this.rule = rule;
            this.now = now;
        }

        void add(
                boolean counts,
                long read,
                boolean isCurrent,
                int others,
                Instant registered,
                @Nullable Instant replaced,
                @Nullable Instant recorded) {
            if (!counts) {
                gone++;
                return;
            }
            copies++;
            bytes += read;
            if (isCurrent) {
                current++;
            } else if (others < rule.policy().copies() - 1) {
                few++;
            } else if (isYoung(registered) || isYoung(replaced) || isYoung(recorded)) {
                young++;
            }
        }

        /// A time to come is no age: the clock was wrong then or is now.
        private boolean isYoung(@Nullable Instant then) {
            return then != null && Duration.between(then, now).compareTo(rule.retention()) < 0;
        }

        Contents contents(long objects, long items) {
            return new Contents(objects, copies, items, bytes, gone, current, few, young);
        }
    }
}
