package dev.caravan.target;

import dev.caravan.target.TargetException.Remedy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/// A file at an [Endpoint] from any byte of it on. It is asked for in stretches, the first one as
/// long as will probably be read and each next one longer, where the endpoint gives parts; where it
/// does not, what lies before is read and dropped. Where a stretch breaks, the next goes on.
/// Confined to one thread.
final class EndpointInput extends ObjectReader.Opened {
    private static final long LEAST = 256 << 10;
    private static final long MOST = 256L << 20;
    private static final int TRIES = 3;

    private final Endpoint endpoint;
    private final String name;
    private long at;
    private long stretch;

    /// Where the open stretch ends; unknown while the endpoint gives all that follows.
    private long end;

    private int failures;
    private boolean ended;
    private @Nullable InputStream open;
    private @Nullable TargetException lost;

    private EndpointInput(Endpoint endpoint, String name, long at, long stretch) {
        this.endpoint = endpoint;
        this.name = name;
        this.at = at;
        this.stretch = stretch;
    }

    /// @param expected how many bytes will probably be read; `Long.MAX_VALUE` to ask for all at
    ///   once
    /// @throws NoSuchFileException if it is not there
    static EndpointInput open(Endpoint endpoint, String name, long offset, long expected)
            throws IOException {
        long stretch = expected == Long.MAX_VALUE ? expected : Math.clamp(expected, LEAST, MOST);
        EndpointInput input = new EndpointInput(endpoint, name, offset, stretch);
        input.open = input.ask();
        return input;
    }

    /// As the failure of a target: it broke off while it gave its bytes.
    static TargetException failure(String place, IOException broken) {
        return broken instanceof TargetException known
                ? known
                : new TargetException(
                        Remedy.WAIT,
                        "%s: reading broke off: %s".formatted(place, broken.getMessage()),
                        broken);
    }

    private InputStream ask() throws IOException {
        boolean all = at == 0 && stretch == Long.MAX_VALUE;
        Endpoint.Answer answer = endpoint.get(name, at, all ? Long.MAX_VALUE : stretch);
        if (answer == null) {
            throw new NoSuchFileException(endpoint.place(name), null, "it is not there any more");
        }
        if (answer.part()) {
            end = stretch == Long.MAX_VALUE ? Long.MAX_VALUE : at + stretch;
            stretch = stretch == Long.MAX_VALUE ? stretch : Math.min(MOST, stretch * 4);
            return answer.in();
        }
        end = Long.MAX_VALUE;
        boolean done = false;
        try {
            answer.in().skipNBytes(at);
            done = true;
            return answer.in();
        } finally {
            if (!done) {
                answer.in().close();
            }
        }
    }

    /// That reading ended because the endpoint could not be reached; null if that is not so.
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
        while (!ended && count > 0) {
            try {
                if (open == null) {
                    open = ask();
                }
                int some = open.read(into, offset, (int) Math.min(count, end - at));
                if (some < 0) {
                    ended = true; // it gives less than was asked for only at its end
                    break;
                }
                at += some;
                failures = 0;
                if (at == end) {
                    drop();
                }
                return some;
            } catch (NoSuchFileException gone) {
                drop();
                throw gone;
            } catch (IOException broken) {
                drop();
                if (++failures >= TRIES) {
                    lost = failure(endpoint.place(name), broken);
                    throw lost;
                }
            }
        }
        return ended ? -1 : 0;
    }

    /// Whether it ends well says nothing of the bytes that were read.
    private void drop() {
        InputStream closing = open;
        open = null;
        if (closing == null) {
            return;
        }
        try {
            closing.close();
        } catch (IOException broken) {
            end = at;
        }
    }

    @Override
    public void close() {
        ended = true;
        drop();
    }
}
