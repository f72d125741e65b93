package dev.caravan.ledger;

import java.util.Collection;
import java.util.List;

/// The sources the ledger knows. Thread-safe.
public final class Sources {
    private final Database database;

    Sources(Database database) {
        this.database = database;
    }

    /// Makes a source on a disk known, or notes that its root moved.
    public int declare(String name, byte[] root) {
        return declare(name, root, MediaKind.DISK);
    }

    /// Makes a source known, or notes that its root moved: then nobody has seen its originals there
    /// yet.
    ///
    /// @param mediaKind what its originals are on
    public int declare(String name, byte[] root, MediaKind mediaKind) {
        return database.write(s -> {
            s.run(
                    "UPDATE item SET seen = 0 WHERE present = 1 AND seen = 1 AND source_id = (SELECT"
                            + " id FROM source WHERE name = ? AND root <> ?)",
                    name,
                    root);
            s.run(
                    "INSERT INTO source (name, root, media_kind) VALUES (?, ?, ?) ON CONFLICT"
                            + " (name) DO UPDATE SET root = excluded.root, media_kind ="
                            + " excluded.media_kind",
                    name,
                    root,
                    mediaKind.toString());
            return s.one("SELECT id FROM source WHERE name = ?", r -> r.getInt(1), name);
        });
    }

    /// Notes what a source lies on: copies on the same fail with it.
    public int liesOn(String name, String domain) {
        return database.write(
                s -> s.run("UPDATE source SET domain = ? WHERE name = ?", domain, name));
    }

    /// Notes which sources there are now: nobody looks at the originals of any other, so they are
    /// no copies that count until a scan has seen them again.
    public int onlyThese(Collection<String> declared) {
        return database.write(s -> {
            int unseen = 0;
            for (String name : s.list("SELECT name FROM source", r -> r.getString(1))) {
                if (!declared.contains(name)) {
                    unseen +=
                            s.run(
                                    "UPDATE item SET seen = 0 WHERE present = 1 AND seen = 1 AND"
                                            + " source_id = (SELECT id FROM source WHERE name = ?)",
                                    name);
                }
            }
            return unseen;
        });
    }

    public List<String> names() {
        return database.read(
                s -> s.list("SELECT name FROM source ORDER BY name", r -> r.getString(1)));
    }
}
