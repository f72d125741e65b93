package dev.caravan.target;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.PosixException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/// Reads copies from a NAS: from the history if the version is there, otherwise from the plain
/// current tree. Whoever reads compares the hash. Thread-safe.
public final class NasStore implements CopyStore {
    private final Path root;
    private final Directory nas;

    /// @throws IOException if the folder can not be opened or has no sentinel
    public NasStore(Path root) throws IOException {
        this.root = root;
        this.nas = Directory.open(root);
        try {
            NasLayout.readSentinel(nas);
        } catch (IOException absent) {
            nas.close();
            throw new IOException(
                    "NAS '%s' has no readable sentinel: is it mounted?".formatted(root), absent);
        }
    }

    @Override
    public InputStream open(Version version, Catalog.Copy copy) throws IOException {
        OpenFile file;
        try {
            file = nas.openFile(NasLayout.history(version.id()));
        } catch (PosixException none) {
            if (!none.is(Errno.ENOENT)) {
                throw none;
            }
            file = nas.openFile(NasLayout.plain(version));
        }
        if (!file.stat().isFile()) {
            file.close();
            throw new IOException(
                    "'%s' on NAS '%s' is no plain file".formatted(version.path(), root));
        }
        return new FileStream(file);
    }

    private static final class FileStream extends InputStream {
        private final OpenFile file;

        FileStream(OpenFile file) {
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            return file.read(buffer, offset, length);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    @Override
    public String location(Version version, Catalog.Copy copy) {
        boolean old;
        try {
            nas.stat(NasLayout.history(version.id()));
            old = true;
        } catch (PosixException none) {
            old = false;
        }
        return root
                + "/"
                + ItemPath.show(old ? NasLayout.history(version.id()) : NasLayout.plain(version));
    }

    @Override
    public void close() {
        nas.close();
    }
}
