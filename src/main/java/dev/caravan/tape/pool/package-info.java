/// Media pools: which volume the next tape file goes to, its label, the proof of where it lies, and
/// the inventory of volumes. May import `tape.drive`, `tape.changer` and `tape.json`.
@NullMarked
package dev.caravan.tape.pool;

import org.jspecify.annotations.NullMarked;
