package dev.caravan.ledger;

import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is asked of each source, and where the sites are. Immutable.
///
/// @param home what holds for every source that has nothing of its own
/// @param ofSource by the name of the source
/// @param siteOfSource where each source is; one that is missing goes by what its targets declared
/// @param sites where sites are on Earth, as far as that was said
public record Policies(
        Policy home,
        Map<String, Policy> ofSource,
        Map<String, String> siteOfSource,
        Map<String, Coordinates> sites) {

    public Policies {
        ofSource = Map.copyOf(ofSource);
        siteOfSource = Map.copyOf(siteOfSource);
        sites = Map.copyOf(sites);
    }

    /// One policy for all.
    public static Policies of(Policy policy) {
        return new Policies(policy, Map.of(), Map.of(), Map.of());
    }

    /// The policy of a source.
    public Policy of(String source) {
        return ofSource.getOrDefault(source, home);
    }

    /// All that are in force: one where all sources are asked the same.
    Set<Policy> all() {
        Set<Policy> all = new HashSet<>(ofSource.values());
        all.add(home);
        return all;
    }

    /// Whether a copy on this target is an offsite one of this source: at another site, and as far
    /// away as the policy asks. Sites whose place nobody said are at no distance.
    boolean isOffsite(String source, Target target) {
        String site = siteOfSource.get(source);
        if (site == null ? !target.offsite() : site.equals(target.site())) {
            return false;
        }
        long wanted = of(source).distanceMetres();
        return wanted == 0 || metres(site, target.site()) >= wanted;
    }

    /// Between two sites; -1 where one of them is nobody knows where.
    public double metres(@Nullable String from, String to) {
        Coordinates a = from == null ? null : sites.get(from);
        Coordinates b = sites.get(to);
        return a == null || b == null ? -1 : a.metresTo(b);
    }

    /// The strictest number of copies any source is asked for.
    public int mostCopies() {
        return all().stream().mapToInt(Policy::copies).max().orElse(home.copies());
    }

    /// How old the last proof of a copy may become: by media kind the least that any source asks
    /// for. A kind that is missing is asked for none.
    public Map<MediaKind, Duration> strictestAges() {
        Map<MediaKind, Duration> least = new EnumMap<>(MediaKind.class);
        for (Policy policy : ofSource.isEmpty() ? List.of(home) : ofSource.values()) {
            policy.verified()
                    .forEach((kind, age) ->
                            least.merge(kind, age, (a, b) -> a.compareTo(b) < 0 ? a : b));
        }
        return Map.copyOf(least);
    }

    /// A place on Earth, in degrees.
    public record Coordinates(double latitude, double longitude) {
        private static final double EARTH_METRES = 6_371_008.8;

        /// Along the surface of a sphere, which is right within half a percent.
        public double metresTo(Coordinates that) {
            double north = Math.toRadians(that.latitude - latitude);
            double east = Math.toRadians(that.longitude - longitude);
            double half =
                    Math.pow(Math.sin(north / 2), 2)
                            + Math.cos(Math.toRadians(latitude))
                                    * Math.cos(Math.toRadians(that.latitude))
                                    * Math.pow(Math.sin(east / 2), 2);
            return 2 * EARTH_METRES * Math.asin(Math.min(1, Math.sqrt(half)));
        }
    }
}
