package dev.caravan.tape.pool;

import static dev.caravan.tape.pool.PoolFixture.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.pool.PoolFixture.Bytes;
import dev.caravan.tape.pool.TapeFile.Proof;
import dev.caravan.tape.pool.Volume.Gap;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/// Wherever the tape ends, what was said to be written is there, and nothing partial is said to be
/// (`reliability` row 21): in a record, in a filemark, in the label, in the last record of a body.
class EndOfMediumTest {
    private static final int BLOCK = 64;
    private static final int FRAMED = BLOCK + 8;
    private static final int FILEMARK = 4;
    private static final int CARTRIDGES = 3;

    /// Tens of thousands of syncs cost nothing there.
    private static final Path IN_MEMORY = Path.of("/dev/shm");

    /// Three records and a short one: what is cut off is in turn each of them.
    private static final int BODY = 3 * BLOCK + 17;

    /// What a library is like.
    ///
    /// @param capacity bytes of each cartridge
    /// @param reserve how many of them are behind the early warning
    /// @param takesOnNoSpace the drive records what it answers with no space
    /// @param tellsPosition the drive knows where it is
    private record Tapes(
            long capacity, long reserve, boolean takesOnNoSpace, boolean tellsPosition) {}

    private static int labelBytes() {
        VolumeLabel label =
                new VolumeLabel(
                        new Barcode("VT0001L8"),
                        UUID.randomUUID(),
                        "weekly",
                        BLOCK,
                        Instant.now(),
                        new MediaSet(1, 1));
        return label.archive().length + 8 + FILEMARK;
    }

    @Test
    void everyCapacityInBytesAroundTheLabelAndTheFirstTapeFiles() throws IOException {
        int label = labelBytes();
        int file = 3 * FRAMED + 17 + 1 + 8 + FILEMARK;
        Set<Integer> held = new TreeSet<>();
        for (long capacity = label - 6; capacity <= label + 2 * file + 6; capacity++) {
            held.add(fillAndReadBack(new Tapes(capacity, 0, false, true), sameBodies()));
        }
        assertThat(held).as("cartridges of nothing, one and two bodies").containsExactly(0, 1, 2);
    }

    @Test
    void everyCapacityOfADriveThatRecordsWhatItRefused() throws IOException {
        int label = labelBytes();
        for (long capacity = label - 6; capacity <= label + 6 * FRAMED; capacity += 5) {
            for (long reserve : new long[] {0, FRAMED, 3 * FRAMED + 1}) {
                fillAndReadBack(new Tapes(capacity, reserve, true, true), sameBodies());
            }
        }
    }

    @Test
    void everyCapacityOfADriveThatCannotTellItsPosition() throws IOException {
        int label = labelBytes();
        for (long capacity = label - 6; capacity <= label + 6 * FRAMED; capacity += 5) {
            for (long reserve : new long[] {0, 3 * FRAMED + 1}) {
                fillAndReadBack(new Tapes(capacity, reserve, false, false), sameBodies());
            }
        }
    }

    @Test
    void aCartridgeTooSmallForALabelIsNeverWritten() throws IOException {
        for (long capacity = 1; capacity < 20; capacity++) {
            fillAndReadBack(new Tapes(capacity, 0, false, true), sameBodies());
        }
    }

    @Property(tries = 150, shrinking = ShrinkingMode.BOUNDED)
    void anyCapacityAnyReserveAnyBodies(
            @ForAll @IntRange(min = -200, max = 40 * FRAMED) int behindLabel,
            @ForAll @IntRange(max = 20 * FRAMED) int reserve,
            @ForAll boolean takesOnNoSpace,
            @ForAll boolean tellsPosition,
            @ForAll @Size(min = 1, max = 12)
                    List<@IntRange(min = 1, max = 12 * BLOCK) Integer> sizes)
            throws IOException {
        long capacity = labelBytes() + behindLabel;
        // a drive that records what it refuses and cannot tell its position could write a tape that
        // nobody understands: there is none
        fillAndReadBack(
                new Tapes(
                        capacity,
                        Math.min(reserve, capacity),
                        takesOnNoSpace && tellsPosition,
                        tellsPosition),
                sizes);
    }

    private static List<Integer> sameBodies() {
        return List.of(BODY, BODY, BODY, BODY, BODY, BODY, BODY);
    }

