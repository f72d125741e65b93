package dev.caravan.target;

import dev.caravan.target.TargetException.Remedy;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.sftp.client.RawSftpClient;
import org.apache.sshd.sftp.client.SftpClient;
import org.apache.sshd.sftp.client.SftpClient.CloseableHandle;
import org.apache.sshd.sftp.client.SftpClient.OpenMode;
import org.apache.sshd.sftp.client.SftpClientFactory;
import org.apache.sshd.sftp.client.SftpVersionSelector;
import org.apache.sshd.sftp.client.extensions.CheckFileHandleExtension;
import org.apache.sshd.sftp.client.extensions.openssh.OpenSSHFsyncExtension;
import org.apache.sshd.sftp.client.extensions.openssh.OpenSSHLimitsExtension;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;
import org.jspecify.annotations.Nullable;

/// One SFTP connection and what its server can do. Confined to one thread at a time.
///
/// SFTP version 3 (draft-ietf-secsh-filexfer-02), which every server speaks, with the extensions
/// that the server names.
final class SftpConnection implements Closeable {

    /// How long an answer may take.
    static final Duration ANSWER = Duration.ofSeconds(60);

    /// What every server must be able to answer (draft, section 3).
    private static final long READ_WITHOUT_LIMITS = 32 << 10;

    private static final int WRITE_BYTES = 32 << 10;

    private final ClientSession session;
    private final String fingerprint;
    private final SftpClient sftp;
    private final @Nullable OpenSSHFsyncExtension fsync;
    private final @Nullable CheckFileHandleExtension checkFile;
    private final long longestRead;
    private long lastUse = System.nanoTime();

    SftpConnection(ClientSession session, String fingerprint) throws IOException {
        this.session = session;
        this.fingerprint = fingerprint;
        this.sftp =
                SftpClientFactory.instance()
                        .createSftpClient(
                                session,
                                SftpVersionSelector.fixedVersionSelector(SftpConstants.SFTP_V3));
        OpenSSHFsyncExtension sync = sftp.getExtension(OpenSSHFsyncExtension.class);
        this.fsync = sync != null && sync.isSupported() ? sync : null;
        CheckFileHandleExtension check = sftp.getExtension(CheckFileHandleExtension.class);
        this.checkFile = check != null && check.isSupported() ? check : null;
        OpenSSHLimitsExtension limits = sftp.getExtension(OpenSSHLimitsExtension.class);
        long longest = limits != null && limits.isSupported() ? limits.limits().maxReadLength : 0;
        this.longestRead = longest > 0 ? longest : READ_WITHOUT_LIMITS;
    }

    boolean isOpen() {
        return session.isOpen() && sftp.isOpen();
    }

    void used() {
        lastUse = System.nanoTime();
    }

    Duration quietFor() {
        return Duration.ofNanos(System.nanoTime() - lastUse);
    }

    /// Of the server's host key, as `SHA256:…`.
    String fingerprint() {
        return fingerprint;
    }

    boolean syncs() {
        return fsync != null;
    }

    boolean hashes() {
        return checkFile != null;
    }

    long longestRead() {
        return longestRead;
    }

    /// From here on a name is the bytes of its characters, in both directions: on a server it may
    /// be any bytes.
    void namesAreBytes() {
        sftp.setNameDecodingCharset(StandardCharsets.ISO_8859_1);
    }

    CloseableHandle openToRead(String path) throws IOException {
        return sftp.open(path, EnumSet.of(OpenMode.Read));
    }

    long size(CloseableHandle handle) throws IOException {
        return sftp.stat(handle).getSize();
    }

    /// fsync(2) at the server; does nothing where [#syncs] is false.
    void sync(CloseableHandle handle) throws IOException {
        if (fsync != null) {
            fsync.fsync(handle);
        }
    }

    /// Makes a file's new name durable. SFTP cannot sync a folder; a sync of the file after its
    /// rename takes the name along on ext4 and xfs (measured, not promised by POSIX).
    void syncName(String path) throws IOException {
        try (CloseableHandle handle = openToRead(path)) {
            sync(handle);
        }
    }

    /// The SHA-256 the server says a file has; only where [#hashes].
    byte[] hashAtServer(CloseableHandle handle, long length) throws IOException {
        Collection<byte[]> hashes =
                Objects.requireNonNull(checkFile)
                        .checkFileHandle(handle, List.of("sha256"), 0, length, 0)
                        .getValue();
        if (hashes.size() != 1) {
            throw new IOException("check-file gave " + hashes.size() + " hashes, not one");
        }
        return hashes.iterator().next();
    }

    SftpInput read(CloseableHandle handle, long offset, long expected) {
        return new SftpInput(this, handle.getIdentifier(), offset, expected);
    }

    /// A whole small file, or null if there is none.
    byte @Nullable [] readSmall(String path) throws IOException {
        return readWhole(path, 64 << 10);
    }

