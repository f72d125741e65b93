package dev.caravan.target;

import dev.caravan.item.Content;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Xattr;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.PosixException;
import dev.caravan.posix.Stat;
import java.io.IOException;

/// Makes files on a NAS what their versions are, as far as its file system can.
final class NasFiles {
    private static final int COPIED_AT_ONCE = 1 << 20;

    private static final boolean ROOT = Directory.effectiveUser() == 0;

    private NasFiles() {}

    static boolean hasHole(Carried.Single single) {
        long data = single.extents().stream().mapToLong(Content.Extent::length).sum();
        return data < single.bytes();
    }

    /// The endpoint wrote zeros where the source has holes: they become holes again.
    static void punch(OpenFile file, Carried.Single single) throws IOException {
        long at = 0;
        for (Content.Extent extent : single.extents()) {
            punch(file, at, extent.offset());
            at = extent.end();
        }
        punch(file, at, single.bytes());
    }

    private static void punch(OpenFile file, long from, long to) throws IOException {
        if (to > from) {
            try {
                file.punchHole(from, to - from);
            } catch (PosixException failed) {
                if (!failed.is(Errno.EOPNOTSUPP) && !failed.is(Errno.ENOSYS)) {
                    throw failed; // a file system without holes keeps zeros: the bytes are the same
                }
            }
        }
    }

    /// A system call that may be more than a file system can do.
    interface Call {
        void run() throws PosixException;
    }

    /// Many a NAS keeps no owners, modes or attributes, and the ledger has them all the same: a
    /// restore sets them.
    static void ifTaken(Call call) throws PosixException {
        try {
            call.run();
        } catch (PosixException failed) {
            boolean none =
                    failed.isUnsupported() || failed.is(Errno.EPERM) || failed.is(Errno.EINVAL);
            if (!none) {
                throw failed;
            }
        }
    }

    /// Gives a file all of its metadata.
    ///
    /// @param now what the file has already
    static void apply(OpenFile file, Stat now, Metadata m) throws PosixException {
        for (Xattr xattr : m.xattrs()) {
            ifTaken(() -> file.setXattr(xattr.name(), xattr.value()));
        }
        boolean anothers = ROOT && (now.uid() != m.uid() || now.gid() != m.gid());
        if (anothers) {
            ifTaken(() -> file.setOwner(m.uid(), m.gid()));
        }
        int mode = m.kind() == Kind.FOLDER && !ROOT ? m.mode() | 0700 : m.mode();
        if (anothers || now.mode() != mode) { // chown(2) takes setuid away
            ifTaken(() -> file.setMode(mode));
        }
        file.setTimes(m.modified());
    }

    /// A second file of the same bytes, where there are no hard links.
    static void copy(Directory nas, byte[] from, byte[] to, Metadata metadata) throws IOException {
        byte[] buffer = new byte[COPIED_AT_ONCE];
        try (OpenFile read = nas.openFile(from);
                OpenFile written = nas.createFile(to, 0600)) {
            for (int n = read.read(buffer, 0, buffer.length);
                    n > 0;
                    n = read.read(buffer, 0, buffer.length)) {
                written.write(buffer, 0, n);
            }
            written.sync(); // the batch was synced before
        }
        try (OpenFile file = nas.openFile(to)) {
            apply(file, file.stat(), metadata);
        }
    }
}
