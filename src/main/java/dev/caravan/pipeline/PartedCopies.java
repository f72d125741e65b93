package dev.caravan.pipeline;

import dev.caravan.item.Content;
import dev.caravan.item.Version;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The large copies of one consumer that travel in parts. Those whose target failed between two
/// parts are remembered, so that the next attempt of this program need not read again what is on
/// tape already. Thread-safe.
final class PartedCopies {
    private static final int MOST_REMEMBERED = 16;

    /// Sends a load down the copy route, and returns when it is recorded or has failed.
    @FunctionalInterface
    interface Sender {
        void send(Load load) throws InterruptedException;
    }

    private final LaneOptions options;
    private final Sender sender;

    private final Map<Long, PartedCopy> unfinished =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, PartedCopy> eldest) {
                    return size() > MOST_REMEMBERED;
                }
            };

    PartedCopies(LaneOptions options, Sender sender) {
        this.options = options;
        this.sender = sender;
    }

    /// The copy of a version, if it has more data than a segment takes. One that can not be opened
    /// goes the way of all others, and fails there with its reason.
    Optional<PartedCopy> of(TargetLane lane, Version version) {
        if (!options.parts() || version.metadata().size() <= options.segmentBytes()) {
            return Optional.empty();
        }
        synchronized (unfinished) {
            PartedCopy known = unfinished.remove(version.id());
            if (known != null) {
                return Optional.of(known);
            }
        }
        List<Content.Extent> data;
        try (Content content = lane.pipeline().contents().open(version)) {
            data = content.extents();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
        PartedCopy copy = new PartedCopy(lane, version, data, sender);
        return copy.inParts() ? Optional.of(copy) : Optional.empty();
    }

    /// Carries what is left of a copy.
    void carry(PartedCopy copy) throws InterruptedException {
        if (!copy.carry()) {
            synchronized (unfinished) {
                unfinished.put(copy.version().id(), copy);
            }
        }
    }
}
