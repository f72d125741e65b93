package dev.caravan.posix;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a folder lies on, in one word by which two folders can be told to fail together.
///
/// It is the block device, or the share, that the kernel says is mounted there: that is the same
/// for all subvolumes and bind mounts, and after a restart. Where nothing of that kind is mounted
/// (a tmpfs), it is the number of the file system.
public final class DiskDomain {
    /// File systems that ask nobody but a disk of this machine, or its memory.
    private static final Set<String> LOCAL =
            Set.of(
                    "bcachefs",
                    "btrfs",
                    "exfat",
                    "ext2",
                    "ext3",
                    "ext4",
                    "f2fs",
                    "jfs",
                    "ntfs3",
                    "overlay",
                    "ramfs",
                    "tmpfs",
                    "vfat",
                    "xfs",
                    "zfs");

    private DiskDomain() {}

    /// Whether a folder is on a file system that asks no server and no other program; not if that
    /// can not be told.
    public static boolean isLocal(Path folder) {
        try {
            return LOCAL.contains(Files.getFileStore(folder).type());
        } catch (IOException unknown) {
            return false;
        }
    }

    /// @return such as `disk /dev/sdb1`, `disk nas:/export` or `disk 64512`; null if the folder can
    ///   not be looked at
    public static @Nullable String of(Path folder) {
        String mounted = mounted(folder);
        try {
            return "disk " + (mounted != null ? mounted : Files.getAttribute(folder, "unix:dev"));
        } catch (IOException | UnsupportedOperationException unknown) {
            return null;
        }
    }

    private static @Nullable String mounted(Path folder) {
        try {
            FileStore store = Files.getFileStore(folder);
            String name = store.name();
            return name.startsWith("/") || name.contains(":") ? name : null;
        } catch (IOException unknown) {
            return null; // some containers do not list what a folder is mounted from
        }
    }
}
