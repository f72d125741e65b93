/// A tape drive as the rest of the tape code sees it: records, filemarks, positions, and the errors
/// of a drive with their names. Imports nothing of ours.
@NullMarked
package dev.caravan.tape.drive;

import org.jspecify.annotations.NullMarked;
