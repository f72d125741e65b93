package dev.caravan.target;

import dev.caravan.item.Sha256;
import dev.caravan.target.TargetException.Remedy;
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
public final class SftpReader implements ObjectReader {
    private final String target;
    private final SftpAddress address;
    private final SftpConnector connector;

    public SftpReader(String target, SftpAddress address) {
        this.target = target;
        this.address = address;
        this.connector = new SftpConnector(address);
    }

    @Override
    public String attested() {
        return "checkfile";
    }

    @Override
    public String readBack() {
        return "newconnection+readback+sha256";
    }

    @Override
    public String place(String object) {
        return address.uri(SftpLayout.object(object));
    }

    @Override
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

    /// Over a connection of its own.
    @Override
    public Opened open(String object) throws IOException {
        SftpConnection sftp = connector.connect();
        boolean done = false;
        try {
            CloseableHandle handle = sftp.openToRead(address.path(SftpLayout.object(object)));
            Opened opened =
                    new OverConnection(sftp, handle, sftp.read(handle, 0, sftp.size(handle)));
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

    @Override
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

    private final class OverConnection extends Opened {
        private final SftpConnection sftp;
        private final CloseableHandle handle;
        private final InputStream in;
        private @Nullable IOException lost;

        private OverConnection(SftpConnection sftp, CloseableHandle handle, InputStream in) {
            this.sftp = sftp;
            this.handle = handle;
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                return in.read(into, offset, length);
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

        @Override
        public @Nullable TargetException lost() {
            return lost == null ? null : failure(lost);
        }

        @Override
        public void close() {
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
