package dev.caravan.restore;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Metadata;
import dev.caravan.item.Version;
import dev.caravan.ledger.Target;
import dev.caravan.target.CopyStores;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Brings versions back from their copies. A file appears under its name only after the SHA-256 of
/// what was read equals that of its version; when a copy fails, the next one is taken. What is
/// there already with the right content is not read again. Targets are read at the same time.
/// Confined to one thread, which waits for its readers.
public final class Restorer {
    /// As much of what lies as itself is one reader's work at a time.
    private static final int FILES_AT_ONCE = 32;

    private static final long BYTES_AT_ONCE = 64L << 20;

    /// How soon a cold copy is looked at again, and how seldom in the end: an expedited one takes
    /// minutes, most take hours.
    private static final Duration FIRST_LOOK = Duration.ofSeconds(5);

    private static final Duration LAST_LOOK = Duration.ofMinutes(5);

    private static final int LOOKERS = 4;
    private static final int LOOKED_AT_ONCE = 256;

    private final TreeWriter tree;
    private final Readers readers;
    private final Outcomes outcomes;
    private final Publisher publisher;
    private final CopyReader reader;
    private final Plan plan;

    /// What is done about copies in cold storage classes.
    public enum Cold {
        /// They stay cold, and do not come back.
        LEAVE,
        /// They are thawed for the next restore; another copy is taken if there is one.
        THAW,
        /// They are thawed, and waited for if there is no other copy.
        AWAIT
    }

    /// @param plan what to bring back; it is used up
    public Restorer(
            Plan plan,
            CopyStores stores,
            TreeWriter tree,
            Readers readers,
            RestoreListener listener,
            Cold cold) {
        this.plan = plan;
        this.tree = tree;
        this.readers = readers;
        this.outcomes = new Outcomes(listener, plan.only(), cold == Cold.AWAIT);
        this.publisher = new Publisher(tree, outcomes);
        this.reader = new CopyReader(stores, tree, outcomes, publisher, cold != Cold.LEAVE);
    }

    /// What a restore came to.
    ///
    /// @param items brought back: files, folders and symlinks
    /// @param there files that were there already with the right content
    public record Result(long items, long bytes, long there, long failures) {}

    /// Brings all of it back.
    ///
    /// @throws IOException if the place it goes to fails as a whole, such as a full disk
    public Result restore() throws IOException {
        List<Candidates> contents = new ArrayList<>();
        List<Candidates> furtherLinks = new ArrayList<>();
        try {
            plan.earlier().forEach(e -> outcomes.earlier(e.wanted(), e.taken()));
            plan.lost().forEach(version -> outcomes.lost(version, noCopy()));
            boolean mayBeThere = !tree.isNew();
            for (Candidates candidates : plan.wanted()) {
                sort(candidates, contents, furtherLinks);
            }
            if (mayBeThere) {
                contents = missing(contents);
            }
            rounds(contents);
            awaitThawed();
            for (Candidates link : furtherLinks) {
                restoreLink(link);
            }
            awaitThawed();
        } catch (DestinationException full) {
            // what was read and checked before the place failed is written already: it comes back
            publisher.publish();
            tree.finish();
            throw new IOException(
                    "%s; %d items came back before"
                            .formatted(full.getMessage(), outcomes.result().items()),
                    full);
        }
        tree.finish();
        return outcomes.result();
    }

    private String noCopy() {
        return plan.only() == null
                ? "no target has a counted copy"
                : "no counted copy on '" + plan.only() + "'";
    }

    private void sort(
            Candidates candidates, List<Candidates> contents, List<Candidates> furtherLinks)
            throws IOException {
        Version version = candidates.version;
        Metadata m = version.metadata();
        String target = MediaOrder.copy(candidates).target().name();
        try {
            switch (m.kind()) {
                case FOLDER -> {
                    tree.folder(version.path(), m);
                    outcomes.restored(version, target);
                }
                case SYMLINK -> {
                    tree.symlink(version.path(), m);
                    outcomes.restored(version, target);
                }
                case FILE -> {
                    boolean further = m.hardLinked() && outcomes.linkTo(version) != null;
                    (further ? furtherLinks : contents).add(candidates);
                }
            }
        } catch (IOException failed) {
            outcomes.noPlace(version, failed);
        }
    }

