package dev.caravan.posix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SwapRaceTest {

    private static final int SWAPS = 20_000;

    /// So many, if the reader gets no turn on a busy machine.
    private static final int MOST_SWAPS = 50 * SWAPS;

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Timeout(60)
    void noFileOutsideIsOpenedWhileAFolderAndASymlinkSwapPlaces(boolean byKernel) throws Exception {
        Path source = folder.resolve("source");
        Files.createDirectories(source.resolve("real"));
        Path outside = Files.createDirectories(folder.resolve("outside"));
        Files.writeString(source.resolve("real/file"), "inside");
        Files.writeString(outside.resolve("file"), "SECRET");
        Files.createSymbolicLink(source.resolve("link"), outside);
        try (Directory root =
                Directory.open(source, byKernel ? Resolution.BY_KERNEL : Resolution.BY_PARTS)) {
            AtomicBoolean bothSeen = new AtomicBoolean();
            CompletableFuture<Void> swaps = CompletableFuture.runAsync(() -> swap(root, bothSeen));

            int inside = 0;
            int refused = 0;
            while (!swaps.isDone()) {
                try (OpenFile file = root.openFile(name("real/file"))) {
                    byte[] bytes = new byte[6];
                    file.read(bytes, 0, 6);
                    assertThat(new String(bytes, UTF_8)).isEqualTo("inside");
                    inside++;
                } catch (PosixException expected) {
                    assertThat(expected.errno()).isIn(Errno.ELOOP, Errno.ENOENT, Errno.ENOTDIR);
                    refused++;
                }
                bothSeen.set(inside > 0 && refused > 0);
            }

            swaps.join();
            assertThat(inside).isPositive();
            assertThat(refused).isPositive();
        }
    }

    private static void swap(Directory root, AtomicBoolean bothSeen) {
        try {
            for (int i = 0; i < SWAPS || (i < MOST_SWAPS && !bothSeen.get()); i++) {
                root.rename(name("real"), root, name("aside"), false);
                root.rename(name("link"), root, name("real"), false);
                root.rename(name("real"), root, name("link"), false);
                root.rename(name("aside"), root, name("real"), false);
            }
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static byte[] name(String text) {
        return text.getBytes(UTF_8);
    }
}
