package dev.caravan.target;

import dev.caravan.age.AgeSeal;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.Version;
import dev.caravan.target.Encryption.Sealed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Uploads of large objects that broke off, so that the next attempt goes on where they were: the
/// name that half of it has on the target, and the key with which it gives the same bytes again.
/// They are in memory only, few, and for no longer than a target keeps half an upload. That a key
/// never meets another content is seen to by [AgeSeal.Once] itself, not by what is looked up here.
/// Thread-safe.
public final class KeptUploads {
    /// More than are under way to one target at the same time.
    static final int MOST = 8;

    /// Of what is held to know contents again, for all together: enough for 128 GiB of them.
    static final int MOST_MEMORY = 8 << 20;

    static final Duration LONGEST = Duration.ofDays(1);

    private final Map<Of, Kept> all = new LinkedHashMap<>();
    private final List<String> forgotten = new ArrayList<>();

    /// Ids may be given again once a version is forgotten.
    private record Of(long version, Fingerprint fingerprint) {
        Of(Version version) {
            this(version.id(), version.fingerprint());
        }
    }

    /// @param once null of a plain one
    private record Kept(
            String copyName, AgeSeal.@Nullable Once once, List<String> recipients, Instant since) {
        long memory() {
            return once == null ? 0 : once.memory();
        }
    }

    /// What the next attempt goes on with.
    ///
    /// @param copyName of the attempt before
    /// @param sealed with which it gives the same bytes; null if it is plain
    /// @param since when the first attempt broke off
    public record Again(String copyName, @Nullable Sealed sealed, Instant since) {}

    /// Keeps an upload that broke off, unless its key is of no use for the next attempt.
    ///
    /// @param sealed how it was encrypted; null if it was not
    /// @param since when its first attempt broke off
    /// @return whether it is kept
    public synchronized boolean keep(
            Version version, String copyName, @Nullable Sealed sealed, Instant since) {
        AgeSeal.Once once = sealed == null ? null : sealed.once();
        if (sealed != null && (once == null || sealed.isSpent() || once.memory() > MOST_MEMORY)) {
            return false;
        }
        all.put(
                new Of(version),
                new Kept(copyName, once, sealed == null ? List.of() : sealed.recipients(), since));
        return true;
    }

    /// Takes a version's upload out of here: one attempt at a time has it.
    ///
    /// @param encryption of the attempt; null if it is plain
    /// @return null if there is none, or it is for other recipients
    public synchronized @Nullable Again take(
            Version version, @Nullable Encryption encryption, Instant now) {
        Of of = new Of(version);
        Kept kept = all.get(of);
        List<String> recipients = encryption == null ? List.of() : encryption.recipients();
        if (kept == null) {
            return null;
        }
        all.remove(of);
        if (isOld(kept, now) || !kept.recipients.equals(recipients)) {
            forgotten.add(kept.copyName);
            return null;
        }
        Sealed sealed =
                encryption == null || kept.once == null ? null : encryption.again(kept.once);
        return new Again(kept.copyName, sealed, kept.since);
    }

    /// Forgets those that are too old, and the oldest of those that are too many.
    ///
    /// @return the names of all that were forgotten: half of each may lie on the target
    public synchronized List<String> forgetOld(Instant now) {
        Iterator<Kept> oldest = all.values().iterator();
        while (oldest.hasNext()) {
            Kept kept = oldest.next();
            if (isOld(kept, now) || all.size() > MOST || memory() > MOST_MEMORY) {
                forgotten.add(kept.copyName);
                oldest.remove();
            }
        }
        List<String> names = List.copyOf(forgotten);
        forgotten.clear();
        return names;
    }

    private static boolean isOld(Kept kept, Instant now) {
        return !now.isBefore(kept.since.plus(LONGEST));
    }

    private long memory() {
        return all.values().stream().mapToLong(Kept::memory).sum();
    }

    public synchronized void forgetAll() {
        all.clear();
    }

    synchronized int size() {
        return all.size();
    }
}
