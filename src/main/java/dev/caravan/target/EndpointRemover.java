package dev.caravan.target;

import dev.caravan.item.Version;
import dev.caravan.ledger.Removals.Whole;
import dev.caravan.target.TargetException.Remedy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Removes objects from an [Endpoint]: of a large file first its manifest, then the object; a
/// segment describes itself and goes alone. An object that is not as long as it was written is left
/// alone. Doing it twice, or after a kill, does no harm. Confined to one thread.
public final class EndpointRemover {
    private final Endpoint endpoint;
    private final Map<String, Long> lengths = new HashMap<>();

    /// @param identity that the ledger knows the target by, as [EndpointProof#identity]
    /// @throws TargetException if it can not be reached, or is another one
    public EndpointRemover(String target, Endpoint endpoint, @Nullable String identity)
            throws TargetException {
        if (identity == null) {
            throw new TargetException(
                    Remedy.PERSON, "target '%s': nothing was ever proven there".formatted(target));
        }
        this.endpoint = endpoint;
        String _ = EndpointLayout.require(endpoint, target, identity);
        endpoint.list().forEach(entry -> lengths.put(entry.name(), entry.bytes()));
    }

    /// Removes objects.
    ///
    /// @throws TargetException if the endpoint fails: then what was removed is not known
    public Removed remove(List<Whole> objects) throws TargetException {
        List<Version> gone = new ArrayList<>();
        List<String> left = new ArrayList<>();
        long bytes = 0;
        for (Whole object : objects) {
            Long length = lengths.get(object.name());
            if (length != null && length != object.bytes()) {
                left.add(
                        "object '%s' has %d bytes, %d were written: it is left alone, look at it"
                                .formatted(object.name(), length, object.bytes()));
                continue;
            }
            if (!object.segment()) {
                endpoint.delete(EndpointLayout.manifest(object.name()));
            }
            endpoint.delete(object.name());
            bytes += length == null ? 0 : length;
            gone.addAll(object.versions());
        }
        return new Removed(gone, bytes, left);
    }
}
