package dev.caravan.restore;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Version;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What has become of each version of one restore so far, and who hears of it: the listener is
/// called by one thread at a time. Thread-safe.
final class Outcomes {
    private final RestoreListener listener;
    private final @Nullable String only;
    private final boolean awaits;
    private final Map<LinkKey, ItemPath> links = new HashMap<>();
    private List<Candidates> again = new ArrayList<>();
    private List<Candidates> thawing = new ArrayList<>();
    private final Set<Long> awaited = new HashSet<>();
    private long items;
    private long bytes;
    private long there;
    private long failures;

    /// @param awaits whether the last copy of a version, if it is being thawed, is waited for
    Outcomes(RestoreListener listener, @Nullable String only, boolean awaits) {
        this.listener = listener;
        this.only = only;
        this.awaits = awaits;
    }

    /// The file that a version is one name of.
    record LinkKey(String source, long device, long inode, Instant changed) {
        static LinkKey of(Version version) {
            var f = version.fingerprint();
            return new LinkKey(version.source(), f.device(), f.inode(), f.changed());
        }
    }

    /// The name under which the bytes of a file with several names come back: this one if it is the
    /// first to ask.
    synchronized @Nullable ItemPath linkTo(Version version) {
        return links.putIfAbsent(LinkKey.of(version), version.path());
    }

    /// The first name is not there: this one has the bytes.
    synchronized void linkFromHere(Version version) {
        links.put(LinkKey.of(version), version.path());
    }

    synchronized void restored(Version version, String target) {
        items++;
        if (version.metadata().kind() == Kind.FILE) {
            bytes += version.metadata().size();
        }
        listener.restored(version, target);
    }

    /// A further name of a file: no bytes came for it.
    synchronized void linked(Version version) {
        items++;
        listener.restored(version, "hard link");
    }

    synchronized void wasThere(Version version) {
        there++;
        listener.wasThere(version);
    }

    synchronized void earlier(Version wanted, Version taken) {
        failures++;
        listener.earlier(wanted, taken);
    }

    synchronized void failed(
            Candidates candidates, String target, RestoreListener.Failure failure) {
        boolean next = candidates.hasNext();
        if (awaits && !next && failure.kind() == RestoreListener.Failure.Kind.COLD) {
            thawing.add(candidates);
            if (awaited.add(candidates.version.id())) {
                listener.awaited(candidates.version, target, failure);
            }
            return;
        }
        listener.failed(candidates.version, target, failure, next);
        candidates.dropBest();
        if (next) {
            again.add(candidates);
        } else {
            lost(
                    candidates.version,
                    only == null ? "no copy is left to try" : "only '" + only + "' was allowed");
        }
    }

    void unreadable(Candidates candidates, String target, IOException why) {
        failed(candidates, target, RestoreListener.Failure.unreadable(why));
    }

    /// What is in the way of one item holds up nothing else.
    void noPlace(Version version, IOException why) throws DestinationException {
        if (DestinationException.isAsAWhole(version.path(), why)) {
            throw new DestinationException(why);
        }
        lost(version, String.valueOf(why.getMessage()));
    }

    synchronized void lost(Version version, String why) {
        failures++;
        if (version.metadata().kind() == Kind.FILE) {
            links.remove(LinkKey.of(version), version.path());
        }
        listener.lost(version, why);
    }

    /// Those with another copy to try, once.
    synchronized List<Candidates> takeAgain() {
        List<Candidates> taken = again;
        again = new ArrayList<>();
        return taken;
    }

    /// Those whose last copy is being thawed, once.
    synchronized List<Candidates> takeThawing() {
        List<Candidates> taken = thawing;
        thawing = new ArrayList<>();
        return taken;
    }

    synchronized Restorer.Result result() {
        return new Restorer.Result(items, bytes, there, failures);
    }
}
