/// What is true: items, versions, copies with their evidence, targets, runs and the event log, in
/// one SQLite file. The only user of SQL. The ledger is also the queue: a wanted copy is a row.
///
/// May import: `item`.
@NullMarked
package dev.caravan.ledger;

import org.jspecify.annotations.NullMarked;
