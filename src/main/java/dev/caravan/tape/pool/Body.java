package dev.caravan.tape.pool;

import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;

/// The bytes of one tape file. It is opened again from its start when the first cartridge turns out
/// to be too full.
public interface Body {
    /// A stream from the first byte. One that is also a `ReadableByteChannel` is read into the
    /// drive's buffer without a copy in between. The caller of the pool closes it.
    ///
    /// @throws IOException if the bytes cannot be read a second time
    InputStream open() throws IOException;

    /// How many bytes there will be, where that is known.
    OptionalLong length();
}
