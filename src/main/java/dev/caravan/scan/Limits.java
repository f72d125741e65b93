package dev.caravan.scan;

/// How far a walk goes.
///
/// @param pathBytes the longest path of an item; what is longer is skipped, and counted
/// @param openFolders how many folders are kept open at once; deeper ones are opened from the root
/// @param oneFileSystem whether what is mounted inside the source is left out
public record Limits(int pathBytes, int openFolders, boolean oneFileSystem) {

    /// 4000 bytes leave room for a prefix within the 4096 that one system call takes.
    public static final Limits DEFAULT = new Limits(4000, 200, false);
}
