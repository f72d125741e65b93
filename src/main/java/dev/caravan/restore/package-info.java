/// Brings items back: the plan, the writing of a tree, and the check of what was written. May
/// import item, ledger, segment, target and posix.
@NullMarked
package dev.caravan.restore;

import org.jspecify.annotations.NullMarked;