    /// A file up to a length, or null if there is none.
    byte @Nullable [] readWhole(String path, int most) throws IOException {
        try (CloseableHandle handle = openToRead(path);
                SftpInput in = read(handle, 0, size(handle))) {
            return in.readNBytes(most);
        } catch (SftpException e) {
            if (e.getStatus() == SftpConstants.SSH_FX_NO_SUCH_FILE) {
                return null;
            }
            throw e;
        }
    }

    /// Writes a new file under a temporary name, reads it back, and gives it its name once it is
    /// durable. Never replaces.
    void writeDurably(String temporary, String path, byte[] content) throws IOException {
        try (CloseableHandle handle =
                sftp.open(
                        temporary,
                        EnumSet.of(
                                OpenMode.Read,
                                OpenMode.Write,
                                OpenMode.Create,
                                OpenMode.Exclusive))) {
            for (int at = 0; at < content.length; at += WRITE_BYTES) {
                sftp.write(handle, at, content, at, Math.min(WRITE_BYTES, content.length - at));
            }
            sync(handle);
            try (SftpInput in = read(handle, 0, content.length)) {
                if (!Arrays.equals(in.readNBytes(content.length + 1), content)) {
                    throw new IOException(temporary + " does not hold what was written to it");
                }
            }
        }
        rename(temporary, path);
        syncName(path);
    }

    /// Renames; fails if the new name exists (SSH_FXP_RENAME of version 3, unlike
    /// posix-rename@openssh.com, never replaces).
    void rename(String from, String to) throws IOException {
        sftp.rename(from, to);
    }

    /// When a file was written, as others go by it.
    Instant modified(String path) throws IOException {
        return sftp.stat(path).getModifyTime().toInstant();
    }

    /// Gives a file the time of the one that it replaces.
    void setModified(String path, Instant at) throws IOException {
        SftpClient.Attributes times = new SftpClient.Attributes();
        times.modifyTime(FileTime.from(at));
        times.accessTime(FileTime.from(at)); // version 3 sets both or none
        sftp.setStat(path, times);
    }

    void remove(String path) throws IOException {
        sftp.remove(path);
    }

    void removeIfThere(String path) throws IOException {
        try {
            sftp.remove(path);
        } catch (SftpException e) {
            if (e.getStatus() != SftpConstants.SSH_FX_NO_SUCH_FILE) {
                throw e;
            }
        }
    }

    boolean isDirectory(String path) throws IOException {
        try {
            return sftp.stat(path).isDirectory();
        } catch (SftpException e) {
            if (e.getStatus() == SftpConstants.SSH_FX_NO_SUCH_FILE) {
                return false;
            }
            throw e;
        }
    }

    void makeDirectory(String path) throws IOException {
        if (!isDirectory(path)) {
            sftp.mkdir(path);
        }
    }

    Iterable<SftpClient.DirEntry> list(String path) throws IOException {
        return sftp.readDir(path);
    }

    CloseableHandle openFolder(String path) throws IOException {
        return sftp.openDir(path);
    }

    /// The next entries of a folder; null after the last.
    @Nullable List<SftpClient.DirEntry> nextEntries(CloseableHandle folder) throws IOException {
        return sftp.readDir(folder);
    }

    /// What the server says of a path itself, not of where a link leads.
    SftpClient.Attributes attributes(String path) throws IOException {
        return sftp.lstat(path);
    }

    SftpClient.Attributes attributes(CloseableHandle handle) throws IOException {
        return sftp.stat(handle);
    }

    String linkTarget(String path) throws IOException {
        return sftp.readLink(path);
    }

    int send(int command, Buffer buffer) throws IOException {
        return ((RawSftpClient) sftp).send(command, buffer);
    }

    Buffer receive(int id) throws IOException {
        Buffer answer = ((RawSftpClient) sftp).receive(id, ANSWER);
        if (answer == null) {
            throw new IOException("no answer within " + ANSWER.toSeconds() + " s");
        }
        return answer;
    }

    /// What a failure over SFTP means for the target as a whole.
    static TargetException failure(String what, IOException e) {
        if (e instanceof TargetException known) {
            return known;
        }
        if (!(e instanceof SftpException refused)) {
            String message = e.getMessage();
            return new TargetException(
                    Remedy.WAIT,
                    what
                            + ": connection lost: "
                            + (message == null ? e.getClass().getSimpleName() : message),
                    e);
        }
        int status = refused.getStatus();
        String said =
                "%s: the server said '%s' (%s)"
                        .formatted(what, refused.getMessage(), SftpConstants.getStatusName(status));
        return switch (status) {
            case SftpConstants.SSH_FX_PERMISSION_DENIED, SftpConstants.SSH_FX_WRITE_PROTECT ->
                    new TargetException(Remedy.PERSON, said, e);
            case SftpConstants.SSH_FX_FAILURE ->
                    new TargetException(
                            Remedy.WAIT,
                            said + "; SFTP has no word for a full disk: is it full?",
                            e);
            default -> new TargetException(Remedy.WAIT, said, e);
        };
    }

    @Override
    public void close() {
        session.close(true);
    }
}
