package dev.caravan.scan;

import dev.caravan.posix.Stat;

/// Which file or folder it is, whatever its name: the numbers of stat(2).
public record FileId(long device, long inode) {

    public static FileId of(Stat stat) {
        return new FileId(stat.device(), stat.inode());
    }
}
