package dev.caravan.restore;

import dev.caravan.age.AgeException;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.CopyState;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.TapeFiles;
import dev.caravan.ledger.TapeFiles.Held;
import dev.caravan.target.Decryption;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Compares a stored object, read from its first byte to its last, with what the ledger says of the
/// copies in it, with its own index, and with the hash that all its bytes had before. Confined to
/// one thread, used once.
final class ObjectCheck {
    private static final int TOLD = 20;

    private final Ledger ledger;
    private final WholeHashes wholeHashes;
    private final @Nullable Held held;
    private final List<Long> good = new ArrayList<>();
    private final List<Long> wholes = new ArrayList<>();
    private final Map<Long, String> bad = new LinkedHashMap<>();
    private final List<String> details = new ArrayList<>();
    private @Nullable SegmentScan scan;
    private final Decryption decryption;

    /// Of all bytes as they are stored.
    private @Nullable Sha256 whole;

    /// Of a large file's bytes; that of all bytes, where they are not encrypted.
    private @Nullable Sha256 content;

    private long bytesRead;
    private @Nullable String closed;

    /// @param held what the ledger has in it; null if it knows nothing of it
    /// @param wholes of files whose parts lie in several objects
    ObjectCheck(Ledger ledger, WholeHashes wholes, Decryption decryption, @Nullable Held held) {
        this.decryption = decryption;
        this.ledger = ledger;
        this.wholeHashes = wholes;
        this.held = held;
    }

    /// Reads all of it.
    ///
    /// @param elsewhere why this is not the object that the ledger means, though it is where that
    ///   should be; null if it is
    void read(InputStream in, @Nullable String elsewhere) {
        HashedInput stored = new HashedInput(in);
        InputStream content = stored;
        String locked = null;
        try {
            if (held != null && !held.encryptedFor().isEmpty()) {
                content = decryption.through(stored);
            } else if (held == null || held.segment()) {
                content = decryption.maybe(stored).content();
            }
        } catch (AgeException.NoIdentity none) {
            closed = String.valueOf(none.getMessage());
            details.add(closed);
            return;
        } catch (IOException damaged) {
            locked = String.valueOf(damaged.getMessage());
        }
        if (locked != null) {
            unread(locked);
        } else if (held == null || held.segment()) {
            segment(stored, content, elsewhere);
        } else {
            plain(stored, content, held);
        }
        bytesRead = stored.count();
        if (held != null) {
            compareWhole(held);
        }
    }

    private void segment(HashedInput stored, InputStream in, @Nullable String elsewhere) {
        PartRead part = held == null ? new PartRead() : part(held);
        SegmentScan read = SegmentScan.of(in, (segment, entry, sha256) -> {}, part.digest);
        scan = read;
        if (held != null && read.why() == null) {
            finish(stored, in);
        }
        if (held != null) {
            ledger.tapeFiles()
                    .copies(
                            held,
                            (version, offset, state, of) ->
                                    take(
                                            version,
                                            state,
                                            elsewhere != null
                                                    ? elsewhere
                                                    : difference(read, version, offset, of),
                                            read.whole()));
        }
        part.settle();
        if (read.why() != null) {
            details.addFirst(read.why());
        }
        read.differences().stream().filter(d -> details.size() < TOLD).forEach(details::add);
    }

    private @Nullable String difference(
            SegmentScan read, Version version, long offset, TapeFiles.@Nullable PartHere of) {
        String difference =
                of == null
                        ? read.members().difference(offset, version)
                        : read.members().difference(offset, of);
        return difference == null && read.differentAt(offset)
                ? "the index of its segment says something else of it"
                : difference;
    }

    /// What is encrypted is whole only if its end is.
    private void finish(HashedInput stored, InputStream in) {
        try {
            in.transferTo(OutputStream.nullOutputStream());
            whole = stored.finish();
        } catch (IOException failed) {
            details.add("behind its end: " + failed.getMessage());
        }
    }

    /// The bytes of one version, and no headers.
    private void plain(HashedInput stored, InputStream in, Held here) {
        HashedInput hashed = in == stored ? stored : new HashedInput(in);
        String unread = null;
        try {
            content = hashed.finish();
            whole = in == stored ? content : stored.finish();
        } catch (IOException failed) {
            unread = "it can not be read: " + failed.getMessage();
        }
        String why = unread;
        ledger.tapeFiles()
                .copies(
                        here,
                        (version, offset, state, of) ->
                                take(
                                        version,
                                        state,
                                        why != null ? why : difference(version, hashed.count()),
                                        true));
    }

