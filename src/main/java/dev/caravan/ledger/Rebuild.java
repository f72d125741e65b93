package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Puts back into the ledger what a medium says of itself. It adds and never takes away: what the
/// ledger knows already stays as it is, and what contradicts it is told, not taken. A copy found
/// this way is `ACKED`: it can be restored from, and does not count before its bytes were read.
/// Thread-safe.
public final class Rebuild {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Database database;
    private final Clock clock;

    Rebuild(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// A version and its copy, as a medium says they are.
    ///
    /// @param number of the version of the item; 0 if the medium does not say: then it is the next
    /// @param versionId under which the ledger that wrote it knew it; 0 if the medium does not say
    /// @param fingerprint by which the item was known in its source; null if the medium does not
    ///   say
    /// @param sha256 null for folders and symlinks
    /// @param offset where the member that has its bytes begins in the stored object
    public record Found(
            String source,
            ItemPath path,
            int number,
            long versionId,
            Metadata metadata,
            @Nullable Fingerprint fingerprint,
            @Nullable Sha256 sha256,
            long offset) {}

    /// What was new, what was not, and what could not be taken.
    ///
    /// @param versions added
    /// @param copies added
    /// @param known copies that the ledger had, here or elsewhere on the target
    /// @param matched ids of the versions the ledger knew by the same hash, and has a copy of here
    ///   only now
    /// @param conflicts in words, one for each copy that was left out
    public record Merged(
            long versions, long copies, long known, List<Long> matched, List<String> conflicts) {}

    /// Adds what one stored object holds, or some of it, in one transaction.
    ///
    /// @param written when the object was made: the versions are taken as registered then
    public Merged add(String target, StoredObject object, Instant written, List<Found> found) {
        return database.write(s -> {
            Merging merging =
                    new Merging(s, Copies.targetId(s, target), object, Instants.nanos(written));
            for (Found each : found) {
                merging.add(each);
            }
            Merged merged = merging.merged();
            if (merged.versions() + merged.copies() > 0) {
                Events.append(
                        s,
                        clock.instant(),
                        "rebuilt",
                        JSON.createObjectNode()
                                .put("target", target)
                                .put("object", object.name())
                                .put("versions", merged.versions())
                                .put("copies", merged.copies())
                                .toString());
            }
            return merged;
        });
    }

    /// Which part of a version a stored object holds, as a medium says it.
    ///
    /// @param set name of the attempt: parts of two sets are never joined
    /// @param number from 1
    /// @param count how many the set has
    /// @param contentOffset of its first byte in the file
    /// @param size bytes of content, holes included
    /// @param stored bytes of it that are stored
    /// @param sha256 of the part
    public record FoundPart(
            String set,
            int number,
            int count,
            long contentOffset,
            long size,
            long stored,
            Sha256 sha256) {}

    /// Adds the part of a copy that one stored object holds, in one transaction. It is kept until
    /// all parts of its set were found, on whatever volumes and in whatever order, also by another
    /// program; then, and only then, the version and its copy are added.
    ///
    /// @param whole the version; its hash may be null, one part of the set has it
    public Merged addPart(
            String target, StoredObject object, Instant written, Found whole, FoundPart part) {
        return database.write(s -> {
            Merged merged =
                    new FoundParts(s, Copies.targetId(s, target))
                            .add(object, Instants.nanos(written), whole, part);
            if (merged.versions() + merged.copies() > 0) {
                Events.append(
                        s,
                        clock.instant(),
                        "rebuilt",
                        JSON.createObjectNode()
                                .put("target", target)
                                .put("set", part.set())
                                .put("versions", merged.versions())
                                .put("copies", merged.copies())
                                .put("parts", part.count())
                                .toString());
            }
            return merged;
        });
    }

    /// A file of which not all parts were found.
    ///
    /// @param found how many were
    /// @param count how many it has
    public record Incomplete(String source, ItemPath path, int found, int count) {}

    /// The files of which parts were found and others were not. No version is made of them.
    public List<Incomplete> incomplete(String target) {
        return database.read(s -> FoundParts.incomplete(s, Copies.targetId(s, target)));
    }

    /// Settles what follows from all of it together. A medium does not say what was deleted from a
    /// source later, but nothing can be below what is no folder: such items are gone.
    ///
    /// @return how many items are taken as deleted
    public long finish() {
        String below =
                " FROM item p JOIN version v ON v.id = p.version_id CROSS JOIN item c ON c.source_id ="
                        + " p.source_id AND c.path >= CAST(p.path || '/' AS BLOB) AND c.path <"
                        + " CAST(p.path || '0' AS BLOB) WHERE v.kind <> 'FOLDER' AND length(p.path) >"
                        + " 0 AND c.present = 1 AND c.seen = 0";
        return database.write(s -> {
            FoundCopies.forgetSpares(s);
            s.run(
                    "INSERT INTO absence (item_id, from_at) SELECT c.id, min(v.registered_at)"
                            + below
                            + " GROUP BY c.id ON CONFLICT DO NOTHING");
            return (long)
                    s.run("UPDATE item SET present = 0 WHERE id IN (SELECT c.id" + below + ")");
        });
    }

    /// Takes spares in place of copies of a target that were found bad or are lost.
    ///
    /// @return the names of the objects they lie in, to be read; none if there was nothing to take
    public Set<String> takeSpares(String target) {
        return database.write(s -> {
            Set<String> objects = new FoundCopies(s, Copies.targetId(s, target)).takeSpares();
            if (!objects.isEmpty()) {
                Events.append(
                        s,
                        clock.instant(),
                        "rebuilt",
                        JSON.createObjectNode()
                                .put("target", target)
                                .put("sparesIn", objects.size())
                                .put("first", objects.iterator().next())
                                .toString());
            }
            return objects;
        });
    }

    /// How many versions have further copies on a target that are kept, because the one that was
    /// taken does not count.
    public long spares(String target) {
        return database.read(s -> new FoundCopies(s, Copies.targetId(s, target)).spares());
    }

    /// Where a part lies.
    ///
    /// @param volume the barcode
    public record PartAt(String volume, int file) {}

    /// Files all of whose parts were read and are good, and whose whole is not proven, because the
    /// parts were not read in their order: one that was written again lies behind those that follow
    /// it.
    ///
    /// @return the parts of each in their order
    public List<List<PartAt>> unjoined(String target) {
        Map<Long, List<PartAt>> files = new LinkedHashMap<>();
        database.read(s -> {
            s.each(
                    "SELECT c.version_id, w.name, o.tape_file FROM copy c JOIN part p ON p.target_id ="
                            + " c.target_id AND p.version_id = c.version_id AND p.void = 0 JOIN object"
                            + " o ON o.id = p.object_id JOIN volume w ON w.id = o.volume_id WHERE"
                            + " c.target_id = ? AND c.state = 'ACKED' AND c.parts > 1 AND NOT EXISTS"
                            + " (SELECT 1 FROM part q WHERE q.target_id = c.target_id AND q.version_id"
                            + " = c.version_id AND q.void = 0 AND (q.suspect = 1 OR q.verified_at IS"
                            + " NULL)) ORDER BY c.version_id, p.number",
                    r ->
                            files.computeIfAbsent(r.getLong(1), version -> new ArrayList<>())
                                    .add(new PartAt(r.getString(2), r.getInt(3))),
                    Copies.targetId(s, target));
            return files.size();
        });
        return List.copyOf(files.values());
    }

    /// Whether this is a version the ledger knows: for a file by the hash of its content.
    public boolean knows(String source, ItemPath path, Metadata metadata, @Nullable Sha256 sha256) {
        return database.read(s ->
                s.first(
                                "SELECT 1"
                                        + VersionRow.FROM
                                        + "WHERE s.name = ? AND i.path = ? AND v.kind = ? AND v.size"
                                        + " = ? AND v.modified_s = ? AND v.modified_ns = ? AND"
                                        + " v.link_target IS ? AND v.sha256 IS ?",
                                r -> 1,
                                source,
                                path.bytes(),
                                metadata.kind(),
                                metadata.size(),
                                metadata.modified().getEpochSecond(),
                                metadata.modified().getNano(),
                                metadata.linkTarget().length == 0 ? null : metadata.linkTarget(),
                                sha256 == null ? null : sha256.bytes())
                        != null);
    }

    /// How many versions may have been registered up to the newest one that the ledger knows, and
    /// are not in it: what lies on a volume that was not read is among them. Some of them never had
    /// a copy.
    public long unknownVersions() {
        return database.read(s ->
                s.one(
                        "SELECT coalesce(max(id), 0) - count(*) FROM version WHERE id > 0",
                        r -> r.getLong(1)));
    }

    /// When the newest version of an item was picked up; null if there is none.
    public @Nullable Instant newestAt(String source, ItemPath path) {
        return database.read(s ->
                s.first(
                        "SELECT max(v.registered_at)"
                                + VersionRow.FROM
                                + "WHERE s.name = ? AND i.path = ?",
                        r -> Instants.nullable(r, 1),
                        source,
                        path.bytes()));
    }

    /// Begins to bring together what a NAS says of itself.
    public NasFindings onNas(String target) {
        return new NasFindings(database, clock, target);
    }

    /// Begins to bring together what a server that stores objects says of itself.
    public ObjectFindings objects(String target) {
        return new ObjectFindings(database, clock, target);
    }

    /// Whether all that this ledger knows was found by rebuilds: nothing was picked up or copied by
    /// its home yet.
    public boolean isOnlyRebuilt() {
        return database.read(s ->
                s.first(
                                "SELECT 1 FROM event WHERE kind IN ('registered', 'scanned',"
                                        + " 'recorded') LIMIT 1",
                                r -> 1)
                        == null);
    }

    /// Makes this home the one that a target belongs to: its ids and names go on here. The ledger
    /// says so from the next time it is opened. It has no proofs but those it made itself, so they
    /// stay; ids go on as in [Heads#accept].
    ///
    /// @param exported heads of that home: its log is not in this ledger and never will be, so they
    ///   are accepted in the same transaction, or a program killed here could not be run again
    public void adopt(String home, String target, List<Head> exported) {
        database.write(s -> {
            String before = s.one("SELECT id FROM home", r -> r.getString(1));
            Instant now = clock.instant();
            Events.append(
                    s,
                    now,
                    "adopted",
                    JSON.createObjectNode()
                            .put("target", target)
                            .put("home", home)
                            .put("before", before)
                            .toString());
            if (!exported.isEmpty()) {
                Heads.goOn(s, now, exported, 0);
            }
            return s.run("UPDATE home SET id = ?", home);
        });
    }

    /// A copy that a rebuild found and nobody has read.
    ///
    /// @param object what it lies in; null on a NAS
    public record Unproven(Version version, @Nullable StoredObject object, long offset) {}

    /// Copies on a target that are not on tape and that nobody has read, behind a version, in the
    /// order of their versions: so they were written, and so they lie in a segment.
    public List<Unproven> unproven(String target, long after, int most) {
        return database.read(s ->
                s.list(
                        "SELECT "
                                + VersionRow.COLUMNS
                                + ", c.offset, o.name, o.bytes, o.segment, o.encrypted_for FROM copy c CROSS JOIN"
                                + " version v ON v.id = c.version_id JOIN item i ON i.id = v.item_id"
                                + " JOIN source s ON s.id = i.source_id LEFT JOIN object o ON o.id ="
                                + " c.object_id WHERE c.target_id = ? AND c.version_id > ? AND c.state"
                                + " = 'ACKED' ORDER BY c.version_id LIMIT ?",
                        Rebuild::unproven,
                        Copies.targetId(s, target),
                        after,
                        most));
    }

    private static Unproven unproven(ResultSet row) throws SQLException {
        String object = row.getString(21);
        return new Unproven(
                VersionRow.map(row),
                object == null
                        ? null
                        : new StoredObject(
                                object,
                                row.getLong(22),
                                row.getBoolean(23),
                                null,
                                null,
                                StoredObject.recipients(row.getString(24))),
                row.getLong(20));
    }

    /// Records what reading such copies showed, in one transaction: good ones count from now on,
    /// bad ones are suspect.
    ///
    /// @param bad why, by the id of the version
    public void readBack(
            String target, Evidence evidence, Collection<Long> good, Map<Long, String> bad) {
        database.write(s -> {
            int id = Copies.targetId(s, target);
            long at = Instants.nanos(evidence.at());
            if (!good.isEmpty()) {
                verified(s, target, id, evidence, good);
            }
            for (Map.Entry<Long, String> each : bad.entrySet()) {
                s.run(
                        "UPDATE copy SET state = 'SUSPECT', last_error = ? WHERE target_id = ? AND"
                                + " version_id = ? AND state = 'ACKED'",
                        each.getValue(),
                        id,
                        each.getKey());
            }
            if (!bad.isEmpty()) {
                Events.append(
                        s,
                        evidence.at(),
                        "suspect",
                        JSON.createObjectNode()
                                .put("target", target)
                                .put("copies", bad.size())
                                .put("first", bad.values().iterator().next())
                                .toString());
            }
            return at;
        });
    }

    private static void verified(
            Session s, String target, int id, Evidence evidence, Collection<Long> good)
            throws SQLException {
        long at = Instants.nanos(evidence.at());
        IdList ids = new IdList();
        good.forEach(ids::add);
        long evidenceId =
                s.insert(
                        "INSERT INTO evidence (method, level, at, program) VALUES (?, ?, ?, ?)",
                        evidence.method(),
                        evidence.level(),
                        at,
                        evidence.program());
        int copies =
                s.run(
                        "UPDATE copy SET state = 'VERIFIED', evidence_id = ?1, verified_at = ?2,"
                                + " recorded_at = coalesce(recorded_at, ?2), last_error = NULL WHERE"
                                + " target_id = ?3 AND state = 'ACKED' AND version_id IN (SELECT value"
                                + " FROM json_each(?4))",
                        evidenceId,
                        at,
                        id,
                        ids);
        Events.append(
                s,
                evidence.at(),
                "verified",
                JSON.createObjectNode()
                        .put("target", target)
                        .put("copies", copies)
                        .put("method", evidence.method())
                        .toString());
    }

    /// A version in words.
    static String shown(Found found) {
        return "'%s' of '%s', version %d"
                .formatted(found.path(), SourceNames.shown(found), found.number());
    }
}
