package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.DataSize;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.CopyState;
import dev.caravan.ledger.Ledger;
import dev.caravan.posix.Directory;
import dev.caravan.restore.Plan;
import dev.caravan.restore.Readers;
import dev.caravan.restore.RestoreListener;
import dev.caravan.restore.Restorer;
import dev.caravan.restore.TapeRebuild;
import dev.caravan.restore.TapeVerifier.FileResult;
import dev.caravan.restore.TapeVerifier.Found;
import dev.caravan.restore.TreeWriter;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.TapeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Segments read back from drives that cannot tell their position, that fail in the middle, and
/// that take their time to move.
class TapeReadBackTest {
    private static final int FILES = 12;

    @TempDir Path directory;
    private TapesOfSegments tapes;

    @BeforeEach
    void open() throws IOException {
        tapes = new TapesOfSegments(directory, 2, 8, 3 << 20);
    }

    @AfterEach
    void close() {
        tapes.close();
    }

    /// Eight segments of 1.2 MiB, two on each cartridge.
    private List<TapeFile> write(String pool) throws IOException {
        List<TapeFile> written = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            written.add(
                    tapes.write(pool, pool + "-" + i, tapes.files("file-" + i, FILES, 100_000)));
        }
        return written;
    }

    private static Set<String> barcodes(List<TapeFile> files) {
        return files.stream()
                .map(file -> file.volume().text())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private List<Version> all() {
        return tapes.ledger.catalog().tree("docs", dev.caravan.item.ItemPath.ROOT, false);
    }

    private Catalog.Copy copy(Version version) {
        return tapes.ledger.catalog().copies(version).getFirst();
    }

    @Test
    void aDriveThatCannotTellItsPositionFindsTheSame() throws IOException {
        Set<String> barcodes = barcodes(write("weekly"));
        tapes.library.faults().hidePosition(true);

        for (String barcode : barcodes) {
            TapeRebuild.Result read = tapes.rebuild("tape", barcode);
            assertThat(read.details()).isEmpty();
            assertThat(read.unreadable()).isEmpty();
            assertThat(read.versions()).isEqualTo(read.segments() * FILES);
        }
        List<Catalog.Copy> through = all().stream().map(this::copy).toList();
        tapes.library.faults().hidePosition(false);
        for (String barcode : barcodes) {
            assertThat(tapes.rebuild("vault", barcode).copies()).isPositive();
        }

        assertThat(through).hasSize(8 * FILES);
        for (Version version : all()) {
            List<Catalog.Copy> copies = tapes.ledger.catalog().copies(version);
            assertThat(copies.get(0).object()).isEqualTo(copies.get(1).object());
            assertThat(copies.get(0).offset()).isEqualTo(copies.get(1).offset());
        }
    }

    @Test
    void anIndexIsReadWithoutWhatIsBeforeIt() throws IOException {
        TapeFile file = tapes.write("weekly", "one", tapes.files("file", 30, 100_000));
        for (long block = file.block() + 1; block < file.endBlock() - 8; block++) {
            tapes.unreadable.add(file.volume() + "/" + block);
        }

        TapeRebuild.Result read = tapes.rebuild("tape", file.volume().text());

        assertThat(read.versions()).isEqualTo(30);
        assertThat(read.unreadable()).isEmpty();
    }

    @Test
    void whatTheDriveCannotReadCountsNoMoreAndTheRestIsVerified() throws IOException {
        List<TapeFile> written = write("weekly");
        String barcode = written.getFirst().volume().text();
        tapes.rebuild("tape", barcode);
        assertThat(tapes.verify(barcode)).allMatch(FileResult::good);
        TapeFile first = written.getFirst();
        tapes.unreadable.add(barcode + "/" + (first.block() + 5));

        List<FileResult> results = tapes.verify(barcode);

        assertThat(results).extracting(FileResult::found).startsWith(Found.UNREADABLE, Found.GOOD);
        FileResult bad = results.getFirst();
        assertThat(bad.verified()).isBetween(1L, 4L);
        assertThat(bad.suspect()).isEqualTo(FILES - bad.verified()).isEqualTo(bad.fell());
        assertThat(bad.details().getFirst()).contains("medium error");
        assertThat(results.get(1).verified()).isEqualTo(FILES);

        tapes.unreadable.clear();

        assertThat(tapes.verify(barcode).getFirst().verified())
                .as("a clean drive reads it again")
                .isEqualTo(FILES);
    }

    /// Members in front of the place are whole and right. But their segment was not read to its
    /// end, and only what counted before has a proof that they belong to it.
    @Test
    void whatNeverCountedIsNotProvenByASegmentThatIsNotReadToItsEnd() throws IOException {
        List<TapeFile> written = write("weekly");
        TapeFile first = written.getFirst();
        String barcode = first.volume().text();
        tapes.rebuild("tape", barcode);
        tapes.unreadable.add(barcode + "/" + (first.block() + 5));

        FileResult bad = tapes.verify(barcode).getFirst();

        assertThat(bad.found()).isEqualTo(Found.UNREADABLE);
        assertThat(bad.verified()).isZero();
        assertThat(bad.suspect()).isBetween(FILES - 4L, FILES - 1L);
        assertThat(bad.fell()).as("none of it counted").isZero();
        assertThat(states("file-0"))
                .containsOnly(
                        Map.entry(CopyState.SUSPECT, bad.suspect()),
                        Map.entry(CopyState.ACKED, FILES - bad.suspect()));

        tapes.unreadable.clear();
        tapes.verify(barcode);
        tapes.unreadable.add(barcode + "/" + (first.block() + 5));

        bad = tapes.verify(barcode).getFirst();

        assertThat(bad.verified()).as("what counted goes on counting").isPositive();
        assertThat(states("file-0"))
                .containsOnly(
                        Map.entry(CopyState.SUSPECT, bad.suspect()),
                        Map.entry(CopyState.VERIFIED, FILES - bad.suspect()));
    }

    private Map<CopyState, Long> states(String prefix) {
        return all().stream()
                .filter(version -> version.path().text().startsWith(prefix + "-"))
                .collect(Collectors.groupingBy(v -> copy(v).state(), Collectors.counting()));
    }

    @Test
    void whatIsNotOnTheTapeAnyMoreIsMissed() throws IOException {
        List<TapeFile> written = write("weekly");
        String barcode = written.getFirst().volume().text();
        tapes.rebuild("tape", barcode);
        tapes.verify(barcode);
        tapes.bays.putAway(new Barcode(barcode));
        Path cartridge = directory.resolve("library").resolve(barcode);
        byte[] image = Files.readAllBytes(cartridge.resolve("p0.tap"));
        // as if somebody had written over the second segment, from somewhere in it on
        long end = written.get(1).block() * (65_536 + 8);
        Files.write(
                cartridge.resolve("p0.tap"),
                java.util.Arrays.copyOf(image, (int) Math.min(image.length, end)));
        Files.deleteIfExists(cartridge.resolve("p0.idx"));

        List<FileResult> results = tapes.verify(barcode);

        assertThat(results).extracting(FileResult::good).contains(false);
        assertThat(
                        all().stream()
                                .map(this::copy)
                                .filter(c -> c.state() == CopyState.SUSPECT)
                                .count())
                .isEqualTo(results.stream().mapToLong(FileResult::fell).sum())
                .isPositive();
    }

    @Test
    void manyFilesComeBackWithOneLoadOfEachCartridgeAndOneSeekInEachSegment() throws IOException {
        List<TapeFile> written = write("weekly");
        Set<String> barcodes = barcodes(written);
        assertThat(barcodes).hasSizeGreaterThan(2);
        for (String barcode : barcodes) {
            tapes.rebuild("tape", barcode);
        }
        for (String barcode : barcodes) {
            tapes.bays.putAway(new Barcode(barcode));
        }
        List<Version> wanted = new ArrayList<>(all());
        Collections.shuffle(wanted, new Random(7));
        wanted = wanted.subList(0, wanted.size() * 2 / 3);
        tapes.moves.clear();

        Told told = restore(wanted);

        assertThat(told.problems).isEmpty();
        for (String barcode : barcodes) {
            assertThat(tapes.count("load " + barcode)).as(barcode).isOne();
            long segments = written.stream().filter(f -> f.volume().text().equals(barcode)).count();
            List<Long> seeks =
                    tapes.moves.stream()
                            .filter(move -> move.startsWith("seek " + barcode))
                            .map(move -> Long.parseLong(move.substring(move.lastIndexOf(' ') + 1)))
                            .toList();
            assertThat(seeks).as(barcode).hasSize((int) segments).isSorted();
        }
        assertContents(wanted);
    }

    @Test
    void aMissingCartridgeIsAskedForOncePerSegmentAndOtherCopiesAreTaken() throws IOException {
        List<TapeFile> written = write("weekly");
        List<Version> everything = new ArrayList<>();
        for (String barcode : barcodes(written)) {
            tapes.rebuild("tape", barcode);
            everything = all();
        }
        String missing = written.getFirst().volume().text();
        List<Version> alsoInTheVault =
                everything.stream().filter(v -> onTape(v).equals(missing)).limit(FILES).toList();
        TapeFile vault = tapes.write("vault", "vault-1", alsoInTheVault);
        tapes.rebuild("vault", vault.volume().text());
        for (TapeFile file : written) {
            tapes.bays.putAway(file.volume());
        }
        tapes.taken.add(new Barcode(missing));
        tapes.moves.clear();

        Told told = restore(everything);

        long onMissing = everything.stream().filter(v -> onTape(v).equals(missing)).count();
        long segments = written.stream().filter(f -> f.volume().text().equals(missing)).count();
        assertThat(tapes.count("open " + missing)).isEqualTo(segments);
        assertThat(told.lost).isEqualTo(onMissing - FILES);
        assertThat(told.problems).allMatch(why -> why.contains(missing) || why.contains("no copy"));
        assertContents(alsoInTheVault);
        assertContents(everything.stream().filter(v -> !onTape(v).equals(missing)).toList());
    }

    private String onTape(Version version) {
        var object = copy(version).object();
        return object == null || object.tape() == null ? "" : object.tape().volume();
    }

    private Told restore(List<Version> wanted) throws IOException {
        Path to = Files.createDirectories(directory.resolve("to"));
        Told told = new Told();
        Ledger ledger = tapes.ledger;
        List<Version> ordered = new ArrayList<>(wanted);
        try (Directory root = Directory.open(to)) {
            Restorer.Result result =
                    new Restorer(
                                    Plan.of(ledger.catalog(), ordered, null, false, copy -> false),
                                    target -> tapes.store(),
                                    new TreeWriter(root, false),
                                    Readers.ONE,
                                    told,
                                    Restorer.Cold.LEAVE)
                            .restore();
            assertThat(result.failures()).isEqualTo(told.lost);
            assertThat(new DataSize(result.bytes()).bytes())
                    .isEqualTo((wanted.size() - told.lost) * 100_000);
        }
        return told;
    }

    private void assertContents(List<Version> versions) {
        for (Version version : versions) {
            assertThat(directory.resolve("to").resolve(version.path().text()))
                    .hasBinaryContent(tapes.contents.get(version.path().text()));
        }
    }

    private static final class Told implements RestoreListener {
        private final List<String> problems = new ArrayList<>();
        private long lost;

        @Override
        public void restored(Version version, String target) {}

        @Override
        public void failed(Version version, String target, Failure failure, boolean next) {
            problems.add(failure.why());
        }

        @Override
        public void earlier(Version wanted, Version taken) {}

        @Override
        public void lost(Version version, String why) {
            lost++;
            problems.add(why);
        }
    }
}
