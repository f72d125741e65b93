package dev.caravan.target;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/// An object from any byte of it on. It is asked for in stretches, the first one as long as will
/// probably be read and each next one longer, so that a connection is of use afterwards; where one
/// breaks, the next goes on. Confined to one thread.
final class S3Input extends ObjectReader.Opened {
    private static final long LEAST = 256 << 10;
    private static final long MOST = 256L << 20;
    private static final int TRIES = 3;

    private final S3Bucket bucket;
    private final String below;
    private final @Nullable String version;
    private final boolean oneState;
    private long at;
    private long stretch;
    private long length;
    private long end;
    private int failures;
    private @Nullable ResponseInputStream<GetObjectResponse> open;
    private @Nullable TargetException lost;

    private @Nullable GetObjectResponse first;

    private S3Input(
            S3Bucket bucket,
            String below,
            @Nullable String version,
            boolean oneState,
            long at,
            long stretch)
            throws IOException {
        this.bucket = bucket;
        this.below = below;
        this.version = version;
        this.oneState = oneState;
        this.at = at;
        this.stretch = stretch;
        this.length = Long.MAX_VALUE;
        ask();
    }

    /// @param expected how many bytes will probably be read
    /// @throws NoSuchFileException if it is not there
    /// @throws ColdObjectException if its storage class must be thawed first
    static S3Input open(S3Bucket bucket, String below, long offset, long expected)
            throws IOException {
        long stretch = Math.clamp(expected, LEAST, MOST);
        try {
            return new S3Input(bucket, below, null, false, offset, stretch);
        } catch (NoSuchFileException gone) {
            String hidden = bucket.hidden(below);
            if (hidden == null) {
                throw gone;
            }
            return new S3Input(bucket, below, hidden, false, offset, stretch);
        }
    }

    /// Opens an object that others may replace meanwhile: all its bytes are of one and the same.
    ///
    /// @throws NoSuchFileException if it is not there; while it is read, if it is another one by
    ///   then
    /// @throws ColdObjectException if its storage class must be thawed first
    static S3Input inOneState(S3Bucket bucket, String below, long expected) throws IOException {
        return new S3Input(bucket, below, null, true, 0, Math.clamp(expected, LEAST, MOST));
    }

    /// What the server said of it when it was opened.
    GetObjectResponse described() {
        return Objects.requireNonNull(first);
    }

    private void ask() throws IOException {
        if (at >= length) {
            return;
        }
        ResponseInputStream<GetObjectResponse> answer =
                bucket.get(below, version, match(), at, at + stretch - 1);
        GetObjectResponse opened = first;
        if (opened == null) {
            first = answer.response();
        } else if (oneState
                && (!Objects.equals(opened.eTag(), answer.response().eTag())
                        || length != total(answer.response()))) {
            answer.abort(); // a server that takes no condition
            throw new NoSuchFileException(
                    bucket.address().uri(below), null, "it is another one now");
        }
        open = answer;
        length = total(answer.response());
        end = Math.min(length, at + stretch);
        stretch = Math.min(MOST, stretch * 4);
    }

    private @Nullable String match() {
        GetObjectResponse opened = first;
        return oneState && opened != null ? opened.eTag() : null;
    }

    /// `bytes 0-9/100`; a server that gives no range gives all.
    private static long total(GetObjectResponse response) {
        String range = response.contentRange();
        return range == null
                ? response.contentLength()
                : Long.parseLong(range.substring(range.lastIndexOf('/') + 1));
    }

    long length() {
        return length;
    }

    /// That reading ended because the server could not be reached; null if that is not so.
    @Override
    public @Nullable TargetException lost() {
        return lost;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int count) throws IOException {
        if (count == 0) {
            return 0;
        }
        while (at < length) {
            try {
                ResponseInputStream<GetObjectResponse> stream = open;
                if (stream == null) {
                    ask();
                    continue;
                }
                int some = stream.read(into, offset, (int) Math.min(count, end - at));
                if (some > 0) {
                    at += some;
                    failures = 0;
                    if (at == end) {
                        drop(false);
                    }
                    return some;
                }
                throw new IOException("it ended %d bytes early".formatted(end - at));
            } catch (NoSuchFileException | ColdObjectException said) {
                drop(true);
                throw said;
            } catch (IOException | RuntimeException broken) {
                drop(true);
                if (++failures >= TRIES) {
                    TargetException why =
                            broken instanceof TargetException known
                                    ? known
                                    : new TargetException(
                                            TargetException.Remedy.WAIT,
                                            "%s: reading broke off: %s"
                                                    .formatted(
                                                            bucket.address().uri(below),
                                                            broken.getMessage()),
                                            broken);
                    lost = why;
                    throw why;
                }
            }
        }
        return -1;
    }

    /// @param broken whether what is left of the answer is not worth reading
    private void drop(boolean broken) {
        ResponseInputStream<GetObjectResponse> stream = open;
        open = null;
        if (stream == null) {
            return;
        }
        if (broken) {
            stream.abort();
            return;
        }
        try {
            stream.close();
        } catch (IOException | RuntimeException failed) {
            stream.abort();
        }
    }

    @Override
    public void close() {
        drop(at < end);
    }
}