    /// Those whose content is not there yet.
    private List<Candidates> missing(List<Candidates> wanted) throws DestinationException {
        Queue<Candidates> missing = new ConcurrentLinkedQueue<>();
        List<Lanes.Task> looks = new ArrayList<>();
        for (int from = 0; from < wanted.size(); from += LOOKED_AT_ONCE) {
            List<Candidates> some =
                    wanted.subList(from, Math.min(wanted.size(), from + LOOKED_AT_ONCE));
            looks.add(() -> {
                for (Candidates candidates : some) {
                    if (holds(candidates.version)) {
                        outcomes.wasThere(candidates.version);
                    } else {
                        missing.add(candidates);
                    }
                }
            });
        }
        Lanes lanes = new Lanes();
        lanes.add("look", LOOKERS, looks);
        lanes.run();
        return new ArrayList<>(missing);
    }

    /// What can not be looked at is not there; bringing it back says what is in the way.
    private boolean holds(Version version) {
        try {
            return tree.holds(version);
        } catch (IOException inTheWay) {
            return false;
        }
    }

    /// The first link of a group has its bytes; if that failed, the next one brings its own.
    private void restoreLink(Candidates candidates) throws IOException {
        Version version = candidates.version;
        ItemPath first = outcomes.linkTo(version);
        if (first != null && !first.equals(version.path())) {
            try {
                tree.hardLink(first, version.path());
                outcomes.linked(version);
                return;
            } catch (ExistsException exists) {
                if (holds(version)) {
                    outcomes.wasThere(version);
                } else {
                    outcomes.lost(version, String.valueOf(exists.getMessage()));
                }
                return;
            } catch (IOException notThere) {
                outcomes.linkFromHere(version);
            }
        }
        List<Candidates> own = List.of(candidates);
        while (!own.isEmpty()) {
            own = round(own);
        }
    }

    private void rounds(List<Candidates> wanted) throws DestinationException {
        List<Candidates> left = wanted;
        while (!left.isEmpty()) {
            left = round(left);
        }
    }

    private void awaitThawed() throws DestinationException {
        List<Candidates> cold = outcomes.takeThawing();
        while (!cold.isEmpty()) {
            awaitFirst(cold);
            cold = outcomes.takeThawing();
        }
    }

    /// Waits until the first of them was thawed, or fails for another reason, and tries the others
    /// then: what was asked for together is there together, more or less.
    private void awaitFirst(List<Candidates> cold) throws DestinationException {
        Duration pause = FIRST_LOOK;
        do {
            try {
                Thread.sleep(pause);
            } catch (InterruptedException hurried) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("the restore was interrupted", hurried);
            }
            pause =
                    pause.multipliedBy(2).compareTo(LAST_LOOK) < 0
                            ? pause.multipliedBy(2)
                            : LAST_LOOK;
            rounds(cold.subList(0, 1));
        } while (!outcomes.takeThawing().isEmpty());
        rounds(cold.subList(1, cold.size()));
    }

    /// Tries the best copy of each; returns those that are left with another copy to try.
    private List<Candidates> round(List<Candidates> wanted) throws DestinationException {
        Map<String, Target> targets = new LinkedHashMap<>();
        Map<String, List<Lanes.Task>> tasks = new LinkedHashMap<>();
        for (List<Candidates> work : MediaOrder.work(wanted, FILES_AT_ONCE, BYTES_AT_ONCE)) {
            Target target = MediaOrder.copy(work.getFirst()).target();
            targets.put(target.name(), target);
            tasks.computeIfAbsent(target.name(), name -> new ArrayList<>()).add(() -> read(work));
        }
        Lanes lanes = new Lanes();
        targets.forEach((name, target) ->
                lanes.add(name, readers.of(target), tasks.getOrDefault(name, List.of())));
        lanes.run();
        publisher.publish();
        return outcomes.takeAgain();
    }

    /// Reads what lies together, in its order.
    private void read(List<Candidates> work) throws DestinationException {
        int from = 0;
        while (from < work.size()) {
            MediaOrder.Place place = MediaOrder.Place.of(work.get(from));
            int to = from + 1;
            while (to < work.size() && MediaOrder.Place.of(work.get(to)).equals(place)) {
                to++;
            }
            reader.read(place, work.subList(from, to));
            from = to;
        }
    }
}
