package dev.caravan.tape.pool;

import static dev.caravan.tape.pool.PoolFixture.BLOCK;
import static dev.caravan.tape.pool.PoolFixture.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.pool.PoolFixture.Bytes;
import dev.caravan.tape.pool.TapeFile.Proof;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
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
    private static final long SEED = 20261122;

    @TempDir Path directory;

    private PoolFixture library(int drives, int cartridges, long capacity, long reserve)
            throws IOException {
        return PoolFixture.over(
                VirtualLibrary.create(
                        directory.resolve("library"), drives, cartridges, capacity, reserve));
    }

    @Test
    void aTapeFileComesBackFromWhereItsAddressSays() throws IOException {
        PoolFixture setup = library(1, 1, 10 << 20, 0);
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
        for (int records = 3; records <= 7; records++) {
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
            PoolFixture setup =
                    PoolFixture.over(
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
                        Clock.systemUTC().instant(),
                        new MediaSet(1, 1));
        return label.archive().length + 8L + 4;
    }

    private void fillSpanAndReadBack(String name, long capacity, long reserve) throws IOException {
        PoolFixture setup =
                PoolFixture.over(
                        VirtualLibrary.create(directory.resolve(name), 1, 4, capacity, reserve));
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
        PoolFixture setup = library(1, 2, 3 << 20, 0);
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
        PoolFixture setup = library(1, 3, 1 << 20, 0);
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
    void aDriveThatCannotTellItsPositionIsProvenByContent() throws IOException {
        PoolFixture setup = library(1, 2, 40 * BLOCK, 0);
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
        PoolFixture setup = library(1, 2, 40L * BLOCK, 10L * BLOCK);
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
        PoolFixture setup = library(1, 2, 10 << 20, 0);
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
        PoolFixture setup = library(2, 2, 10 << 20, 0);
        TapeFile weekly = setup.pool("weekly").write(Bytes.of(random(9 * BLOCK, 1)));
        TapeFile daily = setup.pool("daily").write(Bytes.of(random(9 * BLOCK, 2)));

        try (InputStream held = setup.read(weekly, 0)) {
            assertThat(setup.readAll(daily)).isEqualTo(random(9 * BLOCK, 2));
            assertThat(held.readAllBytes()).isEqualTo(random(9 * BLOCK, 1));
        }
    }
}
