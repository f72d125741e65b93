package dev.caravan.pipeline;

import com.jcraft.jsch.AgentIdentityRepository;
import com.jcraft.jsch.AgentProxyException;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.SSHAgentConnector;
import com.jcraft.jsch.Session;
import dev.caravan.target.SftpAddress;
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
        AgentEndpoint(String uri, SftpComponent component, SftpConfiguration configuration) {
            super(uri, component, configuration);
        }

        @Override
        public RemoteFileOperations<SftpRemoteFile> createRemoteFileOperations() {
            AgentOperations operations = new AgentOperations();
            operations.setEndpoint(this);
            return operations;
        }
    }

    private static final class AgentOperations extends SftpOperations {
        @Override
        protected Session createSession(RemoteFileConfiguration given) throws JSchException {
            SftpConfiguration configuration = (SftpConfiguration) given;
            String key = configuration.getPrivateKeyFile();
            if (!SftpAddress.AGENT.toString().equals(key)) {
                return super.createSession(configuration);
            }
            Session session;
            configuration.setPrivateKeyFile(null);
            try {
                session = super.createSession(configuration);
            } finally {
                configuration.setPrivateKeyFile(key);
            }
            try {
                session.setIdentityRepository(new AgentIdentityRepository(new SSHAgentConnector()));
            } catch (AgentProxyException e) {
                throw new JSchException("there is no SSH agent: " + e.getMessage(), e);
            }
            return session;
        }
    }
}
