package dev.caravan.target;

import dev.caravan.age.AgeSeal;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.Version;
import dev.caravan.target.Encryption.Sealed;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The keys of encrypted objects whose upload broke off: with the same key the next attempt gives
/// the same bytes, and the target goes on where it was. They are in memory only, few, and for no
/// longer than a target keeps half an upload. That a key never meets another content is seen to by
/// [AgeSeal.Once] itself, not by what is looked up here. Thread-safe.
public final class KeptKeys {
    /// More than are under way to one target at the same time.
    static final int MOST = 8;

    /// Of what is held to know contents again, for all together: enough for 128 GiB of them.
    static final int MOST_MEMORY = 8 << 20;

    static final Duration LONGEST = Duration.ofDays(1);

    private final Map<Of, Kept> all = new LinkedHashMap<>();

    /// Ids may be given again once a version is forgotten.
    private record Of(long version, Fingerprint fingerprint) {
        Of(Version version) {
            this(version.id(), version.fingerprint());
        }
    }

    private record Kept(AgeSeal.Once once, List<String> recipients, Instant since) {}

    /// Keeps the key of an object that broke off, unless it is too large; the oldest go if there
    /// are too many.
    public synchronized void keep(Version version, Sealed sealed, Instant now) {
        AgeSeal.Once once = sealed.once();
        if (once == null || sealed.isSpent() || once.memory() > MOST_MEMORY) {
            return;
        }
        Instant since = Objects.requireNonNullElse(sealed.keptSince(), now);
        all.put(new Of(version), new Kept(once, sealed.recipients(), since));
        forgetOld(now);
        Iterator<Kept> oldest = all.values().iterator();
        while (all.size() > MOST || memory() > MOST_MEMORY) {
            oldest.next();
            oldest.remove();
        }
    }

    private long memory() {
        return all.values().stream().mapToLong(kept -> kept.once.memory()).sum();
    }

    /// Takes the key of a version's object out of here: one attempt at a time has it.
    ///
    /// @param encryption of the attempt
    /// @return null if there is none, or it is for other recipients
    public synchronized @Nullable Sealed take(Version version, Encryption encryption, Instant now) {
        forgetOld(now);
        Kept kept = all.remove(new Of(version));
        return kept == null || !kept.recipients.equals(encryption.recipients())
                ? null
                : encryption.again(kept.once, kept.since);
    }

    /// Forgets those that are too old.
    public synchronized void forgetOld(Instant now) {
        all.values().removeIf(kept -> !now.isBefore(kept.since.plus(LONGEST)));
    }

    public synchronized void forgetAll() {
        all.clear();
    }

    synchronized int size() {
        return all.size();
    }
}
