package dev.caravan.config;

import java.nio.file.Path;

/// The directory an installation lives in: what the operator edits (`config/`, `routes/`) and what
/// Caravan keeps (`data/`). Immutable.
public record Home(Path root) {
    public Home {
        root = root.toAbsolutePath().normalize();
    }

    public Path config() {
        return root.resolve("config/caravan.properties");
    }

    public Path routes() {
        return root.resolve("routes");
    }

    public Path data() {
        return root.resolve("data");
    }

    public Path ledger() {
        return data().resolve("ledger.db");
    }

    public Path tapes() {
        return data().resolve("tapes");
    }

    public Path keys() {
        return data().resolve("keys");
    }

    /// Where what is exported of the ledger lies, for the routes to carry.
    public Path export() {
        return data().resolve("export");
    }

    /// Where the embedded SFTP server keeps what it is given.
    public Path embeddedOffsite() {
        return data().resolve("offsite");
    }

    /// Where it is noted which sources have something made for their scan that is not undone yet.
    public Path held() {
        return data().resolve("held");
    }

    /// Held by the one process that writes to this home.
    public Path lockFile() {
        return data().resolve("lock");
    }

    /// A path as an operator writes it: relative ones are relative to the home.
    public Path resolve(String path) {
        return root.resolve(path).normalize();
    }
}
