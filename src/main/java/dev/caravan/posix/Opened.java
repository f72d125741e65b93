package dev.caravan.posix;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Something open in a folder that may not answer, with which one piece of work after the other is
/// done. If the folder does not answer, the thread that was left behind has it, and closes it when
/// it comes back. Confined to one thread at a time.
public final class Opened<R> implements AutoCloseable {
    private final Patience patience;
    private final R it;
    private final Closing<R> closing;
    private boolean over;

    private Opened(Patience patience, R it, Closing<R> closing) {
        this.patience = patience;
        this.it = it;
        this.closing = closing;
    }

    /// Opens it.
    @FunctionalInterface
    public interface Opener<R> {
        R open() throws IOException;
    }

    /// Closes it.
    @FunctionalInterface
    public interface Closing<R> {
        void close(R it) throws IOException;
    }

    /// Work with it.
    @FunctionalInterface
    public interface Use<R, T extends @Nullable Object> {
        T run(R it, Patience.Pulse pulse) throws IOException;
    }

    /// @throws NoAnswerException if the folder does not answer
    public static <R> Opened<R> open(Patience patience, Opener<R> opener, Closing<R> closing)
            throws IOException {
        R it =
                patience.await(
                        pulse -> opener.open(),
                        late -> {
                            if (late != null) {
                                closing.close(late);
                            }
                        });
        return new Opened<>(patience, it, closing);
    }

    /// @throws NoAnswerException if the folder does not answer
    /// @throws IOException if that was so before, and the work's own
    public <T extends @Nullable Object> T await(Use<R, T> use) throws IOException {
        if (over) {
            throw new IOException("it was closed, or given up");
        }
        try {
            return patience.await(pulse -> use.run(it, pulse), late -> closing.close(it));
        } catch (NoAnswerException hangs) {
            over = hangs.isLeftBehind();
            throw hangs;
        }
    }

    @Override
    public void close() {
        if (!over) {
            over = true;
            patience.close(() -> closing.close(it));
        }
    }
}
