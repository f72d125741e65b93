/// What makes the ledger evidence: heads of its event log signed with the home's own key, exported
/// with snapshots of it for the routes to carry, and compared with it.
///
/// May import: `item`, `ledger`.
@NullMarked
package dev.caravan.audit;

import org.jspecify.annotations.NullMarked;
