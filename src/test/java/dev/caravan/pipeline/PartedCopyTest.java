package dev.caravan.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.Content;
import dev.caravan.ledger.CopyState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files larger than a segment on their way through a real copy route to a virtual library.
class PartedCopyTest {
    private static final int SEGMENT = PartedSite.SEGMENT;
    private static final int LARGE = 5 * SEGMENT + 1000;

    @TempDir Path folder;

    @Test
    void aFileOfTheSizeOfASegmentIsInOnePieceAndALargerOneInParts() throws Exception {
        try (PartedSite site = site(3, 2 << 20)) {
            site.source.put("just-fits", random(SEGMENT, 1));
            site.source.put("one-more", random(SEGMENT + 1, 2));
            site.scan();

            site.pass();

            assertThat(site.copy("just-fits").parts()).isEmpty();
            assertThat(site.copy("one-more").parts()).hasSize(2);
            site.assertOnTape("just-fits");
            site.assertOnTape("one-more");
        }
    }

    /// Sizes around the boundaries of parts, cartridges that end somewhere within them.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void whereverPartsAndCartridgesEndTheFileIsWhole(long seed) throws Exception {
        Random random = new Random(seed);
        long capacity = 250_000 + random.nextInt(300_000);
        try (PartedSite site = site(30, capacity)) {
            for (int i = 0; i < 4; i++) {
                int size =
                        Math.max(1, (random.nextInt(8) * SEGMENT) + random.nextInt(3) - 1)
                                + (random.nextBoolean() ? random.nextInt(SEGMENT) : 0);
                site.source.put("file-" + i, random(size, seed * 10 + i));
            }
            site.scan();

            site.pass();

            for (int i = 0; i < 4; i++) {
                site.assertOnTape("file-" + i);
            }
            assertThat(site.sql("SELECT count(*) FROM part WHERE void = 1")).containsExactly("0");
            assertThat(site.sql("SELECT count(DISTINCT volume_id) FROM object").getFirst())
                    .isNotEqualTo("1");
        }
    }

    @Test
    void theHolesOfASparseFileTakeNoParts() throws Exception {
        byte[] bytes = new byte[200 * SEGMENT];
        byte[] data = random(3 * SEGMENT, 3);
        int at = 100 * SEGMENT;
        System.arraycopy(data, 0, bytes, at, data.length);
        try (PartedSite site = site(3, 2 << 20)) {
            site.source.put("sparse", bytes, List.of(new Content.Extent(at, data.length)));
            site.source.put("hardly", new byte[10 * SEGMENT], List.of(new Content.Extent(0, 512)));
            site.scan();

            site.pass();

            assertThat(site.copy("sparse").parts()).hasSize(3);
            assertThat(site.copy("hardly").parts()).isEmpty();
            site.assertOnTape("sparse");
            site.assertOnTape("hardly");
        }
    }

    /// At each moment the disk is as a kill would leave it: from there another program goes on.
    @Test
    void afterACrashAtAnyStepWhatIsRecordedIsNotWrittenAgain() throws Exception {
        List<Path> snapshots = new ArrayList<>();
        List<Integer> recorded = new ArrayList<>();
        try (PartedSite site = site(8, 400_000)) {
            site.source.put("large", random(LARGE, 4));
            site.scan();
            PartedSite.Hook snapshot =
                    part -> {
                        Path to = folder.resolve("crash-" + snapshots.size());
                        snapshots.add(to);
                        recorded.add(site.ledger.parts().of("tape", site.version("large")).size());
                        site.snapshot(to);
                    };
            site.beforeTape = snapshot;
            site.afterTape = snapshot;
            site.pass();
            site.assertOnTape("large");
            assertThat(snapshots).hasSize(12);

            for (int i = 0; i < snapshots.size(); i++) {
                try (PartedSite next = site.reopened(snapshots.get(i))) {
                    assertThat(next.copy("large").state()).isEqualTo(CopyState.WANTED);

                    next.pass();

                    next.assertOnTape("large");
                    assertThat(next.copy("large").parts()).hasSize(6);
                    assertThat(next.written).as("crash %d", i).hasSize(6 - recorded.get(i));
                    assertThat(next.sql("SELECT count(DISTINCT part_set) FROM part"))
                            .containsExactly("1");
                }
            }
        }
    }

    @Test
    void aFileThatChangesBetweenPartsIsVoidAndWrittenAnew() throws Exception {
        try (PartedSite site = site(8, 2 << 20)) {
            site.source.put("large", random(LARGE, 5));
            site.source.put("small", random(100, 6));
            site.scan();
            site.beforeTape =
                    part -> {
                        if (part == 4) {
                            site.source.put("large", random(LARGE, 7));
                        }
                    };

            site.pass();

            site.assertOnTape("small");
            assertThat(
                            site.ledger
                                    .counts()
                                    .report(new dev.caravan.ledger.Policy(2, 2, 0))
                                    .targets()
                                    .getFirst()
                                    .copies())
                    .isEqualTo(1);
            assertThat(site.sql("SELECT number FROM part WHERE void = 1")).hasSize(3);

            site.beforeTape = part -> {};
            site.scan();
            site.pass();

            site.assertOnTape("large");
            assertThat(site.sql("SELECT number FROM part WHERE void = 0")).hasSize(6);
            assertThat(site.sql("SELECT detail FROM event WHERE kind = 'voided'"))
                    .containsExactly("{\"version\":1,\"parts\":3}");
        }
    }

    @Test
    void aFileThatChangedWhileNobodyRanVoidsWhatWasWrittenOfIt() throws Exception {
        Path crashed = folder.resolve("crash");
        try (PartedSite site = site(8, 2 << 20)) {
            site.source.put("large", random(LARGE, 8));
            site.scan();
            site.beforeTape =
                    part -> {
                        if (part == 4) {
                            site.snapshot(crashed);
                        }
                    };
            site.pass();

            site.source.put("large", random(LARGE + SEGMENT, 9));
            try (PartedSite next = site.reopened(crashed)) {
                next.scan();
                next.pass();

                next.assertOnTape("large");
                assertThat(next.copy("large").parts()).hasSize(7);
                assertThat(next.sql("SELECT number FROM part WHERE void = 1")).hasSize(3);
            }
        }
    }

    /// A file system that does not tell of a change is found out by the hash of the part.
    @Test
    void aRecordedPartWithOtherBytesThanTheSourceIsWrittenAgain() throws Exception {
        Path crashed = folder.resolve("crash");
        byte[] bytes = random(LARGE, 10);
        try (PartedSite site = site(8, 2 << 20)) {
            site.source.put("large", bytes);
            site.scan();
            site.beforeTape =
                    part -> {
                        if (part == 4) {
                            site.snapshot(crashed);
                        }
                    };
            site.pass();

            bytes[SEGMENT + 5] ^= 1; // in part 2
            try (PartedSite next = site.reopened(crashed)) {
                next.pass();

                next.assertOnTape("large");
                assertThat(next.written).hasSize(4);
                assertThat(next.sql("SELECT number FROM part WHERE void = 1")).containsExactly("2");
            }
        }
    }

    @Test
    void aFailureOfTheTargetBetweenPartsCostsNoSecondReading() throws Exception {
        try (PartedSite site = site(8, 2 << 20)) {
            site.source.put("large", random(LARGE, 11));
            site.scan();
            site.beforeTape =
                    part -> {
                        if (part == 4) {
                            throw new java.io.IOException("the drive is busy");
                        }
                    };

            site.pass();

            site.assertOnTape("large");
            assertThat(site.written).hasSize(6);
            assertThat(site.source.bytesRead).hasValue(LARGE);
        }
    }

    @Test
    void aFileThatDoesNotFitIsNotBegunAndHoldsUpNothing() throws Exception {
        try (PartedSite site = site(2, 400_000)) {
            site.source.put("a-large", random(20 * SEGMENT, 12));
            site.source.put("b-small", random(1000, 13));
            site.scan();
            site.room = Optional.of(List.of(400_000L, 400_000L));

            site.pass();

            site.assertOnTape("b-small");
            assertThat(site.copy("a-large").state()).isEqualTo(CopyState.WANTED);
            assertThat(site.copy("a-large").lastError())
                    .contains("library full", "'a-large' does not fit", "add cartridges");
            assertThat(site.written).hasSize(1);
        }
    }

    @Test
    void aNameThatTheSourceHasAlreadyIsNotGivenToAPart() throws Exception {
        try (PartedSite site = site(3, 2 << 20)) {
            site.source.put("large", random(2 * SEGMENT, 15));
            site.source.put("large.part-00001-of-00002", random(100, 16));
            site.source.put("other", random(2 * SEGMENT, 17));
            site.scan();

            site.pass();

            assertThat(site.copy("large").parts()).allMatch(part -> part.part().hidden());
            assertThat(site.copy("other").parts()).noneMatch(part -> part.part().hidden());
            site.assertOnTape("large");
            site.assertOnTape("large.part-00001-of-00002");
        }
    }

    @Test
    void aSmallerSegmentSizeVoidsPartsThatWereCutLarger() throws Exception {
        Path crashed = folder.resolve("crash");
        try (PartedSite site = site(8, 2 << 20)) {
            site.source.put("large", random(LARGE, 14));
            site.scan();
            site.beforeTape =
                    part -> {
                        if (part == 3) {
                            site.snapshot(crashed);
                        }
                    };
            site.pass();

            try (PartedSite next = site.reopened(crashed)) {
                next.segment = SEGMENT / 2;
                next.pass();

                next.assertOnTape("large");
                assertThat(next.copy("large").parts()).hasSize(11);
                assertThat(next.sql("SELECT number FROM part WHERE void = 1")).hasSize(2);
            }
        }
    }

    private PartedSite site(int cartridges, long capacity) throws Exception {
        return PartedSite.create(folder.resolve("site"), cartridges, capacity);
    }

    private static byte[] random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
