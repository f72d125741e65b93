package dev.caravan.pipeline;

import com.jcraft.jsch.AgentIdentityRepository;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import dev.caravan.target.SftpAddress;
import dev.caravan.target.SshAgentSocket;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import org.apache.camel.component.file.GenericFileEndpoint;
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

/// Camel's `sftp:` whose endpoints log in with the keys of the SSH agent (`SSH_AUTH_SOCK`) if their
/// `privateKeyFile` is `agent`. Camel itself knows key files only, and its keys in memory are RSA
/// or DSA and no others.
public final class AgentSftpComponent extends SftpComponent {
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
        return new AgentEndpoint(uri, this, configuration);
    }

    private static final class AgentEndpoint extends SftpEndpoint {
        private boolean byAgent;

        AgentEndpoint(String uri, SftpComponent component, SftpConfiguration configuration) {
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
            SftpOperations operations = byAgent ? new AgentOperations() : new SftpOperations();
            operations.setEndpoint(this);
            return operations;
        }
    }

    private static final class AgentOperations extends SftpOperations {
        @Override
        protected Session createSession(RemoteFileConfiguration configuration)
                throws JSchException {
            Session session = super.createSession(configuration);
            try {
                session.setIdentityRepository(
                        new AgentIdentityRepository(SshAgentSocket.connector()));
            } catch (IOException e) {
                throw new JSchException(e.getMessage(), e);
            }
            return session;
        }
    }
}
