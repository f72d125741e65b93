package dev.caravan.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// A home for tests: beside it `docs/` (with `a.txt` and `sub/`), `nas/` and a link to docs; in it
/// a key that only its owner can read, and known hosts.
final class HomeFolder {
    private HomeFolder() {}

    static Home make(Path folder, String config) throws IOException {
        Files.createDirectories(folder.resolve("docs/sub"));
        Files.writeString(folder.resolve("docs/a.txt"), "a");
        Files.createDirectories(folder.resolve("nas"));
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("docs"));
        Home home = new Home(folder.resolve("home"));
        Files.createDirectories(home.config().getParent());
        Files.createDirectories(home.data());
        Files.writeString(home.config(), config);
        Path key = Files.writeString(home.resolve("key"), "private");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(home.resolve("known"), "vault.example.org ssh-ed25519 AAAA");
        return home;
    }
}
