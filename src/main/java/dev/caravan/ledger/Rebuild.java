package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
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
        return database.write(s -> {
            FoundParts.forgetSuperseded(s);
            return (long)
                    s.run(
                            "UPDATE item SET present = 0 WHERE id IN (SELECT c.id FROM item p JOIN"
                                    + " version v ON v.id = p.version_id CROSS JOIN item c ON"
                                    + " c.source_id = p.source_id AND c.path >= CAST(p.path ||"
                                    + " '/' AS BLOB) AND c.path < CAST(p.path || '0' AS BLOB)"
                                    + " WHERE v.kind <> 'FOLDER' AND length(p.path) > 0 AND"
                                    + " c.present = 1 AND c.seen = 0)");
        });
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

    /// A version in words.
    static String shown(Found found) {
        return "'%s' of '%s', version %d".formatted(found.path(), found.source(), found.number());
    }
}
