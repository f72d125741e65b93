/// What is in a source: the walk that sees it, the selection of what is wanted, the contents of
/// what was seen, and the Camel component `scan:` that picks up what changed.
///
/// May import: `item`, `config`, `ledger`, `posix`.
@NullMarked
package dev.caravan.scan;

import org.jspecify.annotations.NullMarked;
