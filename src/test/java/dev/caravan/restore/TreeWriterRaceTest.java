package dev.caravan.restore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Stat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Somebody swaps a folder for a symlink that leads outside, again and again, while a restore
/// writes below it.
class TreeWriterRaceTest {
    private static final int LEAST = 300;
    private static final int MOST = 20_000;

    @TempDir Path base;

    @Test
    @Timeout(60)
    void nothingIsWrittenOutsideWhileAFolderAndASymlinkSwapPlaces() throws Exception {
        Path folder = base.resolve("restored");
        Files.createDirectories(folder.resolve("real"));
        Path outside = Files.createDirectory(base.resolve("outside"));
        Files.createSymbolicLink(folder.resolve("link"), outside);
        AtomicBoolean over = new AtomicBoolean();
        try (Directory root = Directory.open(folder);
                Directory swapped = Directory.open(folder)) {
            CompletableFuture<Void> swaps = CompletableFuture.runAsync(() -> swap(swapped, over));
            TreeWriter writer = new TreeWriter(root, true);
            int written = 0;
            int refused = 0;
            for (int i = 0; i < MOST && (i < LEAST || written == 0 || refused == 0); i++) {
                try {
                    write(root, writer, i);
                    written++;
                } catch (IOException swappedAway) {
                    refused++;
                }
            }
            over.set(true);
            swaps.join();

            assertThat(written).isPositive();
            assertThat(refused).isPositive();
            assertThat(outside).isEmptyDirectory();
        }
    }

    private static void write(Directory root, TreeWriter writer, int i) throws IOException {
        Stat own = root.stat(new byte[0]);
        Metadata file = metadata(Kind.FILE, 4, own, Metadata.NO_TARGET);
        switch (i % 3) {
            case 0 ->
                    writer.folder(
                            ItemPath.of("real/folder"),
                            metadata(Kind.FOLDER, 0, own, Metadata.NO_TARGET));
            case 1 ->
                    writer.symlink(
                            ItemPath.of("real/symlink"),
                            metadata(Kind.SYMLINK, 0, own, "x".getBytes(UTF_8)));
            default -> {
                try (Pending pending = writer.begin(ItemPath.of("real/file"), file)) {
                    pending.write("four".getBytes(UTF_8), 0, 4);
                    pending.publish();
                }
            }
        }
    }

    private static Metadata metadata(Kind kind, long size, Stat own, byte[] target) {
        return new Metadata(
                kind, size, own.modified(), 0755, own.uid(), own.gid(), target, 1, List.of());
    }

    /// While the folder is aside the restore may make one in its place, which is put away.
    private static void swap(Directory root, AtomicBoolean over) {
        for (int i = 0; !over.get(); i++) {
            if (!renamed(root, "real", "aside")) {
                renamed(root, "real", "made-" + i);
            }
            renamed(root, "link", "real");
            renamed(root, "real", "link");
            renamed(root, "aside", "real");
        }
    }

    private static boolean renamed(Directory root, String from, String to) {
        try {
            root.rename(name(from), root, name(to), false);
            return true;
        } catch (IOException inTheWay) {
            return false;
        }
    }

    private static byte[] name(String text) {
        return text.getBytes(UTF_8);
    }
}
