/// What is in a source: the walk that sees it, the selection of what is wanted, and the contents of
/// what was seen. May import item, ledger and posix.
@NullMarked
package dev.caravan.scan;

import org.jspecify.annotations.NullMarked;
