package dev.caravan.target;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.Patience;
import dev.caravan.posix.PosixException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/// Reads copies from a NAS: from the history if the version is there, otherwise from the plain
/// current tree. Whoever reads compares the hash. Thread-safe.
public final class NasStore implements CopyStore {
    private final Path root;
    private final Patience patience;
    private final Directory nas;

    /// @throws IOException if the folder can not be opened or has no sentinel
    public NasStore(Path root, Patience patience) throws IOException {
        this.root = root;
        this.patience = patience;
        this.nas =
                patience.await(
                        _ -> opened(root),
                        late -> {
                            if (late != null) {
                                late.close();
                            }
                        });
    }

    private static Directory opened(Path root) throws IOException {
        Directory nas = Directory.open(root);
        try {
            NasLayout.readSentinel(nas);
            return nas;
        } catch (IOException absent) {
            nas.close();
            throw new IOException(
                    "NAS '%s' has no readable sentinel: is it mounted?".formatted(root), absent);
        }
    }

    @Override
    public InputStream open(Version version, Catalog.Copy copy) throws IOException {
        return AwaitedFile.open(
                patience,
                () -> copy(nas, version),
                "'%s' on NAS '%s'".formatted(version.path(), root));
    }

    /// Opens a copy of a file where it is now, and nothing of it comes from memory: what is read is
    /// what the medium has.
    static OpenFile copy(Directory nas, Version version) throws PosixException {
        OpenFile file = inPlace(nas, version);
        try {
            file.dropCache();
            return file;
        } catch (PosixException failed) {
            file.close();
            throw failed;
        }
    }

    private static OpenFile inPlace(Directory nas, Version version) throws PosixException {
        try {
            return nas.openFile(NasLayout.history(version.id()));
        } catch (PosixException none) {
            if (!none.is(Errno.ENOENT)) {
                throw none;
            }
            return nas.openFile(NasLayout.plain(version));
        }
    }

    @Override
    public String location(Version version, Catalog.Copy copy) {
        boolean old;
        try {
            old = patience.await(_ -> nas.statIfAny(NasLayout.history(version.id())) != null);
        } catch (IOException none) {
            old = false;
        }
        return root
                + "/"
                + ItemPath.show(old ? NasLayout.history(version.id()) : NasLayout.plain(version));
    }

    @Override
    public void close() {
        patience.close(nas::close);
    }
}
