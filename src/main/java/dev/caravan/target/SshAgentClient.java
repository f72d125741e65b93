package dev.caravan.target;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
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

/// Asks the SSH agent of this process for its keys and for signatures. The protocol is
/// draft-ietf-sshm-ssh-agent. Holds nothing open between two questions: whoever asks does not
/// always say when he is done.
final class SshAgentClient extends AbstractAgentProxy {
    /// What OpenSSH's agent takes and gives at most.
    private static final int MOST = 256 << 10;

    private SshAgentClient() {
        super(null);
    }

    /// @throws IOException if there is no agent, or none with a key; its message says what to do
    static void requireKeys() throws IOException {
        try (SshAgentClient agent = new SshAgentClient()) {
            if (!agent.getIdentities().iterator().hasNext()) {
                throw new IOException(SshAgentSocket.named() + " has no key: ssh-add one");
            }
        }
    }

    /// Nothing is forwarded.
    static SshAgentFactory factory() {
        return new SshAgentFactory() {
            @Override
            public SshAgent createClient(Session session, FactoryManager manager) {
                return new SshAgentClient();
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
    protected Buffer request(Buffer buffer) throws IOException {
        try (SocketChannel channel = SshAgentSocket.connect()) {
            ByteBuffer message = ByteBuffer.wrap(buffer.array(), buffer.rpos(), buffer.available());
            while (message.hasRemaining()) {
                channel.write(message);
            }
            int length = receive(channel, Integer.BYTES).getInt();
            if (length < 1 || length > MOST) {
                throw new IOException(
                        SshAgentSocket.named() + " answered with " + length + " bytes");
            }
            return new ByteArrayBuffer(receive(channel, length).array());
        } catch (AsynchronousCloseException e) {
            throw new IOException(
                    "%s did not answer for %d s"
                            .formatted(SshAgentSocket.named(), SshAgentSocket.PATIENCE.toSeconds()),
                    e);
        }
    }

    private static ByteBuffer receive(SocketChannel channel, int length) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(length);
        while (answer.hasRemaining()) {
            if (channel.read(answer) < 0) {
                throw new EOFException(SshAgentSocket.named() + " closed the connection");
            }
        }
        return answer.flip();
    }

    @Override
    public boolean isOpen() {
        return true;
    }
}
