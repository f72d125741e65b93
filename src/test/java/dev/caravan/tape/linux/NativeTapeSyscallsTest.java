package dev.caravan.tape.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.tape.drive.Errno;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the kernel of any machine answers, without a tape: that the calls reach it and that its
/// error numbers come back.
class NativeTapeSyscallsTest {
    private static final TapeSyscalls KERNEL = NativeTapeSyscalls.KERNEL;

    @TempDir Path directory;

    @Test
    void recordsAreMovedAndErrorNumbersComeBackNegated() throws IOException {
        Path file = Files.createFile(directory.resolve("records"));
        int fd = KERNEL.open(file, TapeAbi.O_RDWR | TapeAbi.O_NONBLOCK | TapeAbi.O_CLOEXEC);
        assertThat(fd).isPositive();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment record = arena.allocateFrom("0123456789");
            assertThat(KERNEL.write(fd, record)).isEqualTo(record.byteSize());
            assertThat(KERNEL.read(fd, record)).isZero();
            assertThat(KERNEL.mtget(fd, arena.allocate(TapeAbi.MTGET)))
                    .isEqualTo(-Errno.ENOTTY.number());
            assertThat(KERNEL.mtop(fd, TapeAbi.MTREW, 1)).isEqualTo(-Errno.ENOTTY.number());
            assertThat(KERNEL.mtpos(fd)).isEqualTo(-Errno.ENOTTY.number());
            ScsiReply reply =
                    KERNEL.sgIo(
                            fd,
                            new byte[6],
                            TapeSyscalls.Direction.NONE,
                            MemorySegment.NULL,
                            Duration.ofSeconds(1));
            assertThat(reply.good()).isFalse();
            assertThat(reply.reason()).isEqualTo("ENOTTY");
        }
        assertThat(KERNEL.close(fd)).isZero();
        assertThat(KERNEL.close(fd)).isEqualTo(-Errno.EBADF.number());
        assertThat(Files.size(file)).isEqualTo(11);
    }

    @Test
    void aMissingDeviceIsNotMade() {
        Path missing = directory.resolve("nst0");

        assertThat(KERNEL.open(missing, TapeAbi.O_RDWR)).isEqualTo(-Errno.ENOENT.number());
        assertThat(KERNEL.deviceNumber(missing)).isEqualTo(-Errno.ENOENT.number());
        assertThat(missing).doesNotExist();
    }

    @Test
    void onlyACharacterDeviceHasANumber() {
        assertThat(KERNEL.deviceNumber(directory)).isZero();
        assertThat(KERNEL.deviceNumber(Path.of("/dev/null")))
                .isEqualTo(1 << NativeTapeSyscalls.MINOR_BITS | 3);
        assertThat(KERNEL.options(1 << NativeTapeSyscalls.MINOR_BITS | 3)).isEmpty();
        assertThat(KERNEL.generic(1 << NativeTapeSyscalls.MINOR_BITS | 3)).isEmpty();
    }

    @Test
    void aVirtualThreadWaitsForAPlatformThreadThatMakesTheCall() throws InterruptedException {
        AtomicReference<Thread> caller = new AtomicReference<>();
        FakeTapeDevice device =
                new FakeTapeDevice() {
                    @Override
                    public long mtpos(int fd) {
                        caller.set(Thread.currentThread());
                        return super.mtpos(fd);
                    }
                };
        PlatformThreadSyscalls calls = new PlatformThreadSyscalls(device, "tape nst0");

        calls.mtpos(0);
        assertThat(caller.get()).isSameAs(Thread.currentThread());

        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        Thread.ofVirtual()
                .start(() -> {
                    Thread.currentThread().interrupt();
                    calls.mtpos(0);
                    interrupted.set(Thread.currentThread().isInterrupted());
                    calls.end();
                })
                .join();
        assertThat(caller.get().isVirtual()).isFalse();
        assertThat(caller.get().getName()).isEqualTo("tape nst0");
        assertThat(interrupted).hasValue(true);
    }
}
