package dev.caravan.scan;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.posix.Directory;
import dev.caravan.scan.Sighting.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A folder on the real file system that tests fill and walk. Removed by rm(1), because Java can
/// not delete paths of more than 4096 bytes.
final class SourceTree implements AutoCloseable {

    final Path path;
    final Directory root;

    SourceTree() throws IOException {
        path = Files.createTempDirectory("caravan-source");
        root = Directory.open(path);
    }

    static byte[] name(String text) {
        return text.getBytes(UTF_8);
    }

    void file(String name, String text) throws IOException {
        Path file = path.resolve(name);
        Files.createDirectories(file.resolve("..").normalize());
        Files.writeString(file, text);
    }

    void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).directory(path.toFile()).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed");
        }
    }

    List<Sighting> walk() throws IOException {
        return walk(Selection.ALL, Set.of(), Limits.DEFAULT);
    }

    List<Sighting> walk(Selection selection, Set<FileId> excluded, Limits limits)
            throws IOException {
        List<Sighting> sightings = new ArrayList<>();
        new TreeWalk(root, selection, excluded, limits).walk(sightings::add);
        return sightings;
    }

    /// The first version of a file, as a scan would register it.
    Version version(String name) throws IOException {
        for (Sighting sighting : walk()) {
            if (sighting instanceof Seen(var seen, var metadata, var fingerprint)
                    && seen.equals(ItemPath.of(name))) {
                return new Version(1, "source", seen, 1, metadata, fingerprint, null);
            }
        }
        throw new IOException(name + " was not seen");
    }

    @Override
    public void close() throws IOException {
        root.close();
        try {
            new ProcessBuilder("rm", "-rf", path.toString()).inheritIO().start().waitFor();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
