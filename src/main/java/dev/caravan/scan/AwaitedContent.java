package dev.caravan.scan;

import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.posix.NoAnswerException;
import dev.caravan.posix.Opened;
import dev.caravan.posix.Patience;
import java.io.IOException;
import java.util.List;
import java.util.Objects;

/// Content of a folder that may not answer, read as far ahead as its buffer goes.
final class AwaitedContent implements Content {
    private static final int MOST_AT_ONCE = 1 << 20;

    private final Opened<Content> content;
    private final List<Extent> extents;
    private final int atOnce;
    private byte[] buffer = {};
    private int from;
    private int to;

    private AwaitedContent(Opened<Content> content, List<Extent> extents, int atOnce) {
        this.content = content;
        this.extents = extents;
        this.atOnce = atOnce;
    }

    /// @throws ContentUnavailableException UNREADABLE if the folder does not answer
    static Content open(Patience patience, Opened.Opener<Content> opener, long size)
            throws IOException {
        try {
            Opened<Content> content = Opened.open(patience, opener, Content::close);
            try {
                return new AwaitedContent(
                        content,
                        content.await((it, _) -> it.extents()),
                        (int) Math.clamp(size, 1, MOST_AT_ONCE));
            } catch (IOException failed) {
                content.close();
                throw failed;
            }
        } catch (NoAnswerException hangs) {
            throw unavailable(hangs);
        }
    }

    private static ContentUnavailableException unavailable(NoAnswerException hangs) {
        ContentUnavailableException unavailable =
                new ContentUnavailableException(Reason.UNREADABLE, hangs.getMessage());
        unavailable.initCause(hangs);
        return unavailable;
    }

    private <T> T await(Opened.Use<Content, T> use) throws IOException {
        try {
            return content.await(use);
        } catch (NoAnswerException hangs) {
            throw unavailable(hangs);
        }
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (from == to) {
            if (buffer.length == 0) {
                buffer = new byte[atOnce];
            }
            int count = await((it, _) -> it.read(buffer, 0, buffer.length));
            if (count < 0) {
                return -1;
            }
            from = 0;
            to = count;
        }
        int count = Math.min(length, to - from);
        System.arraycopy(buffer, from, into, offset, count);
        from += count;
        return count;
    }

    @Override
    public void skip(long count) throws IOException {
        int buffered = (int) Math.min(count, to - from);
        from += buffered;
        if (count > buffered) {
            Boolean _ =
                    await((it, _) -> {
                        it.skip(count - buffered);
                        return true;
                    });
        }
    }

    @Override
    public List<Extent> extents() {
        return extents;
    }

    @Override
    public void verifyUnchanged() throws IOException {
        Boolean _ =
                await((it, _) -> {
                    it.verifyUnchanged();
                    return true;
                });
    }

    @Override
    public void close() {
        content.close();
    }
}
