package dev.caravan.tape.vtl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WritebackTest {
    private final AtomicInteger syncs = new AtomicInteger();
    private volatile int failingSync;

    /// Counts the syncs and fails one of them.
    private final FileChannel channel =
            new FileChannel() {
                @Override
                public void force(boolean metaData) throws IOException {
                    if (syncs.incrementAndGet() == failingSync) {
                        throw new IOException("Input/output error");
                    }
                }

                @Override
                public int read(ByteBuffer to) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public long read(ByteBuffer[] to, int offset, int length) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public int write(ByteBuffer from) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public long write(ByteBuffer[] from, int offset, int length) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public long position() {
                    throw new UnsupportedOperationException();
                }

                @Override
                public FileChannel position(long position) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public long size() {
                    throw new UnsupportedOperationException();
                }

                @Override
                public FileChannel truncate(long size) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public long transferTo(long position, long count, WritableByteChannel target) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public long transferFrom(ReadableByteChannel from, long position, long count) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public int read(ByteBuffer to, long position) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public int write(ByteBuffer from, long position) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public MappedByteBuffer map(MapMode mode, long position, long size) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public FileLock lock(long position, long size, boolean shared) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public FileLock tryLock(long position, long size, boolean shared) {
                    throw new UnsupportedOperationException();
                }

                @Override
                protected void implCloseChannel() {}
            };

    @Test
    void aStepThatWasAppendedIsWrittenBeforeTheFilemark() throws IOException {
        Writeback writeback = new Writeback(channel, "tape-writeback-test");
        writeback.appended(Writeback.STEP - 1);
        writeback.await();
        assertThat(syncs).hasValue(0);
        writeback.appended(1);
        writeback.await();
        assertThat(syncs).hasValue(1);

        writeback.sync();

        assertThat(syncs).hasValue(2);
    }

    @Test
    void anErrorInTheBackgroundIsToldAtTheNextFilemarkAndAtAllThatFollow() {
        Writeback writeback = new Writeback(channel, "tape-writeback-test");
        failingSync = 1;
        writeback.appended(Writeback.STEP);
        writeback.await();

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(writeback::sync)
                    .isInstanceOf(IOException.class)
                    .hasMessage("unable to write what was accepted: Input/output error");
        }
    }

    @Test
    void anInterruptIsKeptUntilTheDiskIsLeftAlone() {
        Writeback writeback = new Writeback(channel, "tape-writeback-test");
        writeback.appended(Writeback.STEP);
        Thread.currentThread().interrupt();

        writeback.await();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(syncs).hasValue(1);
    }
}
