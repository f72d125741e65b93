package dev.caravan.target;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.sshd.agent.SshAgent;
import org.apache.sshd.agent.SshAgentFactory;
import org.apache.sshd.agent.SshAgentServer;
import org.apache.sshd.agent.common.AbstractAgentProxy;
import org.apache.sshd.common.FactoryManager;
import org.apache.sshd.common.channel.ChannelFactory;
import org.apache.sshd.common.session.ConnectionService;
import org.apache.sshd.common.session.Session;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;

/// Asks the SSH agent of this process for its keys and for signatures: a private key that is in
/// nobody's file, or in a token. The agent listens on the socket that `SSH_AUTH_SOCK` names
/// (ssh-agent(1)); the protocol is draft-ietf-sshm-ssh-agent.
final class SshAgentClient extends AbstractAgentProxy {
    private static final String SOCKET = "SSH_AUTH_SOCK";

    /// An agent may ask a person before it signs.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// What OpenSSH's agent takes and gives at most.
    private static final int MOST = 256 << 10;

    private final SocketChannel channel;
    private final Selector selector;

    private SshAgentClient(SocketChannel channel, Selector selector) {
        super(null);
        this.channel = channel;
        this.selector = selector;
    }

    /// @throws IOException if there is no agent; its message says what to do
    private static SshAgentClient open() throws IOException {
        String socket = System.getenv(SOCKET);
        if (socket == null || socket.isEmpty()) {
            throw new IOException(
                    "there is no SSH agent: %s is not set; start ssh-agent, or name a key file"
                            .formatted(SOCKET));
        }
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(Path.of(socket)));
            channel.configureBlocking(false);
            Selector selector = Selector.open();
            channel.register(selector, SelectionKey.OP_READ);
            return new SshAgentClient(channel, selector);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw new IOException(
                    "the SSH agent at '%s' (%s) does not answer: %s"
                            .formatted(socket, SOCKET, e.getMessage()),
                    e);
        }
    }

    /// @throws IOException if there is no agent, or none with a key; its message says what to do
    static void requireKeys() throws IOException {
        try (SshAgentClient agent = open()) {
            if (!agent.getIdentities().iterator().hasNext()) {
                throw new IOException(
                        "the SSH agent at '%s' (%s) has no key: ssh-add one"
                                .formatted(System.getenv(SOCKET), SOCKET));
            }
        }
    }

    /// Gives each session a connection of its own to the agent; nothing is forwarded.
    static SshAgentFactory factory() {
        return new SshAgentFactory() {
            @Override
            public SshAgent createClient(Session session, FactoryManager manager)
                    throws IOException {
                return open();
            }

            @Override
            public List<ChannelFactory> getChannelForwardingFactories(FactoryManager manager) {
                return List.of();
            }

            @Override
            public SshAgentServer createServer(ConnectionService service) {
                throw new UnsupportedOperationException("the agent is not forwarded");
            }
        };
    }

    /// @param buffer with its length in front
    /// @return the answer, without its length
    @Override
    protected synchronized Buffer request(Buffer buffer) throws IOException {
        ByteBuffer message = ByteBuffer.wrap(buffer.array(), buffer.rpos(), buffer.available());
        while (message.hasRemaining()) {
            channel.write(message);
        }
        long until = System.nanoTime() + PATIENCE.toNanos();
        int length = receive(Integer.BYTES, until).getInt();
        if (length < 1 || length > MOST) {
            throw new IOException("the SSH agent answered with " + length + " bytes");
        }
        return new ByteArrayBuffer(receive(length, until).array());
    }

    private ByteBuffer receive(int length, long until) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(length);
        while (answer.hasRemaining()) {
            int count = channel.read(answer);
            if (count < 0) {
                throw new EOFException("the SSH agent closed the connection");
            }
            long left = Duration.ofNanos(until - System.nanoTime()).toMillis();
            if (count == 0 && (left <= 0 || selector.select(left) == 0)) {
                throw new IOException(
                        "the SSH agent did not answer for " + PATIENCE.toSeconds() + " s");
            }
            selector.selectedKeys().clear();
        }
        return answer.flip();
    }

    @Override
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        try (selector;
                channel) {
            super.close();
        }
    }
}
