package dev.caravan.ledger;

import java.util.List;

/// The sources the ledger knows. Thread-safe.
public final class Sources {
    private final Database database;

    Sources(Database database) {
        this.database = database;
    }

    /// Makes a source known, or notes that its root moved.
    public int declare(String name, byte[] root) {
        return database.write(s -> {
            s.run(
                    "INSERT INTO source (name, root) VALUES (?, ?)"
                            + " ON CONFLICT (name) DO UPDATE SET root = excluded.root",
                    name,
                    root);
            return s.one("SELECT id FROM source WHERE name = ?", r -> r.getInt(1), name);
        });
    }

    public List<String> names() {
        return database.read(
                s -> s.list("SELECT name FROM source ORDER BY name", r -> r.getString(1)));
    }
}
