package dev.caravan.cli;

import java.io.PrintWriter;
import java.time.Duration;

/// How far the reading of cartridges, or of another target, is: one line that is written over on a
/// terminal, one a minute otherwise. Confined to one thread.
final class ReadingLine implements AutoCloseable {
    private static final long LINE_NANOS = Duration.ofMinutes(1).toNanos();

    private static final long REDRAW_NANOS = Duration.ofMillis(200).toNanos();
    private static final int WIDTH = 78;

    private final PrintWriter err;
    private final boolean terminal;
    private final long began = System.nanoTime();
    private long told = began;
    private long drawn = began - REDRAW_NANOS;
    private int shown;

    ReadingLine(PrintWriter err) {
        this.err = err;
        this.terminal = System.console() != null && System.console().isTerminal();
    }

    void at(String barcode, int file) {
        say("reading %s, tape file %d".formatted(barcode, file));
    }

    void at(String target, String step, long items) {
        say("reading %s, %s, %s so far".formatted(target, step, Words.count(items)));
    }

    private void say(String what) {
        show(
                "%s, for %s"
                        .formatted(
                                what, Words.duration(Duration.ofNanos(System.nanoTime() - began))));
    }

    /// @param doneBytes of `allBytes`, about
    void at(String target, String what, long doneBytes, long allBytes) {
        long nanos = System.nanoTime() - began;
        String left =
                doneBytes > 0 && allBytes > doneBytes
                        ? ", %s left"
                                .formatted(
                                        Words.duration(
                                                Duration.ofNanos(
                                                        (long)
                                                                ((double) nanos
                                                                        / doneBytes
                                                                        * (allBytes - doneBytes)))))
                        : "";
        show(
                "verifying %s: %s of %s%s, %s"
                        .formatted(
                                target, Words.bytes(doneBytes), Words.bytes(allBytes), left, what));
    }

    private void show(String line) {
        long now = System.nanoTime();
        if (terminal) {
            if (now - drawn < REDRAW_NANOS) {
                return;
            }
            drawn = now;
            String text = line.length() > WIDTH ? line.substring(0, WIDTH) : line;
            erase();
            err.print(text);
            err.flush();
            shown = text.length();
        } else if (now - told >= LINE_NANOS) {
            told = now;
            err.println(line);
        }
    }

    private void erase() {
        if (shown > 0) {
            err.print("\r" + " ".repeat(shown) + "\r");
            shown = 0;
        }
    }

    @Override
    public void close() {
        erase();
        err.flush();
    }
}
