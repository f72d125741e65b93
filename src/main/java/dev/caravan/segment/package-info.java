/// Segments: pax archives made on the fly from versions, and read back. The format is written down
/// in `src/main/docs/segment-format.md`. Imports only `dev.caravan.item`.
@NullMarked
package dev.caravan.segment;

import org.jspecify.annotations.NullMarked;
