package dev.caravan.item;

import java.time.Instant;

/// What stat(2) says of a file's identity and state: two equal fingerprints of one path mean that
/// nobody wrote to it in between, as far as the file system can tell. `changed` is the inode's
/// change time (ctime), which a program cannot set.
public record Fingerprint(long device, long inode, long size, Instant modified, Instant changed) {}
