package dev.caravan.pipeline;

import dev.caravan.item.Content;
import dev.caravan.item.Contents;
import dev.caravan.item.Version;
import dev.caravan.ledger.LedgerException;
import dev.caravan.segment.SegmentBody;
import dev.caravan.segment.SegmentId;
import dev.caravan.target.Carried;
import dev.caravan.target.KeptUploads.Again;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Claims the wanted copies of one target and sends each, or each segment of them, down the copy
/// route. Folders, symlinks, empty files and further hard links have no bytes to carry: they go
/// straight to the recorder.
final class WantedConsumer extends DefaultConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(WantedConsumer.class);

    /// Carried and not yet recorded, at most: enough for a full batch while one is being proven.
    private static final int SINGLES_UNDER_WAY = 4000;

    /// Segments and large objects: one being proven, one waiting, one being written.
    private static final int OBJECTS_UNDER_WAY = 3;

    private final LaneOptions options;
    private final List<Thread> threads = new ArrayList<>();
    private @Nullable TargetLane lane;
    private final Semaphore underWay;
    private final PartedCopies parted;

    WantedConsumer(LedgerEndpoint endpoint, Processor processor, LaneOptions options) {
        super(endpoint, processor);
        this.options = options;
        this.parted = new PartedCopies(options, this::sendAndWait);
        this.underWay =
                new Semaphore(
                        options.packs()
                                ? OBJECTS_UNDER_WAY + options.concurrency()
                                : SINGLES_UNDER_WAY);
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        TargetLane opened = ((LedgerEndpoint) getEndpoint()).pipeline().openLane(options);
        lane = opened;
        for (int i = 1; i <= options.concurrency(); i++) {
            threads.add(
                    Thread.ofPlatform()
                            .name("copy-%s-%d".formatted(options.target(), i))
                            .start(() -> work(opened)));
        }
    }

    @Override
    protected void doStop() throws Exception {
        if (lane != null) {
            lane.end();
        }
        for (Thread thread : threads) {
            if (lane == null || !lane.ended(thread)) {
                LOG.warn("{} is left behind", thread.getName());
            }
        }
        threads.clear();
        super.doStop();
    }

    private void work(TargetLane lane) {
        boolean working = true;
        while (working) {
            try {
                working = workOnce(lane);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                working = false;
            } catch (LedgerException failed) {
                lane.ledgerFailed(failed);
            }
        }
    }

    private boolean workOnce(TargetLane lane) throws InterruptedException {
        List<Version> claimed = lane.claim();
        if (claimed.isEmpty()) {
            return false;
        }
        if (options.packs()) {
            carryPacked(lane, claimed);
        } else {
            carrySingles(lane, claimed);
        }
        return true;
    }

    private void carrySingles(TargetLane lane, List<Version> claimed) throws InterruptedException {
        Map<LinkKey, Version> leaders = new HashMap<>();
        for (int i = 0; i < claimed.size(); i++) {
            if (!lane.stillOpen()) {
                lane.claims().giveBack(claimed.subList(i, claimed.size()));
                return;
            }
            Version version = claimed.get(i);
            Version linkTo = leader(lane, version, leaders);
            if (linkTo != null || !version.hasBytes()) {
                carryNothing(lane, version, linkTo);
            } else {
                send(single(lane, version));
            }
        }
    }

    private @Nullable Version leader(
            TargetLane lane, Version version, Map<LinkKey, Version> leaders) {
        if (!version.metadata().hardLinked() || !version.hasBytes()) {
            return null;
        }
        LinkKey key = LinkKey.of(version);
        if (lane.pipeline().ledger().copies().isRepair(options.target(), version)) {
            // what it could be a link of may be the very bytes that were found bad
            leaders.put(key, version);
            return null;
        }
        Version inBatch = leaders.putIfAbsent(key, version);
        return inBatch != null
                ? inBatch
                : lane.pipeline()
                        .ledger()
                        .plainTree()
                        .linked(options.target(), version)
                        .orElse(null);
    }

    private record LinkKey(long device, long inode, java.time.Instant changed) {
        static LinkKey of(Version version) {
            var f = version.fingerprint();
            return new LinkKey(f.device(), f.inode(), f.changed());
        }
    }

    private void carryNothing(TargetLane lane, Version version, @Nullable Version linkTo)
            throws InterruptedException {
        underWay.acquire();
        lane.carrying(1);
        Carried.Single single =
                new Carried.Single(version, copyName(lane), 0, null, List.of(), linkTo);
        lane.toRecord(
                single,
                failure -> {
                    underWay.release();
                    if (failure != null) {
                        lane.failedUncarried(version, failure);
                    }
                });
    }

    private void carryPacked(TargetLane lane, List<Version> claimed) throws InterruptedException {
        List<Version> packed = new ArrayList<>();
        List<Version> large = new ArrayList<>();
        List<PartedCopy> inParts = new ArrayList<>();
        for (Version version : claimed) {
            Optional<PartedCopy> copy = parted.of(lane, version);
            if (copy.isPresent()) {
                inParts.add(copy.get());
                continue;
            }
            boolean ownObject =
                    version.metadata().size() >= options.largeBytes()
                            && !version.metadata().hardLinked()
                            && !sparse(version, contents(lane));
            (ownObject ? large : packed).add(version);
        }
        if (!packed.isEmpty()) {
            String name = copyName(lane);
            send(
                    new SegmentLoad(
                            lane,
                            name,
                            packed,
                            new SegmentBody(
                                    new SegmentId(name),
                                    packed,
                                    contents(lane),
                                    lane.pipeline().now(),
                                    lane.pipeline().program(),
                                    !options.rule().equals("tape"))));
        }
        for (int i = 0; i < large.size(); i++) {
            if (!lane.stillOpen()) {
                lane.claims().giveBack(large.subList(i, large.size()));
                return;
            }
            send(single(lane, large.get(i)));
        }
        for (PartedCopy copy : inParts) {
            parted.carry(copy);
        }
    }

    private SingleLoad single(TargetLane lane, Version version) {
        Again again = lane.goingOn(version);
        String name =
                again != null && lane.proof().goesOnByName() ? again.copyName() : copyName(lane);
        return new SingleLoad(lane, name, version, contents(lane), again);
    }

    /// A file with holes travels in a segment, which keeps them; as plain bytes they would be
    /// zeros.
    private static boolean sparse(Version version, Contents contents) {
        try (Content content = contents.open(version)) {
            long data = content.extents().stream().mapToLong(Content.Extent::length).sum();
            return data < version.metadata().size();
        } catch (IOException unreadable) {
            return false; // it is opened again to be carried, and fails there with its reason
        }
    }

    private void send(Load load) throws InterruptedException {
        send(load, () -> {});
    }

    /// Sends a load and waits until it is recorded, or has failed and is settled.
    private void sendAndWait(Load load) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        send(load, done::countDown);
        done.await();
    }

    private void send(Load load, Runnable done) throws InterruptedException {
        underWay.acquire();
        load.lane.carrying(1);
        load.lane.proof().encryption().ifPresent(load::seal);
        Exchange exchange = createExchange(false);
        exchange.setProperty(Load.PROPERTY, load);
        exchange.getMessage().setHeader(CaravanHeaders.COPY_NAME, load.copyName);
        exchange.getMessage().setHeader(CaravanHeaders.TARGET, options.target());
        exchange.getMessage().setHeader(CaravanHeaders.VERSIONS, load.versions().size());
        exchange.getMessage().setHeader(CaravanHeaders.LENGTH, load.length());
        // What failed in the middle was not read to its end, and may still have a file open.
        @SuppressWarnings("resource") // closed when the exchange is over
        ReopenableBody body = load.body();
        exchange.getMessage().setBody(body);
        getAsyncProcessor()
                .process(
                        exchange,
                        doneSync -> {
                            try {
                                body.close();
                            } finally {
                                underWay.release();
                                load.lane.ended(load, exchange.getException());
                                releaseExchange(exchange, false);
                                done.run();
                            }
                        });
    }

    private String copyName(TargetLane lane) {
        return lane.pipeline().newCopyName(options.packs() ? 's' : 'o');
    }

    private static Contents contents(TargetLane lane) {
        return lane.pipeline().contents();
    }
}
