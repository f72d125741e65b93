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

/// What the ledger knows of cartridges: the copies on each, whether they are needed, and what
/// becomes of them when it is given up or retired. Thread-safe.
public final class Volumes {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String COUNTS = "('DURABLE', 'VERIFIED', 'STALE')";

    /// What lies on a medium, proven or not: after a rebuild there may be nothing else, and a
    /// suspect copy may be the last one.
    private static final String EXISTS = "('ACKED', 'DURABLE', 'VERIFIED', 'STALE', 'SUSPECT')";

    /// Copies that go with their volume, those here.
    private static final String GIVEN_UP =
            "(state IN "
                    + EXISTS
                    + " OR state = 'WANTED' AND replaces = 'SUSPECT') AND (target_id, version_id) ";

    private final Database database;
    private final Clock clock;

    Volumes(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// When a copy is needed, whether it counts or is only known to be there. It is if its version
    /// is the present state of an item; or if the version would have too few copies without it; or
    /// if the version was current, or the copy made, less than the retention ago. Others that do
    /// not count are no reason to do without it.
    ///
    /// What retention retired lies there until its grace is over, and a hold keeps all it holds.
    ///
    /// @param policies of the copies a policy wants one is the original. A version that was
    ///   overwritten or deleted has none any more, and wants the others
    /// @param retention zero asks for no age
    /// @param globs reads the patterns of holds
    public record Rule(Policies policies, Duration retention, RetentionRules.Globs globs) {
        /// The same policy for all sources; a hold with a pattern holds everything.
        public Rule(Policy policy, Duration retention) {
            this(Policies.of(policy), retention, pattern -> path -> true);
        }
    }

    /// What is on a volume.
    ///
    /// @param objects tape files that hold copies that count, or parts of them
    /// @param copies that count, and have at least a part on it
    /// @param items they are of
    /// @param bytes of their content that lie on it
    /// @param unproven copies that are on it and do not count: found by a rebuild, or suspect; and
    ///   further ones of versions whose copy a rebuild found elsewhere and nobody has read
    /// @param gone copies that are no longer on it for the ledger: retired, lost, written again
    /// @param current copies needed because they are of the present state of an item
    /// @param few copies needed because there are too few others
    /// @param young copies needed for their age alone, or retired and within their grace
    /// @param held copies needed because a hold is on them
    /// @param begun copies of which parts are on it and others are still to come, from the source
    ///   or in a rebuild: these parts are not written again, so they are needed
    public record Contents(
            long objects,
            long copies,
            long items,
            long bytes,
            long unproven,
            long gone,
            long current,
            long few,
            long young,
            long held,
            long begun) {

        /// How many copies are needed.
        public long needed() {
            return current + few + young + held + begun;
        }
    }

    /// What lies on a volume, and what of it is needed; empty if the ledger does not know it.
    ///
    /// @param uuid the id in its label
    public Optional<Contents> contents(String barcode, String uuid, Rule rule) {
        return database.read(s -> VolumeTally.of(s, barcode, uuid, rule, clock.instant()));
    }

    /// A tape file that holds copies.
    ///
    /// @param bytes its length
    /// @param copies in it that count; one of which it holds a part is one
    public record TapeObject(int file, long block, String name, long bytes, long copies) {}

    /// The tape files of a volume that hold, or held, copies, in the order of the tape.
    public List<TapeObject> objects(String barcode, String uuid) {
        return database.read(s -> {
            Map<Long, Long> copies = new HashMap<>();
            s.each(
                    "SELECT l.object, sum(c.state IN "
                            + COUNTS
                            + ")"
                            + VolumeTally.COPIES
                            + " GROUP BY l.object",
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

    /// Since when volumes have been out of their library, by the ids in their labels.
    public Map<String, Instant> awaySince() {
        Map<String, Instant> away = new HashMap<>();
        database.read(s -> {
            s.each(
                    "SELECT uuid, offline_since FROM volume WHERE offline_since IS NOT NULL",
                    r -> away.put(r.getString(1), Instants.of(r.getLong(2))));
            return away.size();
        });
        return away;
    }

    /// Takes every copy on a volume out of the count if none of them is needed, in one transaction
    /// with the look at them. What lies on the cartridge may be written over only after this.
    ///
    /// A copy in parts is given up as a whole, with its parts on other volumes: without those here
    /// it is none. Were the others kept, a copy that is wanted again would be joined from parts of
    /// two times, and a part that is written over would still be taken for written.
    ///
    /// @return what was on it; the copies were given up if [Contents#needed] is 0. Empty if the
    ///   ledger does not know the volume
    public Optional<Contents> giveUp(String barcode, String uuid, Rule rule) {
        return database.write(s -> {
            Optional<Contents> found = VolumeTally.of(s, barcode, uuid, rule, clock.instant());
            if (found.isPresent() && found.get().needed() == 0) {
                retire(s, barcode, uuid);
            }
            return found;
        });
    }

    /// What a retired cartridge holds.
    ///
    /// @param counted copies that count, and go on counting unless they are lost
    /// @param unproven copies that do not count: found by a rebuild, or suspect
    /// @param begun copies of which parts are on it and others are still to be written
    /// @param lost copies that are lost now, of all these
    public record Retired(long counted, long unproven, long begun, long lost) {}

    /// Notes that a person took a cartridge out of use, in one transaction with what becomes of the
    /// copies on it.
    ///
    /// @param lost whether nothing on it can be read any more: then its copies are `LOST`, those in
    ///   parts as a whole, and what is there now is wanted again
    /// @return nothing if the ledger does not know the volume
    public Optional<Retired> retire(String barcode, String uuid, boolean lost) {
        return database.write(s -> {
            Optional<Contents> found =
                    VolumeTally.of(
                            s,
                            barcode,
                            uuid,
                            new Rule(Policy.THREE_TWO_ONE, Duration.ZERO),
                            clock.instant());
            if (found.isEmpty()) {
                return Optional.empty();
            }
            Ended ended =
                    lost
                            ? end(s, barcode, uuid, CopyState.LOST, barcode + " was lost")
                            : new Ended(0, 0);
            Events.append(
                    s,
                    clock.instant(),
                    "volume-retired",
                    JSON.createObjectNode()
                            .put("volume", barcode)
                            .put("uuid", uuid)
                            .put("lost", ended.copies())
                            .put("parts", ended.parts())
                            .toString());
            Contents on = found.get();
            return Optional.of(new Retired(on.copies(), on.unproven(), on.begun(), ended.copies()));
        });
    }

    private void retire(Session s, String barcode, String uuid) throws SQLException {
        Ended ended =
                end(s, barcode, uuid, CopyState.RETIRED, "cartridge " + barcode + " was given up");
        if (ended.copies() + ended.parts() > 0) {
            Events.append(
                    s,
                    clock.instant(),
                    "retired",
                    JSON.createObjectNode()
                            .put("volume", barcode)
                            .put("uuid", uuid)
                            .put("copies", ended.copies())
                            .put("parts", ended.parts())
                            .toString());
        }
    }

    private record Ended(int copies, int parts) {}

    private Ended end(Session s, String barcode, String uuid, CopyState state, String why)
            throws SQLException {
        String here = "IN (SELECT l.target, l.version FROM" + VolumeTally.PIECES + ")";
        if (state == CopyState.RETIRED) {
            retirements(s, barcode, uuid, here, why);
        }
        int copies =
                s.run(
                        "UPDATE copy SET state = ?3, replaces = NULL, parts = 1, last_error = ?4"
                                + " WHERE "
                                + GIVEN_UP
                                + here,
                        barcode,
                        uuid,
                        state,
                        why);
        int parts =
                s.run(
                        "UPDATE part SET void = 1 WHERE void = 0 AND (target_id, version_id) "
                                + here,
                        barcode,
                        uuid);
        FoundCopies.forgetVolume(s, barcode, uuid);
        return new Ended(copies, parts);
    }

    /// What is given up with its cartridge may be written over at once.
    private void retirements(Session s, String barcode, String uuid, String here, String why)
            throws SQLException {
        long now = Instants.nanos(clock.instant());
        s.run(
                "UPDATE retirement SET removed_at = ?3 WHERE removed_at IS NULL AND remove_after <="
                        + " ?3 AND (target_id, version_id) "
                        + here,
                barcode,
                uuid,
                now);
        s.run(
                "INSERT INTO retirement (target_id, version_id, cause, reason, retired_at,"
                        + " remove_after, removed_at) SELECT target_id, version_id, 'CARTRIDGE', ?4, ?3,"
                        + " ?3, ?3 FROM copy WHERE "
                        + GIVEN_UP
                        + here,
                barcode,
                uuid,
                now,
                why);
    }
}
