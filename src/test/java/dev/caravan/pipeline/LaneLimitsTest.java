package dev.caravan.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.MediaKind;
import dev.caravan.ledger.Scan;
import dev.caravan.ledger.Target;
import dev.caravan.target.Carried;
import dev.caravan.target.Proof;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// When a target gets something: a real ledger and real routes, by a clock that is set by hand. The
/// targets keep nothing.
class LaneLimitsTest {
    private static final Instant NOON = Instant.parse("2026-11-23T11:00:00Z");
    private static final Instant EIGHT_IN_THE_EVENING = Instant.parse("2026-11-23T19:00:00Z");
    private static final Instant SIX_IN_THE_MORNING = Instant.parse("2026-11-24T05:00:00Z");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir Path folder;

    private final HandClock clock = new HandClock();
    private final PartedSite.Source source = new PartedSite.Source();
    private final Queue<String> prepared = new ConcurrentLinkedQueue<>();
    private final Queue<String> discarded = new ConcurrentLinkedQueue<>();
    private final DefaultCamelContext camel = new DefaultCamelContext();
    private Ledger ledger;
    private Pipeline pipeline;

    private static final class HandClock extends Clock {
        private volatile Instant now = NOON;

        void pass(Duration time) {
            now = now.plus(time);
        }

