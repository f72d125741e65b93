package dev.caravan.target;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.apache.sshd.sftp.client.SftpClient.Attribute;
import org.apache.sshd.sftp.client.SftpClient.Attributes;
import org.apache.sshd.sftp.client.SftpClient.CloseableHandle;
import org.apache.sshd.sftp.client.SftpClient.DirEntry;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A folder of somebody's files on an SFTP server, to be looked at and read. Paths are bytes, as
/// seen from that folder, with `/` between the parts. Thread-safe; what it opens is confined to one
/// thread.
///
/// Methods throw [NoSuchFileException], [AccessDeniedException] or another [FileSystemException]
/// for what the server said of one file, [TargetException] where the server itself can not be
/// asked. After that everything fails at once for a while, so that a server that is away is not
/// waited for once for each file.
public final class SftpFolder implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(SftpFolder.class);

    private static final Duration AWAY = Duration.ofSeconds(30);

    /// As many as read at once: for each target the threads of its route, and for each segment
    /// those that read ahead.
    private static final int CONNECTIONS = 16;

    private final SftpAddress address;
    private final SftpConnector connector;
    private @Nullable TargetException away;
    private long awaySince;

    /// What a name is of.
    public enum Type {
        FILE,
        FOLDER,
        SYMLINK,
        /// A FIFO, socket or device.
        OTHER,
        /// The server tells too little of it: its kind, its time, or the size of a file is missing.
        UNTOLD
    }

    /// What the server says of a file, by SFTP version 3: whole seconds, no inode.
    ///
    /// @param mode the 12 permission bits
    public record Entry(
            byte[] name, Type type, long size, Instant modified, int mode, int uid, int gid) {}

    public SftpFolder(SftpAddress address) {
        this.address = address;
        this.connector = new SftpConnector(address, CONNECTIONS);
    }

    /// Of the server's host key, as `SHA256:…`.
    public String fingerprint() throws IOException {
        return asked(new byte[0], true, SftpConnection::fingerprint);
    }

    /// What is at a path; null if nothing is.
    public @Nullable Entry look(byte[] path) throws IOException {
        try {
            return asked(path, true, sftp -> entry(path, sftp.attributes(path(path))));
        } catch (NoSuchFileException nothing) {
            return null;
        }
    }

    /// Where a symlink leads, as it is written in it.
    public byte[] readLink(byte[] path) throws IOException {
        return asked(
                path,
                true,
                sftp -> sftp.linkTarget(path(path)).getBytes(StandardCharsets.ISO_8859_1));
    }

    /// Opens a folder to be listed.
    public Listing list(byte[] path) throws IOException {
        return asked(path, false, sftp -> new Listing(path, sftp, sftp.openFolder(path(path))));
    }

    /// Opens a file to be read.
    ///
    /// @param offset of the first byte that is read
    /// @param expected how many bytes will probably be read
    public File open(byte[] path, long offset, long expected) throws IOException {
        return asked(
                path,
                false,
                sftp -> new File(path, sftp, sftp.openToRead(path(path)), offset, expected));
    }

    @FunctionalInterface
    private interface Question<T extends @Nullable Object> {
        T ask(SftpConnection sftp) throws IOException;
    }

    /// A connection that was kept may have been lost since: then it is asked again over a new one.
    ///
    /// @param done whether the connection is free once there is an answer
    private <T> T asked(byte[] path, boolean done, Question<T> question) throws IOException {
        for (boolean again = false; ; again = true) {
            SftpConnection sftp = connection(again);
            boolean well = false;
            boolean free = true;
            try {
                T answer = question.ask(sftp);
                well = true;
                free = done;
                return answer;
            } catch (SftpException said) {
                well = true;
                throw said(path, said);
            } catch (IOException lost) {
                if (again) {
                    throw away(SftpConnection.failure(uri(path), lost));
                }
            } finally {
                if (well && free) {
                    connector.keep(sftp);
                } else if (free) {
                    sftp.close();
                }
            }
        }
    }

    private SftpConnection connection(boolean anew) throws TargetException {
        TargetException before = stillAway();
        if (before != null) {
            throw before;
        }
        try {
            SftpConnection sftp = anew ? connector.connect() : connector.connection();
            sftp.namesAreBytes();
            return sftp;
        } catch (TargetException failed) {
            throw away(failed);
        }
    }

    private synchronized TargetException away(TargetException failed) {
        away = failed;
        awaySince = System.nanoTime();
        return failed;
    }

    private synchronized @Nullable TargetException stillAway() {
        boolean fresh = System.nanoTime() - awaySince < AWAY.toNanos();
        return fresh ? away : null;
    }

    private String path(byte[] path) {
        String folder = latin(address.folder().getBytes(StandardCharsets.UTF_8));
        if (path.length == 0) {
            return folder;
        }
        return folder.endsWith("/") ? folder + latin(path) : folder + "/" + latin(path);
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private String uri(byte[] path) {
        return address.uri(new String(path, StandardCharsets.UTF_8));
    }

    private FileSystemException said(byte[] path, SftpException said) {
        String place = uri(path);
        return switch (said.getStatus()) {
            case SftpConstants.SSH_FX_NO_SUCH_FILE, SftpConstants.SSH_FX_NO_SUCH_PATH ->
                    new NoSuchFileException(place, null, "the server has no such file");
            case SftpConstants.SSH_FX_PERMISSION_DENIED ->
                    new AccessDeniedException(place, null, "the server does not let us read it");
            default ->
                    new FileSystemException(
                            place,
                            null,
                            "the server said '%s' (%s)"
                                    .formatted(
                                            said.getMessage(),
                                            SftpConstants.getStatusName(said.getStatus())));
        };
    }

    private static Entry entry(byte[] name, Attributes a) {
        Set<Attribute> told = a.getFlags();
        Type type =
                a.isRegularFile()
                        ? Type.FILE
                        : a.isDirectory()
                                ? Type.FOLDER
                                : a.isSymbolicLink() ? Type.SYMLINK : Type.OTHER;
        boolean untold =
                !told.contains(Attribute.Perms) // they have the kind in them
                        || a.getModifyTime() == null
                        || type == Type.FILE && !told.contains(Attribute.Size);
        return new Entry(
                name,
                untold ? Type.UNTOLD : type,
                a.getSize(),
                untold ? Instant.EPOCH : a.getModifyTime().toInstant(),
                a.getPermissions() & 07777,
                a.getUserId(),
                a.getGroupId());
    }

    @Override
    public void close() {
        connector.close();
    }

    /// Something that is open on a connection of its own.
    private abstract class Opened implements Closeable {
        private final byte[] path;
        private final SftpConnection sftp;
        private final CloseableHandle handle;
        private boolean lost;

        private Opened(byte[] path, SftpConnection sftp, CloseableHandle handle) {
            this.path = path;
            this.sftp = sftp;
            this.handle = handle;
        }

        <T extends @Nullable Object> T told(Question<T> question) throws IOException {
            try {
                return question.ask(sftp);
            } catch (SftpException said) {
                throw said(path, said);
            } catch (IOException failed) {
                lost = true;
                throw SftpConnection.failure(uri(path), failed);
            }
        }

        /// Takes in what is still on its way.
        void end() throws IOException {}

        /// Nothing is lost with a connection that does not end well.
        @Override
        public void close() {
            boolean well = false;
            try {
                if (!lost && sftp.isOpen()) {
                    end();
                    handle.close();
                    well = true;
                }
            } catch (IOException broken) {
                LOG.debug("{}: {}", uri(path), broken.toString());
            } finally {
                if (well) {
                    connector.keep(sftp);
                } else {
                    sftp.close();
                }
            }
        }
    }

    /// The entries of a folder, without `.` and `..`.
    public final class Listing extends Opened {
        private final CloseableHandle handle;
        private final Deque<DirEntry> ready = new ArrayDeque<>();
        private boolean atEnd;

        private Listing(byte[] path, SftpConnection sftp, CloseableHandle handle) {
            super(path, sftp, handle);
            this.handle = handle;
        }

        /// The next entry; null after the last.
        public @Nullable Entry next() throws IOException {
            while (true) {
                DirEntry next = ready.poll();
                if (next == null) {
                    List<DirEntry> more = atEnd ? null : told(sftp -> sftp.nextEntries(handle));
                    if (more == null) {
                        atEnd = true;
                        return null;
                    }
                    ready.addAll(more);
                } else if (!next.getFilename().equals(".") && !next.getFilename().equals("..")) {
                    return entry(
                            next.getFilename().getBytes(StandardCharsets.ISO_8859_1),
                            next.getAttributes());
                }
            }
        }
    }

    /// An open file.
    public final class File extends Opened {
        private final byte[] path;
        private final CloseableHandle handle;
        private final InputStream in;

        private File(
                byte[] path,
                SftpConnection sftp,
                CloseableHandle handle,
                long offset,
                long expected) {
            super(path, sftp, handle);
            this.path = path;
            this.handle = handle;
            this.in = sftp.read(handle, offset, expected);
        }

        /// What the server says of the open file, whatever has its name by now.
        public Entry look() throws IOException {
            return told(sftp -> entry(path, sftp.attributes(handle)));
        }

        /// As [InputStream#read(byte\[\], int, int)].
        public int read(byte[] into, int offset, int length) throws IOException {
            return told(_ -> in.read(into, offset, length));
        }

        @Override
        void end() throws IOException {
            in.close();
        }
    }
}
