package dev.caravan.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.opentest4j.TestAbortedException;

/// A file system that knows no links, owners, modes or extended attributes, takes `A` and `a` for
/// one name, and refuses `:`, as a share of a Windows server does: exFAT, by FUSE.
record ExFatDisk(Path path) implements AutoCloseable {

    /// @param root what is made in it: the folder `exfat`, and its image beside it
    /// @throws TestAbortedException where there is none
    static ExFatDisk mount(Path root) throws Exception {
        assumeTrue(
                Files.exists(Path.of("/dev/fuse"))
                        && Files.isExecutable(Path.of("/usr/sbin/mkfs.exfat"))
                        && Files.isExecutable(Path.of("/usr/sbin/mount.exfat-fuse")),
                "no exFAT here: apt install exfatprogs exfat-fuse");
        assumeTrue(Site.isRoot(), "only root can mount it");
        Path image = root.resolve("exfat.image");
        Path path = Files.createDirectory(root.resolve("exfat"));
        Site.execute("truncate", "-s", "64M", image.toString());
        Site.execute("mkfs.exfat", image.toString());
        try {
            String loop = Site.execute("losetup", "--find", "--show", image.toString()).strip();
            try {
                Site.execute("mount.exfat-fuse", loop, path.toString());
            } finally {
                Site.execute("losetup", "--detach", loop); // once nobody uses it
            }
        } catch (AssertionError refused) {
            throw new TestAbortedException("no loop device or no FUSE here", refused);
        }
        return new ExFatDisk(path);
    }

    @Override
    public void close() throws Exception {
        Site.execute("umount", path.toString());
    }
}
