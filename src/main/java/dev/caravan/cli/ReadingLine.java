package dev.caravan.cli;

import java.io.PrintWriter;
import java.time.Duration;

/// How far the reading of cartridges is: one line that is written over on a terminal, one a minute
/// otherwise. Confined to one thread.
final class ReadingLine implements AutoCloseable {
    private static final long LINE_NANOS = Duration.ofMinutes(1).toNanos();

    private final PrintWriter err;
    private final boolean terminal;
    private final long began = System.nanoTime();
    private long told = began;
    private int shown;

    ReadingLine(PrintWriter err) {
        this.err = err;
        this.terminal = System.console() != null && System.console().isTerminal();
    }

    void at(String barcode, int file) {
        long now = System.nanoTime();
        String text =
                "reading %s, tape file %d, for %s"
                        .formatted(barcode, file, Words.duration(Duration.ofNanos(now - began)));
        if (terminal) {
            erase();
            err.print(text);
            err.flush();
            shown = text.length();
        } else if (now - told >= LINE_NANOS) {
            told = now;
            err.println(text);
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
