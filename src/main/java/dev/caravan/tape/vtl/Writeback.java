package dev.caravan.tape.vtl;

import java.io.IOException;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/// Has the disk under an image write while the image grows, as a drive empties its buffer onto the
/// tape while more comes in. Otherwise the kernel keeps up to a tenth of the memory and writes it
/// all at the filemark, when nobody has anything else to do.
///
/// An error is a deferred write error: the kernel tells it once, to whoever syncs next, so it is
/// kept here and told at the next filemark. Confined to one thread, like the image.
final class Writeback {
    /// Large enough to be written in one sweep, small enough that little is left at the filemark.
    static final long STEP = 32L << 20;

    private final FileChannel channel;
    private final String name;
    private long appended;
    private @Nullable Thread running;
    private volatile @Nullable IOException failure;

    Writeback(FileChannel channel, String name) {
        this.channel = channel;
        this.name = name;
    }

    /// Notes that the image has grown.
    void appended(long bytes) {
        appended += bytes;
        if (appended >= STEP && (running == null || !running.isAlive())) {
            appended = 0;
            running = Thread.ofPlatform().daemon().name(name).start(this::write);
        }
    }

    /// Makes all that was appended durable.
    ///
    /// @throws IOException also for what failed to be written since the image was opened
    void sync() throws IOException {
        await();
        IOException failed = failure;
        if (failed != null) {
            throw new IOException(
                    "unable to write what was accepted: " + failed.getMessage(), failed);
        }
        channel.force(false);
        appended = 0;
    }

    /// Returns when the disk is no longer written to by this. An interrupt is kept.
    void await() {
        boolean interrupted = false;
        while (running != null && running.isAlive()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        running = null;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        try {
            channel.force(false);
        } catch (IOException e) {
            failure = e;
        }
    }
}