    /// Writes the bodies until the library is full, and reads all back: with the inventory as it
    /// was left, and with one that was made anew from the tapes.
    ///
    /// @return how many bodies the first cartridge took
    private static int fillAndReadBack(Tapes tapes, List<Integer> sizes) throws IOException {
        Path directory =
                Files.isWritable(IN_MEMORY)
                        ? Files.createTempDirectory(IN_MEMORY, "end-of-medium")
                        : Files.createTempDirectory("end-of-medium");
        try {
            VirtualLibrary library =
                    VirtualLibrary.create(
                            directory.resolve("library"),
                            1,
                            CARTRIDGES,
                            tapes.capacity(),
                            tapes.reserve());
            library.faults().recordOnNoSpace(tapes.takesOnNoSpace());
            library.faults().hidePosition(!tapes.tellsPosition());
            PoolFixture setup = PoolFixture.over(library);
            List<byte[]> bodies = new ArrayList<>();
            List<TapeFile> files = write(setup, sizes, bodies);

            readBack(tapes + " written", setup, files, bodies);
            assertAllIsAccountedFor(tapes, setup, files);
            setup.inventory().replace(List.of());
            InventoryRebuild.run(setup.bays(), setup.inventory());
            readBack(tapes + " rebuilt", setup, files, bodies);
            return (int) files.stream().filter(f -> f.volume().text().equals("VT0001L8")).count();
        } finally {
            delete(directory);
        }
    }

    private static List<TapeFile> write(PoolFixture setup, List<Integer> sizes, List<byte[]> bodies)
            throws IOException {
        MediaPool pool =
                new MediaPool(
                        "weekly",
                        BLOCK,
                        setup.bays(),
                        setup.inventory(),
                        Clock.systemUTC(),
                        UUID::randomUUID);
        List<TapeFile> files = new ArrayList<>();
        for (int size : sizes) {
            byte[] body = random(size, files.size());
            try {
                files.add(pool.write(Bytes.of(body)));
                bodies.add(body);
            } catch (LibraryFullException | SegmentTooLargeException e) {
                // the right ends of a small library; a smaller body may still fit
            }
        }
        return files;
    }

    private static void readBack(
            String what, PoolFixture setup, List<TapeFile> files, List<byte[]> bodies)
            throws IOException {
        for (int i = 0; i < files.size(); i++) {
            assertThat(setup.readAll(files.get(i)))
                    .as("%s, body %d", what, i)
                    .isEqualTo(bodies.get(i));
        }
    }

    /// Every block of a tape is in the label, in one tape file or in one gap, and the tape ends
    /// where the inventory says.
    private static void assertAllIsAccountedFor(
            Tapes tapes, PoolFixture setup, List<TapeFile> files) throws IOException {
        for (Volume volume : setup.inventory().volumes()) {
            String what = tapes + " " + volume;
            List<long[]> stretches = new ArrayList<>();
            for (TapeFile file : files) {
                if (file.volume().equals(volume.barcode())) {
                    assertThat(file.proof())
                            .as(what)
                            .isEqualTo(tapes.tellsPosition() ? Proof.POSITION : Proof.CONTENT);
                    assertThat(file.endBlock() - file.block())
                            .as(what)
                            .isEqualTo(file.records() + 1);
                    assertThat(file.records())
                            .as(what)
                            .isEqualTo((file.bytes() + BLOCK - 1) / BLOCK);
                    stretches.add(new long[] {file.block(), file.endBlock()});
                }
            }
            for (Gap gap : volume.gaps()) {
                stretches.add(new long[] {gap.block(), gap.endBlock()});
            }
            stretches.sort(Comparator.comparingLong(s -> s[0]));
            long end = 2;
            for (long[] stretch : stretches) {
                assertThat(stretch[0]).as(what).isEqualTo(end);
                end = stretch[1];
            }
            assertThat(volume.endOfData()).as(what).isEqualTo(end);
            assertThat(volume.files()).as(what).isEqualTo(1 + stretches.size());
            assertThat(blocks(setup, volume)).as(what).isEqualTo(end);
        }
    }

    private static long blocks(PoolFixture setup, Volume volume) throws IOException {
        setup.library().faults().hidePosition(false);
        try (DriveBays.Mount mount = setup.bays().mount(volume.barcode())) {
            Drive drive = mount.drive();
            drive.seekToEndOfData();
            return drive.position().orElseThrow();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
