package dev.caravan.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Stands before a real S3 server and makes stored objects cold, as Amazon S3 documents it for the
/// storage class GLACIER ("GetObject", error InvalidObjectState; "RestoreObject"; "HeadObject",
/// x-amz-restore): no server at hand has cold storage classes. All else it passes on as it is.
final class ColdFront implements AutoCloseable {
    private final URI backend;
    private final ServerSocket listening;
    private volatile Duration takes = Duration.ofDays(1);
    private final Map<String, Instant> readableFrom = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Set<String> stored = ConcurrentHashMap.newKeySet();
    private volatile Set<String> cold = Set.of();

    ColdFront(URI backend) throws IOException {
        this.backend = backend;
        this.listening = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        Thread.ofVirtual().start(this::accept);
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + listening.getLocalPort());
    }

    /// What is stored by now is cold; what is stored later is not.
    void freeze() {
        cold = Set.copyOf(stored);
    }

    /// What is asked for from now on can be read after so long; before, after a day.
    void thawAfter(Duration time) {
        takes = time;
    }

    /// All that was asked for can be read now.
    void thaw() {
        readableFrom.replaceAll((_, _) -> Instant.now());
    }

    /// The objects that were asked for to be thawed.
    List<String> asked() {
        return List.copyOf(asked);
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    /// One request; the connection is closed behind it.
    private void serve(Socket client) {
        try (client;
                Socket server = new Socket(backend.getHost(), backend.getPort())) {
            InputStream in = client.getInputStream();
            OutputStream out = client.getOutputStream();
            String head = head(in);
            String method = head.substring(0, head.indexOf(' '));
            String target = head.split(" ", 3)[1];
            String key = target.replaceFirst("[?].*", "");
            boolean isCold = cold.contains(key);
            if (key.contains("/objects/") && (method.equals("PUT") || method.equals("POST"))) {
                stored.add(key);
            }
            if (isCold && method.equals("POST") && target.contains("?restore")) {
                boolean first = readableFrom.putIfAbsent(key, Instant.now().plus(takes)) == null;
                in.readNBytes(length(head));
                if (first) {
                    asked.add(key);
                    answer(out, "202 Accepted", "");
                } else {
                    answer(out, "409 Conflict", "RestoreAlreadyInProgress");
                }
                return;
            }
            if (isCold && method.equals("GET") && !isReadable(key)) {
                answer(out, "403 Forbidden", "InvalidObjectState");
                return;
            }
            send(server.getOutputStream(), head.replaceFirst("\r\n", "\r\nConnection: close\r\n"));
            Thread.ofVirtual().start(() -> pass(in, server));
            if (isCold && method.equals("HEAD")) {
                String said = head(server.getInputStream());
                send(out, said.replaceFirst("\r\n", "\r\n" + state(key)));
            }
            server.getInputStream().transferTo(out);
        } catch (IOException gone) {
            // whoever asked sees it
        }
    }

    private static void pass(InputStream in, Socket server) {
        try {
            in.transferTo(server.getOutputStream());
        } catch (IOException gone) {
            // the other direction ends too
        }
    }

    private boolean isReadable(String key) {
        Instant from = readableFrom.get(key);
        return from != null && !Instant.now().isBefore(from);
    }

    private String state(String key) {
        String restore =
                isReadable(key)
                        ? "x-amz-restore: ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2029 00:00:00 GMT\"\r\n"
                        : readableFrom.containsKey(key)
                                ? "x-amz-restore: ongoing-request=\"true\"\r\n"
                                : "";
        return "x-amz-storage-class: GLACIER\r\n" + restore;
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int last = 0;
        while (last != 0x0D0A0D0A) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("no head");
            }
            head.write(next);
            last = last << 8 | next;
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private static int length(String head) {
        return head.lines()
                .filter(line ->
                        line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:"))
                .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
                .findFirst()
                .orElse(0);
    }

    private static void answer(OutputStream out, String status, String code) throws IOException {
        String body =
                code.isEmpty()
                        ? ""
                        : "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>%s</Message></Error>"
                                .formatted(code, code);
        send(
                out,
                "HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
                        .formatted(status, body.length(), body));
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
