package dev.caravan.tape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.TapeLibrary.TapeCartridge;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.pool.LibraryFullException;
import dev.caravan.tape.pool.Volume;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TapeComponentTest {
    @TempDir Path directory;
    private CamelContext context;
    private ProducerTemplate template;

    @BeforeEach
    void startCamel() throws Exception {
        TapeLibrary.create(directory, 2, 3 << 20);
        context = new DefaultCamelContext();
        context.getComponent("tape", TapeComponent.class).setLibrary(directory.toString());
        context.start();
        template = context.createProducerTemplate();
    }

    @AfterEach
    void stopCamel() throws Exception {
        context.close();
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private Exchange write(Object body) {
        return template.send("tape:weekly", exchange -> exchange.getMessage().setBody(body));
    }

    private byte[] fetch(Map<String, Object> headers) throws Exception {
        try (InputStream in =
                template.requestBodyAndHeaders(
                        "tape:weekly?operation=fetch", null, headers, InputStream.class)) {
            return in.readAllBytes();
        }
    }

    @Test
    void aBodyIsWrittenAndFetchedByTheHeadersOfTheWrite() throws Exception {
        byte[] body = random(600_000, 1);

        Exchange written = write(new ByteArrayInputStream(body));

        assertThat(written.getException()).isNull();
        Map<String, Object> headers = written.getMessage().getHeaders();
        assertThat(headers)
                .containsEntry(TapeConstants.VOLUME, "VT0001L8")
                .containsEntry(TapeConstants.POOL, "weekly")
                .containsEntry(TapeConstants.FILE, 1)
                .containsEntry(TapeConstants.BLOCK, 2L)
                .containsEntry(TapeConstants.END_BLOCK, 6L)
                .containsEntry(TapeConstants.RECORDS, 3L)
                .containsEntry(TapeConstants.BYTES, 600_000L)
                .containsEntry(TapeConstants.POSITION_PROVEN, "position")
                .containsEntry(TapeConstants.SPANNED, 0)
                .containsEntry(TapeConstants.BACK_HITCHES, 0L)
                .containsKeys(TapeConstants.FEED_RATE, TapeConstants.STALLS)
                .containsKey(TapeConstants.VOLUME_ID);
        assertThat(fetch(headers)).isEqualTo(body);
        headers.put(TapeConstants.OFFSET, 300_001L);
        assertThat(fetch(headers)).isEqualTo(Arrays.copyOfRange(body, 300_001, body.length));
    }

    @Test
    void aRouteSpansCartridgesBecauseItsBodiesAreStreamCaches() throws Exception {
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:copy").to("tape:weekly").to("mock:written");
                    }
                });
        MockEndpoint written = context.getEndpoint("mock:written", MockEndpoint.class);
        written.expectedMessageCount(3);

        for (int i = 0; i < 3; i++) {
            template.sendBody("direct:copy", new ByteArrayInputStream(random(1_200_000, i)));
        }

        written.assertIsSatisfied();
        Map<String, Object> last = written.getExchanges().get(2).getMessage().getHeaders();
        assertThat(last)
                .containsEntry(TapeConstants.VOLUME, "VT0002L8")
                .containsEntry(TapeConstants.SPANNED, 1);
        assertThat(fetch(last)).isEqualTo(random(1_200_000, 2));
    }

    @Test
    void aStreamThatCannotBeReadAgainSaysSoWhenTheCartridgeIsFull() throws Exception {
        write(random(2_000_000, 1));

        Exchange failed = write(new ByteArrayInputStream(random(2_000_000, 2)));
        Exchange again = write(random(2_000_000, 2));

        assertThat(failed.getException()).hasMessageContaining("cannot be read again");
        assertThat(again.getException()).isNull();
        assertThat(again.getMessage().getHeader(TapeConstants.VOLUME)).isEqualTo("VT0002L8");
    }

    @Test
    void aFullLibraryIsATypedErrorOfTheExchange() {
        write(random(2_000_000, 1));
        write(random(2_000_000, 2));

        Exchange full = write(random(2_000_000, 3));

        assertThat(full.getException())
                .isInstanceOf(LibraryFullException.class)
                .hasMessageContaining("add cartridges");
    }

    @Test
    void aFetchedBodyGoesThroughARouteWithoutBeingKeptInMemory() throws Exception {
        byte[] body = random(2_500_000, 1);
        Map<String, Object> headers = write(body).getMessage().getHeaders();
        Path out = directory.resolve("out");
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:restore")
                                .to("tape:weekly?operation=fetch")
                                .to("file:" + out + "?fileName=one")
                                .to("file:" + out + "?fileName=two");
                    }
                });

        template.sendBodyAndHeaders("direct:restore", null, headers);

        assertThat(out.resolve("one")).hasBinaryContent(body);
        assertThat(out.resolve("two")).hasBinaryContent(body);
        assertThat(write(random(10, 2)).getException()).as("the drive is free").isNull();
    }

    @Test
    void theInventoryNamesEveryCartridge() {
        write(random(10, 1));

        List<?> cartridges = template.requestBody("tape:x?operation=inventory", null, List.class);

        assertThat(cartridges)
                .extracting(c -> ((TapeCartridge) c).barcode().text())
                .containsExactly("VT0001L8", "VT0002L8");
        assertThat(cartridges)
                .extracting(c -> ((TapeCartridge) c).place())
                .containsExactly("drive 0", "slot 2");
    }

    @Test
    void aMissingInventoryIsRebuiltFromTheCartridges() throws Exception {
        Map<String, Object> one = write(random(1_000_000, 1)).getMessage().getHeaders();
        Map<String, Object> two = write(random(100, 2)).getMessage().getHeaders();
        TapeLibrary library = TapeLibrary.open(LibraryPlace.virtual(directory));
        List<Optional<Volume>> before = volumes(library);
        Files.delete(directory.resolve("inventory.json"));

        assertThat(fetch(one)).isEqualTo(random(1_000_000, 1));

        // the cartridges do not tell when they were written on, nor what their memory said
        assertThat(volumes(library))
                .usingRecursiveComparison()
                .ignoringFieldsMatchingRegexes(".*written", ".*medium")
                .isEqualTo(before);
        assertThat(write(random(100, 3)).getMessage().getHeader(TapeConstants.BLOCK))
                .isEqualTo(two.get(TapeConstants.END_BLOCK));
    }

    private static List<Optional<Volume>> volumes(TapeLibrary library) throws IOException {
        return library.cartridges().stream().map(TapeCartridge::volume).toList();
    }

    @Test
    void theRulesOfItsPoolsAreCheckedAndFollowed() {
        TapeComponent always = new TapeComponent();
        always.setLibrary(directory.toString());
        always.setAllocation("always");
        context.addComponent("sets", always);
        TapeComponent odd = new TapeComponent();
        odd.setAllocation("sometimes");
        TapeComponent unasked = new TapeComponent();
        unasked.setRetention(1000);

        assertThat(write("x").getMessage().getHeader(TapeConstants.VOLUME)).isEqualTo("VT0001L8");
        Exchange other = template.send("sets:weekly", e -> e.getMessage().setBody("x"));
        assertThat(other.getMessage().getHeader(TapeConstants.VOLUME)).isEqualTo("VT0002L8");
        assertThatThrownBy(() -> context.addComponent("odd", odd))
                .hasStackTraceContaining("allocation 'sometimes': want continue, always");
        assertThatThrownBy(() -> context.addComponent("unasked", unasked))
                .hasStackTraceContaining("retention wants a volumeUse");
    }

    @Test
    void whatIsWrongIsSaidBeforeAnythingRuns() {
        assertThatThrownBy(() -> context.getEndpoint("tape:weekly?nosuch=1"))
                .hasStackTraceContaining("nosuch");
        assertThatThrownBy(() -> context.getEndpoint("tape:week ly"))
                .hasStackTraceContaining("a media pool is named by");
        assertThatThrownBy(() -> context.getEndpoint("tape:weekly?operation=burn"))
                .hasStackTraceContaining("burn");
        assertThatThrownBy(() -> template.sendBody("tape:weekly?blockSize=100", "x"))
                .hasStackTraceContaining("blockSize is 100, want 512 to");
        assertThatThrownBy(() ->
                        template.sendBody("tape:weekly?library=" + directory.resolve("no"), "x"))
                .hasStackTraceContaining("library.json is missing");
        assertThatThrownBy(() -> context.getEndpoint("tape:supply"))
                .hasStackTraceContaining("the pool of blank cartridges");
        assertThat(context.getEndpoint("tape:weekly?blockSize=65536")).isNotNull();
        assertThat(Files.exists(directory.resolve("no"))).isFalse();
    }

    @Test
    void theComponentSaysWhatItsDrivesHaveWritten() {
        write(random(600_000, 1));
        write(random(2_600_000, 2)); // meets the end of the first cartridge

        TapeComponent tape = context.getComponent("tape", TapeComponent.class);

        assertThat(tape.metrics()).containsOnlyKeys(LibraryPlace.virtual(directory));
        assertThat(tape.getTapeFiles()).isEqualTo(2);
        assertThat(tape.getVoidTapeFiles()).isEqualTo(1);
        assertThat(tape.getBytesWritten()).isBetween(5_000_000L, 5_900_000L);
        assertThat(tape.getRecordsWritten()).isBetween(20L, 23L);
        assertThat(tape.getFeedRate()).isPositive();
        assertThat(tape.getBackHitches()).isZero();
    }

    @Test
    void whenCamelStopsABodyThatIsBeingWrittenIsCutOffAndItsTapeIsEnded() throws Exception {
        TapeComponent tape = context.getComponent("tape", TapeComponent.class);
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Exchange> writing =
                CompletableFuture.supplyAsync(() ->
                        write(
                                new InputStream() {
                                    private int given;

                                    @Override
                                    public int read() {
                                        if (given++ == 2_500_000) { // more than wait to be written
                                            begun.countDown();
                                        }
                                        return given % 2_000_000; // slowly, for ever: the cartridge
                                        // holds 3 MiB
                                    }

                                    @Override
                                    public int read(byte[] to, int offset, int length)
                                            throws IOException {
                                        LockSupport.parkNanos(1_000_000);
                                        return super.read(to, offset, Math.min(length, 2_000));
                                    }
                                }));
        begun.await();

        tape.stop();

        assertThat(writing.get(30, TimeUnit.SECONDS).getException())
                .hasMessage("the tape library is being closed");
        assertThat(write("more").getException()).hasMessage("the tape component is stopped");
        try (Drive drive = VirtualLibrary.open(directory).open(0)) {
            drive.seekToEndOfData(); // nobody holds it
        }
        tape.start();
        Exchange next = write("more");
        assertThat(next.getException()).isNull();
        assertThat(next.getMessage().getHeader(TapeConstants.VOLUME)).isEqualTo("VT0001L8");
        assertThat(
                        TapeLibrary.open(LibraryPlace.virtual(directory))
                                .cartridges()
                                .getFirst()
                                .volume())
                .hasValueSatisfying(volume -> assertThat(volume.gaps()).hasSize(1));
    }
}
