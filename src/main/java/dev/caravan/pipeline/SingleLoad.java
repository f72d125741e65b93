package dev.caravan.pipeline;

import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.Contents;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.target.Carried;
import dev.caravan.target.Encryption;
import dev.caravan.target.KeptUploads.Again;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One version as itself: its plain bytes.
final class SingleLoad extends Load {
    private final Version version;
    private final Contents contents;
    private final @Nullable Again again;
    private @Nullable Sha256 sha256;
    private List<Content.Extent> extents = List.of();
    private @Nullable ContentUnavailableException unreadable;

    /// @param again what it goes on with; null if nothing of it was sent before
    SingleLoad(
            TargetLane lane,
            String copyName,
            Version version,
            Contents contents,
            @Nullable Again again) {
        super(lane, copyName);
        this.version = version;
        this.contents = contents;
        this.again = again;
        if (again != null) {
            mayGoOn(); // also if it does not come as far this time
        }
    }

    @Override
    List<Version> versions() {
        return List.of(version);
    }

    @Override
    long plainLength() {
        return version.metadata().size();
    }

    @Override
    InputStream openPlain() throws IOException {
        try {
            sha256 = null;
            return new HashedContent(contents.open(version));
        } catch (ContentUnavailableException gone) {
            unreadable = gone;
            throw gone;
        }
    }

    @Override
    void seal(Encryption encryption) {
        Encryption.Sealed earlier = again == null ? null : again.sealed();
        boolean samePasses = lane.proof().hashesFirst() || lane.proof().goesOn(plainLength());
        seal(earlier == null ? encryption.begin(samePasses) : earlier);
    }

    @Override
    boolean keep() {
        // half of it that lies under a name has another day
        Instant since =
                again == null || lane.proof().goesOnByName()
                        ? lane.pipeline().now()
                        : again.since();
        return lane.kept().keep(version, copyName, sealed(), since);
    }

    @Override
    boolean isAgain() {
        return again != null;
    }

    @Override
    void changed() {
        unreadable =
                new ContentUnavailableException(
                        ContentUnavailableException.Reason.CHANGED,
                        "'%s' is not what it was when it was read before"
                                .formatted(version.path()));
    }

    @Override
    Carried plainCarried(Map<String, Object> headers) throws IOException {
        if (sha256 == null) {
            throw new IOException(
                    "the endpoint of target '%s' did not read '%s' to its end"
                            .formatted(lane.target(), version.path()));
        }
        return new Carried.Single(version, copyName, plainLength(), sha256, extents, null);
    }

    @Override
    Optional<ContentUnavailableException> unreadable() {
        return Optional.ofNullable(unreadable);
    }

    /// One pass over the content with its digest; the digest counts only when the end was reached
    /// and the file was still the same then.
    private final class HashedContent extends InputStream {
        private final Content content;
        private final MessageDigest digest = Sha256.digest();
        private long left = version.metadata().size();

        HashedContent(Content content) throws IOException {
            this.content = content;
            if (left == 0) {
                finish();
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            try {
                int count = content.read(buffer, offset, (int) Math.min(length, left));
                if (count <= 0) {
                    throw new ContentUnavailableException(
                            ContentUnavailableException.Reason.CHANGED,
                            "'%s' ended %d bytes early".formatted(version.path(), left));
                }
                digest.update(buffer, offset, count);
                left -= count;
                if (left == 0) {
                    finish();
                }
                return count;
            } catch (ContentUnavailableException changed) {
                unreadable = changed;
                throw changed;
            }
        }

        private void finish() throws IOException {
            content.verifyUnchanged();
            extents = content.extents();
            sha256 = Sha256.of(digest.digest());
        }

        @Override
        public void close() throws IOException {
            content.close();
        }
    }
}
