package dev.caravan.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.Contents;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.MediaKind;
import dev.caravan.ledger.Scan;
import dev.caravan.ledger.Sighted;
import dev.caravan.ledger.Target;
import dev.caravan.tape.TapeComponent;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.target.CopyContents;
import dev.caravan.target.TapeProof;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/// A tape target at work in a scratch folder: a real ledger, real routes, a virtual library. Its
/// source is in memory, and can be changed at any moment of a copy.
final class PartedSite implements AutoCloseable {
    static final int SEGMENT = 64 << 10;

    /// What a route does between two steps; it may throw.
    interface Hook {
        void at(int part) throws Exception;
    }

    final Path folder;
    final Source source;
    final Ledger ledger;
    final List<String> written = new ArrayList<>();
    Hook beforeTape = part -> {};

    /// After how many bytes of its body a copy fails, if at all.
    int failsAfter;

    Hook afterTape = part -> {};
    Optional<List<Long>> room = Optional.empty();
    int segment = SEGMENT;
    private int exchanges;

    private PartedSite(Path folder, Source source) {
        this.folder = folder;
        this.source = source;
        this.ledger = Ledger.open(folder.resolve("ledger.db"), Clock.systemUTC());
    }

    static PartedSite create(Path folder, int cartridges, long capacity) throws IOException {
        Files.createDirectories(folder);
        TapeLibrary.create(folder.resolve("tapes"), cartridges, capacity);
        PartedSite site = new PartedSite(folder, new Source());
        site.ledger.sources().declare("docs", "/srv/docs".getBytes(StandardCharsets.UTF_8));
        site.ledger
                .targets()
                .declare(List.of(new Target.Declared("tape", MediaKind.TAPE, "here", false, true)));
        return site;
    }

    /// The same files as they are on disk at this moment: what a kill leaves.
    void snapshot(Path to) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(folder.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
    }

    /// Another program at work on a snapshot.
    PartedSite reopened(Path snapshot) {
        return new PartedSite(snapshot, source);
    }

    /// What a scan of the source sees is registered.
    void scan() {
        Scan scan = ledger.scans().begin("docs");
        ledger.scans().register("docs", scan.changed(source.sighted()), List.of("tape"));
        scan.finish(false);
    }

    /// Runs the copy route until nothing more can be done now.
    void pass() throws Exception {
        TapeProof proof =
                new TapeProof(
                        "tape",
                        ledger,
                        new TapeProof.Cartridges() {
                            @Override
                            public Map<String, Optional<String>> inside() throws IOException {
                                Map<String, Optional<String>> inside = new HashMap<>();
                                library()
                                        .volumes()
                                        .forEach((barcode, id) ->
                                                inside.put(
                                                        barcode.text(), id.map(Object::toString)));
                                return inside;
                            }

                            @Override
                            public Optional<List<Long>> room() {
                                return room;
                            }
                        },
                        Clock.systemUTC(),
                        "caravan test");
        try (DefaultCamelContext camel = camel();
                Pipeline pipeline =
                        new Pipeline(
                                ledger,
                                source,
                                (target, rule) -> proof,
                                Clock.systemUTC(),
                                "caravan test")) {
            camel.getRegistry().bind(Pipeline.BEAN, pipeline);
            copy(camel);
            camel.start();
            await().atMost(Duration.ofSeconds(60)).until(pipeline::passDone);
            camel.stop();
        }
    }

    private TapeLibrary library() throws IOException {
        return TapeLibrary.open(dev.caravan.tape.LibraryPlace.virtual(folder.resolve("tapes")));
    }

    private DefaultCamelContext camel() {
        DefaultCamelContext camel = new DefaultCamelContext();
        TapeComponent tape = new TapeComponent();
        tape.setLibrary(folder.resolve("tapes").toString());
        camel.addComponent("tape", tape);
        return camel;
    }

    /// The newest version of a file.
    Version version(String path) {
        return ledger.catalog().versions("docs", ItemPath.of(path)).getFirst();
    }

    Catalog.Copy copy(String path) {
        return ledger.catalog().copies(version(path)).getFirst();
    }

    /// What is on tape of the newest version of a file.
    byte[] read(String path) throws Exception {
        try (DefaultCamelContext camel = camel()) {
            camel.start();
            TapeStore store =
                    new TapeStore(
                            camel.createProducerTemplate(),
                            "weekly",
                            dev.caravan.target.Decryption.NONE);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (Content content = CopyContents.open(store, version(path), copy(path))) {
                byte[] buffer = new byte[10_000];
                for (int n = content.read(buffer, 0, buffer.length);
                        n >= 0;
                        n = content.read(buffer, 0, buffer.length)) {
                    bytes.write(buffer, 0, n);
                }
            }
            return bytes.toByteArray();
        }
    }

