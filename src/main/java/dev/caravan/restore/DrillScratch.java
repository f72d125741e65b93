package dev.caravan.restore;

import dev.caravan.item.ItemPath;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.PosixException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// A folder for what a drill brings back, readable by its owner only, that is gone when it is
/// closed, and what a killed drill has left in it when the next one begins. Confined to one thread.
public final class DrillScratch implements AutoCloseable {
    private final Directory in;
    private final byte[] name;
    private int folders;

    private DrillScratch(Directory in, byte[] name) {
        this.in = in;
        this.name = name;
    }

    /// @param in stays the caller's to close
    /// @param owner whose drills these are; one at a time
    public static DrillScratch create(Directory in, String owner) throws IOException {
        byte[] name = (".caravan-drill-" + owner).getBytes(StandardCharsets.US_ASCII);
        DrillScratch scratch = new DrillScratch(in, name);
        scratch.close();
        in.makeDirectory(name, 0700);
        return scratch;
    }

    /// A new, empty folder in it, to be closed by the caller.
    Directory newFolder() throws IOException {
        byte[] folder = Integer.toString(++folders).getBytes(StandardCharsets.US_ASCII);
        try (Directory all = in.openDirectory(name)) {
            all.makeDirectory(folder, 0700);
            return all.openDirectory(folder);
        }
    }

    /// Removes all of it, however deep and however closed its folders are.
    @Override
    public void close() throws IOException {
        try (Directory all = in.openDirectory(name)) {
            List<ItemPath> found = new ArrayList<>();
            Deque<ItemPath> left = new ArrayDeque<>(List.of(ItemPath.ROOT));
            while (!left.isEmpty()) {
                ItemPath path = left.removeLast();
                empty(all, path, left);
                found.add(path);
            }
            for (ItemPath folder : found.reversed()) {
                if (!folder.isRoot()) {
                    all.removeDirectory(folder.bytes());
                }
            }
        } catch (PosixException none) {
            if (none.is(Errno.ENOENT)) {
                return;
            }
            throw none;
        }
        in.removeDirectory(name);
    }

    private static void empty(Directory all, ItemPath path, Deque<ItemPath> folders)
            throws IOException {
        if (!path.isRoot()) {
            all.setMode(path.bytes(), 0700);
        }
        List<byte[]> files = new ArrayList<>();
        try (Directory folder = all.openDirectory(path.bytes())) {
            folder.list((entry, isFolder) -> {
                if (isFolder) {
                    folders.addLast(path.child(entry));
                } else {
                    files.add(entry);
                }
            });
            for (byte[] file : files) {
                folder.removeFile(file);
            }
        }
    }
}
