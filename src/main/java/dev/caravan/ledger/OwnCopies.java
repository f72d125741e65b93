package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Where the exported heads and snapshots of the ledger have copies that count. Thread-safe.
public final class OwnCopies {
    private static final String COUNTS = "('DURABLE', 'VERIFIED', 'STALE')";

    private final Database database;

    OwnCopies(Database database) {
        this.database = database;
    }

    /// The newest copy of an exported file that a target has.
    ///
    /// @param made when the file was written; null if the target has none
    public record OnTarget(Target target, @Nullable Instant made) {}

    /// The newest copy of this file on each target that serves, or has one.
    public List<OnTarget> newest(ItemPath file) {
        return database
                .read(s ->
                        s.list(
                                "SELECT t.id, t.name, t.media_kind, t.site, t.offsite, t.simulated,"
                                        + " t.active, t.identity, t.state, t.attempts, t.next_at,"
                                        + " t.last_error, (SELECT v.modified_s FROM item i JOIN"
                                        + " version v ON v.item_id = i.id JOIN copy c ON c.target_id"
                                        + " = t.id AND c.version_id = v.id AND c.state IN "
                                        + COUNTS
                                        + " WHERE i.source_id = "
                                        + OwnSource.ID
                                        + " AND i.path = ? ORDER BY v.number DESC LIMIT 1) FROM"
                                        + " target t ORDER BY t.id",
                                r -> {
                                    Target target = Targets.map(r);
                                    long made = r.getLong(13);
                                    return new OnTarget(
                                            target,
                                            r.wasNull() ? null : Instant.ofEpochSecond(made));
                                },
                                (Object) file.bytes()))
                .stream()
                .filter(on -> on.target().active() || on.made() != null)
                .toList();
    }

    /// The newest version of an exported file that has a copy that counts on a target.
    public Optional<Version> version(ItemPath file, String target) {
        return Optional.ofNullable(
                database.read(s ->
                        s.first(
                                "SELECT "
                                        + VersionRow.COLUMNS
                                        + VersionRow.FROM
                                        + "WHERE s.name = ? AND i.path = ? AND EXISTS (SELECT 1 FROM"
                                        + " copy c WHERE c.target_id = (SELECT id FROM target WHERE"
                                        + " name = ?) AND c.version_id = v.id AND c.state IN "
                                        + COUNTS
                                        + ") ORDER BY v.number DESC LIMIT 1",
                                VersionRow::map,
                                OwnSource.NAME,
                                file.bytes(),
                                target)));
    }

    /// How many copies of exported files are still to be made on targets that serve.
    public long wanted() {
        return wantedByTarget().values().stream().mapToLong(Long::longValue).sum();
    }

    /// How many copies of exported files are still to be made, by the name of the target; one that
    /// has them all is missing.
    public Map<String, Long> wantedByTarget() {
        Map<String, Long> wanted = new TreeMap<>();
        database.read(s -> {
            s.each(
                    "SELECT t.name, count(*) FROM copy c JOIN target t ON t.id = c.target_id AND"
                            + " t.active = 1 WHERE c.version_id IN "
                            + OwnSource.VERSIONS
                            + " AND c.state IN ('WANTED', 'WRITING', 'FAILED') GROUP BY t.name",
                    r -> wanted.put(r.getString(1), r.getLong(2)));
            return wanted.size();
        });
        return wanted;
    }

    /// When the exported files were last looked at by a scan; empty before the first time.
    public Optional<Instant> lastScan() {
        return Optional.ofNullable(
                database.read(s ->
                        s.first(
                                "SELECT last_scan_at FROM source WHERE name = ?",
                                r -> Instants.nullable(r, 1),
                                OwnSource.NAME)));
    }
}
