package dev.caravan.ledger;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Says what a standing has reached, by facts of the ledger alone: which copies fail together,
/// where they are, which cartridges are out of reach. Confined.
final class Judge {
    private final Policies policies;
    private final Map<Integer, Target> targets = new HashMap<>();
    private final Map<Integer, String> domains = new HashMap<>();
    private final Map<Integer, Source> sources = new HashMap<>();
    private final Set<Integer> locked = new HashSet<>();
    private final Map<Long, Cartridge> cartridges = new HashMap<>();
    private final Map<Standing, Verdict> known = new HashMap<>();

    /// @param domain what the folder lies on; null where nobody looked yet
    record Source(String name, @Nullable String domain, MediaKind mediaKind) {}

    /// @param awayOrFixed whether it is offline or cannot be changed
    record Cartridge(String barcode, String uuid, boolean awayOrFixed) {}

    /// Copies that fail together: they count as one.
    ///
    /// @param original whether the original is one of them
    record Medium(boolean original, List<Standing.Held> copies, boolean offsite, boolean offline) {}

    record Verdict(Reached reached, List<Medium> media, boolean met) {}

    Judge(Session s, Policies policies) throws SQLException {
        this.policies = policies;
        for (Target target : s.list(Targets.COLUMNS + "ORDER BY id", Targets::map)) {
            targets.put(target.id(), target);
            if (Locks.holdAll(s, target.id())) {
                locked.add(target.id());
            }
        }
        s.each(
                "SELECT id, domain FROM target WHERE domain IS NOT NULL",
                r -> domains.put(r.getInt(1), r.getString(2)));
        s.each(
                "SELECT id, name, domain, media_kind FROM source",
                r ->
                        sources.put(
                                r.getInt(1),
                                new Source(
                                        r.getString(2),
                                        r.getString(3),
                                        MediaKind.of(r.getString(4)))));
        s.each(
                "SELECT id, name, uuid, offline_since IS NOT NULL OR immutable = 1 FROM volume",
                r ->
                        cartridges.put(
                                r.getLong(1),
                                new Cartridge(r.getString(2), r.getString(3), r.getBoolean(4))));
    }

    Policies policies() {
        return policies;
    }

    Target target(int id) {
        Target target = targets.get(id);
        if (target == null) {
            throw new LedgerException("target " + id + " is not in the ledger");
        }
        return target;
    }

    List<Target> targets() {
        return targets.values().stream().sorted((a, b) -> Integer.compare(a.id(), b.id())).toList();
    }

    @Nullable Cartridge cartridge(long id) {
        return cartridges.get(id);
    }

    String source(int id) {
        Source source = sources.get(id);
        return source == null ? "" : source.name;
    }

    Verdict of(Standing standing) {
        return known.computeIfAbsent(standing, this::judge);
    }

    private Verdict judge(Standing standing) {
        String source = source(standing.source());
        List<Medium> media = new ArrayList<>();
        Set<MediaKind> kinds = EnumSet.noneOf(MediaKind.class);
        int errors = 0;
        for (Group group : groups(standing)) {
            boolean offsite = !group.original;
            boolean offline = false;
            for (Standing.Held held : group.copies) {
                Target target = target(held.target());
                kinds.add(target.mediaKind());
                offsite &= policies.isOffsite(source, target);
                offline |= isOffline(held);
            }
            if (group.original) {
                Source of = sources.get(standing.source());
                kinds.add(of == null ? MediaKind.DISK : of.mediaKind);
            }
            media.add(new Medium(group.original, List.copyOf(group.copies), offsite, offline));
        }
        for (Standing.Held held : standing.copies()) {
            errors += held.isError() ? 1 : 0;
        }
        Reached reached =
                new Reached(
                        media.size(),
                        Math.min(kinds.size(), media.size()),
                        (int) media.stream().filter(Medium::offsite).count(),
                        (int) media.stream().filter(Medium::offline).count(),
                        errors);
        return new Verdict(reached, List.copyOf(media), policies.of(source).isMetBy(reached));
    }

    /// A copy in parts is out of reach only if all its cartridges are. Locks are looked at for a
    /// target as a whole, which counts too little rather than too much.
    boolean isOffline(Standing.Held held) {
        return locked.contains(held.target())
                || !held.volumes().isEmpty()
                        && held.volumes().stream()
                                .map(cartridges::get)
                                .allMatch(cartridge -> cartridge != null && cartridge.awayOrFixed);
    }

    private static final class Group {
        final Set<String> domains = new HashSet<>();
        final List<Standing.Held> copies = new ArrayList<>();
        boolean original;
    }

    /// What counts, put together where it shares a failure domain, also through a third copy.
    private List<Group> groups(Standing standing) {
        List<Group> groups = new ArrayList<>();
        if (standing.original()) {
            Group group = new Group();
            group.original = true;
            Source source = sources.get(standing.source());
            String domain =
                    source == null || source.domain == null
                            ? "source " + standing.source()
                            : source.domain;
            group.domains.add(domain);
            for (Standing.Held held : standing.copies()) {
                domains(held).stream()
                        .filter(other -> maybeOneAccount(domain, other))
                        .forEach(group.domains::add);
            }
            groups.add(group);
        }
        for (Standing.Held held : standing.copies()) {
            if (held.counts()) {
                Group joined = new Group();
                joined.domains.addAll(domains(held));
                joined.copies.add(held);
                groups.removeIf(group -> {
                    boolean shared = group.domains.stream().anyMatch(joined.domains::contains);
                    if (shared) {
                        joined.domains.addAll(group.domains);
                        joined.copies.addAll(group.copies);
                        joined.original |= group.original;
                    }
                    return shared;
                });
                groups.add(joined);
            }
        }
        return groups;
    }

    /// Whether the buckets of a source and of a target may belong to one account: they are on one
    /// server, and the owner of one of them is not known.
    private static boolean maybeOneAccount(String source, String target) {
        boolean buckets =
                (source.startsWith("bucket ") || source.startsWith("account "))
                        && (target.startsWith("bucket ") || target.startsWith("account "));
        return buckets
                && (source.startsWith("bucket ") || target.startsWith("bucket "))
                && source.substring(source.lastIndexOf(" at "))
                        .equals(target.substring(target.lastIndexOf(" at ")));
    }

    /// Cartridges; else what was found of the target's medium; else the target itself. A target
    /// that is simulated stands for a disk of its own, whatever disk its folder lies on.
    private Set<String> domains(Standing.Held held) {
        Set<String> found = new HashSet<>();
        for (Long volume : held.volumes()) {
            Cartridge cartridge = cartridges.get(volume);
            found.add("cartridge " + (cartridge == null ? volume : cartridge.uuid));
        }
        if (!found.isEmpty()) {
            return found;
        }
        Target target = target(held.target());
        String domain = domains.get(held.target());
        boolean own = domain == null || target.simulated() && domain.startsWith("disk ");
        return Set.of(own ? "target " + target.name() : domain);
    }
}