        @Override
        public ZoneId getZone() {
            return ZoneId.of("Europe/Berlin");
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("its zone is part of the test");
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    /// Whatever has arrived is proven.
    private final class Trusting implements Proof {
        private final String target;

        Trusting(String target) {
            this.target = target;
        }

        @Override
        public void prepare() {
            prepared.add(target);
        }

        @Override
        public void discard(String copyName) {
            discarded.add(copyName);
        }

        @Override
        public Proven prove(List<Carried> batch) {
            return new Proven(
                    new Evidence("fsync+size", Evidence.Level.V1, clock.instant(), "caravan test"),
                    batch.stream()
                            .map(Carried.Single.class::cast)
                            .map(single ->
                                    new CopyProof(
                                            single.version(),
                                            single.sha256(),
                                            single.bytes(),
                                            null,
                                            0))
                            .toList(),
                    List.of());
        }

        @Override
        public void close() {}
    }

    @BeforeEach
    void open() {
        ledger = Ledger.open(folder.resolve("ledger.db"), clock);
        ledger.sources().declare("docs", "/srv/docs".getBytes(StandardCharsets.UTF_8));
        ledger.targets()
                .declare(
                        List.of(
                                new Target.Declared("day", MediaKind.DISK, "here", false, true),
                                new Target.Declared("night", MediaKind.DISK, "here", false, true)));
        pipeline =
                new Pipeline(ledger, source, (target, rule) -> new Trusting(target), clock, "test");
        camel.getRegistry().bind(Pipeline.BEAN, pipeline);
    }

    @AfterEach
    void close() throws IOException {
        camel.close();
        pipeline.close();
        ledger.close();
    }

    private void wantFiles(int count, String... targets) {
        for (int i = 0; i < count; i++) {
            source.put("file-" + i, ("content " + i).getBytes(StandardCharsets.UTF_8));
        }
        Scan scan = ledger.scans().begin("docs");
        ledger.scans().register("docs", scan.changed(source.sighted()), List.of(targets));
        scan.finish(false);
    }

    /// @param at what happens to each exchange
    private void route(String target, String options, org.apache.camel.Processor at)
            throws Exception {
        route(target, "sftp", options, at);
    }

    private void route(String target, String rule, String options, org.apache.camel.Processor at)
            throws Exception {
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        onException(Exception.class).handled(true).to("ledger:fail");
                        from("ledger:wanted?mediaKind=disk&site=here&proof="
                                        + rule
                                        + "&target="
                                        + target
                                        + options)
                                .process(at)
                                .process(LaneLimitsTest::readAll)
                                .to("ledger:record");
                    }
                });
    }

    private static void readAll(Exchange exchange) throws IOException {
        exchange.getMessage()
                .getBody(InputStream.class)
                .transferTo(java.io.OutputStream.nullOutputStream());
    }

    private TargetLane lane(String target) {
        return pipeline.lanes().stream()
                .filter(lane -> lane.target().equals(target))
                .findFirst()
                .orElseThrow();
    }

    private Target target(String name) {
        return ledger.targets().find(name).orElseThrow();
    }

    @Test
    void outsideItsWindowATargetGetsNothingAndIsFilledWhenItOpens() throws Exception {
        wantFiles(20, "day", "night");
        route("day", "", exchange -> {});
        route("night", "&window=20:00-06:00", exchange -> {});
        camel.start();
        await().atMost(PATIENCE).until(pipeline::passDone);

        assertThat(lane("day").copies()).isEqualTo(20);
        assertThat(lane("day").closedUntil()).isEmpty();
        assertThat(lane("night").copies()).isZero();
        assertThat(lane("night").closedUntil()).contains(EIGHT_IN_THE_EVENING);
        assertThat(ledger.copies().queue("night").copies()).isEqualTo(20);
        assertThat(prepared).containsOnly("day");

        clock.now = EIGHT_IN_THE_EVENING;
        await().atMost(PATIENCE).until(() -> lane("night").copies() == 20);

        assertThat(lane("night").closedUntil()).isEmpty();
        assertThat(ledger.copies().queue("night").copies()).isZero();
    }

    @Test
    void whatIsUnderWayWhenAWindowClosesIsEndedAndTheRestWaits() throws Exception {
        clock.now = EIGHT_IN_THE_EVENING;
        wantFiles(20, "night");
        Queue<String> begun = new ConcurrentLinkedQueue<>();
        route(
                "night",
                "&window=20:00-06:00",
                exchange -> {
                    begun.add(exchange.getExchangeId());
                    if (begun.size() == 3) {
                        clock.now = SIX_IN_THE_MORNING;
                    }
                });
        camel.start();
        await().atMost(PATIENCE)
                .until(() -> lane("night").closedUntil().isPresent() && pipeline.passDone());

        assertThat(begun).hasSize(3);
        assertThat(lane("night").copies()).isEqualTo(3);
        assertThat(lane("night").failures()).isZero();
        assertThat(ledger.copies().queue("night").copies()).isEqualTo(17);
    }

    @Test
    void aSuspendedTargetIsProbedWithOneCopyBeforeItGetsMore() throws Exception {
        wantFiles(50, "day");
        Queue<Long> underWay = new ConcurrentLinkedQueue<>();
        route(
                "day",
                "&concurrency=4",
                exchange -> {
                    underWay.add(lane("day").underWay());
                    if (underWay.size() <= 3) {
                        throw new IOException("the server is away");
                    }
                });
        camel.start();

        for (int tries = 1; tries <= 3; tries++) {
            int failed = tries;
            await().atMost(PATIENCE)
                    .until(() -> target("day").attempts() == failed && lane("day").underWay() == 0);
            assertThat(target("day").state()).isEqualTo(Target.State.WAITING);
            assertThat(target("day").nextAt()).isEqualTo(clock.now.plus(Backoff.after(tries - 1)));
            assertThat(target("day").lastError()).isEqualTo("the server is away");
            assertThat(underWay).hasSize(tries);
            clock.pass(Backoff.after(tries - 1));
        }
        await().atMost(PATIENCE).until(() -> target("day").state() == Target.State.READY);
        clock.pass(Duration.ofHours(1)); // those that failed wait longer than their target
        await().atMost(PATIENCE).until(() -> lane("day").copies() == 50);

        assertThat(List.copyOf(underWay).subList(0, 4)).containsExactly(50L, 1L, 1L, 1L);
        assertThat(target("day").attempts()).isZero();
    }

    /// A server that is away cannot be told to remove anything, and asking it would hold up the
    /// next try.
    @Test
    void whatFailedAttemptsLeftIsDiscardedOnceTheTargetTakesACopyAgain() throws Exception {
        wantFiles(5, "day");
        Queue<String> failed = new ConcurrentLinkedQueue<>();
        route(
                "day",
                "",
                exchange -> {
                    if (failed.size() < 2) {
                        failed.add(name(exchange));
                        throw new IOException("the server is away");
                    }
                });
        camel.start();

        for (int tries = 1; tries <= 2; tries++) {
            int waiting = tries;
            await().atMost(PATIENCE)
                    .until(() ->
                            target("day").attempts() == waiting && lane("day").underWay() == 0);
            assertThat(discarded).as("the target is away").isEmpty();
            clock.pass(Backoff.after(tries - 1));
        }
        await().atMost(PATIENCE).until(() -> !discarded.isEmpty() && lane("day").underWay() == 0);
        clock.pass(Duration.ofHours(1));
        await().atMost(PATIENCE).until(() -> lane("day").copies() == 5);

        assertThat(failed).hasSize(2).doesNotHaveDuplicates();
        assertThat(discarded).as("each once").containsExactlyElementsOf(failed);
    }

    /// Half a file on a full disk leaves no room to publish the whole ones.
    @Test
    void whatAFailedAttemptLeftInAFolderIsDiscardedAtOnce() throws Exception {
        wantFiles(1, "day");
        Queue<String> failed = new ConcurrentLinkedQueue<>();
        route(
                "day",
                "nas",
                "",
                exchange -> {
                    failed.add(name(exchange));
                    throw new IOException("No space left on device");
                });
        camel.start();
        await().atMost(PATIENCE).until(() -> target("day").attempts() == 1);
        await().atMost(PATIENCE).until(() -> lane("day").underWay() == 0);

        assertThat(target("day").state()).isEqualTo(Target.State.WAITING);
        assertThat(failed).hasSize(1);
        assertThat(discarded).containsExactlyElementsOf(failed);
    }

    private static String name(Exchange exchange) {
        return exchange.getMessage().getHeader(CaravanHeaders.COPY_NAME, String.class);
    }
}
