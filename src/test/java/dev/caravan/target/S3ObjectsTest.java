package dev.caravan.target;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server that takes no conditions, and whose answers break off.
class S3ObjectsTest {
    private static final int SIZE = 1_000_000;

    @TempDir Path folder;
    private final AtomicInteger asked = new AtomicInteger();
    private HttpServer server;
    private S3Objects objects;
    private String nextTag = "a";
    private int aclStatus;
    private String aclCode = "";

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    if ("acl".equals(exchange.getRequestURI().getQuery())) {
                        byte[] said =
                                "<Error><Code>%s</Code></Error>".formatted(aclCode).getBytes(UTF_8);
                        exchange.sendResponseHeaders(aclStatus, said.length);
                        exchange.getResponseBody().write(said);
                        exchange.close();
                        return;
                    }
                    boolean first = asked.getAndIncrement() == 0;
                    String range = exchange.getRequestHeaders().getFirst("Range");
                    int from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-.*", "$1"));
                    String tag = first ? "a" : nextTag;
                    exchange.getResponseHeaders().set("ETag", "\"" + tag + "\"");
                    exchange.getResponseHeaders()
                            .set("Last-Modified", "Fri, 02 Jan 2026 03:04:05 GMT");
                    exchange.getResponseHeaders()
                            .set("Content-Range", "bytes %d-%d/%d".formatted(from, SIZE - 1, SIZE));
                    exchange.sendResponseHeaders(206, SIZE - from);
                    byte[] bytes = new byte[first ? SIZE / 2 : SIZE - from];
                    Arrays.fill(bytes, (byte) tag.charAt(0));
                    try (OutputStream body = exchange.getResponseBody()) {
                        body.write(bytes);
                        body.flush();
                        if (first) {
                            exchange.close(); // in the middle
                        }
                    }
                });
        server.start();
        Path credentials =
                Files.writeString(
                        folder.resolve("credentials"),
                        "[default]\naws_access_key_id=a\naws_secret_access_key=b\n");
        objects =
                new S3Objects(
                        S3Server.at(
                                URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
                                "bucket",
                                null,
                                credentials));
    }

    @AfterEach
    void close() {
        objects.close();
        server.stop(0);
    }

    private byte[] read() throws IOException {
        byte[] all = new byte[SIZE];
        try (S3Objects.Opened object = objects.open("key", SIZE)) {
            for (int at = 0, count; (count = object.read(all, at, SIZE - at)) > 0; ) {
                at += count;
            }
        }
        return all;
    }

    @Test
    void whatIsReadAfterABreakIsOfTheSameObject() throws IOException {
        byte[] expected = new byte[SIZE];
        Arrays.fill(expected, (byte) 'a');

        assertThat(read()).isEqualTo(expected);
        assertThat(asked.get()).isGreaterThan(1);
    }

    @Test
    void anObjectThatWasReplacedMeanwhileIsNotReadOn() {
        nextTag = "b";

        assertThatThrownBy(this::read)
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("another one now");
    }

    /// Whose the bucket is decides what counts as one copy with it: what is not known for now is no
    /// answer.
    @Test
    void theOwnerIsNotToldOrCanNotBeAsked() throws IOException {
        aclStatus = 403;
        aclCode = "AccessDenied";
        assertThat(objects.account())
                .isEqualTo("bucket bucket at 127.0.0.1:" + server.getAddress().getPort());

        aclCode = "SignatureDoesNotMatch";
        assertThatThrownBy(objects::account).isInstanceOf(TargetException.class);
        aclStatus = 500;
        aclCode = "InternalError";
        assertThatThrownBy(objects::account).isInstanceOf(TargetException.class);
        server.stop(0);
        assertThatThrownBy(objects::account).isInstanceOf(TargetException.class);
    }

    @Test
    void anObjectInAnArchiveIsSaidToBeThere() throws IOException {
        try (S3StandIn cold = new S3StandIn();
                S3Objects frozen =
                        new S3Objects(
                                S3Server.at(
                                        cold.endpoint(),
                                        "bucket",
                                        null,
                                        folder.resolve("credentials")))) {
            cold.store("backups/one/film", new byte[10], "GLACIER");

            assertThatThrownBy(() -> frozen.open("film", 10))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("is an archive: restore it in the bucket first");
            assertThat(cold.restores()).isEmpty();
        }
    }
}
