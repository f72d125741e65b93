package dev.caravan.target;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Version;
import dev.caravan.ledger.NasFindings;
import dev.caravan.ledger.NasFindings.InTree;
import dev.caravan.ledger.Rebuild.Found;
import dev.caravan.posix.Directory;
import dev.caravan.posix.NoAnswerException;
import dev.caravan.posix.Opened;
import dev.caravan.posix.Patience;
import dev.caravan.posix.Patience.Pulse;
import dev.caravan.posix.PosixException;
import dev.caravan.posix.Stat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A NAS that is looked at as it is: its sentinel, its manifests, its history, its tree. Changes
/// nothing, and follows no link. Confined to one thread.
public final class NasReading implements AutoCloseable {
    private static final Pattern MANIFEST =
            Pattern.compile("[0-9a-f]{8}-([0-9]{1,15})-([0-9]{1,9})\\.jsonl");
    private static final int BATCH = 1000;

    private final Path root;
    private final Patience patience;
    private final Opened<Directory> nas;
    private final NasLayout.Sentinel sentinel;

    /// @throws IOException if the folder can not be opened or has no sentinel
    public NasReading(Path root, Patience patience) throws IOException {
        this.root = root;
        this.patience = patience;
        this.nas = Opened.open(patience, () -> Directory.open(root), Directory::close);
        try {
            this.sentinel = nas.await((folder, _) -> NasLayout.readSentinel(folder));
        } catch (IOException absent) {
            nas.close();
            if (absent instanceof NoAnswerException) {
                throw absent;
            }
            throw new IOException(
                    "NAS '%s' has no readable sentinel '%s': is it mounted?"
                            .formatted(root, NasLayout.SENTINEL_FILE),
                    absent);
        }
    }

    /// The id in the sentinel.
    public String id() {
        return sentinel.id();
    }

    /// The home that writes to it; null before its first backup.
    public @Nullable String home() {
        return sentinel.home();
    }

    /// A manifest.
    ///
    /// @param written when, as its name says
    public record Manifest(String name, Instant written, int counter) {}

    /// The manifests in the order they were written.
    ///
    /// @param strange gets the names of files among them that no Caravan has written
    public List<Manifest> manifests(List<String> strange) throws IOException {
        List<Manifest> manifests =
                new ArrayList<>(nas.await((folder, pulse) -> manifests(folder, pulse, strange)));
        manifests.sort(Comparator.comparing(Manifest::written).thenComparing(Manifest::counter));
        return manifests;
    }

    private static List<Manifest> manifests(Directory nas, Pulse pulse, List<String> strange)
            throws IOException {
        List<Manifest> manifests = new ArrayList<>();
        try (Directory folder = nas.openDirectory(NasLayout.MANIFESTS)) {
            folder.list((name, isFolder) -> {
                pulse.stirs();
                String text = ItemPath.show(name);
                Matcher form = MANIFEST.matcher(text);
                if (isFolder || !form.matches()) {
                    strange.add(text);
                } else {
                    manifests.add(
                            new Manifest(
                                    text,
                                    Instant.ofEpochMilli(Long.parseLong(form.group(1))),
                                    Integer.parseInt(form.group(2))));
                }
            });
        }
        return manifests;
    }

    /// Reads a manifest.
    public void read(Manifest manifest, ManifestReader.Lines lines) throws IOException {
        byte[] place = NasLayout.bytes(".caravan/manifests/" + manifest.name());
        try (InputStream in =
                AwaitedFile.open(
                        patience,
                        () -> nas.await((folder, _) -> folder.openFile(place)),
                        "'%s'".formatted(ItemPath.show(place)))) {
            ManifestReader.read(in, lines);
        }
    }

    /// Whether the history has a file under the id of this version, of its size and time.
    public boolean kept(Found found) throws IOException {
        Metadata m = found.metadata();
        if (m.kind() != Kind.FILE) {
            return false;
        }
        Stat stat =
                nas.await((folder, _) -> folder.statIfAny(NasLayout.history(found.versionId())));
        return stat != null
                && stat.isFile()
                && stat.size() == m.size()
                && NasFindings.near(stat.modified(), m.modified());
    }

