/// The commands, one class each, and the composition root that puts a home's parts together. May
/// import everything; nobody imports it.
@NullMarked
package dev.caravan.cli;

import org.jspecify.annotations.NullMarked;
