package dev.caravan.target;

import dev.caravan.target.TargetException.Remedy;
import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.future.AuthFuture;
import org.apache.sshd.client.future.ConnectFuture;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.SshException;
import org.apache.sshd.common.cipher.BuiltinCiphers;
import org.apache.sshd.common.cipher.Cipher;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.core.CoreModuleProperties;
import org.jspecify.annotations.Nullable;

/// Opens connections to one SFTP server and keeps a few quiet ones for the next who asks.
/// Thread-safe.
///
/// Host keys are pinned; the one given private key, or the keys of the SSH agent where that is
/// said, are the only login that is tried: no password, no `~/.ssh/config`. Connecting may take 15
/// s, an answer 60 s.
final class SftpConnector implements AutoCloseable {

    private static final Duration CONNECT = Duration.ofSeconds(15);

    /// A server or firewall may have dropped a connection that was quiet for longer.
    private static final Duration QUIET = Duration.ofSeconds(30);

    private static final int KEPT = 2;

    private final int kept;

    /// In the order they are offered. Measured on loopback with the JDK's AES: aes128-gcm 370 to
    /// 410 MB/s, aes128-ctr with hmac-sha2-256-etm 220 to 230, chacha20-poly1305 150.
    private static final List<NamedFactory<Cipher>> CIPHERS =
            List.of(
                    BuiltinCiphers.aes128gcm,
                    BuiltinCiphers.aes256gcm,
                    BuiltinCiphers.aes128ctr,
                    BuiltinCiphers.aes256ctr,
                    BuiltinCiphers.cc20p1305_openssh);

    /// Its implementation makes a gigabyte of garbage for each connection, and it would add
    /// nothing: the upload over Camel's `sftp:` does not offer it, and carries the same bytes.
    private static final String SLOW_EXCHANGE = "sntrup761";

    /// How OpenSSH ends a login after `MaxAuthTries` keys, six by default.
    private static final String TOO_MANY = "Too many authentication failures";

    private final SftpAddress address;

    /// One at a time: the client asks whoever is its verifier of host keys at that moment.
    private final Object dialling = new Object();

    private final ArrayDeque<SftpConnection> quiet = new ArrayDeque<>();
    private @Nullable SshClient client;
    private List<NamedFactory<Signature>> signatures = List.of();
    private boolean closed;

    SftpConnector(SftpAddress address) {
        this(address, KEPT);
    }

    /// @param kept how many quiet connections are kept
    SftpConnector(SftpAddress address, int kept) {
        this.address = address;
        this.kept = kept;
    }

    SftpAddress address() {
        return address;
    }

    /// A connection kept from before, if it is still fresh, or a new one.
    SftpConnection connection() throws TargetException {
        for (SftpConnection kept = poll(); kept != null; kept = poll()) {
            if (kept.isOpen() && kept.quietFor().compareTo(QUIET) < 0) {
                return kept;
            }
            kept.close();
        }
        return connect();
    }

    private synchronized @Nullable SftpConnection poll() {
        return quiet.pollLast();
    }

    /// Takes back a connection that has nothing open.
    void keep(SftpConnection connection) {
        synchronized (this) {
            if (!closed && connection.isOpen() && quiet.size() < kept) {
                connection.used();
                quiet.addLast(connection);
                return;
            }
        }
        connection.close();
    }

    /// A new connection.
    ///
    /// @throws TargetException WAIT if the server cannot be reached, PERSON if it is not the pinned
    ///   one or refuses the key
    SftpConnection connect() throws TargetException {
        synchronized (dialling) {
            return connectAlone();
        }
    }

    private SftpConnection connectAlone() throws TargetException {
        PinnedHostKeys pinned = PinnedHostKeys.of(address);
        List<KeyPair> identity = identity();
        ClientSession session = dial(pinned);
        boolean done = false;
        try {
            identity.forEach(session::addPublicKeyIdentity);
            login(session, pinned);
            SftpConnection connection = new SftpConnection(session, pinned.fingerprint());
            done = true;
            return connection;
        } catch (IOException e) {
            throw SftpConnection.failure(address.server() + ": SFTP did not start", e);
        } finally {
            if (!done) {
                session.close(true);
            }
        }
    }

