package dev.caravan.segment;

import java.io.IOException;

/// Takes the content of a member in order, holes told apart from data.
public interface ContentSink {

    /// The next `length` bytes; the array is reused after the call.
    void data(byte[] bytes, int offset, int length) throws IOException;

    /// The next `length` bytes are a hole: they read as zeros and take no space.
    void hole(long length) throws IOException;
}
