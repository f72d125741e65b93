package dev.caravan.target;

import dev.caravan.item.Sha256;
import dev.caravan.target.TargetException.Remedy;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import org.apache.sshd.sftp.client.SftpClient.CloseableHandle;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;
import org.jspecify.annotations.Nullable;

/// Looks at stored objects on an SFTP server: reads them over connections that are new, or has the
/// server hash them. Confined to one thread.
public final class SftpReader implements AutoCloseable {
    private final String target;
    private final SftpAddress address;
    private final SftpConnector connector;

    public SftpReader(String target, SftpAddress address) {
        this.target = target;
        this.address = address;
        this.connector = new SftpConnector(address);
    }

    /// For evidence: where an object is.
    public String place(String object) {
        return address.uri(SftpLayout.object(object));
    }

    /// Looks whether this is the server, and the folder on it, that the ledger knows.
    ///
    /// @param identity as [SftpProof#identity]; null if nothing was ever proven there
    /// @throws TargetException if it can not be reached, or is another one
    public void check(@Nullable String identity) throws TargetException {
        try (SftpConnection sftp = connector.connect()) {
            String found = SftpLayout.sentinel(sftp, address);
            String known = identity == null ? found : identity.substring(identity.indexOf(' ') + 1);
            if (found == null || !found.equals(known)) {
                throw new TargetException(
                        Remedy.PERSON,
                        "%s is not the folder that target '%s' is known by: its sentinel %s, expected %s; is this the right server and directory?"
                                .formatted(
                                        address.uri(SftpLayout.OWN),
                                        target,
                                        found == null ? "is missing" : "says " + found,
                                        known));
            }
        } catch (IOException failed) {
            throw failure(failed);
        }
    }

    /// Opens an object over a connection of its own: what is read can not come from something the
    /// server kept for an older one.
    ///
    /// @throws NoSuchFileException if it is not there
    /// @throws java.nio.file.AccessDeniedException if the server does not let us read it
    /// @throws TargetException if the server can not be reached
    public Opened open(String object) throws IOException {
        SftpConnection sftp = connector.connect();
        boolean done = false;
        try {
            CloseableHandle handle = sftp.openToRead(address.path(SftpLayout.object(object)));
            Opened opened = new Opened(sftp, handle, sftp.read(handle, 0, sftp.size(handle)));
            done = true;
            return opened;
        } catch (IOException failed) {
            throw absent(object, failed);
        } finally {
            if (!done) {
                sftp.close();
            }
        }
    }

    private IOException absent(String object, IOException failed) {
        int status = failed instanceof SftpException said ? said.getStatus() : -1;
        return switch (status) {
            case SftpConstants.SSH_FX_NO_SUCH_FILE ->
                    new NoSuchFileException(place(object), null, "it is not there any more");
            case SftpConstants.SSH_FX_PERMISSION_DENIED ->
                    new java.nio.file.AccessDeniedException(
                            place(object), null, "the server does not let us read it");
            default -> failure(failed);
        };
    }

    /// The SHA-256 that the server says an object has; empty where it does not say one.
    ///
    /// @throws NoSuchFileException if it is not there
    public Optional<Sha256> attest(String object, long bytes) throws IOException {
        SftpConnection sftp = connector.connection();
        boolean done = false;
        try {
            Optional<Sha256> attested = Optional.empty();
            if (sftp.hashes() && bytes <= ObjectProof.HASHED_AT_SERVER) {
                try (CloseableHandle handle =
                        sftp.openToRead(address.path(SftpLayout.object(object)))) {
                    // a hash of the first bytes would say nothing of what follows
                    attested =
                            sftp.size(handle) == bytes
                                    ? Optional.of(Sha256.of(sftp.hashAtServer(handle, bytes)))
                                    : Optional.empty();
                }
            }
            done = true;
            return attested;
        } catch (IOException failed) {
            throw absent(object, failed);
        } finally {
            if (done) {
                connector.keep(sftp);
            } else {
                sftp.close();
            }
        }
    }

    private TargetException failure(IOException failed) {
        return SftpConnection.failure("target '" + target + "' at " + address.uri(""), failed);
    }

    @Override
    public void close() {
        connector.close();
    }

    /// An object that is being read.
    public final class Opened extends FilterInputStream {
        private final SftpConnection sftp;
        private final CloseableHandle handle;
        private @Nullable IOException lost;

        private Opened(SftpConnection sftp, CloseableHandle handle, InputStream in) {
            super(in);
            this.sftp = sftp;
            this.handle = handle;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                return super.read(into, offset, length);
            } catch (IOException failed) {
                boolean said =
                        failed instanceof SftpException answer
                                && answer.getStatus() == SftpConstants.SSH_FX_FAILURE;
                if (!said) {
                    lost = failed;
                }
                throw failed;
            }
        }

        /// That reading ended because the connection did, and not because of the object; null if
        /// that is not so.
        public @Nullable TargetException lost() {
            return lost == null ? null : failure(lost);
        }

        @Override
        public void close() throws IOException {
            try {
                if (lost == null && sftp.isOpen()) {
                    in.close();
                    handle.close();
                }
            } catch (IOException failed) {
                if (lost == null) {
                    lost = failed;
                }
            } finally {
                sftp.close();
            }
        }
    }
}
