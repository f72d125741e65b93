package dev.caravan.cli;

import dev.caravan.item.Content;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.Removals.Whole;
import dev.caravan.ledger.StoredObject;
import dev.caravan.target.Carried;
import dev.caravan.target.ObjectReader;
import dev.caravan.target.ObjectReading;
import dev.caravan.target.Proof;
import dev.caravan.target.Removed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a target that keeps objects must do, tried on the target itself with one object of a
/// mebibyte that is removed again: what is put is there as it was, whole or not at all, is never
/// written over, can be listed, read from any byte, and deleted. Confined to one thread, used once.
final class TargetContract {
    private static final int BYTES = 1 << 20;

    /// Puts bytes by the route's own endpoint.
    interface Endpoint {
        /// @throws IOException if the endpoint, or reading the bytes, failed
        void put(String name, InputStream body, long length) throws IOException;
    }

    /// Removes an object for good.
    interface Remover {
        Removed remove(List<Whole> objects) throws IOException;
    }

    /// The target, by the parts that its copies go through.
    ///
    /// @param name for the object, as Caravan makes them
    record Parts(String name, Endpoint endpoint, Proof proof, Media media) {}

    /// What looks at the target, opened anew for each step.
    interface Media {
        ObjectReader reader() throws IOException;

        ObjectReading reading() throws IOException;

        Remover remover(String identity) throws IOException;
    }

    /// One thing that was tried.
    ///
    /// @param found how it is, or what is wrong
    record Step(String what, boolean good, String found) {}

    private final Parts parts;
    private final List<Step> steps = new ArrayList<>();
    private final byte[] content = new byte[BYTES];
    private @Nullable StoredObject stored;

    TargetContract(Parts parts) {
        this.parts = parts;
        new SecureRandom().nextBytes(content);
    }

    private interface Attempt {
        /// @return how it is
        /// @throws IOException in words, if it is not as it must be
        String run() throws IOException;
    }

    private boolean attempt(String what, Attempt attempt) {
        try {
            steps.add(new Step(what, true, attempt.run()));
            return true;
        } catch (IOException | RuntimeException failed) {
            String message = failed.getMessage();
            steps.add(
                    new Step(
                            what,
                            false,
                            message == null ? failed.getClass().getSimpleName() : message));
            return false;
        }
    }

    /// Tries all of it; what makes no sense after a failure is left out.
    List<Step> run() {
        if (!attempt("it is there, and the right one", this::prepare)
                || !attempt("an upload that breaks off leaves nothing to be seen", this::cut)
                || !attempt("an object is put, and proven", this::put)) {
            return List.copyOf(steps);
        }
        attempt("it is listed, with its length", this::list);
        attempt("it reads back as it was", this::readBack);
        attempt("it is read from the middle", this::middle);
        attempt("the target says its hash", this::hash);
        attempt("it is not written over", this::notWrittenOver);
        attempt("it is removed", this::remove);
        return List.copyOf(steps);
    }

    private String prepare() throws IOException {
        parts.proof.prepare();
        String identity = parts.proof.identity();
        return identity == null ? "" : identity;
    }

    private String cut() throws IOException {
        String name = parts.name + "x";
        boolean failed = false;
        try {
            parts.endpoint.put(name, new Failing(content), BYTES);
        } catch (IOException expected) {
            failed = true;
        }
        parts.proof.discard(name);
        if (!failed) {
            throw new IOException("the endpoint did not tell that it could not read to the end");
        }
        try (ObjectReader reader = parts.media.reader();
                ObjectReader.Opened opened = reader.open(name)) {
            throw new IOException(
                    "after half an upload there is an object of %d bytes"
                            .formatted(opened.readAllBytes().length));
        } catch (NoSuchFileException none) {
            return "";
        }
    }

    private String put() throws IOException {
        parts.endpoint.put(parts.name, new ByteArrayInputStream(content), BYTES);
        Proof.Proven proven = parts.proof.prove(List.of(carried(parts.name)));
        if (!proven.refused().isEmpty()) {
            throw proven.refused().getFirst().why();
        }
        stored = proven.proofs().getFirst().object();
        return "%s (%s)".formatted(proven.evidence().method(), proven.evidence().level());
    }

    private Carried.Single carried(String name) {
        return new Carried.Single(
                version(),
                name,
                BYTES,
                Sha256.of(Sha256.digest().digest(content)),
                List.of(new Content.Extent(0, BYTES)),
                null);
    }

