package dev.caravan.tape.pool;

import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;

/// Gives so many bytes, and then its source is gone.
record FailingBody(int bytes) implements Body {
    static FailingBody after(int bytes) {
        return new FailingBody(bytes);
    }

    @Override
    public InputStream open() {
        return new InputStream() {
            private int given;

            @Override
            public int read() throws IOException {
                if (given++ < bytes) {
                    return 7;
                }
                throw new IOException("the source is gone");
            }
        };
    }

    @Override
    public OptionalLong length() {
        return OptionalLong.empty();
    }
}
