/// The Camel component `ledger:` (register, wanted, record, fail) and what runs behind a copy
/// route: one lane per target that claims, carries, proves and records.
///
/// May import: `item`, `ledger`, `segment`, `target`. Tapes are reached by URI `tape:` only.
@NullMarked
package dev.caravan.pipeline;

import org.jspecify.annotations.NullMarked;
