/// The age format, version 1 (`age-encryption.org/v1`): what is sealed here is opened by the
/// program `age` with the identity alone, and the other way round. The words are age's: an
/// **identity** is the secret half of a key, a **recipient** the public one. To **seal** is to
/// encrypt for recipients, to **open** is to decrypt with an identity.
///
/// A sealed file is a header (a **stanza** for each recipient, which holds the file's key, and a
/// MAC over them), a nonce of 16 bytes, and the content in **chunks** of 64 KiB, each with a tag of
/// 16 bytes; the last one is marked. Its length follows from that of the content, and a chunk is
/// opened without those before it.
///
/// Imports nothing of ours. Types are immutable and thread-safe, streams are for one thread.
@NullMarked
package dev.caravan.age;

import org.jspecify.annotations.NullMarked;
