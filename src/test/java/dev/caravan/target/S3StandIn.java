package dev.caravan.target;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/// A small S3 server that is strict where no server at hand is: objects of cold storage classes can
/// be read only once they were thawed, as Amazon S3 documents it ("RestoreObject", "GetObject",
/// error InvalidObjectState). It looks at no signature.
final class S3StandIn implements AutoCloseable {
    /// What becomes of an object that is stored cold.
    enum Thaw {
        COLD,
        UNDER_WAY,
        READABLE
    }

    private record Stored(byte[] content, String storageClass, Thaw thaw) {}

    private final HttpServer http;
    private final Map<String, Stored> objects = new ConcurrentHashMap<>();
    private final List<String> restores = new ArrayList<>();

    S3StandIn() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 50);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", this::answer);
        http.start();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
    }

    void store(String key, byte[] content, String storageClass) {
        objects.put(key, new Stored(content, storageClass, Thaw.COLD));
    }

    void thaw(String key, Thaw now) {
        objects.computeIfPresent(
                key, (_, stored) -> new Stored(stored.content, stored.storageClass, now));
    }

    /// The bodies of the requests to thaw.
    synchronized List<String> restores() {
        return List.copyOf(restores);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            String key = exchange.getRequestURI().getPath().replaceFirst("^/[^/]*/", "");
            Stored stored = objects.get(key);
            if (stored == null) {
                error(exchange, 404, "NoSuchKey");
                return;
            }
            boolean tiered = stored.storageClass.equals("INTELLIGENT_TIERING");
            boolean cold = tiered || stored.storageClass.matches("GLACIER|DEEP_ARCHIVE");
            if (tiered) {
                exchange.getResponseHeaders().add("x-amz-archive-status", "DEEP_ARCHIVE_ACCESS");
            }
            exchange.getResponseHeaders().add("x-amz-storage-class", stored.storageClass);
            if (cold && stored.thaw != Thaw.COLD) {
                exchange.getResponseHeaders()
                        .add(
                                "x-amz-restore",
                                stored.thaw == Thaw.UNDER_WAY
                                        ? "ongoing-request=\"true\""
                                        : "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2029 00:00:00 GMT\"");
            }
            switch (exchange.getRequestMethod()) {
                case "HEAD" -> {
                    exchange.getResponseHeaders()
                            .add("Content-Length", Integer.toString(stored.content.length));
                    exchange.sendResponseHeaders(200, -1);
                }
                case "POST" ->
                        restore(exchange, key, stored, new String(body, StandardCharsets.UTF_8));
                default -> {
                    if (cold && stored.thaw != Thaw.READABLE) {
                        error(exchange, 403, "InvalidObjectState");
                        return;
                    }
                    exchange.sendResponseHeaders(200, stored.content.length);
                    exchange.getResponseBody().write(stored.content);
                }
            }
        }
    }

    private synchronized void restore(HttpExchange exchange, String key, Stored stored, String body)
            throws IOException {
        boolean days = !stored.storageClass.equals("INTELLIGENT_TIERING");
        if (!"restore".equals(exchange.getRequestURI().getQuery())
                || body.contains("<Days>") != days) {
            error(exchange, 400, "MalformedXML");
        } else if (stored.thaw == Thaw.UNDER_WAY) {
            error(exchange, 409, "RestoreAlreadyInProgress");
        } else {
            restores.add(body);
            thaw(key, Thaw.UNDER_WAY);
            exchange.sendResponseHeaders(202, -1);
        }
    }

    private static void error(HttpExchange exchange, int status, String code) throws IOException {
        byte[] said =
                "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>%s</Message></Error>"
                        .formatted(code, code)
                        .getBytes(StandardCharsets.UTF_8);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : said.length);
        if (!head) {
            exchange.getResponseBody().write(said);
        }
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
