package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.awaitility.Awaitility;

/// A real SFTP server on loopback with keys of its own, and a folder it serves.
public final class SftpSite implements AutoCloseable {

    private static final Path SSHD = Path.of("/usr/sbin/sshd");
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final Path keys;
    private final Path folder;
    private final int port;
    private final String directory;
    private final Closeable server;

    private SftpSite(Path keys, Path folder, int port, String directory, Closeable server) {
        this.keys = keys;
        this.folder = folder;
        this.port = port;
        this.directory = directory;
        this.server = server;
    }

    /// Serves `folder`; a login begins in its parent, because Camel takes relative folders only.
    public static SftpSite embedded(Path keys, Path folder) throws IOException {
        return embedded(keys, folder, new SftpSubsystemFactory());
    }

    public static SftpSite embedded(Path keys, Path folder, SftpSubsystemFactory sftp)
            throws IOException {
        int port = EmbeddedSftpServer.freePort();
        EmbeddedSftpServer.createKeys(keys, port);
        Files.createDirectories(folder);
        EmbeddedSftpServer server =
                EmbeddedSftpServer.start(
                        folder.resolveSibling(""),
                        port,
                        keys.resolve(EmbeddedSftpServer.HOST_KEY),
                        keys.resolve(EmbeddedSftpServer.CLIENT_KEY + ".pub"),
                        sftp);
        return new SftpSite(keys, folder, port, folder.getFileName().toString(), server::close);
    }

    /// OpenSSH's own server, likewise; the test is skipped where it is not installed.
    public static SftpSite openSsh(Path keys, Path folder) throws IOException {
        assumeTrue(Files.isExecutable(SSHD), SSHD + " is not installed (openssh-server)");
        int port = EmbeddedSftpServer.freePort();
        EmbeddedSftpServer.createKeys(keys, port);
        Files.createDirectories(folder);
        if (ProcessHandle.current().info().user().orElse("").equals("root")) {
            Files.createDirectories(Path.of("/run/sshd")); // its privilege separation folder
        }
        Path config = keys.resolve("sshd_config");
        Files.writeString(
                config,
                """
                Port %d
                ListenAddress 127.0.0.1
                HostKey %s
                AuthorizedKeysFile %s
                PidFile none
                StrictModes no
                UsePAM no
                PasswordAuthentication no
                LogLevel DEBUG1
                Subsystem sftp internal-sftp -d %s
                """
                        .formatted(
                                port,
                                keys.resolve(EmbeddedSftpServer.HOST_KEY),
                                keys.resolve(EmbeddedSftpServer.CLIENT_KEY + ".pub"),
                                folder.getParent()));
        Process sshd =
                new ProcessBuilder(
                                SSHD.toString(),
                                "-D",
                                "-f",
                                config.toString(),
                                "-E",
                                keys.resolve("log").toString())
                        .inheritIO()
                        .start();
        Awaitility.await()
                .atMost(LONGEST)
                .ignoreExceptions()
                .until(() -> {
                    assertThat(sshd.isAlive()).isTrue();
                    greet(port);
                    return true;
                });
        return new SftpSite(keys, folder, port, folder.getFileName().toString(), () -> end(sshd));
    }

    /// Waits for the server's first words, so that whoever serves this connection has begun.
    private static void greet(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            assertThat(socket.getInputStream().read()).isEqualTo('S');
        }
    }

    /// Ends all of a server, and does nothing the second time. Each connection has processes of its
    /// own that outlive the listener, and make their log again where it was just deleted. They end
    /// first, each before the one that started it, so that somebody is there to reap them.
    private static void end(Process sshd) {
        if (!sshd.isAlive()) {
            return;
        }
        Awaitility.await()
                .atMost(LONGEST)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    List<ProcessHandle> sessions = sshd.descendants().toList();
                    sessions.stream()
                            .filter(session -> session.children().findAny().isEmpty())
                            .forEach(ProcessHandle::destroy);
                    return sessions.isEmpty();
                });
        sshd.destroy();
        sshd.onExit().orTimeout(LONGEST.toSeconds(), TimeUnit.SECONDS).join();
    }

    public int port() {
        return port;
    }

    public SftpAddress address() {
        return address(
                port,
                keys.resolve(EmbeddedSftpServer.CLIENT_KEY),
                keys.resolve(EmbeddedSftpServer.KNOWN_HOSTS));
    }

    SftpAddress address(int port, Path privateKey, Path knownHosts) {
        return new SftpAddress(
                "127.0.0.1",
                port,
                ProcessHandle.current().info().user().orElse("root"),
                directory,
                privateKey,
                knownHosts);
    }

    /// The same server behind another port, its key pinned for that port.
    public SftpAddress through(int otherPort) throws IOException {
        Path knownHosts = keys.resolve("known_hosts." + otherPort);
        Files.writeString(
                knownHosts,
                Files.readString(address().knownHosts()).replace(":" + port, ":" + otherPort));
        return address(otherPort, address().privateKey(), knownHosts);
    }

    Path keys() {
        return keys;
    }

    Path folder() {
        return folder;
    }

    Path incoming(String name) {
        return folder.resolve(".caravan/incoming").resolve(name);
    }

    Path object(String name) {
        return folder.resolve("objects").resolve(name.substring(0, 2)).resolve(name);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
