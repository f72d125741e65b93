/// The Camel component `tape:`: writes each body as one tape file of a media pool and brings tape
/// files back. Ships as a jar of its own, so it imports nothing of ours but its own sub-packages;
/// only this package knows Camel's API.
@NullMarked
package dev.caravan.tape;

import org.jspecify.annotations.NullMarked;
