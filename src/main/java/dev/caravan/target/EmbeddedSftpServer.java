package dev.caravan.target;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.EnumSet;
import java.util.List;
import org.apache.sshd.common.config.keys.AuthorizedKeyEntry;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.core.CoreModuleProperties;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.auth.pubkey.KeySetPublickeyAuthenticator;
import org.apache.sshd.server.forward.RejectAllForwardingFilter;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;

/// An SFTP server inside this program, for a home that has no offsite server yet: it shows one
/// folder, listens on the loopback address only, takes one client key, and knows neither shells nor
/// commands nor forwarding. Thread-safe.
public final class EmbeddedSftpServer implements AutoCloseable {

    /// Private key of the server, in a folder made by [#createKeys].
    public static final String HOST_KEY = "host_ed25519";

    /// Private key of the client; its public half has `.pub` appended.
    public static final String CLIENT_KEY = "client_ed25519";

    /// What the client knows of the server.
    public static final String KNOWN_HOSTS = "known_hosts";

    private static final String LOOPBACK = "127.0.0.1";

    private final SshServer server;

    private EmbeddedSftpServer(SshServer server) {
        this.server = server;
    }

    /// Starts it.
    ///
    /// @param root the folder it shows as `/`
    /// @param hostKeyFile its private key in OpenSSH format
    /// @param authorizedKey public key that may log in, in the format of `authorized_keys`
    /// @throws IOException if a key cannot be read or the port is taken
    public static EmbeddedSftpServer start(
            Path root, int port, Path hostKeyFile, Path authorizedKey) throws IOException {
        return start(root, port, hostKeyFile, authorizedKey, new SftpSubsystemFactory());
    }

    static EmbeddedSftpServer start(
            Path root, int port, Path hostKeyFile, Path authorizedKey, SftpSubsystemFactory sftp)
            throws IOException {
        SshServer server = SshServer.setUpDefaultServer();
        server.setHost(LOOPBACK);
        server.setPort(port);
        server.setKeyPairProvider(KeyPairProvider.wrap(SshKeys.read(hostKeyFile)));
        server.setPublickeyAuthenticator(
                new KeySetPublickeyAuthenticator("authorized", authorized(authorizedKey)));
        server.setUserAuthFactoriesNameList("publickey");
        server.setForwardingFilter(RejectAllForwardingFilter.INSTANCE);
        server.setShellFactory(null);
        server.setCommandFactory(null);
        server.setFileSystemFactory(new VirtualFileSystemFactory(root.toAbsolutePath()));
        server.setSubsystemFactories(List.of(sftp));
        CoreModuleProperties.TCP_NODELAY.set(server, true);
        server.start();
        return new EmbeddedSftpServer(server);
    }

    private static List<PublicKey> authorized(Path file) throws IOException {
        try {
            return PublicKeyEntry.resolvePublicKeyEntries(
                    null,
                    AuthorizedKeyEntry.readAuthorizedKeys(file),
                    PublicKeyEntryResolver.IGNORING);
        } catch (GeneralSecurityException e) {
            throw new IOException("key '%s' cannot be used: %s".formatted(file, e), e);
        }
    }

    /// The port it listens on.
    public int port() {
        return server.getPort();
    }

    @Override
    public void close() throws IOException {
        server.stop(true);
    }

    /// Makes the keys of a server and its one client, where they do not exist yet, and writes the
    /// known hosts of that client. All in OpenSSH's formats; private keys are for their owner only.
    ///
    /// @param port the server will listen on
    public static void createKeys(Path directory, int port) throws IOException {
        Files.createDirectories(directory);
        PublicKey host = createKey(directory.resolve(HOST_KEY));
        PublicKey client = createKey(directory.resolve(CLIENT_KEY));
        write(directory.resolve(CLIENT_KEY + ".pub"), PublicKeyEntry.toString(client), "rw-r--r--");
        write(
                directory.resolve(KNOWN_HOSTS),
                "[%s]:%d %s".formatted(LOOPBACK, port, PublicKeyEntry.toString(host)),
                "rw-r--r--");
    }

    private static PublicKey createKey(Path file) throws IOException {
        if (Files.exists(file)) {
            return SshKeys.read(file).getFirst().getPublic();
        }
        try {
            KeyPair pair = KeyUtils.generateKeyPair(KeyPairProvider.SSH_ED25519, 256);
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(pair, "caravan", null, text);
            write(file, text.toString(StandardCharsets.US_ASCII), "rw-------");
            return pair.getPublic();
        } catch (GeneralSecurityException e) {
            throw new IOException("key '%s' cannot be made: %s".formatted(file, e), e);
        }
    }

    /// Whole or not at all: a crash must not leave half a key.
    private static void write(Path file, String text, String permissions) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(part);
        try (FileChannel channel =
                FileChannel.open(
                        part,
                        EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString(permissions)))) {
            ByteBuffer bytes =
                    ByteBuffer.wrap((text.strip() + "\n").getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(part, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    /// A loopback port that nobody listens on now.
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral(LOOPBACK))) {
            return socket.getLocalPort();
        }
    }
}
