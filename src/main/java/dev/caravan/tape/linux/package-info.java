/// Tape hardware on Linux: the system calls of the `st` and `sg` drivers by `java.lang.foreign`,
/// and what is built on them. May import `tape.drive` and `tape.changer`; nothing else in `tape`
/// makes system calls.
@NullMarked
package dev.caravan.tape.linux;

import org.jspecify.annotations.NullMarked;
