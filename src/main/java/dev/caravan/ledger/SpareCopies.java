package dev.caravan.ledger;

import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog.Copy;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The further copies that a rebuild keeps of versions whose copy on the same target does not count
/// (decision 24), as a restore can read them: each in one piece, and the sets of parts. Confined to
/// one transaction.
final class SpareCopies {
    private static final String OBJECT =
            "o.name, o.bytes, o.segment, w.name, w.uuid, o.tape_file, o.block, o.encrypted_for";

    private final Session s;
    private final @Nullable Version only;
    private final boolean anyWhole;
    private final boolean anyParts;
    private final Map<Integer, Map<Long, List<FoundParts.Spare>>> sets = new HashMap<>();

    /// @param only the one version that is asked for; null for many
    SpareCopies(Session s, @Nullable Version only) throws SQLException {
        this.s = s;
        this.only = only;
        this.anyWhole = s.first("SELECT 1 FROM spare LIMIT 1", r -> 1) != null;
        this.anyParts = s.first("SELECT 1 FROM found_part LIMIT 1", r -> 1) != null;
    }

    /// The copies of a version, each followed by what is kept besides it.
    List<Copy> with(Version version, List<Copy> known) throws SQLException {
        if (!anyWhole && !anyParts) {
            return known;
        }
        List<Copy> all = new ArrayList<>();
        for (Copy copy : known) {
            all.add(copy);
            if (!copy.state().counts() && copy.state() != CopyState.RETIRED) {
                all.addAll(whole(version, copy));
                all.addAll(inParts(version, copy));
            }
        }
        return all;
    }

    private List<Copy> whole(Version version, Copy copy) throws SQLException {
        return s.list(
                "SELECT "
                        + OBJECT
                        + ", p.offset, p.bad, p.written_at FROM spare p JOIN object o ON o.id ="
                        + " p.object_id JOIN volume w ON w.id = o.volume_id WHERE p.version_id = ? AND"
                        + " p.target_id = ? ORDER BY p.bad, p.written_at DESC",
                r ->
                        spare(
                                version,
                                copy,
                                r.getInt(10) == 1 ? CopyState.SUSPECT : CopyState.ACKED,
                                object(r),
                                r.getLong(9),
                                List.of(),
                                r.getLong(11)),
                version.id(),
                copy.target().id());
    }

    /// Sets of which no part is known to be bad. One that is the copy itself is not among them.
    private List<Copy> inParts(Version version, Copy copy) throws SQLException {
        List<Copy> spares = new ArrayList<>();
        for (FoundParts.Spare set :
                sets(copy.target().id()).getOrDefault(version.id(), List.of())) {
            List<StoredPart> parts = new ArrayList<>();
            long writtenAt = 0;
            for (FoundParts.Row row : set.parts()) {
                parts.add(stored(row));
                writtenAt = Math.max(writtenAt, row.writtenAt());
            }
            if (!places(parts).equals(places(copy.parts()))) {
                StoredPart first = parts.getFirst();
                spares.add(
                        spare(
                                version,
                                copy,
                                CopyState.ACKED,
                                first.object(),
                                first.offset(),
                                parts,
                                writtenAt));
            }
        }
        return spares;
    }

    private static List<StoredObject> places(List<StoredPart> parts) {
        return parts.stream().map(StoredPart::object).toList();
    }

    private Map<Long, List<FoundParts.Spare>> sets(int target) throws SQLException {
        Map<Long, List<FoundParts.Spare>> known = sets.get(target);
        if (known == null) {
            known = new HashMap<>();
            if (anyParts) {
                for (FoundParts.Spare set : FoundParts.besides(s, target, only)) {
                    known.computeIfAbsent(set.version(), _ -> new ArrayList<>()).add(set);
                }
            }
            sets.put(target, known);
        }
        return known;
    }

    private StoredPart stored(FoundParts.Row row) throws SQLException {
        return new StoredPart(
                new PartOfCopy(
                        row.set(),
                        row.number(),
                        row.count(),
                        row.contentOffset(),
                        row.size(),
                        row.stored(),
                        false),
                Sha256.of(row.sha256()),
                s.one(
                        "SELECT "
                                + OBJECT
                                + " FROM object o LEFT JOIN volume w ON w.id = o.volume_id WHERE o.id = ?",
                        SpareCopies::object,
                        row.objectId()),
                row.offset());
    }

    private static StoredObject object(ResultSet row) throws SQLException {
        String volume = row.getString(4);
        return new StoredObject(
                row.getString(1),
                row.getLong(2),
                row.getInt(3) == 1,
                volume == null
                        ? null
                        : new StoredObject.OnTape(
                                volume, row.getString(5), row.getInt(6), row.getLong(7)),
                null,
                StoredObject.recipients(row.getString(8)));
    }

    private static Copy spare(
            Version version,
            Copy copy,
            CopyState state,
            @Nullable StoredObject object,
            long offset,
            List<StoredPart> parts,
            long writtenAt) {
        return new Copy(
                copy.target(),
                state,
                object,
                offset,
                parts,
                null,
                version.sha256(),
                version.metadata().size(),
                Instants.of(writtenAt),
                null,
                0,
                null,
                null);
    }
}
