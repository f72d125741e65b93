package dev.caravan.restore;

import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.TapeFiles;
import dev.caravan.ledger.TapeFiles.Held;
import dev.caravan.segment.SegmentDescription;
import dev.caravan.target.Decryption;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads a volume back and compares everything on it with what the ledger says of its copies and
/// with each segment's own index. What is good counts from then on as read back cold (level V3);
/// what is not is out of the count at once. The caller has unloaded and loaded the cartridge.
/// Confined to one thread.
public final class TapeVerifier {
    /// As `ledger-schema.md` has it.
    static final String METHOD = "unload+load+readback+sha256";

    private final Ledger ledger;
    private final Clock clock;
    private final String program;
    private final Listener listener;
    private final WholeHashes wholes;
    private final Decryption decryption;

    public TapeVerifier(
            Ledger ledger, Clock clock, String program, Decryption decryption, Listener listener) {
        this(ledger, clock, program, decryption, listener, new WholeHashes());
    }

    /// @param wholes shared by those that verify one cartridge after the other, so that files whose
    ///   parts lie on several are proven
    public TapeVerifier(
            Ledger ledger,
            Clock clock,
            String program,
            Decryption decryption,
            Listener listener,
            WholeHashes wholes) {
        this.decryption = decryption;
        this.wholes = wholes;
        this.ledger = ledger;
        this.clock = clock;
        this.program = program;
        this.listener = listener;
    }

    /// Hears how far it is.
    @FunctionalInterface
    public interface Listener {
        void reading(int file);
    }

    /// How a tape file was found.
    public enum Found {
        /// A whole segment; all in it is what index and ledger say.
        GOOD,
        /// Cut off before its end, and the ledger counts nothing in it.
        VOID,
        /// Something in it is not what index or ledger say.
        DAMAGED,
        /// The drive could not read all of it.
        UNREADABLE,
        /// The ledger knows copies in it, and the tape ends before it.
        MISSING
    }

    /// One tape file.
    ///
    /// @param segment the name of the segment; null if it does not say
    /// @param members whole members read
    /// @param bytes of their content
    /// @param copies the ledger has in it
    /// @param verified copies that are proven now
    /// @param suspect copies that are not what they should be
    /// @param fell copies that counted until now
    /// @param details the first of what is wrong, in words
    public record FileResult(
            int file,
            Found found,
            @Nullable String segment,
            long members,
            long bytes,
            long copies,
            long verified,
            long suspect,
            long fell,
            List<String> details) {
        public boolean good() {
            return found == Found.GOOD || found == Found.VOID;
        }
    }

    /// Verifies all tape files, and says which ones that the ledger knows are not there.
    public List<FileResult> verify(TapeVolume volume) throws IOException {
        Map<Integer, Held> held = held(volume);
        List<FileResult> results = new ArrayList<>();
        boolean lost = !goOn(volume, 1);
        for (int at = 1; !lost; at++) {
            try {
                Optional<TapeVolume.File> next = volume.next();
                if (next.isEmpty()) {
                    break;
                }
                results.add(read(next.get(), held.remove(at)));
                next.get().finish();
            } catch (IOException failed) {
                if (results.isEmpty() || results.getLast().file() != at) {
                    results.add(unreadable(at, held.remove(at), failed));
                }
                lost = !goOn(volume, at + 1);
            }
        }
        String why = lost ? "the tape could not be read up to it" : "the tape ends before it";
        for (Held missing : held.values()) {
            results.add(missing(missing, why));
        }
        return results;
    }

    /// Verifies only these tape files.
    public List<FileResult> verify(TapeVolume volume, Collection<Integer> files)
            throws IOException {
        Map<Integer, Held> held = held(volume);
        List<FileResult> results = new ArrayList<>();
        for (Integer file : files.stream().sorted().toList()) {
            Held known = held.get(file);
            FileResult result;
            try {
                Optional<TapeVolume.File> found =
                        volume.goTo(file) ? volume.next() : Optional.empty();
                result =
                        found.isPresent()
                                ? read(found.get(), known)
                                : missing(known, file, "the tape ends before it");
            } catch (IOException failed) {
                result = unreadable(file, known, failed);
            }
            results.add(result);
        }
        return results;
    }

    private static boolean goOn(TapeVolume volume, int file) {
        try {
            return volume.goTo(file);
        } catch (IOException failed) {
            return false;
        }
    }

    private Map<Integer, Held> held(TapeVolume volume) {
        Map<Integer, Held> held = new LinkedHashMap<>();
        for (Held each : ledger.tapeFiles().on(volume.barcode())) {
            if (each.uuid().equals(volume.uuid())) {
                held.put(each.file(), each);
            }
        }
        return held;
    }

    private FileResult read(TapeVolume.File file, @Nullable Held held) {
        listener.reading(file.file());
        ObjectCheck check = new ObjectCheck(ledger, wholes, decryption, held);
        check.read(file.in(), held == null ? null : elsewhere(file, held));
        SegmentScan scan = check.scan();
        if (scan == null) { // it is encrypted, and no identity opens it
            return recorded(nothing(file.file(), held, Found.UNREADABLE, check), held, check);
        }
        SegmentDescription description = scan.description();
        return recorded(
                new FileResult(
                        file.file(),
                        found(scan, check, held),
                        description == null ? null : description.id().text(),
                        scan.members().count(),
                        scan.bytes(),
                        held == null ? 0 : held.copies(),
                        0,
                        0,
                        0,
                        check.details()),
                held,
                check);
    }

    private static @Nullable String elsewhere(TapeVolume.File file, Held held) {
        return file.block() < 0 || file.block() == held.block()
                ? null
                : "tape file %d begins at block %d, the ledger says %d"
                        .formatted(file.file(), file.block(), held.block());
    }

    private static Found found(SegmentScan scan, ObjectCheck check, @Nullable Held held) {
        if (scan.unreadable()) {
            return Found.UNREADABLE;
        }
        if (!scan.whole() && held == null) {
            return Found.VOID;
        }
        return check.right() ? Found.GOOD : Found.DAMAGED;
    }

    private FileResult recorded(FileResult result, @Nullable Held held, ObjectCheck check) {
        TapeFiles.Outcome outcome =
                check.record(
                        new Evidence(
                                METHOD,
                                Evidence.Level.V3,
                                clock.instant(),
                                program,
                                check.bytesRead(),
                                held == null ? null : held.place()));
        return new FileResult(
                result.file,
                result.found,
                result.segment,
                result.members,
                result.bytes,
                result.copies,
                outcome.verified(),
                outcome.suspect(),
                outcome.fell(),
                result.details);
    }

    private FileResult unreadable(int file, @Nullable Held held, IOException why) {
        return nothingOf(file, held, Found.UNREADABLE, String.valueOf(why.getMessage()));
    }

    private FileResult missing(Held held, String why) {
        return missing(held, held.file(), why);
    }

    private FileResult missing(@Nullable Held held, int file, String why) {
        return nothingOf(file, held, Found.MISSING, why);
    }

    /// Nothing of it was read: no copy in it is proven any more.
    private FileResult nothingOf(int file, @Nullable Held held, Found found, String why) {
        ObjectCheck check = new ObjectCheck(ledger, wholes, decryption, held);
        check.unread(why);
        return recorded(nothing(file, held, found, check), held, check);
    }

    private static FileResult nothing(
            int file, @Nullable Held held, Found found, ObjectCheck check) {
        return new FileResult(
                file,
                found,
                held == null ? null : held.name(),
                0,
                0,
                held == null ? 0 : held.copies(),
                0,
                0,
                0,
                check.details());
    }
}