    void assertOnTape(String path) throws Exception {
        assertThat(copy(path).state().counts()).as("%s counts", path).isTrue();
        assertThat(read(path)).isEqualTo(source.bytes(path));
        assertThat(version(path).sha256())
                .isEqualTo(
                        dev.caravan.item.Sha256.of(
                                dev.caravan.item.Sha256.digest().digest(source.bytes(path))));
    }

    /// A column of a query, as text.
    List<String> sql(String query) throws Exception {
        try (var connection =
                        java.sql.DriverManager.getConnection(
                                "jdbc:sqlite:" + folder.resolve("ledger.db"));
                var rows = connection.createStatement().executeQuery(query)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        }
    }

    private void copy(DefaultCamelContext camel) throws Exception {
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        onException(Exception.class).handled(true).to("ledger:fail");
                        from("ledger:wanted?target=tape&mediaKind=tape&site=here&proof=tape&linger=1ms&segment="
                                        + segment)
                                .process(exchange -> beforeTape.at(++exchanges))
                                .process(PartedSite.this::readAndFail)
                                .to("tape:weekly?blockSize=16384")
                                .process(exchange -> {
                                    written.add(
                                            exchange.getMessage()
                                                    .getHeader(
                                                            CaravanHeaders.COPY_NAME,
                                                            String.class));
                                    afterTape.at(exchanges);
                                })
                                .to("ledger:record");
                    }
                });
    }

    private void readAndFail(Exchange exchange) throws IOException {
        if (failsAfter > 0) {
            exchange.getMessage().getBody(InputStream.class).readNBytes(failsAfter);
            throw new IOException("the drive is gone");
        }
    }

    @Override
    public void close() {
        ledger.close();
    }

    /// Files in memory, each in a state that a change replaces as a change time does.
    static final class Source implements Contents {
        private record State(byte[] bytes, List<Content.Extent> data, Instant changed) {}

        private final Map<String, State> files = new TreeMap<>();
        private Instant now = Instant.parse("2026-11-22T10:00:00Z");
        final AtomicLong bytesRead = new AtomicLong();
        final AtomicInteger opened = new AtomicInteger();
        final AtomicInteger open = new AtomicInteger();

        synchronized void put(String path, byte[] bytes, List<Content.Extent> data) {
            now = now.plusSeconds(1);
            files.put(path, new State(bytes, data, now));
        }

        void put(String path, byte[] bytes) {
            put(path, bytes, List.of(new Content.Extent(0, bytes.length)));
        }

        synchronized byte[] bytes(String path) {
            return java.util.Objects.requireNonNull(files.get(path)).bytes;
        }

        synchronized List<Sighted> sighted() {
            List<Sighted> all = new ArrayList<>();
            files.forEach((path, state) ->
                    all.add(
                            new Sighted(
                                    ItemPath.of(path),
                                    new Metadata(
                                            Kind.FILE,
                                            state.bytes.length,
                                            state.changed,
                                            0644,
                                            0,
                                            0,
                                            Metadata.NO_TARGET,
                                            1,
                                            List.of()),
                                    new Fingerprint(
                                            7,
                                            path.hashCode(),
                                            state.bytes.length,
                                            state.changed,
                                            state.changed))));
            return all;
        }

        private synchronized State state(Version version) throws ContentUnavailableException {
            State state = files.get(version.path().toString());
            if (state == null || !state.changed.equals(version.fingerprint().changed())) {
                throw new ContentUnavailableException(
                        ContentUnavailableException.Reason.CHANGED,
                        "'%s' has changed".formatted(version.path()));
            }
            return state;
        }

        @Override
        public Content open(Version version) throws IOException {
            State state = state(version);
            opened.incrementAndGet();
            open.incrementAndGet();
            return new Content() {
                private int position;

                @Override
                public int read(byte[] buffer, int offset, int length) {
                    int count = Math.min(length, state.bytes.length - position);
                    if (count == 0) {
                        return -1;
                    }
                    System.arraycopy(state.bytes, position, buffer, offset, count);
                    position += count;
                    bytesRead.addAndGet(count);
                    return count;
                }

                @Override
                public void skip(long count) {
                    position += (int) count;
                }

                @Override
                public List<Extent> extents() {
                    return state.data;
                }

                @Override
                public void verifyUnchanged() throws IOException {
                    state(version);
                }

                @Override
                public void close() {
                    open.decrementAndGet();
                }
            };
        }
    }
}
