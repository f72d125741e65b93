/// The program as a user meets it: child processes on real folders, judged by other programs
/// (rsync, diff, tar, Python) and never by our own code.
@NullMarked
package dev.caravan.it;

import org.jspecify.annotations.NullMarked;