    private static Version version() {
        Instant now = Instant.now();
        return new Version(
                Long.MAX_VALUE,
                "target-test",
                ItemPath.of("target-test"),
                1,
                new Metadata(Kind.FILE, BYTES, now, 0600, 0, 0, Metadata.NO_TARGET, 1, List.of()),
                new Fingerprint(0, 0, BYTES, now, now),
                null);
    }

    private StoredObject stored() throws IOException {
        if (stored == null) {
            throw new IOException("nothing was stored");
        }
        return stored;
    }

    private String list() throws IOException {
        Set<Long> lengths = new HashSet<>();
        String name = stored().name();
        try (ObjectReading reading = parts.media.reading()) {
            reading.objects(
                    batch ->
                            batch.stream()
                                    .filter(there -> there.name().equals(name))
                                    .forEach(there -> lengths.add(there.bytes())),
                    new ArrayList<>());
        }
        if (!lengths.equals(Set.of((long) BYTES))) {
            throw new IOException(
                    lengths.isEmpty()
                            ? "it is not in the list"
                            : "the list says %s bytes, want %d".formatted(lengths, BYTES));
        }
        return "";
    }

    private String readBack() throws IOException {
        try (ObjectReader reader = parts.media.reader();
                ObjectReader.Opened opened = reader.open(stored().name())) {
            require(Arrays.equals(opened.readAllBytes(), content), "other bytes came back");
            return reader.readBack();
        }
    }

    private String middle() throws IOException {
        int from = BYTES / 2 + 7;
        try (ObjectReading reading = parts.media.reading();
                InputStream in = reading.openObject(stored().name(), from, 1000)) {
            require(
                    Arrays.equals(
                            in.readNBytes(1000), Arrays.copyOfRange(content, from, from + 1000)),
                    "other bytes came back");
        }
        return "";
    }

    /// It need not; then all bytes are read back.
    private String hash() throws IOException {
        try (ObjectReader reader = parts.media.reader()) {
            Optional<Sha256> said = reader.attest(stored().name(), BYTES);
            require(
                    said.isEmpty() || said.get().equals(Sha256.of(Sha256.digest().digest(content))),
                    "it says another hash");
            return said.isEmpty() ? "no: copies are verified by reading them" : reader.attested();
        }
    }

    private String notWrittenOver() throws IOException {
        byte[] other = content.clone();
        other[0] ^= 1;
        String how;
        try {
            parts.endpoint.put(stored().name(), new ByteArrayInputStream(other), BYTES);
            Carried.Single again =
                    new Carried.Single(
                            version(),
                            stored().name(),
                            BYTES,
                            Sha256.of(Sha256.digest().digest(other)),
                            List.of(new Content.Extent(0, BYTES)),
                            null);
            how =
                    parts.proof.prove(List.of(again)).refused().isEmpty()
                            ? "it was taken"
                            : "refused by its proof";
        } catch (IOException refused) {
            how = "refused";
        }
        parts.proof.discard(stored().name());
        try (ObjectReader reader = parts.media.reader();
                ObjectReader.Opened opened = reader.open(stored().name())) {
            boolean same = Arrays.equals(opened.readAllBytes(), content);
            if (!same) {
                try (ObjectReading reading = parts.media.reading()) {
                    require(
                            reading.keepsVersions(stored().name()),
                            "the object was written over, and what it was is gone");
                }
                how = "it was taken as another version, the first one stays";
            }
        } catch (NoSuchFileException gone) {
            throw new IOException(
                    "the object is gone: a second one of its name took it away", gone);
        }
        return how;
    }

    private String remove() throws IOException {
        Whole whole = new Whole(stored().name(), false, BYTES, List.of(version()));
        String identity = parts.proof.identity();
        Removed removed =
                parts.media.remover(identity == null ? "" : identity).remove(List.of(whole));
        if (!removed.left().isEmpty()) {
            return removed.left().getFirst(); // a lock is as it should be
        }
        try (ObjectReader reader = parts.media.reader();
                ObjectReader.Opened _ = reader.open(stored().name())) {
            throw new IOException("it is still there");
        } catch (NoSuchFileException gone) {
            return "";
        }
    }

    private static void require(boolean good, String otherwise) throws IOException {
        if (!good) {
            throw new IOException(otherwise);
        }
    }

    /// Cannot be read behind its middle.
    private static final class Failing extends ByteArrayInputStream {
        Failing(byte[] content) {
            super(content);
        }

        @Override
        public synchronized int read(byte[] into, int offset, int length) {
            if (pos >= BYTES / 2) {
                throw new java.io.UncheckedIOException(new IOException("broken off on purpose"));
            }
            return super.read(into, offset, Math.min(length, BYTES / 2 - pos));
        }
    }
}
