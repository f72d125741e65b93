package dev.caravan.target;

import dev.caravan.item.Sha256;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.Evidence;
import dev.caravan.target.TargetException.Remedy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Proven copies at an [Endpoint]. A route has put them; each is asked for again and every byte of
/// it is read back (level V3), because of an endpoint that Caravan knows nothing of nothing else is
/// to be believed. Large plain files are described by a manifest each.
///
/// Whether it keeps what its copies rely on was tried out before (`caravan target test`): that what
/// breaks off is not seen, and nothing is written over.
///
/// A crash between a put and the ledger's commit leaves objects that no ledger row names. They are
/// harmless: the copies are wanted still, and the next attempt has new names.
///
/// Thread-safe; calls are taken one at a time.
public final class EndpointProof implements Proof {
    private final String target;
    private final Endpoint endpoint;
    private final String program;
    private final @Nullable Encryption encryption;
    private final @Nullable String untrusted;
    private final Set<String> proven = ConcurrentHashMap.newKeySet();
    private @Nullable String sentinel;

    /// @param program name and version, for the evidence
    /// @param encryption of what describes large files; null where all is plain
    /// @param knownIdentity what [#identity] said when the ledger came to know this target; null
    ///   before first use
    /// @param untrusted why it is not known to do what copies rely on; null if it passed its test
    public EndpointProof(
            String target,
            Endpoint endpoint,
            String program,
            @Nullable Encryption encryption,
            @Nullable String knownIdentity,
            @Nullable String untrusted) {
        this.target = target;
        this.endpoint = endpoint;
        this.program = program;
        this.encryption = encryption;
        this.sentinel = knownIdentity;
        this.untrusted = untrusted;
    }

    @Override
    public synchronized @Nullable String identity() {
        return sentinel;
    }

    /// Nothing tells which server is behind it: what has one sentinel is one medium.
    @Override
    public synchronized @Nullable String domain() {
        return sentinel == null ? null : "endpoint " + sentinel;
    }

    @Override
    public synchronized void prepare() throws TargetException {
        if (untrusted != null) {
            throw new TargetException(
                    Remedy.PERSON,
                    "nothing on target '%s' would be proven: %s; run 'caravan target test %s'"
                            .formatted(target, untrusted, target));
        }
        if (sentinel == null && EndpointLayout.sentinel(endpoint) == null) {
            try {
                EndpointLayout.create(endpoint);
            } catch (TargetException failed) {
                throw failed;
            } catch (IOException failed) {
                throw EndpointInput.failure(endpoint.place(""), failed);
            }
        }
        sentinel = EndpointLayout.require(endpoint, target, sentinel);
    }

    /// There are endpoints that keep what came until an upload broke off. That an attempt failed
    /// because its name was taken is no reason to remove what has it.
    @Override
    public void discard(String copyName) throws TargetException {
        if (!proven.contains(copyName)) {
            endpoint.delete(copyName);
        }
    }

    /// @param why it is not proven; null if it is
    private record Seen(Carried carried, @Nullable String why) {}

    @Override
    public synchronized Proven prove(List<Carried> batch) throws TargetException {
        List<CopyProof> proofs = new ArrayList<>();
        List<Refused> refused = new ArrayList<>();
        long read = 0;
        for (Seen seen : Batch.each(target, batch, this::see)) {
            if (seen.why == null) {
                proven.add(seen.carried.copyName());
                proofs.addAll(seen.carried.proofs(seen.carried.copyName()));
                read += seen.carried.storedBytes();
                continue;
            }
            discard(seen.carried.copyName());
            for (CopyProof proof : seen.carried.proofs(seen.carried.copyName())) {
                refused.add(new Refused(proof.version(), new IOException(seen.why)));
            }
        }
        return new Proven(
                new Evidence(
                        "get+sha256",
                        Evidence.Level.V3,
                        Instant.now(),
                        program,
                        read,
                        endpoint.place("")),
                proofs,
                refused);
    }

    private Seen see(Carried carried) throws TargetException {
        Sha256 sent = carried instanceof Carried.Part ? null : carried.storedSha256();
        if (sent == null) {
            throw new TargetException(
                    Remedy.PERSON,
                    "proof 'readback' takes segments and large files only: put 'segment' into the copy route");
        }
        String why = difference(carried.copyName(), carried.storedBytes(), sent);
        if (why == null && carried instanceof Carried.Single single) {
            describe(single);
        }
        return new Seen(
                carried, why == null ? null : endpoint.place(carried.copyName()) + ": " + why);
    }

    private @Nullable String difference(String name, long bytes, Sha256 sent)
            throws TargetException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[256 << 10];
        long length = 0;
        try (InputStream in = EndpointInput.open(endpoint, name, 0, Long.MAX_VALUE)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                Sha256.update(digest, buffer, 0, count);
                length += count;
            }
        } catch (NoSuchFileException gone) {
            return "it is not there any more: it was put";
        } catch (IOException broken) {
            throw EndpointInput.failure(endpoint.place(name), broken);
        }
        Sha256 has = Sha256.of(digest.digest());
        if (length != bytes) {
            return "it has %d bytes, %d were sent".formatted(length, bytes);
        }
        return has.equals(sent) ? null : "it has SHA-256 %s, sent was %s".formatted(has, sent);
    }

    /// Segments describe themselves.
    private void describe(Carried.Single single) throws TargetException {
        Manifest manifest = new Manifest();
        manifest.add(single, single.copyName());
        byte[] text = manifest.bytes();
        String name = EndpointLayout.manifest(single.copyName());
        try {
            EndpointLayout.put(endpoint, name, encryption == null ? text : encryption.seal(text));
        } catch (IOException failed) {
            throw EndpointInput.failure(endpoint.place(name), failed);
        }
    }

    @Override
    public void close() {}
}
