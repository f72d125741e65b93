package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.ledger.Rebuild.Found;
import dev.caravan.ledger.Rebuild.Merged;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What a server that stores objects says of itself, brought together in the ledger: which objects
/// are there, and what manifests and segments say is in them. First the list of objects, then the
/// manifests, then the segments among what no manifest describes.
///
/// The list is kept in a temporary table, so that memory stays bounded; it is gone with the
/// program. One at a time: the table is that of the ledger's writer.
public final class ObjectFindings {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Database database;
    private final Clock clock;
    private final String target;

    ObjectFindings(Database database, Clock clock, String target) {
        this.database = database;
        this.clock = clock;
        this.target = target;
        database.write(s -> {
            s.script("DROP TABLE IF EXISTS temp.object_there");
            s.script(
                    "CREATE TEMP TABLE object_there (name TEXT NOT NULL PRIMARY KEY, bytes INTEGER"
                            + " NOT NULL, described INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID");
            return target;
        });
    }

    /// An object that is there.
    public record There(String name, long bytes) {}

    /// Notes objects that are there.
    public void there(List<There> objects) {
        database.write(s -> {
            for (There object : objects) {
                s.run(
                        "INSERT INTO object_there (name, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING",
                        object.name,
                        object.bytes);
            }
            return objects.size();
        });
    }

    /// A line of a manifest: a file that is an object of its own.
    ///
    /// @param object where it is; its length and hash are those of the encrypted bytes
    public record Line(Found found, StoredObject object) {
        /// One that is plain.
        public Line(Found found, String object) {
            this(found, new StoredObject(object, found.metadata().size(), false, null));
        }
    }

    /// What a batch of lines gave.
    ///
    /// @param missing in words, files whose objects are not there, or not of their size
    public record Described(Merged merged, List<String> missing) {}

    /// Adds versions that a manifest names, in one transaction, and their copies if their objects
    /// are there in full length.
    ///
    /// @param written when the manifest was: the versions are taken as registered then
    public Described add(String manifest, Instant written, List<Line> lines) {
        return database.write(s -> {
            int id = Copies.targetId(s, target);
            Sum sum = new Sum();
            for (Line line : lines) {
                add(s, id, Instants.nanos(written), line, sum);
            }
            if (sum.versions + sum.copies > 0) {
                Events.append(
                        s,
                        clock.instant(),
                        "rebuilt",
                        JSON.createObjectNode()
                                .put("target", target)
                                .put("manifest", manifest)
                                .put("versions", sum.versions)
                                .put("copies", sum.copies)
                                .toString());
            }
            return sum.described();
        });
    }

    private static final class Sum {
        private long versions;
        private long copies;
        private long known;
        private final List<String> conflicts = new ArrayList<>();
        private final List<String> missing = new ArrayList<>();

        void add(Merged merged) {
            versions += merged.versions();
            copies += merged.copies();
            known += merged.known();
            conflicts.addAll(merged.conflicts());
        }

        Described described() {
            return new Described(
                    new Merged(versions, copies, known, List.of(), List.copyOf(conflicts)),
                    List.copyOf(missing));
        }
    }

    private static void add(Session s, int target, long at, Line line, Sum sum)
            throws SQLException {
        Long bytes =
                s.first(
                        "SELECT bytes FROM object_there WHERE name = ?",
                        r -> r.getLong(1),
                        line.object.name());
        if (bytes != null) {
            s.run("UPDATE object_there SET described = 1 WHERE name = ?", line.object.name());
        }
        boolean whole = bytes != null && bytes == line.object.bytes();
        Merging merging = new Merging(s, target, line.object, at);
        if (whole) {
            merging.add(line.found);
        } else {
            FoundVersions.Known known = merging.know(line.found);
            if (known != null) {
                lost(s, target, known.version(), at);
                sum.missing.add(
                        "%s: object '%s' %s"
                                .formatted(
                                        Rebuild.shown(line.found),
                                        line.object.name(),
                                        bytes == null
                                                ? "is not there"
                                                : "has %d bytes, the manifest says %d"
                                                        .formatted(bytes, line.object.bytes())));
            }
        }
        sum.add(merging.merged());
    }

    private static void lost(Session s, int target, long version, long at) throws SQLException {
        s.run(
                "INSERT INTO copy (target_id, version_id, state, wanted_at, last_error) VALUES (?, ?,"
                        + " 'LOST', ?, 'a manifest names it, and it is not there') ON CONFLICT DO"
                        + " NOTHING",
                target,
                version,
                at);
    }

    /// Objects that no manifest describes, in the order of their names, behind `after`.
    public List<There> undescribed(String after, int most) {
        return database.write(s ->
                s.list(
                        "SELECT name, bytes FROM object_there WHERE name > ? AND described = 0 ORDER"
                                + " BY name LIMIT ?",
                        r -> new There(r.getString(1), r.getLong(2)),
                        after,
                        most));
    }
}
