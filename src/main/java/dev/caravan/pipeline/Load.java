package dev.caravan.pipeline;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.Version;
import dev.caravan.target.Carried;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/// What one exchange of a copy route carries. It travels as the exchange property [#PROPERTY], so
/// that an endpoint may put another body in its place.
abstract sealed class Load permits SingleLoad, SegmentLoad, PartLoad {
    static final String PROPERTY = "CaravanLoad";

    final TargetLane lane;
    final String copyName;
    private final AtomicBoolean settled = new AtomicBoolean();
    private volatile boolean arrived;

    Load(TargetLane lane, String copyName) {
        this.lane = lane;
        this.copyName = copyName;
    }

    static @Nullable Load of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Load.class);
    }

    abstract List<Version> versions();

    abstract long length();

    /// A stream over the bytes that Camel may read again from the start.
    abstract ReopenableBody body();

    /// What was handed to the endpoint.
    ///
    /// @param headers of the exchange after its endpoint: a tape drive says where it wrote
    /// @throws IOException if the bytes were not read from 0 to the end
    abstract Carried carried(Map<String, Object> headers) throws IOException;

    /// The reason why the bytes could not be read, if they could not.
    abstract Optional<ContentUnavailableException> unreadable();

    /// Notes that the load has reached `ledger:record`.
    void arrive() {
        arrived = true;
    }

    boolean hasArrived() {
        return arrived;
    }

    /// True for the first caller only: a load is recorded, or failed, once.
    boolean settle() {
        return settled.compareAndSet(false, true);
    }
}
