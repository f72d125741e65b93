package dev.caravan.target;

import dev.caravan.posix.OpenFile;
import dev.caravan.posix.Opened;
import dev.caravan.posix.Patience;
import dev.caravan.posix.PosixException;
import dev.caravan.posix.Stat;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/// A file of a folder that may not answer, read as far ahead as its buffer goes. Confined to one
/// thread at a time.
final class AwaitedFile extends InputStream {
    private static final int MOST_AT_ONCE = 1 << 20;

    private final Opened<Reading> file;
    private Filled filled;
    private int from;

    private AwaitedFile(Opened<Reading> file, Filled filled) {
        this.file = file;
        this.filled = filled;
    }

    /// What is in the buffer.
    private record Filled(byte[] buffer, int count, boolean ended) {}

    /// The file in the hands of the thread that asks the folder.
    private static final class Reading {
        private final OpenFile file;
        private final byte[] buffer;

        Reading(OpenFile file, long size) {
            this.file = file;
            // a byte more than there should be shows that there is none
            this.buffer = new byte[(int) Math.min(MOST_AT_ONCE, size + 1)];
        }

        /// Reads until the buffer is full, or the file is over: then it is closed at once, so that
        /// a small one is opened, read and closed in one go.
        Filled fill() throws PosixException {
            int count = 0;
            while (count < buffer.length) {
                int read = file.read(buffer, count, buffer.length - count);
                if (read < 0) {
                    file.close();
                    return new Filled(buffer, count, true);
                }
                count += read;
            }
            return new Filled(buffer, count, false);
        }

        void close() throws PosixException {
            file.close();
        }
    }

    /// Opens a file, whatever it turns out to be.
    @FunctionalInterface
    interface Opener {
        OpenFile open() throws IOException;
    }

    /// @param shown what it is, for people
    /// @throws IOException if it is no plain file
    static InputStream open(Patience patience, Opener opener, String shown) throws IOException {
        return patience.await(
                _ -> {
                    Opened<Reading> file =
                            Opened.open(patience, () -> plain(opener, shown), Reading::close);
                    try {
                        return new AwaitedFile(file, file.await((reading, _) -> reading.fill()));
                    } catch (IOException failed) {
                        file.close();
                        throw failed;
                    }
                },
                late -> {
                    if (late != null) {
                        late.close();
                    }
                });
    }

    private static Reading plain(Opener opener, String shown) throws IOException {
        OpenFile file = opener.open();
        try {
            Stat stat = file.stat();
            if (!stat.isFile()) {
                throw new IOException(shown + " is no plain file");
            }
            return new Reading(file, stat.size());
        } catch (IOException failed) {
            file.close();
            throw failed;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (from == filled.count() && !filled.ended()) {
            filled = file.await((reading, _) -> reading.fill());
            from = 0;
        }
        if (from == filled.count()) {
            return -1;
        }
        int count = Math.min(length, filled.count() - from);
        System.arraycopy(filled.buffer(), from, into, offset, count);
        from += count;
        return count;
    }

    @Override
    public void close() {
        if (!filled.ended()) {
            file.close();
        }
    }
}
