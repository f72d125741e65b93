package dev.caravan.target;

import com.jcraft.jsch.AgentConnector;
import com.jcraft.jsch.SSHAgentConnector;
import com.jcraft.jsch.USocketFactory;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// The socket of the SSH agent of this process, which `SSH_AUTH_SOCK` names (ssh-agent(1)): an
/// agent has a private key that is in nobody's file, or in a token.
public final class SshAgentSocket {
    /// For a question and its answer: an agent may ask a person before it signs.
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String VARIABLE = "SSH_AUTH_SOCK";

    private SshAgentSocket() {}

    /// For JSch, the client behind Camel's `sftp:`.
    ///
    /// @throws IOException if there is no agent; its message says what to do
    public static AgentConnector connector() throws IOException {
        return new SSHAgentConnector(
                new USocketFactory() {
                    @Override
                    public SocketChannel connect(Path agent) throws IOException {
                        return SshAgentSocket.connect();
                    }

                    @Override
                    public ServerSocketChannel bind(Path agent) {
                        throw new UnsupportedOperationException("the agent is not forwarded");
                    }
                },
                path());
    }

    /// A connection for one question. It is closed when nobody's patience lasts any longer.
    ///
    /// @throws IOException if there is no agent; its message says what to do
    static SocketChannel connect() throws IOException {
        Path path = path();
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.configureBlocking(
                    false); // where nobody accepts, it is refused and not waited for
            channel.connect(UnixDomainSocketAddress.of(path));
            channel.configureBlocking(true);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw new IOException(named() + " does not answer: " + e.getMessage(), e);
        }
        CompletableFuture.delayedExecutor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> {
                    try {
                        channel.close();
                    } catch (IOException ignored) {
                        // whoever still uses it is told by his own call
                    }
                });
        return channel;
    }

    private static Path path() throws IOException {
        String socket = System.getenv(VARIABLE);
        if (socket == null || socket.isEmpty()) {
            throw new IOException(
                    "there is no SSH agent: %s is not set; start ssh-agent, or name a key file"
                            .formatted(VARIABLE));
        }
        return Path.of(socket);
    }

    /// What to call it in a message.
    static String named() {
        return "the SSH agent at '%s' (%s)".formatted(System.getenv(VARIABLE), VARIABLE);
    }
}
