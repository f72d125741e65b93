package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A restore that was killed goes on when it is run again, and believes nothing by size and time.
@TestInstance(Lifecycle.PER_CLASS)
final class RestoreResumeIT {
    private static final int KILLS = 5;

    private Site site;

    @BeforeAll
    void aTree() throws Exception {
        site = Site.create();
        Site.execute("python3", "bench/tree.py", "mixed", site.source.toString(), "1500");
        Path outer = site.source.resolve("closed");
        Path closed = Files.createDirectories(outer.resolve("below"));
        Files.writeString(closed.resolve("file"), "in folders that nobody may write to");
        Files.createLink(site.source.resolve("another-name"), closed.resolve("file"));
        Site.execute("chmod", "0555", closed.toString(), outer.toString());
        site.demo().exits(0);
    }

    @AfterAll
    void cleanUp() throws Exception {
        Site.execute("chmod", "-R", "u+w", site.root.toString());
        site.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"nas", "tape", "offsite"})
    void killedAgainAndAgainItEndsWithTheWholeTree(String target) throws Exception {
        long seed = Long.getLong("caravan.kill.seed", System.nanoTime() & 0xFFFFF);
        System.out.println("RestoreResumeIT: -Dcaravan.kill.seed=" + seed);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        Path to = site.root.resolve("to-" + target);
        String[] command = {"restore", ".", "--to", to.toString(), "--from", target};
        long started = System.nanoTime();
        site.run("restore", ".", "--to", to + "-once", "--from", target).exits(0);
        long span = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started);

        for (int kill = 0; kill < KILLS; kill++) {
            CaravanProcess run = site.start(command);
            // a good part of the time goes by before the first file: the program starts
            run.process().waitFor(span / 3 + random.nextLong(span * 2 / 3), TimeUnit.MILLISECONDS);
            run.process().destroyForcibly().waitFor();
        }
        CaravanProcess.Outcome last = site.run(command).exits(0);

        assertThat(last.err()).as("seed %d", seed).isEmpty();
        assertThat(Site.listing(to)).as("seed %d", seed).isEqualTo(Site.listing(site.source));
        try (Stream<Path> all = Files.walk(to)) {
            assertThat(all.map(path -> path.getFileName().toString()))
                    .as("seed %d", seed)
                    .noneMatch(name -> name.startsWith(".caravan"));
        }
    }

    @Test
    void whatIsThereWithTheRightContentIsNotFetchedAgainAndWhatOnlyLooksLikeItIsRefused()
            throws Exception {
        Path to = site.root.resolve("twice");
        String[] command = {"restore", ".", "--to", to.toString()};
        site.run(command).exits(0);
        Path changed;
        try (Stream<Path> all = Files.walk(to)) {
            changed =
                    all.filter(file -> Files.isRegularFile(file) && size(file) > 100)
                            .sorted()
                            .findFirst()
                            .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(changed);
        FileTime modified = Files.getLastModifiedTime(changed);
        bytes[50] ^= 1;
        Files.write(changed, bytes);
        Files.setLastModifiedTime(changed, modified);

        CaravanProcess.Outcome again = site.run(command).exits(1);

        again.complainsOnce("'" + to.relativize(changed) + "' not restored", "--overwrite");
        assertThat(again.out()).contains("there already").contains("1 not restored");
        assertThat(Files.readAllBytes(changed)).isEqualTo(bytes);

        site.run("restore", ".", "--to", to.toString(), "--overwrite").exits(0).complainsNot();

        assertThat(Site.listing(to)).isEqualTo(Site.listing(site.source));
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (java.io.IOException gone) {
            throw new java.io.UncheckedIOException(gone);
        }
    }

    @Test
    void twoRestoresIntoOneFolderAreNotMixed() throws Exception {
        Path to = Files.createDirectory(site.root.resolve("taken"));
        Path journal = Files.createFile(to.resolve(".caravan-restore"));
        Process holder =
                new ProcessBuilder("flock", journal.toString(), "sleep", "60").inheritIO().start();
        try {
            while (!isLocked(journal)) {
                assertThat(holder.isAlive()).isTrue();
                TimeUnit.MILLISECONDS.sleep(20);
            }

            site.run("restore", ".", "--to", to.toString())
                    .exits(1)
                    .complainsOnce("--to '" + to + "'", "another restore is at work");
        } finally {
            holder.descendants().forEach(ProcessHandle::destroyForcibly);
            holder.destroyForcibly().waitFor();
        }
    }

    private static boolean isLocked(Path file) throws Exception {
        return new ProcessBuilder("flock", "-n", file.toString(), "true").start().waitFor() != 0;
    }
}
