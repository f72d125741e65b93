package dev.caravan.tape.pool;

import static dev.caravan.tape.pool.PoolFixture.BLOCK;
import static dev.caravan.tape.pool.PoolFixture.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.pool.PoolFixture.Bytes;
import dev.caravan.tape.pool.Volume.Gap;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MediaPoolFaultTest {
    private static final long SEED = 20261122;

    @TempDir Path directory;

    private PoolFixture library(int drives, int cartridges, long capacity, long reserve)
            throws IOException {
        return PoolFixture.over(
                VirtualLibrary.create(
                        directory.resolve("library"), drives, cartridges, capacity, reserve));
    }

    @Test
    void afterACrashInMidWriteTheTornFileStaysVoidAndAppendsGoOnBehindIt() throws IOException {
        PoolFixture setup = library(1, 1, 10 << 20, 0);
        byte[] first = random(5 * BLOCK, SEED);
        TapeFile one = setup.pool("weekly").write(Bytes.of(first));
        Path image = setup.library().directory().resolve("VT0001L8/p0.tap");
        long committed = Files.size(image);
        byte[] inventory =
                Files.readAllBytes(setup.library().directory().resolve("inventory.json"));
        setup.pool("weekly").write(Bytes.of(random(5 * BLOCK + 11, SEED + 1)));
        byte[] whole = Files.readAllBytes(image);

        Random random = new Random(SEED);
        for (int round = 0; round < 30; round++) {
            int length = (int) committed + random.nextInt((int) (whole.length - committed) + 1);
            Path copy = directory.resolve("crash" + round);
            copyTree(setup.library().directory(), copy);
            Files.write(copy.resolve("VT0001L8/p0.tap"), Arrays.copyOf(whole, length));
            Files.write(copy.resolve("inventory.json"), inventory);
            PoolFixture after = PoolFixture.over(VirtualLibrary.open(copy));

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
        PoolFixture setup = library(1, 1, 10 << 20, 0);
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
        PoolFixture setup = library(1, 2, 10 << 20, 0);
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
        PoolFixture setup = library(1, 3, 10 << 20, 0);
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
        PoolFixture setup = library(1, 2, 10 << 20, 0);
        setup.pool("weekly").write(Bytes.of(random(10, SEED)));
        setup.pool("daily").write(Bytes.of(random(10, SEED)));
        Path one = setup.library().directory().resolve("VT0001L8/p0.tap");
        Path two = setup.library().directory().resolve("VT0002L8/p0.tap");
        byte[] bytes = Files.readAllBytes(one);
        Files.copy(two, one, StandardCopyOption.REPLACE_EXISTING);
        Files.write(two, bytes);
        PoolFixture after = PoolFixture.over(VirtualLibrary.open(setup.library().directory()));

        assertThatThrownBy(() -> after.pool("weekly").write(Bytes.of(random(10, SEED))))
                .isInstanceOf(LibraryFullException.class)
                .hasMessageContaining("its label says VT0002L8");
    }

    @Test
    void aWriteErrorTakesTheVolumeOutOfWriting() throws IOException {
        PoolFixture setup = library(1, 2, 10 << 20, 0);
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
        PoolFixture setup = library(1, 2, 10 << 20, 0);
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
        PoolFixture setup = library(1, 1, 10 << 20, 0);
        MediaPool pool = setup.pool("weekly");
        Body failing = FailingBody.after(20 * BLOCK); // more than wait to be written

        assertThatThrownBy(() -> pool.write(failing)).hasMessage("the source is gone");

        byte[] next = random(10, SEED);
        TapeFile file = pool.write(Bytes.of(next));
        assertThat(setup.volume("VT0001L8").gaps()).hasSize(1);
        assertThat(setup.readAll(file)).isEqualTo(next);
    }

    @Test
    void aDriveThatAnotherProgramHoldsIsWaitedFor() throws Exception {
        PoolFixture setup = library(1, 1, 10 << 20, 0);
        TapeFile file = setup.pool("weekly").write(Bytes.of(random(10, SEED)));
        Drive held = VirtualLibrary.open(setup.library().directory()).open(0);

        CompletableFuture<byte[]> read =
                CompletableFuture.supplyAsync(() -> {
                    try {
                        return setup.readAll(file);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
        assertThatThrownBy(() -> read.get(300, TimeUnit.MILLISECONDS))
                .isInstanceOf(TimeoutException.class);
        held.close();

        assertThat(read.get()).isEqualTo(random(10, SEED));
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (var paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }
}
