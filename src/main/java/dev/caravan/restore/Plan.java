package dev.caravan.restore;

import dev.caravan.item.Kind;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.StoredObject;
import dev.caravan.ledger.StoredPart;
import dev.caravan.ledger.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What a restore would do: from which copy each version would come if all goes well, and what has
/// to be at hand for it. Made once, used by one restore. Confined to one thread.
public final class Plan {
    private final @Nullable String only;
    private final List<Candidates> wanted = new ArrayList<>();
    private final List<Version> lost = new ArrayList<>();
    private final List<Earlier> earlier = new ArrayList<>();

    /// A version that has no copy, and the one that comes back in its place.
    record Earlier(Version wanted, Version taken) {}

    /// What comes from one target.
    public record Share(Target target, long items, long bytes) {
        private Share with(long more) {
            return new Share(target, items + 1, bytes + more);
        }
    }

    /// What is read of one cartridge.
    ///
    /// @param copies how many copies, or parts of them
    public record Cartridge(String barcode, long copies, long bytes) {
        /// The same with one more.
        public Cartridge with(long more) {
            return new Cartridge(barcode, copies + 1, bytes + more);
        }
    }

    private Plan(@Nullable String only) {
        this.only = only;
    }

    /// Plans to bring these versions back, folders before what is in them.
    ///
    /// @param only the one target to read from; null for any, best first
    /// @param orEarlier whether an item whose version has no usable copy comes back in the newest
    ///   earlier state that has one; it counts as a failure all the same
    /// @param outside whether a person must fetch what a copy lies on
    public static Plan of(
            Catalog catalog,
            List<Version> versions,
            @Nullable String only,
            boolean orEarlier,
            Predicate<Catalog.Copy> outside) {
        Plan plan = new Plan(only);
        List<List<Catalog.Copy>> copies = catalog.copiesAndSpares(versions);
        for (int i = 0; i < versions.size(); i++) {
            Version version = versions.get(i);
            Candidates candidates = new Candidates(version, copies.get(i), only, outside);
            if (candidates.isDoubtful() && orEarlier) {
                Candidates before = plan.before(catalog, version, outside);
                candidates = before == null ? candidates : before;
            }
            if (candidates.best() == null) {
                plan.lost.add(version);
            } else {
                plan.wanted.add(candidates);
            }
        }
        return plan;
    }

    /// The newest earlier version with a usable copy; null if there is none.
    private @Nullable Candidates before(
            Catalog catalog, Version version, Predicate<Catalog.Copy> outside) {
        for (Version known : catalog.versions(version.source(), version.path())) {
            if (known.id() < version.id() && known.metadata().kind() == version.metadata().kind()) {
                Candidates candidates =
                        new Candidates(
                                known,
                                catalog.copiesAndSpares(List.of(known)).getFirst(),
                                only,
                                outside);
                if (!candidates.isDoubtful()) {
                    earlier.add(new Earlier(version, known));
                    return candidates;
                }
            }
        }
        return null;
    }

    @Nullable String only() {
        return only;
    }

    List<Candidates> wanted() {
        return List.copyOf(wanted);
    }

    /// Versions that no copy can bring back.
    public List<Version> lost() {
        return List.copyOf(lost);
    }

    List<Earlier> earlier() {
        return List.copyOf(earlier);
    }

    /// How many items come back in an earlier version.
    public long earlierVersions() {
        return earlier.size();
    }

    /// How many items come back.
    public long items() {
        return wanted.size();
    }

    public long bytes() {
        return shares().stream().mapToLong(Share::bytes).sum();
    }

    /// What comes from each target. Of a file with several names the bytes come once.
    public List<Share> shares() {
        Map<Integer, Share> shares = new TreeMap<>();
        Set<Version> once = new HashSet<>(bytesOf());
        for (Candidates candidates : wanted) {
            Target target = MediaOrder.copy(candidates).target();
            long size =
                    once.contains(candidates.version) ? candidates.version.metadata().size() : 0;
            shares.merge(target.id(), new Share(target, 1, size), (known, one) -> known.with(size));
        }
        return List.copyOf(shares.values());
    }

    /// The files whose bytes are read.
    private List<Version> bytesOf() {
        return read().stream().map(candidates -> candidates.version).toList();
    }

    private List<Candidates> read() {
        Set<Outcomes.LinkKey> seen = new HashSet<>();
        return wanted.stream()
                .filter(candidates -> candidates.version.metadata().kind() == Kind.FILE)
                .filter(candidates ->
                        !candidates.version.metadata().hardLinked()
                                || seen.add(Outcomes.LinkKey.of(candidates.version)))
                .toList();
    }

    /// The objects on servers that are read: one copy in each.
    public List<Catalog.Copy> objects() {
        Map<String, Catalog.Copy> objects = new LinkedHashMap<>();
        for (Candidates candidates : read()) {
            Catalog.Copy copy = MediaOrder.copy(candidates);
            if (copy.object() != null && copy.object().tape() == null) {
                objects.putIfAbsent(copy.target().name() + "/" + copy.object().name(), copy);
            }
        }
        return List.copyOf(objects.values());
    }

    /// The cartridges that are read, in the order they are wanted.
    public List<Cartridge> cartridges() {
        Map<String, Cartridge> cartridges = new LinkedHashMap<>();
        for (Candidates candidates : MediaOrder.ordered(read())) {
            onTape(MediaOrder.copy(candidates))
                    .forEach((barcode, bytes) ->
                            cartridges.merge(
                                    barcode,
                                    new Cartridge(barcode, 1, bytes),
                                    (known, one) -> known.with(bytes)));
        }
        return List.copyOf(cartridges.values());
    }

    /// The cartridges a copy lies on, and how many bytes of it on each; none if it is not on tape.
    public static Map<String, Long> onTape(Catalog.Copy copy) {
        Map<String, Long> tapes = new LinkedHashMap<>();
        if (copy.parts().isEmpty()) {
            add(tapes, copy.object(), copy.bytesRead());
        }
        for (StoredPart part : copy.parts()) {
            add(tapes, part.object(), part.part().size());
        }
        return tapes;
    }

    private static void add(Map<String, Long> tapes, @Nullable StoredObject object, long bytes) {
        StoredObject.@Nullable OnTape at = object == null ? null : object.tape();
        if (at != null) {
            tapes.merge(at.volume(), bytes, Long::sum);
        }
    }
}
