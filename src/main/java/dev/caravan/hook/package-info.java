/// The commands that an operator has run before and after a scan, and what must hold however they
/// end: what one made for a scan is undone.
///
/// May import: nothing of ours.
@NullMarked
package dev.caravan.hook;

import org.jspecify.annotations.NullMarked;
