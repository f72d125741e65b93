package dev.caravan.restore;

import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Rebuild.Unproven;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the copies that a rebuild found on a target which is no tape, all their bytes, so that
/// they count. One that was interrupted goes on where it was: what is recorded is not read again.
/// Confined to one thread.
public final class CopyReading {
    private static final int BATCH = 1000;
    private static final int TOLD = 20;

    private final Ledger ledger;
    private final String target;
    private final String method;
    private final String program;
    private final Clock clock;
    private final RebuildListener listener;

    /// @param method as the evidence will say it
    public CopyReading(
            Ledger ledger,
            String target,
            String method,
            String program,
            Clock clock,
            RebuildListener listener) {
        this.ledger = ledger;
        this.target = target;
        this.method = method;
        this.program = program;
        this.clock = clock;
        this.listener = listener;
    }

    /// Reads the bytes of copies.
    public interface Bytes extends AutoCloseable {
        /// Reads a copy from the medium to its end.
        ///
        /// @return what is wrong with it; null if nothing is
        /// @throws IOException if it is not there or can not be read
        @Nullable String difference(Unproven copy) throws IOException;

        /// @throws IOException if the target as a whole is away: then it says nothing of a copy
        ///   that it could not be read
        void requireTarget() throws IOException;

        @Override
        void close() throws IOException;
    }

    /// What reading showed.
    ///
    /// @param details the first bad ones, in words
    public record Result(long verified, long suspect, long bytes, List<String> details) {}

    /// Reads all that is not proven yet.
    public Result read(Bytes reader) throws IOException {
        long verified = 0;
        long suspect = 0;
        long bytes = 0;
        List<String> details = new ArrayList<>();
        List<Unproven> some = ledger.rebuild().unproven(target, 0, BATCH);
        while (!some.isEmpty()) {
            List<Long> good = new ArrayList<>();
            Map<Long, String> bad = new HashMap<>();
            for (Unproven copy : some) {
                String why = difference(reader, copy);
                if (why == null) {
                    good.add(copy.version().id());
                    bytes += copy.version().metadata().size();
                } else {
                    bad.put(copy.version().id(), why);
                    if (details.size() < TOLD) {
                        details.add("'%s': %s".formatted(copy.version().path(), why));
                    }
                }
            }
            ledger.rebuild()
                    .readBack(
                            target,
                            new Evidence(method, Evidence.Level.V3, clock.instant(), program),
                            good,
                            bad);
            verified += good.size();
            suspect += bad.size();
            listener.at("copies", verified + suspect);
            some = ledger.rebuild().unproven(target, some.getLast().version().id(), BATCH);
        }
        return new Result(verified, suspect, bytes, details);
    }

    private static @Nullable String difference(Bytes reader, Unproven copy) throws IOException {
        try {
            return reader.difference(copy);
        } catch (IOException failed) {
            reader.requireTarget();
            return String.valueOf(failed.getMessage());
        }
    }

    /// Reads `in` to its end and compares it with the version.
    static @Nullable String difference(InputStream in, Version version) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[256 << 10];
        long length = 0;
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            digest.update(buffer, 0, count);
            length += count;
        }
        if (length != version.metadata().size()) {
            return "copy has %d bytes, the version %d".formatted(length, version.metadata().size());
        }
        Sha256 found = Sha256.of(digest.digest());
        Sha256 expected = version.sha256();
        return expected != null && found.equals(expected)
                ? null
                : "copy has SHA-256 %s, the version %s".formatted(found, expected);
    }
}
