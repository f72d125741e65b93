package dev.caravan.tape.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.pool.TapeFile.Proof;
import dev.caravan.tape.pool.Volume.Gap;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MediaPoolTest {
    private static final int BLOCK = 4096;
    private static final long SEED = 20261122;

    @TempDir Path directory;

    private record Setup(VirtualLibrary library, VolumeInventory inventory, DriveBays bays) {
        static Setup over(VirtualLibrary library) {
            return new Setup(
                    library,
                    new VolumeInventory(library.directory()),
                    new DriveBays(library, Duration.ofSeconds(10)));
        }

        MediaPool pool(String name) {
            return new MediaPool(name, BLOCK, bays, inventory, Clock.systemUTC(), UUID::randomUUID);
        }

        TapeFileStream read(TapeFile file, long offset) throws IOException {
            return TapeFileStream.open(bays, inventory, file.volume(), file.block(), offset);
        }

        byte[] readAll(TapeFile file) throws IOException {
            try (InputStream in = read(file, 0)) {
                return in.readAllBytes();
            }
        }

        Volume volume(String barcode) throws IOException {
            return inventory.find(new Barcode(barcode)).orElseThrow();
        }
    }

    private record Bytes(byte[] bytes, OptionalLong length) implements Body {
        static Bytes of(byte[] bytes) {
            return new Bytes(bytes, OptionalLong.empty());
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(bytes);
        }
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private Setup library(int drives, int cartridges, long capacity, long reserve)
            throws IOException {
        return Setup.over(
                VirtualLibrary.create(
                        directory.resolve("library"), drives, cartridges, capacity, reserve));
    }

    @Test
    void aTapeFileComesBackFromWhereItsAddressSays() throws IOException {
        Setup setup = library(1, 1, 10 << 20, 0);
        byte[] first = random(3 * BLOCK + 17, SEED);
        byte[] second = random(2 * BLOCK, SEED + 1);

        TapeFile one = setup.pool("weekly").write(Bytes.of(first));
        TapeFile two = setup.pool("weekly").write(Bytes.of(second));

        assertThat(one.block()).isEqualTo(2);
        assertThat(one.records()).isEqualTo(4);
        assertThat(one.endBlock()).isEqualTo(7);
        assertThat(one.file()).isEqualTo(1);
        assertThat(one.proof()).isEqualTo(Proof.POSITION);
        assertThat(two.block()).isEqualTo(7);
        assertThat(two.file()).isEqualTo(2);
        assertThat(setup.readAll(one)).isEqualTo(first);
        assertThat(setup.readAll(two)).isEqualTo(second);
        for (int offset : new int[] {0, 1, BLOCK - 1, BLOCK, 2 * BLOCK + 5, first.length}) {
            try (InputStream in = setup.read(one, offset)) {
                assertThat(in.readAllBytes())
                        .isEqualTo(Arrays.copyOfRange(first, offset, first.length));
            }
        }
    }

    @Test
    void everyCapacityIsFilledSpannedAndReadBack() throws IOException {
        long framed = BLOCK + 8;
        long label = labelBytes();
        for (int records = 3; records <= 10; records++) {
            for (long odd : new long[] {0, framed - 1}) {
                for (long reserve : new long[] {0, 3 * framed}) {
                    long capacity = label + records * framed + odd;
                    fillSpanAndReadBack(records + "-" + odd + "-" + reserve, capacity, reserve);
                }
            }
        }
    }

    @Test
    void aFilemarkThatMeetsTheEndOfTheTapeVoidsItsFile() throws IOException {
        int voided = 0;
        for (int left = 0; left < 8; left++) {
            long capacity = labelBytes() + (BLOCK + 8) + 4 + 3 * (BLOCK + 8) + left;
            Setup setup =
                    Setup.over(
                            VirtualLibrary.create(
                                    directory.resolve("left" + left), 1, 2, capacity, 0));
            MediaPool pool = setup.pool("weekly");
            byte[] first = random(BLOCK, SEED);
            byte[] second = random(3 * BLOCK, SEED + 1);

            TapeFile one = pool.write(Bytes.of(first));
            TapeFile two = pool.write(Bytes.of(second));

            voided += two.voidAttempts();
            assertThat(two.voidAttempts()).as("%d bytes left", left).isEqualTo(left < 4 ? 1 : 0);
            assertThat(setup.readAll(one)).isEqualTo(first);
            assertThat(setup.readAll(two)).isEqualTo(second);
        }
        assertThat(voided).isEqualTo(4);
    }

    private static long labelBytes() {
        VolumeLabel label =
                new VolumeLabel(
                        new Barcode("VT0001L8"),
                        UUID.randomUUID(),
                        "weekly",
                        BLOCK,
                        Clock.systemUTC().instant());
        return label.archive().length + 8L + 4;
    }

    private void fillSpanAndReadBack(String name, long capacity, long reserve) throws IOException {
        Setup setup =
                Setup.over(VirtualLibrary.create(directory.resolve(name), 1, 4, capacity, reserve));
        Random random = new Random(SEED);
        List<TapeFile> files = new ArrayList<>();
        List<byte[]> bodies = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                byte[] body = random(1 + random.nextInt(2 * BLOCK), SEED + i);
                files.add(setup.pool("weekly").write(Bytes.of(body)));
                bodies.add(body);
            }
        } catch (LibraryFullException | SegmentTooLargeException e) {
            // both are right ends of a small library
        }
        for (int i = 0; i < files.size(); i++) {
            assertThat(setup.readAll(files.get(i)))
                    .as("%s file %d", name, i)
                    .isEqualTo(bodies.get(i));
        }
        assertThat(files).as(name).hasSizeLessThan(100);
        if (capacity - reserve > labelBytes() + 3 * (BLOCK + 8) + 4) {
            assertThat(files.stream().map(TapeFile::volume).distinct()).as(name).hasSize(4);
        }
    }

    @Test
    void whenAllCartridgesAreFullItSaysHowManyOfWhichSizeAndWhatToDo() throws IOException {
        Setup setup = library(1, 2, 3 << 20, 0);
        MediaPool pool = setup.pool("weekly");
        pool.write(Bytes.of(random(2 << 20, SEED)));
        TapeFile second = pool.write(Bytes.of(random(2 << 20, SEED)));
        assertThat(second.voidAttempts()).isEqualTo(1);

        assertThatThrownBy(() -> pool.write(Bytes.of(random(2 << 20, SEED))))
                .isInstanceOf(LibraryFullException.class)
                .hasMessage(
                        "no cartridge for pool weekly: of 2 in the library, 2 are full (3 MiB each);"
                                + " add cartridges");

        setup.library().addCartridges(1, 3 << 20);
        assertThat(pool.write(Bytes.of(random(2 << 20, SEED))).volume())
                .isEqualTo(new Barcode("VT0003L8"));
    }

    @Test
    void aBodyLargerThanACartridgeCostsNoCartridge() throws IOException {
        Setup setup = library(1, 3, 1 << 20, 0);
        MediaPool pool = setup.pool("weekly");
        byte[] large = random(2 << 20, SEED);

        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> pool.write(Bytes.of(large)))
                    .isInstanceOf(SegmentTooLargeException.class)
                    .hasMessageContaining("1048576 bytes");
            assertThatThrownBy(() -> pool.write(new Bytes(large, OptionalLong.of(large.length))))
                    .isInstanceOf(SegmentTooLargeException.class);
        }

        byte[] small = random(100, SEED);
        TapeFile file = pool.write(Bytes.of(small));
        assertThat(file.volume()).isEqualTo(new Barcode("VT0001L8"));
        assertThat(setup.readAll(file)).isEqualTo(small);
        assertThat(setup.inventory().volumes()).hasSize(1);
    }

    @Test
    void afterACrashInMidWriteTheTornFileStaysVoidAndAppendsGoOnBehindIt() throws IOException {
        Setup setup = library(1, 1, 10 << 20, 0);
        byte[] first = random(5 * BLOCK, SEED);
        TapeFile one = setup.pool("weekly").write(Bytes.of(first));
        Path image = setup.library().directory().resolve("VT0001L8/p0.tap");
        long committed = Files.size(image);
        byte[] inventory =
                Files.readAllBytes(setup.library().directory().resolve("inventory.json"));
        setup.pool("weekly").write(Bytes.of(random(5 * BLOCK + 11, SEED + 1)));
        byte[] whole = Files.readAllBytes(image);

        Random random = new Random(SEED);
        for (int round = 0; round < 60; round++) {
            int length = (int) committed + random.nextInt((int) (whole.length - committed) + 1);
            Path copy = directory.resolve("crash" + round);
            copyTree(setup.library().directory(), copy);
            Files.write(copy.resolve("VT0001L8/p0.tap"), Arrays.copyOf(whole, length));
            Files.write(copy.resolve("inventory.json"), inventory);
            Setup after = Setup.over(VirtualLibrary.open(copy));

            byte[] third = random(3 * BLOCK + 1, SEED + 2);
            TapeFile three = after.pool("weekly").write(Bytes.of(third));

            assertThat(after.readAll(one)).isEqualTo(first);
            assertThat(after.readAll(three)).isEqualTo(third);
            List<Gap> gaps = after.volume("VT0001L8").gaps();
            if (three.block() == one.endBlock()) {
                assertThat(gaps).isEmpty();
            } else {
                assertThat(gaps).containsExactly(new Gap(2, one.endBlock(), three.block()));
                assertThat(three.file()).isEqualTo(3);
            }
        }
    }

    @Test
    void aTornFileIsNeverGivenOutAsWhole() throws IOException {
        Setup setup = library(1, 1, 10 << 20, 0);
        TapeFile one = setup.pool("weekly").write(Bytes.of(random(5 * BLOCK, SEED)));
        Path image = setup.library().directory().resolve("VT0001L8/p0.tap");
        byte[] whole = Files.readAllBytes(image);
        Files.write(image, Arrays.copyOf(whole, whole.length - 5));

        assertThatThrownBy(() -> setup.readAll(one))
                .isInstanceOf(EOFException.class)
                .hasMessageContaining("never committed");
    }

    @Test
    void aVolumeThatLostDataIsRefusedAndAnotherIsTaken() throws IOException {
        Setup setup = library(1, 2, 10 << 20, 0);
        setup.pool("weekly").write(Bytes.of(random(5 * BLOCK, SEED)));
        Path image = setup.library().directory().resolve("VT0001L8/p0.tap");
        Files.write(image, Arrays.copyOf(Files.readAllBytes(image), 30000));

        TapeFile file = setup.pool("weekly").write(Bytes.of(random(10, SEED)));

        assertThat(file.volume()).isEqualTo(new Barcode("VT0002L8"));
        assertThat(setup.volume("VT0001L8").status()).isEqualTo(VolumeStatus.DAMAGED);
        assertThat(Files.size(image)).isEqualTo(30000);
    }

    @Test
    void aForeignTapeAndAProtectedOneAreLeftAlone() throws IOException {
        Setup setup = library(1, 3, 10 << 20, 0);
        setup.library().load(new Barcode("VT0001L8"), 0);
        try (Drive drive = setup.library().open(0)) {
            drive.write(ByteBuffer.wrap(random(10240, SEED)));
            drive.writeFilemarks(1);
        }
        byte[] foreign = Files.readAllBytes(setup.library().directory().resolve("VT0001L8/p0.tap"));
        setup.library().writeProtect(new Barcode("VT0002L8"), true);
        MediaPool pool = setup.pool("weekly");

        TapeFile file = pool.write(Bytes.of(random(10, SEED)));

        assertThat(file.volume()).isEqualTo(new Barcode("VT0003L8"));
        assertThat(setup.library().directory().resolve("VT0001L8/p0.tap"))
                .hasBinaryContent(foreign);
        setup.library().writeProtect(new Barcode("VT0003L8"), true);
        assertThatThrownBy(() -> pool.write(Bytes.of(random(10, SEED))))
                .isInstanceOf(LibraryFullException.class)
                .hasMessageContaining("VT0001L8: another program has written on it")
                .hasMessageContaining("VT0003L8: it is write-protected");
    }

    @Test
    void swappedCartridgesAreRefused() throws IOException {
        Setup setup = library(1, 2, 10 << 20, 0);
        setup.pool("weekly").write(Bytes.of(random(10, SEED)));
        setup.pool("daily").write(Bytes.of(random(10, SEED)));
        Path one = setup.library().directory().resolve("VT0001L8/p0.tap");
        Path two = setup.library().directory().resolve("VT0002L8/p0.tap");
        byte[] bytes = Files.readAllBytes(one);
        Files.copy(two, one, StandardCopyOption.REPLACE_EXISTING);
        Files.write(two, bytes);
        Setup after = Setup.over(VirtualLibrary.open(setup.library().directory()));

        assertThatThrownBy(() -> after.pool("weekly").write(Bytes.of(random(10, SEED))))
                .isInstanceOf(LibraryFullException.class)
                .hasMessageContaining("its label says VT0002L8");
    }

    @Test
    void aWriteErrorTakesTheVolumeOutOfWriting() throws IOException {
        Setup setup = library(1, 2, 10 << 20, 0);
        MediaPool pool = setup.pool("weekly");
        byte[] first = random(3 * BLOCK, SEED);
        TapeFile one = pool.write(Bytes.of(first));
        setup.library().faults().failWrite(2);

        assertThatThrownBy(() -> pool.write(Bytes.of(random(5 * BLOCK, SEED))))
                .isInstanceOf(TapeException.class);

        assertThat(setup.volume("VT0001L8").status()).isEqualTo(VolumeStatus.DAMAGED);
        assertThat(pool.write(Bytes.of(first)).volume()).isEqualTo(new Barcode("VT0002L8"));
        assertThat(setup.readAll(one)).isEqualTo(first);
    }

    @Test
    void aDeferredErrorAtTheFilemarkCountsForNothing() throws IOException {
        Setup setup = library(1, 2, 10 << 20, 0);
        MediaPool pool = setup.pool("weekly");
        pool.write(Bytes.of(random(3 * BLOCK, SEED)));
        setup.library().faults().failFilemark(1);

        assertThatThrownBy(() -> pool.write(Bytes.of(random(5 * BLOCK, SEED))))
                .isInstanceOf(TapeException.class)
                .hasMessageContaining("deferred write error");

        assertThat(setup.volume("VT0001L8").files()).isEqualTo(2);
        assertThat(setup.volume("VT0001L8").status()).isEqualTo(VolumeStatus.DAMAGED);
    }

    @Test
    void aBodyThatFailsLeavesAGapAndTheVolumeGoesOn() throws IOException {
        Setup setup = library(1, 1, 10 << 20, 0);
        MediaPool pool = setup.pool("weekly");
        Body failing =
                new Body() {
                    @Override
                    public InputStream open() {
                        return new InputStream() {
                            private int given;

                            @Override
                            public int read() throws IOException {
                                if (given++ < 2 * BLOCK) {
                                    return 7;
                                }
                                throw new IOException("the source is gone");
                            }
                        };
                    }

                    @Override
                    public OptionalLong length() {
                        return OptionalLong.empty();
                    }
                };

        assertThatThrownBy(() -> pool.write(failing)).hasMessage("the source is gone");

        byte[] next = random(10, SEED);
        TapeFile file = pool.write(Bytes.of(next));
        assertThat(setup.volume("VT0001L8").gaps()).hasSize(1);
        assertThat(setup.readAll(file)).isEqualTo(next);
    }

    @Test
    void aDriveThatCannotTellItsPositionIsProvenByContent() throws IOException {
        Setup setup = library(1, 2, 40 * BLOCK, 0);
        setup.library().faults().hidePosition(true);
        MediaPool pool = setup.pool("weekly");
        List<TapeFile> files = new ArrayList<>();

        for (int i = 0; i < 5; i++) {
            files.add(pool.write(Bytes.of(random(10 * BLOCK, SEED + i))));
        }

        assertThat(files).allMatch(f -> f.proof() == Proof.CONTENT);
        for (int i = 0; i < 5; i++) {
            assertThat(setup.readAll(files.get(i))).isEqualTo(random(10 * BLOCK, SEED + i));
        }
        assertThat(files.get(4).volume()).isEqualTo(new Barcode("VT0002L8"));
    }

    @Test
    void aRecordTakenInSpiteOfNoSpaceDoesNoHarm() throws IOException {
        Setup setup = library(1, 2, 40L * BLOCK, 10L * BLOCK);
        setup.library().faults().recordOnNoSpace(true);
        MediaPool pool = setup.pool("weekly");
        List<TapeFile> files = new ArrayList<>();

        for (int i = 0; i < 4; i++) {
            files.add(pool.write(Bytes.of(random(9 * BLOCK, SEED + i))));
        }

        for (int i = 0; i < 4; i++) {
            assertThat(setup.readAll(files.get(i))).isEqualTo(random(9 * BLOCK, SEED + i));
        }
        assertThat(files.get(3).volume()).isEqualTo(new Barcode("VT0002L8"));
    }

    @Test
    void readersQueueForTheOnlyDrive() throws Exception {
        Setup setup = library(1, 2, 10 << 20, 0);
        TapeFile weekly = setup.pool("weekly").write(Bytes.of(random(9 * BLOCK, 1)));
        TapeFile daily = setup.pool("daily").write(Bytes.of(random(9 * BLOCK, 2)));

        List<CompletableFuture<byte[]>> reads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            TapeFile file = i % 2 == 0 ? weekly : daily;
            reads.add(
                    CompletableFuture.supplyAsync(() -> {
                        try {
                            return setup.readAll(file);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }));
        }

        for (int i = 0; i < 20; i++) {
            assertThat(reads.get(i).get()).isEqualTo(random(9 * BLOCK, i % 2 == 0 ? 1 : 2));
        }
    }

    @Test
    void aSecondDriveReadsWhileTheFirstIsHeld() throws IOException {
        Setup setup = library(2, 2, 10 << 20, 0);
        TapeFile weekly = setup.pool("weekly").write(Bytes.of(random(9 * BLOCK, 1)));
        TapeFile daily = setup.pool("daily").write(Bytes.of(random(9 * BLOCK, 2)));

        try (InputStream held = setup.read(weekly, 0)) {
            assertThat(setup.readAll(daily)).isEqualTo(random(9 * BLOCK, 2));
            assertThat(held.readAllBytes()).isEqualTo(random(9 * BLOCK, 1));
        }
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (var paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }
}
