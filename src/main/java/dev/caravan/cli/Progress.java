package dev.caravan.cli;

import dev.caravan.ledger.Copies;
import dev.caravan.pipeline.TargetLane;
import dev.caravan.tape.changer.OperatorDesk.Request;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Shows how far a pass is: a block of lines that is drawn again in place on a terminal, one line a
/// minute otherwise. Thread-safe.
final class Progress implements AutoCloseable {
    private static final long REDRAW_MILLIS = 500;
    private static final long LINE_SECONDS = 60;

    private final RunningHome home;
    private final PrintWriter out;
    private final boolean terminal;
    private final long began = System.nanoTime();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("progress").factory());
    private int drawn;

    Progress(RunningHome home, PrintWriter out) {
        this.home = home;
        this.out = out;
        this.terminal = System.console() != null && System.console().isTerminal();
        long period = terminal ? REDRAW_MILLIS : TimeUnit.SECONDS.toMillis(LINE_SECONDS);
        timer.scheduleAtFixedRate(this::draw, period, period, TimeUnit.MILLISECONDS);
    }

    /// Prints a line of its own above the progress.
    synchronized void line(String text) {
        erase();
        out.println(text);
        out.flush();
    }

    private synchronized void draw() {
        List<String> lines = lines();
        if (!terminal) {
            out.println(String.join(" · ", lines).replaceAll(" {2,}", " "));
            out.flush();
            return;
        }
        erase();
        lines.forEach(out::println);
        out.flush();
        drawn = lines.size();
    }

    private void erase() {
        if (drawn > 0) {
            out.print("\033[" + drawn + "A\033[J");
            drawn = 0;
        }
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%-10s %,9d items seen, %,d new or changed",
                        home.pipeline().scanning() ? "scanning" : "scanned",
                        home.scanner().items(),
                        home.scanner().versions()));
        for (Request request : home.operatorTasks()) {
            lines.add("TO DO: " + request.words());
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        for (TargetLane lane : home.pipeline().lanes()) {
            lines.add(line(lane, seconds));
        }
        return lines;
    }

    private String line(TargetLane lane, double seconds) {
        Copies.Queue queue = home.ledger().copies().queue(lane.target());
        long total = lane.copies() + lane.underWay() + queue.copies();
        double rate = lane.bytes() / Math.max(seconds, 0.1);
        String left = "";
        if (queue.bytes() > 0 && rate > 0) {
            left = ", " + duration((long) (queue.bytes() / rate)) + " left";
        }
        String trouble =
                home.ledger()
                        .targets()
                        .find(lane.target())
                        .map(t ->
                                t.lastError() == null
                                        ? ""
                                        : "  " + t.state() + ": " + t.lastError())
                        .orElse("");
        String closed =
                lane.closedUntil().map(opens -> "  " + TargetLimits.outside(opens)).orElse("");
        return String.format(
                Locale.ROOT,
                "%-10s %3d %%  %,9d of %,d copies, %s, %s/s%s%s%s",
                lane.target(),
                total == 0 ? 100 : lane.copies() * 100 / total,
                lane.copies(),
                total,
                new dev.caravan.item.DataSize(lane.bytes()),
                new dev.caravan.item.DataSize((long) rate),
                left,
                trouble,
                closed);
    }

    private static String duration(long seconds) {
        return seconds < 100
                ? seconds + " s"
                : seconds < 6000 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }

    @Override
    public void close() {
        timer.shutdownNow();
        synchronized (this) {
            erase();
            out.flush();
        }
    }
}
