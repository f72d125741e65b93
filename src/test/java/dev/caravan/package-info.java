/// What holds for the project as a whole: the walls between packages, and documents that are true.
@NullMarked
package dev.caravan;

import org.jspecify.annotations.NullMarked;
