package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The targets the ledger knows, and whether each can take copies. Thread-safe.
public final class Targets {
    static final String COLUMNS =
            "SELECT id, name, media_kind, site, offsite, simulated, active, identity, state,"
                    + " attempts, next_at, last_error FROM target ";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Database database;
    private final Clock clock;

    Targets(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// Makes exactly these targets active. A target no longer declared keeps its copies in the
    /// ledger, and takes no new ones.
    public void declare(List<Target.Declared> declared) {
        database.write(s -> {
            s.run("UPDATE target SET active = 0");
            for (Target.Declared target : declared) {
                s.run(
                        "INSERT INTO target (name, media_kind, site, offsite, simulated,"
                                + " active) VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT (name) DO"
                                + " UPDATE SET media_kind = excluded.media_kind, site ="
                                + " excluded.site, offsite = excluded.offsite, simulated ="
                                + " excluded.simulated, active = 1",
                        target.name(),
                        target.mediaKind().toString(),
                        target.site(),
                        target.offsite(),
                        target.simulated());
            }
            return declared.size();
        });
    }

    public List<Target> active() {
        return database.read(s -> s.list(COLUMNS + "WHERE active = 1 ORDER BY id", Targets::map));
    }

    public List<Target> all() {
        return database.read(s -> s.list(COLUMNS + "ORDER BY id", Targets::map));
    }

    public Optional<Target> find(String name) {
        return Optional.ofNullable(
                database.read(s -> s.first(COLUMNS + "WHERE name = ?", Targets::map, name)));
    }

    /// Notes that a target was tried out. One that failed is for a person to look at.
    ///
    /// @param failure what it does not do, in words; null if it does all
    public void tested(String name, @Nullable String failure) {
        database.write(s -> {
            Events.append(
                    s,
                    clock.instant(),
                    "target-test",
                    JSON.createObjectNode()
                            .put("target", name)
                            .put("passed", failure == null)
                            .put("failure", failure)
                            .toString());
            return s.run(
                    "UPDATE target SET tested_at = ?, test_failure = ? WHERE name = ?",
                    Instants.nanos(clock.instant()),
                    failure,
                    name);
        });
        if (failure == null) {
            ready(name);
        } else {
            stop(name, "it failed its test: " + failure);
        }
    }

    /// Why a target is not known to do what its copies rely on, in words; null if it passed its
    /// test the last time.
    public @Nullable String untrusted(String name) {
        String why =
                database.read(s ->
                        s.first(
                                "SELECT CASE WHEN tested_at IS NULL THEN 'it was never tested'"
                                        + " WHEN test_failure IS NOT NULL THEN 'it failed its test: '"
                                        + " || test_failure ELSE '' END FROM target WHERE name = ?",
                                r -> r.getString(1),
                                name));
        return why == null || why.isEmpty() ? null : why;
    }

    /// Notes what was derived of the medium itself, at its first use.
    public void identify(String name, String identity) {
        database.write(s -> s.run("UPDATE target SET identity = ? WHERE name = ?", identity, name));
    }

    /// Notes on what a target's copies lie: those on one domain fail together, and count as one.
    public void liesOn(String name, String domain) {
        database.write(s ->
                s.run(
                        "UPDATE target SET domain = ?1 WHERE name = ?2 AND domain IS NOT ?1",
                        domain,
                        name));
    }

    /// The volumes a target has written on: the id of the newest by each name.
    public Map<String, String> volumes(String name) {
        Map<String, String> volumes = new TreeMap<>();
        database.read(s -> {
            s.each(
                    "SELECT v.name, v.uuid FROM volume v JOIN target t ON t.id = v.target_id WHERE"
                            + " t.name = ? ORDER BY v.id",
                    r -> volumes.put(r.getString(1), r.getString(2)),
                    name);
            return volumes.size();
        });
        return volumes;
    }

    /// The target failed as a whole: nothing is claimed for it until the wait is over.
    public void suspend(String name, String error, Duration wait) {
        Instant next = clock.instant().plus(wait);
        database.write(s -> {
            failed(s, name, error);
            return s.run(
                    "UPDATE target SET state = 'WAITING', attempts = attempts + 1, next_at = ?,"
                            + " last_error = ? WHERE name = ?",
                    Instants.nanos(next),
                    error,
                    name);
        });
    }

    /// For the log of the run: a target's failures are few, for it rests after each.
    private void failed(Session s, String name, String error) throws SQLException {
        Events.append(
                s,
                clock.instant(),
                "failed",
                JSON.createObjectNode().put("target", name).put("error", error).toString());
    }

    /// The target failed in a way that needs a person: it is not tried again before the next start.
    public void stop(String name, String error) {
        database.write(s -> {
            failed(s, name, error);
            return s.run(
                    "UPDATE target SET state = 'STOPPED', attempts = attempts + 1, last_error = ?"
                            + " WHERE name = ?",
                    error,
                    name);
        });
    }

    /// The target works (again).
    public void ready(String name) {
        database.write(s ->
                s.run(
                        "UPDATE target SET state = 'READY', attempts = 0, next_at = 0,"
                                + " last_error = NULL WHERE name = ?",
                        name));
    }

    static Target map(ResultSet row) throws SQLException {
        return new Target(
                row.getInt(1),
                row.getString(2),
                MediaKind.of(row.getString(3)),
                row.getString(4),
                row.getInt(5) == 1,
                row.getInt(6) == 1,
                row.getInt(7) == 1,
                row.getString(8),
                Target.State.valueOf(row.getString(9)),
                row.getInt(10),
                Instants.of(row.getLong(11)),
                row.getString(12));
    }
}
