/// What a home is and what its operator set: `config/caravan.properties`, read once into immutable,
/// typed values. Everything that is wrong with it is found in one pass, each with file and line.
///
/// May import: `item`.
@NullMarked
package dev.caravan.config;

import org.jspecify.annotations.NullMarked;
