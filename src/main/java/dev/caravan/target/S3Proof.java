package dev.caravan.target;

import dev.caravan.item.Sha256;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.Evidence;
import dev.caravan.target.S3Uploads.Put;
import dev.caravan.target.TargetException.Remedy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.ChecksumType;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/// Durable and proven copies in a bucket. The endpoint has put objects through [S3Uploads]; none of
/// that counts yet. Each is asked for again: its size, and the checksum of the whole object that
/// the server keeps, SHA-256 for one request and CRC-64/NVME for parts (level V2). A server that
/// takes an object with a wrong checksum is found out before anything is sent; what it says is not
/// believed, and all bytes are read back (level V3). Where the target locks, the lock is looked at
/// too, and an object without it does not count; nor does one that the server did not encrypt
/// although it was asked to. Large plain files are described by a manifest each.
///
/// A crash between a put and the ledger's commit leaves objects that no ledger row names. They are
/// harmless: the copies are wanted still, and the next attempt has new names.
///
/// Thread-safe; calls are taken one at a time.
public final class S3Proof implements Proof {
    private final String target;
    private final S3Uploads uploads;
    private final S3Bucket bucket;
    private final S3Sentinel sentinel;
    private final S3Locks locks;
    private final String prefix;
    private final String program;
    private final @Nullable Encryption encryption;
    private @Nullable String id;
    private String domain = "";
    private boolean found;

    /// @param homeId of this home; names of objects begin with its first 8 characters
    /// @param program name and version, for the evidence
    /// @param encryption of what describes large files; null where all is plain
    /// @param knownIdentity what [#identity] said when the ledger came to know this target; null
    ///   before first use
    public S3Proof(
            String target,
            S3Uploads uploads,
            String homeId,
            String program,
            @Nullable Encryption encryption,
            @Nullable String knownIdentity) {
        this.target = target;
        this.encryption = encryption;
        this.uploads = uploads;
        this.bucket = uploads.bucket();
        this.sentinel = new S3Sentinel(target, bucket);
        this.locks = new S3Locks(target, bucket);
        this.prefix = homeId.substring(0, 8) + "-";
        this.program = program;
        this.id =
                knownIdentity == null
                        ? null
                        : knownIdentity.substring(knownIdentity.indexOf(' ') + 1);
    }

    /// The server and bucket, and the id in the sentinel, with a space between.
    ///
    /// @throws IllegalStateException before [#prepare] has succeeded
    @Override
    public synchronized String identity() {
        if (!found) {
            throw new IllegalStateException("target '" + target + "' is not prepared");
        }
        return bucket.address().server() + "/" + bucket.address().bucket() + " " + id;
    }

    @Override
    public boolean hashesFirst() {
        return true;
    }

    /// What goes in parts.
    @Override
    public boolean goesOn(long bytes) {
        return bytes > S3Memory.LARGEST_AT_ONCE;
    }

    /// A body is read into memory, or only to be hashed, before it is sent.
    @Override
    public boolean hold(Pace pace) {
        bucket.hold(pace);
        return true;
    }

    /// All buckets of one account fail together; where it can not be told, a bucket by itself.
    @Override
    public synchronized String domain() {
        return domain;
    }

    @Override
    public synchronized void prepare() throws TargetException {
        id = sentinel.establish(id);
        if (!found) {
            S3Abilities server = new S3Abilities(target, bucket);
            server.requireLock();
            server.requireEncryption();
            uploads.useChecksums(server.compares());
            domain = bucket.account();
        }
        uploads.parts().sweep(prefix);
        found = true;
    }

    @Override
    public synchronized void discard(String copyName) throws TargetException {
        uploads.discard(copyName);
    }

    /// One object that was looked at.
    ///
    /// @param why it is not proven; null if it is
    private record Seen(Carried carried, @Nullable Put put, @Nullable String why) {}

    @Override
    public synchronized Proven prove(List<Carried> batch) throws TargetException {
        boolean readBack = !uploads.checksums();
        List<Seen> seen = Batch.each(target, batch, carried -> see(carried, readBack));
        List<CopyProof> proofs = new ArrayList<>();
        List<Refused> refused = new ArrayList<>();
        Map<String, Instant> locked = new HashMap<>();
        long read = 0;
        for (Seen one : seen) {
            Put put = one.put;
            if (put == null || one.why != null) {
                uploads.discard(one.carried.copyName());
                for (CopyProof proof : one.carried.proofs(one.carried.copyName())) {
                    refused.add(new Refused(proof.version(), new IOException(one.why)));
                }
                continue;
            }
            proofs.addAll(one.carried.proofs(put.name()));
            read += readBack ? put.bytes() : 0;
            if (put.lockedUntil() != null) {
                locked.put(put.name(), put.lockedUntil());
            }
        }
        batch.forEach(carried -> uploads.settle(carried.copyName()));
        return new Proven(
                new Evidence(
                        readBack ? "head+readback" : "head+checksum",
                        readBack ? Evidence.Level.V3 : Evidence.Level.V2,
                        Instant.now(),
                        program,
                        read,
                        bucket.address().uri("")),
                proofs,
                List.of(),
                refused,
                locked);
    }

