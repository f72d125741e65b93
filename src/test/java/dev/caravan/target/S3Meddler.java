package dev.caravan.target;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Stands between an S3 client and its server, passes requests on one by one, and meddles with
/// those that a rule is about.
public final class S3Meddler implements AutoCloseable {
    /// What is done to a request, or to its answer.
    public interface Deed {
        /// @return the answer for the client; null for none, the connection ends
        byte @Nullable [] answer(Passing passing) throws IOException;
    }

    /// A request on its way.
    public record Passing(byte[] head, byte[] body, int server) {
        /// What the server says to it.
        public byte[] pass() throws IOException {
            return pass(body);
        }

        /// What it says to another body.
        byte[] pass(byte[] other) throws IOException {
            try (Socket socket = new Socket("127.0.0.1", server)) {
                OutputStream out = socket.getOutputStream();
                out.write(head);
                out.write(other);
                out.flush();
                return socket.getInputStream().readAllBytes();
            }
        }
    }

    private record Rule(Pattern request, Deed deed, AtomicInteger left) {}

    private final ServerSocket listener;
    private final int server;
    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private final List<String> seen = new CopyOnWriteArrayList<>();

    public S3Meddler(int server) throws IOException {
        this.server = server;
        this.listener = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /// Meddles with the next requests whose first line has a match.
    public void meddle(int times, String request, Deed deed) {
        rules.add(new Rule(Pattern.compile(request), deed, new AtomicInteger(times)));
    }

    public void stop() {
        rules.clear();
    }

    /// First lines of the requests that came.
    public List<String> seen() {
        return List.copyOf(seen);
    }

    static byte[] reply(int status, String code) {
        return reply(status, "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code></Error>", "");
    }

    static byte[] reply(int status, String body, String headers) {
        return "HTTP/1.1 %d x\r\nContent-Type: application/xml\r\nContent-Length: %d\r\nConnection: close\r\n%s\r\n%s"
                .formatted(status, body.length(), headers, body)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /// An answer with one header more.
    static byte[] with(String header, byte[] answer) {
        int line = new String(answer, StandardCharsets.ISO_8859_1).indexOf("\r\n") + 2;
        ByteArrayOutputStream more = new ByteArrayOutputStream();
        more.write(answer, 0, line);
        more.writeBytes((header + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        more.write(answer, line, answer.length - line);
        return more.toByteArray();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = client.getInputStream();
            String head = head(in);
            if (head.isEmpty()) {
                return;
            }
            seen.add(head.lines().findFirst().orElse(""));
            if (head.toLowerCase(java.util.Locale.ROOT).contains("\r\nexpect: 100-continue")) {
                client.getOutputStream()
                        .write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            }
            byte[] body = in.readNBytes(length(head));
            byte[] answer = answer(new Passing(forwarded(head), body, server), head);
            if (answer != null) {
                client.getOutputStream().write(answer);
                client.getOutputStream().flush();
            }
        } catch (IOException ended) {
            // either side has closed
        }
    }

    private byte @Nullable [] answer(Passing passing, String head) throws IOException {
        String line = head.lines().findFirst().orElse("");
        for (Rule rule : rules) {
            if (rule.request.matcher(line).find() && rule.left.getAndDecrement() > 0) {
                return rule.deed.answer(passing);
            }
        }
        return passing.pass();
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int last = 0;
        for (int b = in.read(); b >= 0; b = in.read()) {
            head.write(b);
            last = last << 8 | b;
            if (last == 0x0D0A0D0A) {
                return head.toString(StandardCharsets.ISO_8859_1);
            }
        }
        return "";
    }

    private static int length(String head) {
        return head.lines()
                .filter(line -> line.regionMatches(true, 0, "content-length:", 0, 15))
                .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
                .findFirst()
                .orElse(0);
    }

    /// One request a connection, and nobody waits for a go-ahead.
    private static byte[] forwarded(String head) {
        List<String> lines = new ArrayList<>(Arrays.asList(head.strip().split("\r\n")));
        lines.removeIf(line ->
                line.regionMatches(true, 0, "connection:", 0, 11)
                        || line.regionMatches(true, 0, "expect:", 0, 7));
        lines.add("Connection: close");
        return (String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
