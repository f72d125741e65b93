package dev.caravan.ledger;

import dev.caravan.item.Sha256;
import dev.caravan.ledger.FoundVersions.Known;
import dev.caravan.ledger.Rebuild.Found;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The statements of one transaction that puts back what a stored object holds. Confined.
final class Merging {
    private final Session s;
    private final int target;
    private final FoundVersions versions;
    private final FoundCopies rows;
    private final @Nullable StoredObject object;
    private final @Nullable FoundObject objectRow;
    private final long writtenAt;
    private final List<Long> matched = new ArrayList<>();
    private long copies;
    private long known;

    /// @param object what holds the copies; null where the target keeps plain files
    Merging(Session s, int target, @Nullable StoredObject object, long writtenAt) {
        this.s = s;
        this.target = target;
        this.versions = new FoundVersions(s, writtenAt);
        this.rows = new FoundCopies(s, target);
        this.object = object;
        this.objectRow = object == null ? null : new FoundObject(s, target, object, writtenAt);
        this.writtenAt = writtenAt;
    }

    Rebuild.Merged merged() {
        return new Rebuild.Merged(
                versions.added(), copies, known, List.copyOf(matched), versions.conflicts());
    }

    void add(Found found) throws SQLException {
        long before = versions.added();
        Known known = know(found);
        if (known != null && copy(known.version(), found) && versions.added() == before) {
            matched.add(known.version());
        }
    }

    /// Makes a version known, and no copy of it; null if it contradicts what is known.
    @Nullable Known know(Found found) throws SQLException {
        return versions.know(found);
    }

    /// @return whether it is a copy the ledger did not have
    boolean copy(long version, Found found) throws SQLException {
        if (object == null) {
            return copy(version, found.metadata().size(), found.sha256());
        }
        boolean taken = isOpen(version) || isSuspectElsewhere(version);
        boolean kept = !taken && object.tape() != null && rows.isUnread(version);
        Long id = taken || kept ? objectId() : null;
        if (id == null) { // null: what is there under its name is another
            return known();
        }
        if (taken) {
            take(version, found, id);
            copies++;
            return true;
        }
        if (rows.isElsewhere(version, id)) {
            pass(version, found, id);
        }
        return known();
    }

    /// Of two copies that nobody has read the one written last is taken: what was made anew is
    /// later than what was bad. The other is kept. What is cut off is never taken in place of what
    /// is whole.
    private void pass(long version, Found found, long id) throws SQLException {
        boolean whole = Objects.requireNonNull(object).bytes() > 0;
        IdList here = new IdList();
        here.add(id);
        if (whole && rows.isUnreadFromBefore(version, writtenAt) && !rows.isBad(version, here)) {
            take(version, found, id);
        } else {
            rows.keep(version, id, found.offset(), writtenAt);
        }
    }

    private void take(long version, Found found, long id) throws SQLException {
        rows.take(
                version,
                found.metadata().size(),
                found.sha256() == null ? null : found.sha256().bytes(),
                id,
                found.offset(),
                writtenAt,
                Objects.requireNonNull(object).tape() != null);
    }

    /// As the other, for a copy that is a plain file.
    boolean copy(long version, long size, @Nullable Sha256 sha256) throws SQLException {
        if (!isOpen(version)) {
            return known();
        }
        rows.take(version, size, sha256 == null ? null : sha256.bytes(), null, 0, writtenAt, false);
        copies++;
        return true;
    }

    private boolean known() {
        known++;
        return false;
    }

    /// Adds a version all of whose parts were found or are recorded, and its copy.
    void addParted(Found found, List<FoundParts.Row> parts) throws SQLException {
        Known whole = know(found);
        if (whole == null) {
            return;
        }
        long version = whole.version();
        boolean isNew = isOpen(version) || isSuspectElsewhere(version, parts);
        IdList objects = new IdList();
        parts.forEach(part -> objects.add(part.objectId()));
        boolean isLater =
                rows.isUnreadFromBefore(version, writtenAt) && !rows.isBad(version, objects);
        if (isNew || isLater) {
            rows.takeParts(
                    version,
                    found.metadata().size(),
                    Objects.requireNonNull(found.sha256()).bytes(),
                    parts);
        }
        copies += isNew ? 1 : 0;
        known += isNew ? 0 : 1;
    }

    /// A copy that was found bad gives way to another one of the same version.
    private boolean isSuspectElsewhere(long version) throws SQLException {
        Long there =
                s.first(
                        "SELECT object_id FROM copy WHERE target_id = ? AND version_id = ? AND (state ="
                                + " 'SUSPECT' OR state = 'WANTED' AND replaces = 'SUSPECT') AND"
                                + " object_id IS NOT NULL",
                        r -> r.getLong(1),
                        target,
                        version);
        return there != null && !there.equals(objectId());
    }

    private boolean isSuspectElsewhere(long version, List<FoundParts.Row> parts)
            throws SQLException {
        return s.first(
                        "SELECT 1 FROM copy c WHERE c.target_id = ?1 AND c.version_id = ?2 AND"
                                + " c.state = 'SUSPECT' AND NOT EXISTS (SELECT 1 FROM part p WHERE"
                                + " p.target_id = ?1 AND p.version_id = ?2 AND p.void = 0 AND"
                                + " p.part_set = ?3)",
                        r -> 1,
                        target,
                        version,
                        parts.getFirst().set())
                != null;
    }

    private boolean isOpen(long version) throws SQLException {
        String state =
                s.first(
                        "SELECT CASE WHEN state = 'WANTED' AND replaces = 'SUSPECT' THEN replaces ELSE"
                                + " state END FROM copy WHERE target_id = ? AND version_id = ?",
                        r -> r.getString(1),
                        target,
                        version);
        return state == null
                || state.equals("WANTED")
                || state.equals("FAILED")
                || state.equals("LOST");
    }

    private @Nullable Long objectId() throws SQLException {
        return Objects.requireNonNull(objectRow, "plain files lie in no object").id();
    }
}
