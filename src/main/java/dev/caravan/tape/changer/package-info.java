/// The library as a machine: slots, drives and the changer that moves cartridges between them. May
/// import `tape.drive`.
@NullMarked
package dev.caravan.tape.changer;

import org.jspecify.annotations.NullMarked;