    /// Takes what is in the plain tree.
    public interface Tree {
        void take(String source, List<InTree> entries) throws IOException;

        /// Something that could not be looked at; what is below it was not.
        void unreadable(String place, IOException why);

        /// Something beside the sources.
        void strange(String place);
    }

    /// Walks the plain tree of every source.
    public void walk(Tree tree) throws IOException {
        Boolean _ =
                nas.await((folder, pulse) -> {
                    walk(folder, pulse, tree);
                    return true;
                });
    }

    private static void walk(Directory nas, Pulse pulse, Tree tree) throws IOException {
        List<String> sources = new ArrayList<>();
        nas.list((name, folder) -> {
            String text = ItemPath.show(name);
            if (folder && Arrays.equals(name, text.getBytes(StandardCharsets.UTF_8))) {
                sources.add(text);
            } else {
                pulse.apart(() -> tree.strange(text));
            }
        });
        sources.remove(NasLayout.OWN);
        sources.sort(Comparator.naturalOrder());
        for (String source : sources) {
            new Walk(nas, pulse, source, tree).run();
        }
    }

    /// The tree of one source. In memory: the folders that are still to be looked into, and a
    /// batch.
    private static final class Walk {
        private final Directory nas;
        private final Pulse pulse;
        private final String source;
        private final Tree tree;
        private final Deque<ItemPath> open = new ArrayDeque<>();
        private final List<InTree> batch = new ArrayList<>(BATCH);

        Walk(Directory nas, Pulse pulse, String source, Tree tree) {
            this.nas = nas;
            this.pulse = pulse;
            this.source = source;
            this.tree = tree;
        }

        void run() throws IOException {
            open.push(ItemPath.ROOT);
            while (!open.isEmpty()) {
                folder(open.pop());
            }
            send();
        }

        private void folder(ItemPath path) throws IOException {
            byte[] place = NasLayout.plain(source, path);
            try (Directory folder = nas.openDirectory(place)) {
                folder.list((name, isFolder) -> {
                    pulse.stirs();
                    ItemPath below = path.child(name);
                    batch.add(entry(folder, name, below));
                    if (isFolder) {
                        open.push(below);
                    }
                    if (batch.size() == BATCH) {
                        send();
                    }
                });
            } catch (PosixException failed) {
                pulse.apart(() -> tree.unreadable(ItemPath.show(place), failed));
            }
        }

        private static InTree entry(Directory folder, byte[] name, ItemPath path)
                throws PosixException {
            Stat stat = folder.stat(name);
            if (stat.isSymlink()) {
                return new InTree(path, Kind.SYMLINK, 0, stat.modified(), folder.readLink(name));
            }
            return new InTree(
                    path,
                    stat.isFolder() ? Kind.FOLDER : Kind.FILE,
                    // a FIFO, a socket or a device is no copy of anything
                    stat.isFile() || stat.isFolder() ? stat.size() : -1,
                    stat.modified(),
                    Metadata.NO_TARGET);
        }

        private void send() throws IOException {
            if (!batch.isEmpty()) {
                pulse.apart(() -> tree.take(source, List.copyOf(batch)));
                batch.clear();
            }
        }
    }

    /// Makes durable what is there, so that what is read next is read from the disk.
    public void sync() throws IOException {
        Boolean _ =
                nas.await((folder, _) -> {
                    folder.syncFileSystem();
                    return true;
                });
    }

    /// Opens the copy of a version as [NasStore] does.
    public InputStream openCold(Version version) throws IOException {
        return AwaitedFile.open(
                patience,
                () -> nas.await((folder, _) -> NasStore.copy(folder, version)),
                "'%s' on NAS '%s'".formatted(version.path(), root));
    }

    /// @throws IOException if another NAS, or none, is there now
    public void requireThere() throws IOException {
        boolean same =
                patience.await(_ -> {
                    try (Directory now = Directory.open(root)) {
                        return NasLayout.readSentinel(now).equals(sentinel);
                    }
                });
        if (!same) {
            throw new IOException("NAS '%s' became another one while it was read".formatted(root));
        }
    }

    @Override
    public void close() {
        nas.close();
    }
}
