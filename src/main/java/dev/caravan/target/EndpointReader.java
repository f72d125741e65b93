package dev.caravan.target;

import dev.caravan.item.Sha256;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Looks at stored objects at an [Endpoint]: reads them anew.
public final class EndpointReader implements ObjectReader {
    private final String target;
    private final Endpoint endpoint;

    public EndpointReader(String target, Endpoint endpoint) {
        this.target = target;
        this.endpoint = endpoint;
    }

    @Override
    public String place(String object) {
        return endpoint.place(object);
    }

    @Override
    public String attested() {
        return "none";
    }

    @Override
    public String readBack() {
        return "get+sha256";
    }

    @Override
    public void check(@Nullable String identity) throws TargetException {
        String _ = EndpointLayout.require(endpoint, target, identity);
    }

    @Override
    public Opened open(String object) throws IOException {
        return EndpointInput.open(endpoint, object, 0, Long.MAX_VALUE);
    }

    /// An endpoint is not believed.
    @Override
    public Optional<Sha256> attest(String object, long bytes) {
        return Optional.empty();
    }

    @Override
    public void close() {}
}
