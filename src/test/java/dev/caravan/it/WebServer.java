package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.target.EmbeddedSftpServer;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/// A real nginx on loopback that takes PUT.
final class WebServer implements AutoCloseable {
    final int port;
    final Path files;
    private final Process process;

    private WebServer(int port, Path files, Process process) {
        this.port = port;
        this.files = files;
        this.process = process;
    }

    /// @param folder of the server
    /// @param methods that change files: `PUT DELETE`
    /// @param more lines for its `location`
    static WebServer start(Path folder, String methods, String... more) throws Exception {
        return start(folder, EmbeddedSftpServer.freePort(), methods, more);
    }

    static WebServer start(Path folder, int port, String methods, String... more) throws Exception {
        Path files = Files.createDirectories(folder.resolve("files"));
        Path config =
                Files.writeString(
                        folder.resolve("nginx.conf"),
                        """
                        daemon off;
                        %1$s
                        worker_processes 1;
                        pid %2$s/pid;
                        error_log %2$s/error.log;
                        events {}
                        http {
                            access_log off;
                            client_body_temp_path %2$s/body;
                            proxy_temp_path %2$s/proxy;
                            fastcgi_temp_path %2$s/fastcgi;
                            uwsgi_temp_path %2$s/uwsgi;
                            scgi_temp_path %2$s/scgi;
                            server {
                                listen 127.0.0.1:%3$d;
                                root %4$s;
                                client_max_body_size 0;
                                location / {
                                    dav_methods %5$s;
                                    autoindex on;
                                    autoindex_format json;
                                    %6$s
                                }
                            }
                        }
                        """
                                .formatted(
                                        Site.isRoot() ? "user root;" : "",
                                        folder,
                                        port,
                                        files,
                                        methods,
                                        String.join("\n", more)));
        String program =
                List.of("/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx").stream()
                        .filter(path -> Files.isExecutable(Path.of(path)))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("no nginx: apt install nginx"));
        Process process =
                new ProcessBuilder(program, "-p", folder.toString(), "-c", config.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("said").toFile())
                        .start();
        Awaitility.await()
                .until(() -> {
                    assertThat(process.isAlive())
                            .as(Files.readString(folder.resolve("said")))
                            .isTrue();
                    return answers(port);
                });
        return new WebServer(port, files, process);
    }

    private static boolean answers(int port) {
        try (Socket _ = new Socket("127.0.0.1", port)) {
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy(); // nginx ends its workers itself, and would start killed ones anew
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).as("nginx ends").isTrue();
    }
}
