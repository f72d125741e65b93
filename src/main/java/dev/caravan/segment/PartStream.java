package dev.caravan.segment;

import dev.caravan.item.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One pass over a [PartBody]: what comes before the stored bytes, these, and what comes behind
/// them. Confined to one thread.
final class PartStream extends InputStream {
    private final PartBody body;
    private final byte[] piece = new byte[MemberFile.PIECE];
    private byte[] ready;
    private int from;
    private int to;
    private long made;
    private @Nullable PartFile file;
    private boolean complete;
    private @Nullable PartResult result;

    PartStream(PartBody body) {
        this.body = body;
        this.ready = body.head();
        this.to = ready.length;
        this.made = to;
    }

    Optional<PartResult> result() {
        return complete && from == to ? Optional.ofNullable(result) : Optional.empty();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        int count = 0;
        while (count < length && (from < to || make())) {
            int some = Math.min(to - from, length - count);
            System.arraycopy(ready, from, buffer, offset + count, some);
            from += some;
            count += some;
        }
        return count == 0 && length > 0 ? -1 : count;
    }

    @Override
    public int available() {
        return to - from;
    }

    private boolean make() throws IOException {
        if (complete) {
            return false;
        }
        if (file == null) {
            file = body.file(piece);
        }
        int length = file.readPiece();
        if (length >= 0) {
            give(piece, length);
        } else {
            finish(file);
        }
        return true;
    }

    private void finish(PartFile read) throws IOException {
        PartFile.Hashes hashes = read.finish();
        Sha256 whole = body.part().isLast() ? hashes.upToHere().sha256() : null;
        byte[] tail = body.tail(hashes.part(), whole == null ? body.registered() : whole);
        give(tail, tail.length);
        if (made != body.length()) {
            throw new IllegalStateException("a part of " + made + " bytes, not " + body.length());
        }
        result = new PartResult(made, body.offset(), hashes.part(), hashes.upToHere(), whole);
        complete = true;
    }

    private void give(byte[] bytes, int length) {
        ready = bytes;
        from = 0;
        to = length;
        made += length;
    }
}
