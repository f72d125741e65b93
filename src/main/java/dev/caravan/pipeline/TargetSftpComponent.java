package dev.caravan.pipeline;

import com.jcraft.jsch.AgentIdentityRepository;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Proxy;
import com.jcraft.jsch.Session;
import dev.caravan.target.SftpAddress;
import dev.caravan.target.SshAgentSocket;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.component.file.GenericFileEndpoint;
import org.apache.camel.component.file.GenericFileExist;
import org.apache.camel.component.file.GenericFileOperationFailedException;
import org.apache.camel.component.file.remote.FtpUtils;
import org.apache.camel.component.file.remote.RemoteFileConfiguration;
import org.apache.camel.component.file.remote.RemoteFileOperations;
import org.apache.camel.component.file.remote.SftpComponent;
import org.apache.camel.component.file.remote.SftpConfiguration;
import org.apache.camel.component.file.remote.SftpEndpoint;
import org.apache.camel.component.file.remote.SftpEndpointConfigurer;
import org.apache.camel.component.file.remote.SftpOperations;
import org.apache.camel.component.file.remote.SftpRemoteFile;
import org.apache.camel.spi.PropertyConfigurer;
import org.jspecify.annotations.Nullable;

/// Camel's `sftp:` with what a target needs and it has no options for. A large object that broke
/// off goes on behind what has arrived, although `fileExist=Fail` lets nothing else be written
/// over. And its endpoints log in with the keys of the SSH agent (`SSH_AUTH_SOCK`) if their
/// `privateKeyFile` is `agent`; Camel itself knows key files only, and its keys in memory are RSA
/// or DSA and no others.
public final class TargetSftpComponent extends SftpComponent {
    /// The options of `sftp:`, which Camel finds by the annotation of a component of its own.
    @Override
    public PropertyConfigurer getEndpointPropertyConfigurer() {
        return new SftpEndpointConfigurer();
    }

    @Override
    protected GenericFileEndpoint<SftpRemoteFile> buildFileEndpoint(
            String uri, String remaining, Map<String, Object> parameters) throws Exception {
        int query = uri.indexOf('?');
        SftpConfiguration configuration =
                new SftpConfiguration(new URI(query < 0 ? uri : uri.substring(0, query)));
        FtpUtils.ensureRelativeFtpDirectory(this, configuration);
        return new TargetEndpoint(uri, this, configuration);
    }

    private static final class TargetEndpoint extends SftpEndpoint {
        /// Bound while a thread goes on with what is there.
        private static final ScopedValue<Boolean> APPENDING = ScopedValue.newInstance();

        private boolean byAgent;

        TargetEndpoint(String uri, SftpComponent component, SftpConfiguration configuration) {
            super(uri, component, configuration);
        }

        /// The producers of an endpoint share its configuration, so it is changed once.
        @Override
        public synchronized RemoteFileOperations<SftpRemoteFile> createRemoteFileOperations() {
            SftpConfiguration configuration = getConfiguration();
            if (SftpAddress.AGENT.toString().equals(configuration.getPrivateKeyFile())) {
                byAgent = true;
                configuration.setPrivateKeyFile(null);
            }
            SftpOperations operations = new TargetOperations(getProxy(), byAgent);
            operations.setEndpoint(this);
            return operations;
        }

        @Override
        public GenericFileExist getFileExist() {
            return APPENDING.isBound() ? GenericFileExist.Append : super.getFileExist();
        }
    }

    private static final class TargetOperations extends SftpOperations {
        private final boolean byAgent;

        TargetOperations(@Nullable Proxy proxy, boolean byAgent) {
            super(proxy);
            this.byAgent = byAgent;
        }

        @Override
        protected Session createSession(RemoteFileConfiguration configuration)
                throws JSchException {
            Session session = super.createSession(configuration);
            if (byAgent) {
                try {
                    session.setIdentityRepository(
                            new AgentIdentityRepository(SshAgentSocket.connector()));
                } catch (IOException e) {
                    throw new JSchException(e.getMessage(), e);
                }
            }
            return session;
        }

        /// What is there is the beginning of the same bytes, as far as anybody knows: the proof
        /// reads all of it.
        @Override
        public boolean storeFile(String name, Exchange exchange, long size)
                throws GenericFileOperationFailedException {
            Load load = Load.of(exchange);
            if (load == null || !(exchange.getMessage().getBody() instanceof ReopenableBody body)) {
                return super.storeFile(name, exchange, size);
            }
            load.mayGoOn();
            body.beginAt(0);
            if (!load.isAgain() || !existsFile(name)) {
                return super.storeFile(name, exchange, size);
            }
            long there = length(name);
            if (there > load.length()) {
                load.mayNotGoOn();
                throw new GenericFileOperationFailedException(
                        "%s has %d bytes of %d: it is sent anew"
                                .formatted(name, there, load.length()));
            }
            body.beginAt(there);
            try {
                return ScopedValue.where(TargetEndpoint.APPENDING, true)
                        .call(() -> super.storeFile(name, exchange, size));
            } catch (GenericFileOperationFailedException failed) {
                if (!body.gave()) {
                    load.mayNotGoOn(); // a server that appends to nothing would do so for ever
                }
                throw failed;
            }
        }

        private long length(String name) throws GenericFileOperationFailedException {
            SftpRemoteFile[] found = listFiles(name);
            return found.length == 1 ? found[0].getFileLength() : Long.MAX_VALUE;
        }
    }
}
