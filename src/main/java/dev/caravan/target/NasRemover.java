package dev.caravan.target;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Version;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.PosixException;
import dev.caravan.posix.Stat;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Removes old versions from a NAS: first their lines in the manifests, so that nobody who reads
/// those misses a file, then the files in the history. What is there under a version's name and is
/// not that version is left alone. Doing it twice, or after a kill, does no harm. Confined to one
/// thread.
public final class NasRemover implements AutoCloseable {
    /// Manifests are read whole: a batch of copies makes one, of some hundred kilobytes.
    private static final long MOST_BYTES = 512L << 20;

    private final Path root;
    private final String identity;
    private final String home;
    private final Directory nas;

    /// @param identity of the sentinel that the ledger knows the NAS by
    /// @param home id of this home
    /// @throws TargetException if it is not there, is another one, or belongs to another home
    public NasRemover(Path root, @Nullable String identity, String home) throws TargetException {
        this.root = root;
        this.home = home;
        if (identity == null) {
            throw new TargetException(
                    TargetException.Remedy.PERSON,
                    "NAS '%s': nothing was ever proven there".formatted(root));
        }
        this.identity = identity;
        try {
            this.nas = open();
        } catch (IOException failed) {
            throw failure(failed);
        }
    }

    private Directory open() throws IOException {
        Directory opened = Directory.open(root);
        boolean done = false;
        try {
            NasLayout.Sentinel found = NasLayout.readSentinel(opened);
            if (!found.id().equals(identity) || !home.equals(found.home())) {
                throw new TargetException(
                        TargetException.Remedy.PERSON,
                        "NAS '%s' has the sentinel of another NAS, or belongs to another home (%s of %s, expected %s of %s): is the right share mounted?"
                                .formatted(root, found.id(), found.home(), identity, home));
            }
            done = true;
            return opened;
        } finally {
            if (!done) {
                opened.close();
            }
        }
    }

    private TargetException failure(IOException failed) {
        return failed instanceof TargetException known
                ? known
                : new TargetException(
                        TargetException.Remedy.WAIT,
                        "NAS '%s': %s".formatted(root, failed.getMessage()),
                        failed);
    }

    /// Removes them, and makes that durable.
    ///
    /// @throws TargetException if the NAS as a whole fails: then what was removed is not known
    public Removed remove(List<Version> versions) throws TargetException {
        List<Version> gone = new ArrayList<>();
        List<String> left = new ArrayList<>();
        long bytes = 0;
        try {
            dropLines(versions);
            nas.syncFileSystem();
            for (Version version : versions) {
                if (version.metadata().kind() != Kind.FILE) {
                    gone.add(version); // the line was all there was of it
                    continue;
                }
                byte[] kept = NasLayout.history(version.id());
                Stat stat = nas.statIfAny(kept);
                if (stat == null) {
                    gone.add(version);
                } else if (isOf(stat, version)) {
                    nas.removeFile(kept);
                    bytes += stat.size();
                    gone.add(version);
                } else {
                    left.add(
                            "'%s' is not version %d of '%s', and is left alone: look at it"
                                    .formatted(
                                            ItemPath.show(kept), version.number(), version.path()));
                }
            }
            nas.syncFileSystem();
            open().close(); // the path still leads to the NAS that was changed
        } catch (IOException failed) {
            throw failure(failed);
        }
        return new Removed(gone, bytes, left);
    }

    private static boolean isOf(Stat stat, Version version) {
        return stat.isFile()
                && stat.size() == version.metadata().size()
                && Duration.between(stat.modified(), version.metadata().modified())
                                .abs()
                                .compareTo(NasPublisher.COARSE)
                        <= 0;
    }

    private void dropLines(List<Version> versions) throws IOException {
        ManifestLines lines = new ManifestLines(versions);
        for (byte[] name : NasManifests.names(nas)) {
            byte[] before = read(name);
            byte[] after = lines.without(before);
            if (after == null) {
                continue;
            }
            if (after.length == 0) {
                nas.removeFile(name);
            } else {
                replace(name, after);
            }
        }
    }

    private byte[] read(byte[] name) throws IOException {
        try (OpenFile file = nas.openFile(name)) {
            Stat stat = file.stat();
            if (!stat.isFile() || stat.size() > MOST_BYTES) {
                return new byte[0]; // none that Caravan wrote
            }
            byte[] text = new byte[Math.toIntExact(stat.size())];
            int at = 0;
            while (at < text.length) {
                int n = file.read(text, at, text.length - at);
                if (n < 0) {
                    throw new IOException("'%s' became shorter".formatted(ItemPath.show(name)));
                }
                at += n;
            }
            return text;
        }
    }

    private void replace(byte[] name, byte[] text) throws IOException {
        // begins as all that this home has in `incoming`, so that a dead one is swept
        byte[] temporary = NasLayout.incoming(home.substring(0, 8) + "-manifest.part");
        try {
            nas.removeFile(temporary);
        } catch (PosixException none) {
            if (!none.is(Errno.ENOENT)) {
                throw none;
            }
        }
        try (OpenFile file = nas.createFile(temporary, 0644)) {
            file.write(text, 0, text.length);
            file.sync();
        }
        nas.rename(temporary, nas, name, true);
    }

    @Override
    public void close() {
        nas.close();
    }
}
