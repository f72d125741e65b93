/// The system calls that Java lacks, for Linux on x86-64 and aarch64, by the Foreign Function and
/// Memory API: names as bytes, everything relative to an open directory, never through a symlink.
/// Imports nothing of ours.
@NullMarked
package dev.caravan.posix;

import org.jspecify.annotations.NullMarked;
