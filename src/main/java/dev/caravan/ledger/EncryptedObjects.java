package dev.caravan.ledger;

import java.util.List;

/// What lies encrypted on the targets, and for whom: as long as there is such an object, somebody
/// must keep an identity to it. Thread-safe.
public final class EncryptedObjects {
    private final Database database;

    EncryptedObjects(Database database) {
        this.database = database;
    }

    /// Objects of one target that the same recipients can read.
    public record Group(String target, List<String> recipients, long objects, long bytes) {}

    /// Those that hold a copy which is not retired, or what a rebuild keeps beside it. Looks at all
    /// copies.
    public List<Group> groups() {
        return database.read(s ->
                s.list(
                        "SELECT t.name, o.encrypted_for, count(*), sum(o.bytes) FROM object o JOIN"
                                + " target t ON t.id = o.target_id WHERE o.encrypted_for IS NOT NULL"
                                + " AND o.id IN (SELECT object_id FROM copy WHERE object_id IS NOT"
                                + " NULL AND state <> 'RETIRED' UNION SELECT p.object_id FROM part p"
                                + " JOIN copy c ON c.target_id = p.target_id AND c.version_id ="
                                + " p.version_id WHERE p.void = 0 AND c.state <> 'RETIRED' UNION SELECT"
                                + " object_id FROM spare UNION SELECT object_id FROM found_part) GROUP BY"
                                + " t.id, o.encrypted_for ORDER BY t.id, o.encrypted_for",
                        r ->
                                new Group(
                                        r.getString(1),
                                        StoredObject.recipients(r.getString(2)),
                                        r.getLong(3),
                                        r.getLong(4))));
    }
}
