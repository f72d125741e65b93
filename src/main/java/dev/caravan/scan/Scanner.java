package dev.caravan.scan;

import dev.caravan.item.ItemPath;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Scan;
import dev.caravan.posix.NoAnswerException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Scans the sources of one home, one scan at a time. Bound in Camel's registry as [#BEAN].
/// Thread-safe.
public final class Scanner {

    /// Its name in the registry.
    public static final String BEAN = "scanner";

    private static final Logger LOG = LoggerFactory.getLogger(Scanner.class);

    private final Ledger ledger;
    private final List<Source> sources;
    private final Runnable begins;
    private final Runnable ended;
    private final List<ScanConsumer> consumers = new CopyOnWriteArrayList<>();
    private final ReentrantLock scanning = new ReentrantLock();
    private final AtomicLong items = new AtomicLong();
    private final AtomicLong versions = new AtomicLong();
    private volatile boolean acceptDeletions;

    /// A source to be scanned.
    ///
    /// @param place where it is, for people
    /// @param sentinel what is in it whenever it is mounted
    /// @param preparation what is done before it is looked at
    public record Source(
            String name,
            String place,
            SourceRoot.Opener opener,
            Selection selection,
            Optional<ItemPath> sentinel,
            Preparation preparation) {

        /// A source that is always ready.
        public Source(
                String name,
                String place,
                SourceRoot.Opener opener,
                Selection selection,
                Optional<ItemPath> sentinel) {
            this(name, place, opener, selection, sentinel, () -> {});
        }
    }

    /// Makes a source ready to be scanned.
    @FunctionalInterface
    public interface Preparation {
        /// @throws IOException in one line that names the source, if there is nothing to be scanned
        void run() throws IOException;
    }

    /// How the scan of one source ended.
    ///
    /// @param summary null if it did not reach the end
    /// @param error why not, in one line
    public record Outcome(
            String source, long changed, Scan.@Nullable Summary summary, @Nullable String error) {

        /// Whether the whole source was seen, and nothing strange about it.
        public boolean good() {
            return error == null;
        }
    }

    /// @param begins called when a scan begins, `ended` when it is over, however it ends
    public Scanner(Ledger ledger, List<Source> sources, Runnable begins, Runnable ended) {
        this.ledger = ledger;
        this.sources = List.copyOf(sources);
        this.begins = begins;
        this.ended = ended;
    }

    void attach(ScanConsumer consumer) {
        consumers.add(consumer);
    }

    void detach(ScanConsumer consumer) {
        consumers.remove(consumer);
    }

    /// However many items are gone are meant to be: said by a person, for this run.
    public void acceptDeletions() {
        acceptDeletions = true;
    }

    /// Items seen since the start, for progress.
    public long items() {
        return items.get();
    }

    /// New versions found since the start.
    public long versions() {
        return versions.get();
    }

    /// Scans all sources of all loaded pick-up routes.
    public List<Outcome> scanNow() {
        List<Outcome> outcomes = new ArrayList<>();
        for (ScanConsumer consumer : consumers) {
            outcomes.addAll(scan(consumer));
        }
        return outcomes;
    }

    List<Outcome> scan(ScanConsumer consumer) {
        return scan(consumer, sources);
    }

    /// Scans a source that no schedule does, through the pick-up route that names it, else one that
    /// covers all. Its items and versions are not among those counted here.
    ///
    /// @return empty if no loaded pick-up route covers it
    public Optional<Outcome> scanNow(Source own) {
        return consumers.stream()
                .filter(consumer -> consumer.covers(own.name()))
                .min(Comparator.comparing(ScanConsumer::coversAll))
                .flatMap(consumer -> scan(consumer, List.of(own)).stream().findFirst());
    }

    private List<Outcome> scan(ScanConsumer consumer, List<Source> some) {
        scanning.lock();
        begins.run();
        try {
            List<Outcome> outcomes = new ArrayList<>();
            for (Source source : some) {
                if (consumer.covers(source.name())) {
                    Outcome outcome = scan(source, consumer);
                    if (!outcome.good()) {
                        LOG.error("{}", outcome.error());
                    }
                    outcomes.add(outcome);
                }
            }
            return outcomes;
        } finally {
            ended.run();
            scanning.unlock();
        }
    }

    /// Does something while no scan goes on, and lets none begin meanwhile. Does nothing if one
    /// goes on.
    public void betweenScans(Runnable something) {
        if (scanning.tryLock()) {
            try {
                something.run();
            } finally {
                scanning.unlock();
            }
        }
    }

    private Outcome scan(Source source, ScanConsumer consumer) {
        try {
            source.preparation().run();
        } catch (IOException notReady) {
            return new Outcome(source.name(), 0, null, notReady.getMessage());
        }
        boolean users = sources.contains(source);
        PickUp pickUp =
                new PickUp(
                        ledger.scans().begin(source.name()),
                        batch -> {
                            versions.addAndGet(users ? batch.items().size() : 0);
                            consumer.pickUp(batch);
                        },
                        seen -> items.addAndGet(users ? seen : 0));
        long began = System.nanoTime();
        try {
            Scan.Summary summary = pickUp.run(source, acceptDeletions);
            LOG.info(
                    "source {}: {} items, {} new or changed, {} deleted, scanned in {} ms",
                    source.name(),
                    summary.items(),
                    pickUp.changed(),
                    summary.deleted(),
                    (System.nanoTime() - began) / 1_000_000);
            String error =
                    summary.vanished() == 0
                            ? null
                            : "source '%s': %d items vanished at once, more than 30 %%; nothing was marked deleted: is it mounted? If it is right, run 'caravan backup --accept-deletions'"
                                    .formatted(source.name(), summary.vanished());
            return new Outcome(source.name(), pickUp.changed(), summary, error);
        } catch (NoAnswerException hangs) {
            return new Outcome(source.name(), pickUp.changed(), null, hangs.getMessage());
        } catch (IOException unreadable) {
            return new Outcome(
                    source.name(),
                    pickUp.changed(),
                    null,
                    "source '%s' at '%s': %s"
                            .formatted(source.name(), source.place(), unreadable.getMessage()));
        }
    }
}
