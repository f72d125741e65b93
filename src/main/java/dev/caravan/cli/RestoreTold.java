package dev.caravan.cli;

import dev.caravan.item.DataSize;
import dev.caravan.item.Version;
import dev.caravan.restore.RestoreListener;
import dev.caravan.restore.Restorer;
import dev.caravan.restore.TreeWriter;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Says what of a restore did not go as planned, and the sum. Confined to one thread at a time.
final class RestoreTold implements RestoreListener {
    private static final int TOLD = 20;

    private final PrintWriter out;
    private final PrintWriter err;
    private final @Nullable String from;
    private final Map<String, Long> fromTargets = new TreeMap<>();
    private final Set<String> away = new HashSet<>();
    private final Map<String, Integer> switched = new TreeMap<>();
    private long cold;
    private long awaited;
    private long earlier;
    private long lost;

    /// @param from the one target that was allowed; null for any
    RestoreTold(PrintWriter out, PrintWriter err, @Nullable String from) {
        this.out = out;
        this.err = err;
        this.from = from;
    }

    @Override
    public void restored(Version version, String target) {
        fromTargets.merge(target, 1L, Long::sum);
    }

    @Override
    public void failed(Version version, String target, Failure failure, boolean next) {
        if (failure.kind() == Failure.Kind.COLD && !next) {
            cold++;
        }
        if (failure.kind() == Failure.Kind.AWAY) {
            if (away.add(target)) {
                err.println(
                        "caravan: copies on %s can not be read: %s%s"
                                .formatted(
                                        target,
                                        failure.why(),
                                        next ? "; taking the next copies" : ""));
            }
            return;
        }
        int count = switched.merge(target, 1, Integer::sum);
        if (count <= TOLD) {
            err.println(
                    "caravan: '%s': copy on %s failed: %s%s"
                            .formatted(
                                    version.path(),
                                    target,
                                    failure.why(),
                                    next ? "; taking the next copy" : ""));
        }
    }

    @Override
    public void awaited(Version version, String target, Failure failure) {
        if (++awaited <= TOLD) {
            err.println(
                    "caravan: '%s': copy on %s: %s; waiting for it"
                            .formatted(version.path(), target, failure.why()));
        }
        if (awaited == TOLD + 1) {
            err.println("caravan: and more are waited for");
        }
    }

    @Override
    public void earlier(Version wanted, Version taken) {
        if (++earlier <= TOLD) {
            err.println(
                    "caravan: '%s': version %d has no copy%s: version %d of %s comes back instead"
                            .formatted(
                                    wanted.path(),
                                    wanted.number(),
                                    from == null ? "" : " on '" + from + "'",
                                    taken.number(),
                                    Words.local(taken.metadata().modified())));
        }
    }

    @Override
    public void lost(Version version, String why) {
        if (++lost <= TOLD) {
            err.println("caravan: '%s' not restored: %s".formatted(version.path(), why));
        }
    }

    void sum(Restorer.Result result, TreeWriter tree, Path to) {
        if (lost > TOLD) {
            err.println("caravan: and %,d more not restored".formatted(lost - TOLD));
        }
        if (earlier > TOLD) {
            err.println("caravan: and %,d more in an earlier version".formatted(earlier - TOLD));
        }
        if (cold > 0) {
            err.println(
                    "caravan: %s in cold storage: run this again when it can be read; with --wait it is waited for"
                            .formatted(Words.count(cold, "item is", "items are")));
        }
        tree.firstShortfalls().forEach(line -> err.println("caravan: " + line));
        StringBuilder sum = new StringBuilder();
        sum.append(Words.count(result.items(), "item", "items"))
                .append(" restored to " + to + ", " + new DataSize(result.bytes()));
        if (!fromTargets.isEmpty()) {
            sum.append("; from " + fromTargets);
        }
        if (result.there() > 0) {
            sum.append(
                    "; %s there already"
                            .formatted(Words.count(result.there(), "file was", "files were")));
        }
        if (earlier > 0) {
            sum.append("; " + Words.count(earlier) + " in an earlier version");
        }
        if (lost > 0) {
            sum.append("; " + Words.count(lost) + " not restored");
        }
        out.println(sum);
    }
}
