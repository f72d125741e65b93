/// What is protected: items, their versions and their names as bytes. Pure values; imports nothing
/// of ours.
@NullMarked
package dev.caravan.item;

import org.jspecify.annotations.NullMarked;
