/// Small JSON files that survive a power cut, and the only place below `tape` that touches Camel's
/// JSON reader. Imports nothing of ours.
@NullMarked
package dev.caravan.tape.json;

import org.jspecify.annotations.NullMarked;