    private @Nullable String difference(Version version, long bytes) {
        Sha256 wanted = version.sha256();
        if (bytes != version.metadata().size()) {
            return "it has %d bytes, want %d".formatted(bytes, version.metadata().size());
        }
        return wanted != null && content != null && wanted.equals(content)
                ? null
                : "it has SHA-256 %s, want %s"
                        .formatted(
                                content == null ? "unknown" : content,
                                wanted == null ? "none" : wanted);
    }

    /// What does not count and lies in a segment that does not end is vouched for by nothing but
    /// itself: it stays as it is.
    private void take(
            Version version, CopyState state, @Nullable String difference, boolean ended) {
        if (difference != null) {
            bad.put(version.id(), difference);
            if (details.size() < TOLD) {
                details.add("'%s': %s".formatted(version.path(), difference));
            }
        } else if (ended || state.counts()) {
            good.add(version.id());
        }
    }

    /// All its bytes were hashed before, and now they are others. If that shows in the content of a
    /// member, it is that member's matter. Else it is in what nothing else vouches for (the index,
    /// padding, what is void), and no copy in it can rely on the object any more.
    private void compareWhole(Held here) {
        Sha256 before = here.sha256();
        boolean shown = !bad.isEmpty() || scan != null && scan.memberDiffers();
        if (before == null || whole != null && before.equals(whole) || shown) {
            return;
        }
        String why =
                scan != null && scan.why() != null
                        ? "its segment is damaged: " + scan.why()
                        : "its object has SHA-256 %s, want %s"
                                .formatted(whole == null ? "unknown" : whole, before);
        good.forEach(version -> bad.put(version, why));
        good.clear();
        wholes.clear();
        details.add(why);
    }

    /// Nothing of it was read: no copy in it is proven any more.
    void unread(String why) {
        details.add(why);
        if (held != null) {
            ledger.tapeFiles()
                    .copies(held, (version, offset, state, of) -> bad.put(version.id(), why));
        }
    }

    /// Writes down what was found.
    TapeFiles.Outcome record(Evidence evidence) {
        if (held == null || closed != null) {
            return new TapeFiles.Outcome(0, 0, 0);
        }
        boolean right = bad.isEmpty() && (scan == null || scan.whole() && scan.different() == 0);
        return ledger.tapeFiles().readBack(held, evidence, good, bad, wholes, right ? whole : null);
    }

    /// The part of a copy that a stored object holds: no more than one, and then nothing else.
    private PartRead part(Held here) {
        PartRead part = new PartRead();
        ledger.tapeFiles()
                .copies(
                        here,
                        (version, offset, state, of) -> {
                            if (of != null) {
                                part.version = version;
                                part.of = of;
                                part.digest = wholeHashes.before(version, of);
                            }
                        });
        return part;
    }

    private final class PartRead {
        private @Nullable Version version;
        private TapeFiles.@Nullable PartHere of;
        private @Nullable MessageDigest digest;

        /// Adds what the parts come to together, once they were all read in their order.
        void settle() {
            if (version == null || of == null || digest == null || !good.contains(version.id())) {
                return;
            }
            Sha256 all = wholeHashes.after(version, of, digest);
            if (all == null) {
                return;
            }
            Sha256 wanted = version.sha256();
            if (wanted != null && wanted.equals(all)) {
                wholes.add(version.id());
                return;
            }
            String why =
                    "its parts together have SHA-256 %s, want %s"
                            .formatted(all, wanted == null ? "none" : wanted);
            good.remove(Long.valueOf(version.id()));
            bad.put(version.id(), why);
            details.add("'%s': %s".formatted(version.path(), why));
        }
    }

    /// The segment as it was read; null before that, and for what is none.
    @Nullable SegmentScan scan() {
        return scan;
    }

    /// Why nothing can be said of it: it is encrypted, and no identity here opens it. Null if that
    /// is not so.
    @Nullable String closed() {
        return closed;
    }

    /// Whether all of it is what index and ledger say.
    boolean right() {
        return bad.isEmpty()
                && (scan == null ? whole != null : scan.whole() && scan.different() == 0);
    }

    /// How many copies are not what they should be.
    int bad() {
        return bad.size();
    }

    /// What is wrong, the first of it, in words.
    List<String> details() {
        return details;
    }

    long bytesRead() {
        return bytesRead;
    }
}
