package dev.caravan.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.age.AgeIdentity;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.MediaKind;
import dev.caravan.ledger.Scan;
import dev.caravan.ledger.Target;
import dev.caravan.target.Carried;
import dev.caravan.target.Encryption;
import dev.caravan.target.Proof;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An encrypted file on its way to a target that reads it once to know its hash, and goes on with
/// an upload that broke off if the same bytes come again. The first attempt breaks off in the
/// middle of what is sent.
class KeptUploadsLaneTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir Path folder;

    private final PartedSite.Source source = new PartedSite.Source();
    private final byte[] content = new byte[2_000_000];
    private final List<byte[]> sent = new CopyOnWriteArrayList<>();
    private final DefaultCamelContext camel = new DefaultCamelContext();
    private volatile Instant now = Instant.parse("2026-11-23T11:00:00Z");
    private volatile Encryption encryption =
            new Encryption(List.of(AgeIdentity.generate().recipient()));
    private Ledger ledger;
    private Pipeline pipeline;

    private final class HandClock extends Clock {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("there is one zone");
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    private final class Bucket implements Proof {
        @Override
        public void prepare() {}

        @Override
        public boolean hashesFirst() {
            return true;
        }

        @Override
        public boolean goesOn(long bytes) {
            return bytes > content.length;
        }

        @Override
        public Proven prove(List<Carried> batch) {
            return new Proven(
                    new Evidence("head+checksum", Evidence.Level.V2, now, "caravan test"),
                    batch.stream().flatMap(one -> one.proofs(one.copyName()).stream()).toList(),
                    List.of());
        }

        @Override
        public void close() {}
    }

    private final class Buckets implements Proofs {
        @Override
        public Proof of(String target, String rule) {
            return new Bucket();
        }

        @Override
        public Optional<Encryption> encryption(String target) {
            return Optional.of(encryption);
        }
    }

    @BeforeEach
    void open() throws Exception {
        Clock clock = new HandClock();
        new Random(3).nextBytes(content);
        source.put("large", content);
        ledger = Ledger.open(folder.resolve("ledger.db"), clock);
        ledger.sources().declare("docs", "/srv/docs".getBytes(StandardCharsets.UTF_8));
        ledger.targets()
                .declare(
                        List.of(
                                new Target.Declared(
                                        "bucket", MediaKind.OBJECT_STORE, "cloud", false, true)));
        pipeline = new Pipeline(ledger, source, new Buckets(), clock, "test");
        camel.getRegistry().bind(Pipeline.BEAN, pipeline);
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        onException(Exception.class).handled(true).to("ledger:fail");
                        from("ledger:wanted?mediaKind=object-store&site=cloud&proof=s3&target=bucket")
                                .process(KeptUploadsLaneTest.this::put)
                                .to("ledger:record");
                    }
                });
        scan();
        camel.start();
        await().atMost(PATIENCE).until(() -> lane().failures() == 1 && lane().underWay() == 0);
    }

    @AfterEach
    void close() throws IOException {
        camel.close();
        pipeline.close();
        ledger.close();
    }

    private void scan() {
        Scan scan = ledger.scans().begin("docs");
        ledger.scans().register("docs", scan.changed(source.sighted()), List.of("bucket"));
        scan.finish(false);
    }

    private void put(Exchange exchange) throws IOException {
        InputStream body = exchange.getMessage().getBody(InputStream.class);
        body.readAllBytes();
        body.reset();
        boolean cut = sent.isEmpty();
        sent.add(cut ? body.readNBytes(1_000_000) : body.readAllBytes());
        if (cut) {
            throw new IOException("the line is cut");
        }
    }

    private TargetLane lane() {
        return pipeline.lanes().getFirst();
    }

    private void later(Duration time) {
        now = now.plus(time);
        pipeline.wake();
    }

    private boolean goesOnInTheSecondAttempt() {
        await().atMost(PATIENCE).until(() -> lane().copies() == 1);
        assertThat(sent).hasSize(2);
        return Arrays.equals(sent.getFirst(), Arrays.copyOf(sent.getLast(), 1_000_000));
    }

    @Test
    void theNextAttemptGivesTheSameBytes() {
        later(Duration.ofHours(1));

        assertThat(goesOnInTheSecondAttempt()).isTrue();
    }

    @Test
    void afterADayThereIsAnotherKey() {
        later(Duration.ofHours(24));

        assertThat(goesOnInTheSecondAttempt()).isFalse();
    }

    @Test
    void forOtherRecipientsThereIsAnotherKey() {
        encryption = new Encryption(List.of(AgeIdentity.generate().recipient()));
        later(Duration.ofHours(1));

        assertThat(goesOnInTheSecondAttempt()).isFalse();
    }

    /// Its size and times are what they were. It is the file that failed, and not the target.
    @Test
    void aFileThatChangedUnseenIsNotSentWithThatKey() {
        content[0] ^= 1;
        later(Duration.ofHours(1));
        await().atMost(PATIENCE).until(() -> lane().failures() == 2 && lane().underWay() == 0);

        assertThat(sent).as("passes that were sent").hasSize(1);
        assertThat(pipeline.takeMovedOn()).isEqualTo(1);
        assertThat(ledger.targets().find("bucket").orElseThrow().lastError())
                .isEqualTo("the line is cut");
        scan();
        later(Duration.ofHours(1));
        assertThat(goesOnInTheSecondAttempt()).isFalse();
    }
}
