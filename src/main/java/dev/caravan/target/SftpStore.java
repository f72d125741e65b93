package dev.caravan.target;

import dev.caravan.ledger.StoredObject;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.sshd.sftp.client.SftpClient.CloseableHandle;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;

/// Reads copies back from an SFTP server. Each open copy has a connection of its own, which the
/// next one uses again. A reader that pauses for more than 60 s loses its connection and must open
/// the copy again. Thread-safe; what it opens is confined to one thread.
public final class SftpStore extends ObjectStore {

    private final SftpAddress address;
    private final SftpConnector connector;

    public SftpStore(SftpAddress address, Decryption decryption) {
        super(decryption);
        this.address = address;
        this.connector = new SftpConnector(address);
    }

    @Override
    InputStream open(StoredObject object, long offset, long expected, String location)
            throws IOException {
        SftpConnection sftp = connector.connection();
        boolean done = false;
        try {
            CloseableHandle handle =
                    sftp.openToRead(address.path(SftpLayout.object(object.name())));
            SftpInput input = sftp.read(handle, offset, expected);
            done = true;
            return new Opened(input, handle, sftp);
        } catch (SftpException e) {
            if (e.getStatus() == SftpConstants.SSH_FX_NO_SUCH_FILE) {
                throw new IOException(location + " is not there any more", e);
            }
            throw SftpConnection.failure(location, e);
        } catch (IOException e) {
            throw SftpConnection.failure(location, e);
        } finally {
            if (!done) {
                sftp.close();
            }
        }
    }

    @Override
    String place(StoredObject object) {
        return address.uri(SftpLayout.object(object.name()));
    }

    @Override
    public void close() {
        connector.close();
    }

    /// The connection goes back when it is closed, unless something was wrong with it.
    private final class Opened extends FilterInputStream {
        private final CloseableHandle handle;
        private final SftpConnection sftp;
        private boolean closed;

        Opened(SftpInput input, CloseableHandle handle, SftpConnection sftp) {
            super(input);
            this.handle = handle;
            this.sftp = sftp;
        }

        @Override
        public void close() throws IOException {
            if (closed) {
                return;
            }
            closed = true;
            boolean done = false;
            try {
                in.close();
                handle.close();
                done = true;
            } finally {
                if (done) {
                    connector.keep(sftp);
                } else {
                    sftp.close();
                }
            }
        }
    }
}
