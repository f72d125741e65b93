package dev.caravan.target;

import dev.caravan.item.Content;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.CopyState;
import dev.caravan.ledger.MediaKind;
import dev.caravan.ledger.StoredObject;
import dev.caravan.ledger.Target;
import dev.caravan.segment.MemberResult;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// What the pipeline would hand to a proof, and the ledger to a store.
final class SftpCopies {
    private static final Instant THEN = Instant.parse("2026-01-02T03:04:05.000000006Z");

    private SftpCopies() {}

    static byte[] bytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static Sha256 sha256(byte[] bytes) {
        return Sha256.of(Sha256.digest().digest(bytes));
    }

    static Version version(long id, String path, long size) {
        return new Version(
                id,
                "docs",
                ItemPath.of(path),
                1,
                new Metadata(Kind.FILE, size, THEN, 0644, 0, 0, Metadata.NO_TARGET, 1, List.of()),
                new Fingerprint(1, id, size, THEN, THEN),
                null);
    }

    static Carried.Single single(long id, String name, byte[] content) {
        return new Carried.Single(
                version(id, "large-" + id, content.length),
                name,
                content.length,
                sha256(content),
                List.of(new Content.Extent(0, content.length)),
                null);
    }

    /// A segment with two members that are well and one that is void.
    static Carried.Packed packed(long id, String name, byte[] content) {
        byte[] member = {1, 2, 3};
        return new Carried.Packed(
                name,
                content.length,
                sha256(content),
                List.of(
                        new MemberResult.Written(
                                version(id, "a", 3), 512, 1024, sha256(member), false),
                        new MemberResult.Void(version(id + 1, "b", 3), 1536, new IOException("x")),
                        new MemberResult.Written(
                                version(id + 2, "c", 3), 2560, 3072, sha256(member), false)),
                null,
                null);
    }

    static Catalog.Copy copy(@Nullable StoredObject object, long offset) {
        Target target =
                new Target(
                        1,
                        "offsite",
                        MediaKind.DISK,
                        "far",
                        true,
                        false,
                        true,
                        null,
                        Target.State.READY,
                        0,
                        THEN,
                        null);
        return new Catalog.Copy(
                target,
                CopyState.DURABLE,
                object,
                offset,
                List.of(),
                null,
                null,
                0,
                null,
                null,
                0,
                null,
                null);
    }
}
