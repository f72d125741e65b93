package dev.caravan.scan;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Xattr;
import dev.caravan.ledger.ChangedItems;
import dev.caravan.ledger.Problem;
import dev.caravan.ledger.Scan;
import dev.caravan.ledger.Sighted;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/// One walk over one source: compares batch by batch with the ledger and hands on what changed.
/// Memory is bounded by the batch. Confined to one thread.
final class PickUp {
    private static final int BATCH = 1000;

    private final Scan scan;
    private final Route route;
    private final LongConsumer progress;
    private final List<Sighted> batch = new ArrayList<>(BATCH);
    private final List<Problem> problems = new ArrayList<>();
    private long changed;

    /// Where changed items go.
    @FunctionalInterface
    interface Route {
        void pickUp(ChangedItems batch) throws IOException;
    }

    PickUp(Scan scan, Route route, LongConsumer progress) {
        this.scan = scan;
        this.route = route;
        this.progress = progress;
    }

    long changed() {
        return changed;
    }

    /// @throws IOException if the root can not be listed, its sentinel is missing, or what changed
    ///   can not be registered
    Scan.Summary run(Scanner.Source source, boolean acceptDeletions) throws IOException {
        try (SourceRoot root = source.opener().open()) {
            requireSentinel(root, source);
            root.walk(ItemPath.ROOT, source.selection(), sighting -> sighted(root, sighting));
            flush(root);
        }
        try (SourceRoot stillMounted = source.opener().open()) {
            requireSentinel(stillMounted, source);
        }
        return scan.finish(acceptDeletions);
    }

    /// Below an unmounted mount point there may be anything, and nothing of it is the source's.
    private static void requireSentinel(SourceRoot root, Scanner.Source source) throws IOException {
        if (source.sentinel().isPresent() && root.look(source.sentinel().get()) == null) {
            throw new IOException(
                    "its sentinel '%s' is missing, so nothing was marked deleted: is it mounted?"
                            .formatted(source.sentinel().get()));
        }
    }

    private void sighted(SourceRoot root, Sighting sighting) throws IOException {
        switch (sighting) {
            case Sighting.Seen(var path, var metadata, var fingerprint) ->
                    batch.add(new Sighted(path, metadata, fingerprint));
            case Sighting.Skipped(var path, var what, var why) ->
                    problem(
                            path,
                            switch (why) {
                                case OVER_LONG -> Problem.Kind.OVER_LONG;
                                case NO_PATH -> Problem.Kind.UNREADABLE;
                                case SPECIAL_FILE, EXCLUDED, OWN_DATA, OTHER_FILE_SYSTEM ->
                                        Problem.Kind.SKIPPED;
                            },
                            what);
            case Sighting.Unreadable(var path, var reason) -> {
                problem(path, Problem.Kind.UNREADABLE, reason);
                scan.unseen(path);
            }
            case Sighting.FolderEnd(var path, var complete) -> {
                if (!complete) {
                    scan.unseen(path);
                }
            }
        }
        if (batch.size() + problems.size() >= BATCH) {
            flush(root);
        }
    }

    private void problem(ItemPath path, Problem.Kind kind, String reason) {
        problems.add(new Problem(scan.source(), path, kind, reason));
    }

    private void flush(SourceRoot root) throws IOException {
        progress.accept(batch.size());
        List<Sighted> changedNow = new ArrayList<>();
        for (Sighted sighted : scan.changed(batch)) {
            changedNow.add(withXattrs(root, sighted));
        }
        if (!changedNow.isEmpty()) {
            changed += changedNow.size();
            route.pickUp(new ChangedItems(scan.source(), List.copyOf(changedNow)));
        }
        scan.problems(problems);
        batch.clear();
        problems.clear();
    }

    /// Reads what costs an open, and is therefore read for changed items only. An item that
    /// vanishes meanwhile is registered all the same: the copy routes settle it.
    private Sighted withXattrs(SourceRoot root, Sighted sighted) throws IOException {
        Metadata m = sighted.metadata();
        if (m.kind() == Kind.SYMLINK) {
            return sighted;
        }
        try {
            if (m.kind() == Kind.FILE && !root.readable(sighted.path())) {
                problem(sighted.path(), Problem.Kind.UNREADABLE, "no permission to read it");
                return sighted;
            }
            List<Xattr> xattrs = root.xattrs(sighted.path());
            return xattrs.isEmpty()
                    ? sighted
                    : new Sighted(
                            sighted.path(),
                            new Metadata(
                                    m.kind(),
                                    m.size(),
                                    m.modified(),
                                    m.mode(),
                                    m.uid(),
                                    m.gid(),
                                    m.linkTarget(),
                                    m.links(),
                                    xattrs),
                            sighted.fingerprint());
        } catch (ContentUnavailableException unreadable) {
            if (unreadable.reason() != Reason.VANISHED) {
                problem(
                        sighted.path(),
                        Problem.Kind.UNREADABLE,
                        String.valueOf(unreadable.getMessage()));
            }
            return sighted;
        }
    }
}
