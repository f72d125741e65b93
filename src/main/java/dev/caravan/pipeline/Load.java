package dev.caravan.pipeline;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.Version;
import dev.caravan.target.Carried;
import dev.caravan.target.Encryption;
import dev.caravan.target.Proof;
import java.io.IOException;
import java.io.InputStream;
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
    private volatile boolean mayGoOn;
    private Encryption.@Nullable Sealed sealed;

    Load(TargetLane lane, String copyName) {
        this.lane = lane;
        this.copyName = copyName;
    }

    static @Nullable Load of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Load.class);
    }

    abstract List<Version> versions();

    /// Bytes before they are encrypted.
    abstract long plainLength();

    /// The bytes from 0, before they are encrypted.
    abstract InputStream openPlain() throws IOException;

    /// What was read.
    ///
    /// @param headers of the exchange after its endpoint: a tape drive says where it wrote
    /// @throws IOException if the bytes were not read from 0 to the end
    abstract Carried plainCarried(Map<String, Object> headers) throws IOException;

    /// From here on it is encrypted.
    void seal(Encryption encryption) {
        sealed = encryption.begin(lane.proof().hashesFirst());
    }

    /// From here on it is encrypted, as an earlier attempt at the same bytes was.
    final void seal(Encryption.Sealed earlier) {
        sealed = earlier;
    }

    /// How it is encrypted; null if it stays plain.
    final Encryption.@Nullable Sealed sealed() {
        return sealed;
    }

    /// An attempt failed, and the next one would give the same bytes: keeps for that one what it
    /// needs to go on. A segment is put together anew, so there is nothing to keep.
    ///
    /// @return whether something is kept
    boolean keep() {
        return false;
    }

    /// Whether it goes on with an attempt that broke off.
    boolean isAgain() {
        return false;
    }

    /// Its endpoint goes on with what is there, if this attempt breaks off.
    final void mayGoOn() {
        mayGoOn = true;
    }

    /// What is there is of no use.
    final void mayNotGoOn() {
        mayGoOn = false;
    }

    final boolean goesOn() {
        return mayGoOn;
    }

    /// What is read is another content than was read before to be sent.
    void changed() {}

    /// How many bytes are handed to the endpoint.
    long length() {
        return sealed == null ? plainLength() : sealed.length(plainLength());
    }

    /// A stream over the bytes that Camel may read again from the start.
    ReopenableBody body() {
        return new ReopenableBody(lane.proof().pace()) {
            private long given;

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int count = readOn(buffer, offset, length);
                long full = (given + Math.max(count, 0)) / Proof.GIVEN;
                boolean further = full > given / Proof.GIVEN;
                given += Math.max(count, 0);
                if (further) {
                    lane.proof().given(copyName, full * Proof.GIVEN);
                }
                return count;
            }

            private int readOn(byte[] buffer, int offset, int length) throws IOException {
                try (var _ = lane.reading()) {
                    return super.read(buffer, offset, length);
                } finally {
                    if (sealed != null && sealed.isSpent()) {
                        changed();
                    }
                }
            }

            @Override
            InputStream reopen() throws IOException {
                given = 0;
                return sealed == null ? openPlain() : sealed.open(openPlain());
            }

            @Override
            public long length() {
                return Load.this.length();
            }
        };
    }

    /// What was handed to the endpoint.
    ///
    /// @param headers of the exchange after its endpoint
    /// @throws IOException if the bytes were not read from 0 to the end
    Carried carried(Map<String, Object> headers) throws IOException {
        Carried plain = plainCarried(headers);
        if (sealed == null) {
            return plain;
        }
        Encryption.Encrypted encrypted = sealed.result();
        if (encrypted == null) {
            throw new IOException(
                    "the endpoint of target '%s' did not read '%s' to its end"
                            .formatted(lane.target(), copyName));
        }
        return plain.as(encrypted);
    }

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
