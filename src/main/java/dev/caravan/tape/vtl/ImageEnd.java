package dev.caravan.tape.vtl;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The growing end of an image. What is appended is collected in one of two buffers, as in the
/// buffer of a drive, while a thread writes the other; where the file system can, past the page
/// cache (`O_DIRECT`): a tape is written once and read much later, so its bytes would only take the
/// place of others there, and copying them into it costs as much time as hashing them.
///
/// An error in the background is a deferred write error, told by the next that hands over a buffer,
/// reads or syncs, and by all of these that follow. Confined to one thread.
final class ImageEnd implements AutoCloseable {
    /// Of each of the two buffers.
    static final int BYTES = 2 << 20;

    /// Direct writes begin and end at multiples of this in the file: the page size, which is no
    /// less than what a disk asks for.
    private static final int BLOCK = 4096;

    private final FileChannel channel;
    private final Supplier<@Nullable FileChannel> opening;
    private final Writeback writeback;
    private final String thread;
    private @Nullable ExecutorService writer;
    private @Nullable Future<?> writing;

    /// Null where the file system has no direct writes. Used by one thread at a time.
    private @Nullable FileChannel direct;

    private boolean directProven;

    /// What is collected, and the buffer that is written or free; empty before the first append.
    private ByteBuffer collected = ByteBuffer.allocate(0);

    private ByteBuffer other = collected;

    /// Where `collected` begins in the file, a multiple of [#BLOCK], and how many of its first
    /// bytes the file has already.
    private long start;

    private int inFile;
    private @Nullable IOException failure;

    /// @param channel that reads and writes the image, which stays the caller's
    /// @param opening gives the channel of [#openDirect] when something is to be appended; it is
    ///   closed with this
    ImageEnd(FileChannel channel, Supplier<@Nullable FileChannel> opening, String thread) {
        this.channel = channel;
        this.opening = opening;
        this.thread = thread;
        this.writeback = new Writeback(channel, thread);
    }

    /// A channel for direct writes; null where the file system has none.
    static @Nullable FileChannel openDirect(Path file) {
        try {
            long block = Files.getFileStore(file).getBlockSize();
            if (block < 1 || BLOCK % block != 0) {
                return null;
            }
            return FileChannel.open(file, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT);
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        }
    }

    /// The next append goes to `offset`, which is the end of the file. What was appended before is
    /// in the file.
    void moveTo(long offset) throws IOException {
        flush();
        if (writer == null) {
            ByteBuffer both = ByteBuffer.allocateDirect(2 * BYTES + BLOCK).alignedSlice(BLOCK);
            collected = both.slice(0, BYTES);
            other = both.slice(BYTES, BYTES);
            direct = opening.get();
            writer =
                    Executors.newSingleThreadExecutor(
                            Thread.ofPlatform().daemon().name(thread).factory());
        }
        start = offset / BLOCK * BLOCK;
        inFile = (int) (offset - start);
        collected.clear().limit(inFile);
        while (collected.hasRemaining()) {
            if (channel.read(collected, start + collected.position()) < 0) {
                throw new IOException("the image ends before byte " + offset);
            }
        }
        collected.limit(BYTES);
    }

    /// Takes all of `data`.
    ///
    /// @throws IOException also for what failed to be written since the image was opened
    void append(ByteBuffer data) throws IOException {
        while (data.hasRemaining()) {
            int length = Math.min(data.remaining(), collected.remaining());
            collected.put(collected.position(), data, data.position(), length);
            collected.position(collected.position() + length);
            data.position(data.position() + length);
            if (!collected.hasRemaining()) {
                handOver();
            }
        }
    }

    /// Has the full buffer written in the background.
    private void handOver() throws IOException {
        await();
        ByteBuffer full = collected.flip();
        long at = start;
        writing =
                Objects.requireNonNull(writer)
                        .submit(() -> {
                            writeBlocks(full, at);
                            return null;
                        });
        collected = other.clear();
        other = full;
        start += BYTES;
        inFile = 0;
    }

    /// All that was appended is in the file, if not yet on the disk.
    void flush() throws IOException {
        await();
        int end = collected.position();
        if (end == inFile) {
            return;
        }
        int whole = end / BLOCK * BLOCK;
        try {
            if (whole > 0) {
                writeBlocks(collected.duplicate().flip().limit(whole), start);
            }
            writeFully(channel, collected.duplicate().flip().position(whole), start + whole);
        } catch (IOException e) {
            throw failed(e);
        }
        collected.limit(end).position(whole).compact();
        start += whole;
        inFile = end - whole;
    }

    /// Makes all that was appended durable.
    ///
    /// @throws IOException also for what failed to be written since the image was opened
    void sync() throws IOException {
        flush();
        writeback.sync();
    }

    /// Brings what is left into the file, unless it was told before that this is not possible.
    @Override
    public void close() throws IOException {
        try (FileChannel _ = direct) {
            if (failure == null) {
                flush();
            }
        } finally {
            writeback.await();
            if (writer != null) {
                writer.close();
            }
        }
    }

    /// Returns when nothing is written in the background. An interrupt is kept.
    private void await() throws IOException {
        boolean interrupted = false;
        while (writing != null) {
            try {
                writing.get();
                writing = null;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                writing = null;
                failed(e.getCause() instanceof IOException io ? io : new IOException(e.getCause()));
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure instanceof ClosedChannelException) {
            throw failure; // an interrupt of this thread, which a caller tells from a bad disk
        }
        if (failure != null) {
            throw new IOException(
                    "unable to write what was accepted: " + failure.getMessage(), failure);
        }
    }

    private IOException failed(IOException e) {
        failure = e;
        return e;
    }

    /// Writes whole blocks. The first direct write shows whether there are any: some file systems
    /// refuse only then.
    private void writeBlocks(ByteBuffer blocks, long at) throws IOException {
        if (direct != null) {
            ByteBuffer rest = blocks.duplicate();
            try {
                writeFully(direct, rest, at);
                directProven = true;
                return;
            } catch (IOException e) {
                if (directProven) {
                    throw e;
                }
                direct.close();
                direct = null;
            }
        }
        int length = blocks.remaining();
        writeFully(channel, blocks.duplicate(), at);
        writeback.appended(length);
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes, long at)
            throws IOException {
        long offset = at;
        while (bytes.hasRemaining()) {
            offset += channel.write(bytes, offset);
        }
    }
}
