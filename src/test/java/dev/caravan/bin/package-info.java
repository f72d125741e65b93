/// Tests of the scripts in `bin/`, run as a user runs them.
@NullMarked
package dev.caravan.bin;

import org.jspecify.annotations.NullMarked;
