package dev.caravan.target;

import dev.caravan.item.Sha256;
import dev.caravan.ledger.Evidence;
import dev.caravan.target.TargetException.Remedy;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Set;
import org.apache.sshd.sftp.client.SftpClient.CloseableHandle;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;
import org.jspecify.annotations.Nullable;

/// Proves single objects over one SFTP connection and publishes them. Confined to one thread.
final class ObjectProof {

    /// A server must compute a hash within [SftpConnection#ANSWER]; larger objects are read back.
    static final long HASHED_AT_SERVER = 2L << 30;

    /// How the objects of one batch are proven, by what their server can do.
    ///
    /// @param synced whether it makes a file durable when asked
    /// @param hashedAtServer whether its own hash is taken, instead of one of all bytes read back
    record Rule(boolean synced, boolean hashedAtServer) {

        static Rule of(SftpConnection sftp, long largest) {
            boolean synced = sftp.syncs();
            return new Rule(synced, synced && sftp.hashes() && largest <= HASHED_AT_SERVER);
        }

        String method() {
            return (synced ? "fsync" : "nofsync")
                    + "+size+"
                    + (hashedAtServer ? "checkfile" : "readback")
                    + (synced ? "+fsync-after-rename" : "+rename");
        }

        Evidence.Level level() {
            return hashedAtServer ? Evidence.Level.V2 : Evidence.Level.V3;
        }
    }

    /// One object is not what was sent; the target is well.
    static final class Unproven extends Exception {
        Unproven(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private final SftpConnection sftp;
    private final SftpAddress address;
    private final Rule rule;
    private final Set<String> folders;

    /// @param folders names of folders known to exist, shared by the threads of a target
    ObjectProof(SftpConnection sftp, SftpAddress address, Rule rule, Set<String> folders) {
        this.sftp = sftp;
        this.address = address;
        this.rule = rule;
        this.folders = folders;
    }

    /// @throws Unproven if it is not there, or not what was sent; then it is removed
    /// @throws IOException if the target failed
    void prove(Carried carried) throws Unproven, IOException {
        String name = carried.copyName();
        String incoming = address.path(SftpLayout.incoming(name));
        try {
            compare(carried, incoming);
        } catch (Unproven wrong) {
            sftp.removeIfThere(incoming);
            throw wrong;
        }
        String folder = SftpLayout.objectFolder(name);
        if (!folders.contains(folder)) {
            sftp.makeDirectory(address.path(folder));
            folders.add(folder);
        }
        String object = address.path(SftpLayout.object(name));
        sftp.rename(incoming, object);
        if (rule.synced) {
            sftp.syncName(object);
        }
    }

    private void compare(Carried carried, String path) throws Unproven, IOException {
        String what = "object '%s' at %s".formatted(carried.copyName(), address.server());
        Sha256 sent = sentHash(carried);
        long bytes = carried.storedBytes();
        try (CloseableHandle handle = sftp.openToRead(path)) {
            if (rule.synced) {
                // a failed fsync is final: it ends the batch, and the next attempt is a new file
                sftp.sync(handle);
            }
            long size = sftp.size(handle);
            if (size != bytes) {
                throw new Unproven(
                        "%s has %d bytes, %d were sent".formatted(what, size, bytes), null);
            }
            Sha256 found =
                    rule.hashedAtServer
                            ? Sha256.of(sftp.hashAtServer(handle, size))
                            : readBack(handle, size);
            if (!found.equals(sent)) {
                throw new Unproven(
                        "%s has SHA-256 %s, sent was %s".formatted(what, found, sent), null);
            }
        } catch (SftpException e) {
            if (e.getStatus() == SftpConstants.SSH_FX_NO_SUCH_FILE) {
                throw new Unproven(what + " is not there any more: it was uploaded", e);
            }
            throw e;
        }
    }

    private static Sha256 sentHash(Carried carried) throws TargetException {
        Sha256 sent = carried instanceof Carried.Part ? null : carried.storedSha256();
        if (sent == null) {
            throw new TargetException(
                    Remedy.PERSON,
                    "proof 'sftp' takes segments and large files only: put 'segment' into the copy"
                            + " route");
        }
        return sent;
    }

    private Sha256 readBack(CloseableHandle handle, long size) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[256 << 10];
        try (SftpInput in = sftp.read(handle, 0, size)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return Sha256.of(digest.digest());
    }
}
