package dev.caravan.tape;

import dev.caravan.tape.pool.Body;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.StreamCache;
import org.jspecify.annotations.Nullable;

/// The body of an exchange as something to write: a `StreamCache` is reset to be read again, a
/// plain stream is read once, anything else (a file, bytes, a text) is converted each time.
final class ExchangeBody implements Body, AutoCloseable {
    private final Exchange exchange;
    private @Nullable InputStream open;

    ExchangeBody(Exchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public InputStream open() throws IOException {
        Object body = exchange.getMessage().getBody();
        boolean again = open != null;
        if (again && body instanceof StreamCache cache) {
            cache.reset();
        } else if (again && body instanceof InputStream) {
            throw new IOException(
                    "the cartridge became full and the body cannot be read again: it is a %s, want a StreamCache (stream caching on the route) or a file"
                            .formatted(body.getClass().getName()));
        }
        try {
            if (!(body instanceof InputStream)) {
                close();
            }
            InputStream in = exchange.getMessage().getMandatoryBody(InputStream.class);
            open = in;
            return in;
        } catch (InvalidPayloadException e) {
            throw new IOException("the body is not a stream of bytes: " + e.getMessage(), e);
        }
    }

    @Override
    public OptionalLong length() {
        return exchange.getMessage().getBody() instanceof StreamCache cache && cache.length() > 0
                ? OptionalLong.of(cache.length())
                : OptionalLong.empty();
    }

    /// Streams that were made here are closed here; the body itself belongs to the route.
    @Override
    public void close() throws IOException {
        InputStream in = open;
        open = null;
        if (in != null && in != exchange.getMessage().getBody()) {
            in.close();
        }
    }
}
