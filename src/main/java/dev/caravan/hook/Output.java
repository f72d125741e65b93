package dev.caravan.hook;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a command says: each line goes on as it comes, the last ones are kept for an error. It is
/// read by a thread of its own, because what a command left running may hold it open for ever.
/// Thread-safe.
final class Output {
    private static final Logger LOG = LoggerFactory.getLogger(Output.class);
    private static final int KEPT_LINES = 3;
    private static final int LONGEST_LINE = 300;
    private static final long REST_MILLIS = 1_000;

    private final Deque<String> last = new ArrayDeque<>();
    private final Thread reader;

    private Output(String name, InputStream from, Consumer<String> lines) {
        reader = Thread.ofPlatform().daemon().name(name).start(() -> read(from, lines));
    }

    static Output of(String name, InputStream from, Consumer<String> lines) {
        return new Output(name, from, lines);
    }

    private void read(InputStream from, Consumer<String> lines) {
        StringBuilder line = new StringBuilder();
        try (Reader in = new InputStreamReader(from, StandardCharsets.UTF_8)) {
            for (int c = in.read(); c >= 0; c = in.read()) {
                if (c == '\n') {
                    end(line, lines);
                } else if (line.length() < LONGEST_LINE) {
                    line.append((char) c);
                }
            }
        } catch (IOException closed) {
            LOG.debug("what a command says can not be read any more", closed);
        }
        end(line, lines);
    }

    private void end(StringBuilder line, Consumer<String> lines) {
        String text = line.toString().replaceAll("\\p{C}+", " ").strip();
        line.setLength(0);
        if (text.isEmpty()) {
            return;
        }
        lines.accept(text);
        synchronized (last) {
            last.addLast(text);
            if (last.size() > KEPT_LINES) {
                last.removeFirst();
            }
        }
    }

    /// The last lines, in one; to be asked when the command has ended.
    String last() {
        try {
            reader.join(REST_MILLIS);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
        synchronized (last) {
            return String.join(" / ", last);
        }
    }
}