    private Seen see(Carried carried, boolean readBack) throws TargetException {
        Put put = uploads.of(carried.copyName());
        if (put == null) {
            throw new TargetException(
                    Remedy.PERSON,
                    "target '%s': what the route sends was not put by Caravan's client: its aws2-s3 endpoint needs amazonS3Client=#%s"
                            .formatted(target, S3Uploads.BEAN));
        }
        String why = sent(carried, put);
        if (why == null) {
            why = difference(carried.copyName(), put);
        }
        if (why == null && readBack) {
            why = readBack(put);
        }
        if (why == null && carried instanceof Carried.Single single) {
            describe(single, put.name());
        }
        return new Seen(
                carried,
                put,
                why == null
                        ? null
                        : "object '%s' in bucket '%s': %s"
                                .formatted(put.name(), bucket.address().bucket(), why));
    }

    private @Nullable String sent(Carried carried, Put put) throws TargetException {
        Sha256 read = carried instanceof Carried.Part ? null : carried.storedSha256();
        if (read == null) {
            throw new TargetException(
                    Remedy.PERSON,
                    "proof 's3' takes segments and large files only: put 'segment' into the copy route");
        }
        return read.equals(put.sha256()) && put.bytes() == carried.storedBytes()
                ? null
                : "what was sent has SHA-256 %s, what was read last %s"
                        .formatted(put.sha256(), read);
    }

    /// What the server says of it that is not what was sent.
    private @Nullable String difference(String copyName, Put put) throws TargetException {
        HeadObjectResponse head = bucket.head(S3Layout.object(put.name()), put.version());
        if (head == null) {
            return "it is not there any more: it was put";
        }
        if (head.contentLength() == null || head.contentLength() != put.bytes()) {
            return "it has %d bytes, %d were sent".formatted(head.contentLength(), put.bytes());
        }
        requireEncrypted(copyName, put, head);
        if (put.lockedUntil() != null) {
            // there are servers that forget the lock of an object that came in parts
            locks.relock(S3Layout.object(put.name()), head, put.lockedUntil());
        }
        if (!uploads.checksums()) {
            return null;
        }
        String crc = put.crc();
        String said = crc == null ? head.checksumSHA256() : head.checksumCRC64NVME();
        String wanted =
                crc == null ? Base64.getEncoder().encodeToString(put.sha256().bytes()) : crc;
        if (said == null || head.checksumType() == ChecksumType.COMPOSITE) {
            return readBack(put); // it compared what came, and does not tell what it has
        }
        return wanted.equals(said)
                ? null
                : "the server says checksum %s, sent was %s".formatted(said, wanted);
    }

    /// One that is not does not stay.
    private void requireEncrypted(String copyName, Put put, HeadObjectResponse head)
            throws TargetException {
        try {
            bucket.requireEncrypted(
                    S3Layout.object(put.name()),
                    head.serverSideEncryptionAsString(),
                    head.ssekmsKeyId());
        } catch (TargetException plain) {
            try {
                uploads.discard(copyName);
            } catch (TargetException left) {
                plain.addSuppressed(left); // what is wrong first is what a person must know
            }
            throw plain;
        }
    }

    private @Nullable String readBack(Put put) throws TargetException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[256 << 10];
        try (InputStream in = bucket.get(S3Layout.object(put.name()), put.version(), null, 0, -1)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                Sha256.update(digest, buffer, 0, count);
            }
        } catch (TargetException failed) {
            throw failed;
        } catch (NoSuchFileException gone) {
            return "it is not there any more: it was put";
        } catch (IOException | RuntimeException broken) {
            throw new TargetException(
                    Remedy.WAIT,
                    "target '%s' at %s: reading back broke off: %s"
                            .formatted(
                                    target,
                                    bucket.address().uri(S3Layout.object(put.name())),
                                    broken.getMessage()),
                    broken);
        }
        Sha256 has = Sha256.of(digest.digest());
        return has.equals(put.sha256())
                ? null
                : "it has SHA-256 %s, sent was %s".formatted(has, put.sha256());
    }

    /// Segments describe themselves.
    private void describe(Carried.Single single, String name) throws TargetException {
        Manifest manifest = new Manifest();
        manifest.add(single, S3Layout.object(name));
        byte[] text = manifest.bytes();
        bucket.put(
                S3Layout.manifest(name), encryption == null ? text : encryption.seal(text), true);
    }

    /// The client is the registry's: whoever made it closes it.
    @Override
    public void close() {}
}
