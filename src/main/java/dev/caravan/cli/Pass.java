package dev.caravan.cli;

import dev.caravan.ledger.Counts;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.Runs;
import dev.caravan.ledger.Target;
import dev.caravan.pipeline.TargetLane;
import dev.caravan.scan.Scanner;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/// One pass: scan, then copy until nothing is wanted or all that is left waits for a retry.
final class Pass {
    /// A file that keeps changing is left for the next run after so many scans.
    private static final int MOST_SCANS = 3;

    private static final long POLL_MILLIS = 20;
    private static final int POLLS_TO_RELEASE = 50;
    private static final int POLLS_TO_SETTLE = 250;

    private final RunningHome home;
    private final PrintWriter err;

    Pass(RunningHome home, PrintWriter err) {
        this.home = home;
        this.err = err;
    }

    /// What a pass came to.
    ///
    /// @param complete whether every source was scanned, and what was made for it undone
    /// @param exported whether what was due of the ledger itself is on every target that is open
    /// @param closed the targets outside their window, and when that opens
    record Result(
            Counts.Report report,
            long versions,
            long bytes,
            boolean complete,
            boolean exported,
            Map<String, Instant> closed) {

        /// Whether everything is in policy and nothing was left out against its will.
        boolean good() {
            return complete
                    && exported
                    && report.targets().stream().allMatch(this::wellServed)
                    && report.belowPolicy() == 0
                    && report.unreadable() == 0
                    && report.unstable() == 0
                    && report.overLong() == 0;
        }

        /// That copies wait for a window is as it should be: the policy says whether there are
        /// enough without them.
        private boolean wellServed(Counts.OfTarget numbers) {
            return numbers.failed() == 0
                    && (numbers.wanted() == 0 || closed.containsKey(numbers.target().name()))
                    && numbers.target().state() == Target.State.READY;
        }
    }

    /// @param kind of the run, for the log
    Result run(String kind) throws InterruptedException {
        Runs runs = home.ledger().runs();
        long run = runs.begin(kind);
        boolean scanned = true;
        boolean undone;
        boolean exported;
        try (Progress progress = new Progress(home, err)) {
            for (int scans = 1; scans <= MOST_SCANS; scans++) {
                List<Scanner.Outcome> outcomes = home.scanner().scanNow();
                scanned = report(outcomes, progress);
                home.ledger().upkeep().repair(); // the scan may have found what to make it from
                copy();
                if (home.ledger().upkeep().repair() > 0) {
                    copy(); // what was found missing while it copied
                }
                if (home.pipeline().takeMovedOn() == 0) {
                    break;
                }
            }
            undone = release(progress);
            exported = export(progress);
        }
        home.keepBooks();
        Counts.Report report = home.ledger().counts().report(home.policies());
        Map<String, Instant> closed = closed();
        tellTroubles(report, closed.keySet());
        long copies = sum(home.pipeline().lanes().stream().map(TargetLane::copies).toList());
        long bytes = sum(home.pipeline().lanes().stream().map(TargetLane::bytes).toList());
        long failures = sum(home.pipeline().lanes().stream().map(TargetLane::failures).toList());
        Result result =
                new Result(
                        report,
                        home.scanner().versions(),
                        bytes,
                        scanned && undone,
                        exported,
                        closed);
        runs.end(
                run,
                outcome(result),
                new Runs.Numbers(report.items(), result.versions(), copies, bytes, failures));
        return result;
    }

    private Map<String, Instant> closed() {
        Map<String, Instant> closed = new TreeMap<>();
        for (TargetLane lane : home.pipeline().lanes()) {
            lane.closedUntil().ifPresent(opens -> closed.put(lane.target(), opens));
        }
        return closed;
    }

    /// A status beside this is quick only if it finds few items that are not settled.
    private void copy() throws InterruptedException {
        int polls = 0;
        while (!home.pipeline().passDone()) {
            Thread.sleep(POLL_MILLIS);
            polls++;
            if (polls % POLLS_TO_RELEASE == 0) {
                home.releaseIdleSources();
            }
            if (polls % POLLS_TO_SETTLE == 0) {
                home.ledger().upkeep().settle();
            }
        }
    }

    /// The ledger itself comes last: what it says of this pass is then in what is exported. That it
    /// can not be exported is no reason to lose the figures of the pass.
    ///
    /// @return whether nothing of it is still to be copied to a target that is open
    private boolean export(Progress progress) throws InterruptedException {
        try {
            if (home.exportDue()) {
                home.export();
                copy();
            }
            Map<String, Long> wanted = new TreeMap<>(home.ledger().ownCopies().wantedByTarget());
            wanted.keySet().removeAll(closed().keySet());
            long left = wanted.values().stream().mapToLong(Long::longValue).sum();
            if (left > 0) {
                progress.line(
                        "caravan: the ledger itself is not on every target: %s still to be made"
                                .formatted(Words.count(left, "copy", "copies")));
            }
            return left == 0;
        } catch (IOException | LedgerException failed) {
            progress.line("caravan: the ledger is not exported: " + failed.getMessage());
            return false;
        }
    }

    /// @return whether all that was made for a scan is undone
    private boolean release(Progress progress) {
        home.releaseSources();
        List<String> failures = home.notUndone();
        failures.forEach(failure -> progress.line("caravan: " + failure));
        return failures.isEmpty();
    }

    private boolean report(List<Scanner.Outcome> outcomes, Progress progress) {
        boolean good = true;
        for (Scanner.Outcome outcome : outcomes) {
            if (!outcome.good()) {
                progress.line("caravan: " + outcome.error());
                good = false;
            }
        }
        return good;
    }

    /// One line for each target that did not get all its copies. What could not be read is no
    /// target's trouble: it is counted by itself; nor is what waits for a window, which the result
    /// says.
    private void tellTroubles(Counts.Report report, Set<String> closed) {
        boolean read = report.unreadable() + report.unstable() == 0;
        for (Counts.OfTarget numbers : report.targets()) {
            Target target = numbers.target();
            long left = numbers.wanted() + numbers.failed();
            boolean ready = target.state() == Target.State.READY;
            boolean waits = closed.contains(target.name()) && numbers.failed() == 0;
            if (!ready || left > 0 && read && !waits) {
                err.println(
                        "caravan: target '%s': %s%s"
                                .formatted(
                                        target.name(),
                                        left == 0
                                                ? ""
                                                : Words.count(left, "copy", "copies")
                                                        + " not made: ",
                                        Words.shown(
                                                Objects.requireNonNullElse(
                                                        numbers.lastError(), "not tried"))));
            }
        }
    }

    private static long sum(List<Long> numbers) {
        return numbers.stream().mapToLong(Long::longValue).sum();
    }

    private static String outcome(Result result) {
        Counts.Report report = result.report();
        if (!result.complete()) {
            return "a source could not be scanned, or what was made for it not undone";
        }
        return inPolicy(report);
    }

    /// How much is in policy, as the log keeps it.
    static String inPolicy(Counts.Report report) {
        String items = Words.count(report.items(), "item", "items");
        return report.belowPolicy() == 0
                ? "all %s in policy".formatted(items)
                : "%s of %s below policy".formatted(Words.count(report.belowPolicy()), items);
    }
}
