package dev.caravan.age;

import java.io.IOException;
import java.io.InputStream;

/// A sealed file that can be read from any place.
@FunctionalInterface
public interface Stored {
    /// Its bytes from there to its end. Whoever asks closes the stream, mostly before that.
    InputStream from(long offset) throws IOException;
}
