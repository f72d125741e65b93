/// What makes a copy durable and proven, per kind of target: publishing on a NAS, proof over SFTP,
/// evidence from a tape drive; and how the bytes of a copy are read again.
///
/// May import: `item`, `ledger`, `segment`, `posix`. Tapes are reached by URI only.
@NullMarked
package dev.caravan.target;

import org.jspecify.annotations.NullMarked;
