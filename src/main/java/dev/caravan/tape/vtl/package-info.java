/// A virtual tape library on a disk: SIMH `.tap` images behind drives that behave as the Linux `st`
/// driver was measured to behave. May import `tape.drive`, `tape.changer` and `tape.json`.
@NullMarked
package dev.caravan.tape.vtl;

import org.jspecify.annotations.NullMarked;