    private List<KeyPair> identity() throws TargetException {
        try {
            if (address.byAgent()) {
                SshAgentClient.requireKeys();
                return List.of(); // the client asks the agent by itself
            }
            return SshKeys.read(address.privateKey());
        } catch (IOException e) {
            throw new TargetException(
                    Remedy.PERSON, "login to %s: %s".formatted(address.server(), reason(e)), e);
        }
    }

    private ClientSession dial(PinnedHostKeys pinned) throws TargetException {
        try {
            ConnectFuture future =
                    client(pinned).connect(address.user(), address.host(), address.port());
            return future.verify(CONNECT).getClientSession();
        } catch (IOException | RuntimeException e) {
            throw new TargetException(
                    Remedy.WAIT, address.server() + " cannot be reached: " + reason(e), e);
        }
    }

    private void login(ClientSession session, PinnedHostKeys pinned) throws TargetException {
        try {
            AuthFuture auth = session.auth();
            auth.verify(address.byAgent() ? SshAgentSocket.PATIENCE : CONNECT);
        } catch (IOException | RuntimeException e) {
            String refusal = pinned.refusal();
            if (refusal != null) {
                throw new TargetException(Remedy.PERSON, refusal, e);
            }
            int code = e instanceof SshException ssh ? ssh.getDisconnectCode() : 0;
            if (code == SshConstants.SSH2_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE) {
                throw new TargetException(
                        Remedy.PERSON,
                        ("%s refused the login of '%s' with %s: is its public half in the"
                                        + " account's authorized_keys?")
                                .formatted(
                                        address.server(),
                                        address.user(),
                                        address.byAgent()
                                                ? "every key of the SSH agent"
                                                : "key " + address.privateKey()),
                        e);
            }
            if (address.byAgent() && reason(e).contains(TOO_MANY)) {
                throw new TargetException(
                        Remedy.PERSON,
                        "%s refused the login of '%s' after some keys of the SSH agent, and was not shown the others: leave fewer in it, or name a key file"
                                .formatted(address.server(), address.user()),
                        e);
            }
            if (code == SshConstants.SSH2_DISCONNECT_KEY_EXCHANGE_FAILED) {
                throw new TargetException(
                        Remedy.PERSON,
                        ("%s and Caravan have no common algorithm, or it has no host key of a"
                                        + " pinned kind: %s")
                                .formatted(address.server(), reason(e)),
                        e);
            }
            throw new TargetException(
                    Remedy.WAIT, address.server() + " broke off the login: " + reason(e), e);
        }
    }

    private synchronized SshClient client(PinnedHostKeys pinned) {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        SshClient ready = client;
        if (ready == null) {
            ready = SshClient.setUpDefaultClient();
            ready.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
            ready.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
            ready.setAgentFactory(address.byAgent() ? SshAgentClient.factory() : null);
            ready.setUserAuthFactoriesNameList("publickey");
            ready.setCipherFactories(CIPHERS);
            ready.setKeyExchangeFactories(
                    ready.getKeyExchangeFactories().stream()
                            .filter(exchange -> !exchange.getName().startsWith(SLOW_EXCHANGE))
                            .toList());
            CoreModuleProperties.TCP_NODELAY.set(ready, true);
            CoreModuleProperties.IDLE_TIMEOUT.set(ready, SftpConnection.ANSWER);
            CoreModuleProperties.IO_CONNECT_TIMEOUT.set(ready, CONNECT);
            // room for all the answers a reader asks for ahead
            CoreModuleProperties.WINDOW_SIZE.set(ready, 2L * SftpInput.AHEAD_BYTES);
            signatures = List.copyOf(ready.getSignatureFactories());
            ready.start();
            client = ready;
        }
        // read anew for each connection, so that a person's correction needs no restart
        ready.setServerKeyVerifier(pinned);
        ready.setSignatureFactories(pinned.algorithms(signatures));
        return ready;
    }

    private static String reason(Throwable e) {
        for (Throwable each = e; each != null; each = each.getCause()) {
            if (each instanceof UnresolvedAddressException) {
                return "no address is known for this name";
            }
        }
        Throwable cause = e;
        while (cause instanceof SshException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    @Override
    public void close() {
        List<SftpConnection> kept;
        SshClient started;
        synchronized (this) {
            closed = true;
            kept = List.copyOf(quiet);
            quiet.clear();
            started = client;
            client = null;
        }
        kept.forEach(SftpConnection::close);
        if (started != null) {
            started.stop();
        }
    }
}
