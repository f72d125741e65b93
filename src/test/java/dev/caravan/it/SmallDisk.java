package dev.caravan.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.opentest4j.TestAbortedException;

/// A file system in memory that is soon full.
record SmallDisk(Path path) implements AutoCloseable {

    /// @throws TestAbortedException where nothing may be mounted
    static SmallDisk mount(Path path, String size) throws Exception {
        assumeTrue(Site.isRoot(), "only root can mount a small disk");
        Files.createDirectory(path);
        try {
            Site.execute("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", path.toString());
        } catch (AssertionError refused) {
            throw new TestAbortedException("no tmpfs can be mounted here", refused);
        }
        return new SmallDisk(path);
    }

    void resize(String size) throws Exception {
        Site.execute("mount", "-o", "remount,size=" + size, path.toString());
    }

    /// How many files, folders and links it has.
    int inodesUsed() throws Exception {
        String said = Site.execute("df", "--output=iused", path.toString());
        return Integer.parseInt(said.lines().toList().getLast().strip());
    }

    void inodes(int inodes) throws Exception {
        Site.execute("mount", "-o", "remount,nr_inodes=" + inodes, path.toString());
    }

    void readOnly() throws Exception {
        Site.execute("mount", "-o", "remount,ro", path.toString());
    }

    void writable() throws Exception {
        Site.execute("mount", "-o", "remount,rw", path.toString());
    }

    @Override
    public void close() throws IOException {
        try {
            Site.execute("umount", path.toString());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while unmounting " + path, stopped);
        }
    }
}
