/// What is wrong with a set of route files, found without starting Camel: all of it in one pass,
/// each with file and line. Run by `caravan check`, before a start, and before a reload.
///
/// May import: `config`, `item`, `ledger`.
@NullMarked
package dev.caravan.pipeline.check;

import org.jspecify.annotations.NullMarked;
