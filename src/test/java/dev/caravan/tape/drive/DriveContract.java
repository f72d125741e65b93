package dev.caravan.tape.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/// What every drive does, whatever is behind it. The reference is the Linux `st` driver as
/// measured.
public abstract class DriveContract {
    /// A drive with a blank cartridge that takes at least 20 records of 64 KiB.
    protected abstract Drive blank() throws IOException;

    /// The same drive and cartridge, closed and opened again.
    protected abstract Drive reopened() throws IOException;

    /// A blank cartridge whose early warning comes after a few records of 64 KiB, and its hard end
    /// a few after that.
    protected abstract Drive small() throws IOException;

    protected abstract Drive writeProtected() throws IOException;

    protected abstract Drive empty() throws IOException;

    protected static ByteBuffer record(int length, int fill) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) fill);
        ByteBuffer record = ByteBuffer.allocateDirect(length);
        return record.put(bytes).flip();
    }

    @Test
    void recordsOfAnySizeComeBackAsTheyWereWritten() throws IOException {
        try (Drive drive = blank()) {
            int[] lengths = {1, 2, 3, 511, 512, 65536, 65535, 262144};
            for (int length : lengths) {
                assertThat(drive.write(record(length, length))).isEqualTo(WriteResult.WRITTEN);
            }
            drive.writeFilemarks(1);
            drive.rewind();

            for (int length : lengths) {
                ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 19);
                assertThat(drive.read(buffer)).isEqualTo(new ReadResult.Data(length));
                assertThat(buffer.flip()).isEqualTo(record(length, length));
            }
            assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Filemark());
        }
    }

    @Test
    void theEndOfDataIsReadOnceAndThenAnError() throws IOException {
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
            drive.writeFilemarks(1);
            drive.rewind();

            assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Data(1000));
            assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Filemark());
            assertThat(drive.read(buffer())).isEqualTo(new ReadResult.EndOfData());
            assertErrno(Errno.EIO, () -> drive.read(buffer()));
        }
    }

    @Test
    void aBlankTapeHasNothingToReadAndEndsAtBlockZero() throws IOException {
        try (Drive drive = blank()) {
            assertErrno(Errno.EIO, () -> drive.read(buffer()));

            drive.seekToEndOfData();

            assertThat(drive.position()).hasValue(0);
        }
    }

    @Test
    void aShortBufferIsAnErrorAndTheRecordIsSkipped() throws IOException {
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
            drive.write(record(20, 2));
            drive.rewind();

            assertErrno(Errno.ENOMEM, () -> drive.read(ByteBuffer.allocateDirect(999)));

            assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Data(20));
        }
    }

    @Test
    void closingAfterAWriteLeavesOneFilemark() throws IOException {
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
        }

        try (Drive drive = reopened()) {
            drive.seekToEndOfData();
            assertThat(drive.position()).hasValue(2);
            drive.seek(1);
            assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Filemark());
        }
    }

    @Test
    void movingAfterAWriteLeavesOneFilemark() throws IOException {
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
            drive.rewind();

            drive.seekToEndOfData();

            assertThat(drive.position()).hasValue(2);
        }
    }

    @Test
    void closingAfterAFilemarkLeavesNoOther() throws IOException {
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
            drive.writeFilemarks(1);
        }

        try (Drive drive = reopened()) {
            drive.seekToEndOfData();
            assertThat(drive.position()).hasValue(2);
        }
    }

    @Test
    void writingInTheMiddleEndsTheTapeThere() throws IOException {
        try (Drive drive = blank()) {
            for (int i = 0; i < 5; i++) {
                drive.write(record(1000, i));
            }
            drive.writeFilemarks(1);
            drive.seek(2);

            drive.write(record(10, 9));
            drive.writeFilemarks(1);

            assertThat(drive.position()).hasValue(4);
            drive.seekToEndOfData();
            assertThat(drive.position()).hasValue(4);
            drive.seek(2);
            assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Data(10));
        }
    }

    @Test
    void filemarksAreFoundBySpacing() throws IOException {
        try (Drive drive = blank()) {
            for (int file = 0; file < 4; file++) {
                for (int i = 0; i <= file; i++) {
                    drive.write(record(100 + file, i));
                }
                drive.writeFilemarks(1);
            }
            drive.rewind();

            drive.spaceFilemarks(2);

            assertThat(drive.position()).hasValue(5);
            assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Data(102));
            assertErrno(Errno.EIO, () -> drive.spaceFilemarks(3));
        }
    }

    @Test
    void aBlockBehindTheEndOfDataCannotBeReached() throws IOException {
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
            drive.writeFilemarks(1);

            assertErrno(Errno.EIO, () -> drive.seek(3));
        }
    }

    @Test
    void behindTheEarlyWarningEveryOtherWriteIsRefusedUntilTheHardEnd() throws IOException {
        try (Drive drive = small()) {
            long written = 0;
            while (drive.write(record(65536, 1)) == WriteResult.WRITTEN) {
                written++;
            }
            assertThat(written).isPositive();
            assertThat(drive.position()).hasValue(written);
            assertThat(drive.status().earlyWarning()).isTrue();

            assertThat(drive.write(record(1024, 2))).isEqualTo(WriteResult.WRITTEN);
            assertThat(drive.write(record(1024, 2))).isEqualTo(WriteResult.NO_SPACE);
            drive.writeFilemarks(1);

            assertThat(drive.position()).hasValue(written + 2);
            int refusals = 0;
            for (int i = 0; i < 1000 && refusals < 3; i++) {
                refusals = drive.write(record(65536, 3)) == WriteResult.NO_SPACE ? refusals + 1 : 0;
            }
            assertThat(refusals).as("at the hard end every write is refused").isEqualTo(3);
        }
    }

    @Test
    void aWriteProtectedCartridgeIsReadButNotWritten() throws IOException {
        try (Drive drive = writeProtected()) {
            assertThat(drive.status().writeProtected()).isTrue();

            assertErrno(Errno.EACCES, () -> drive.write(record(1000, 1)));
            assertErrno(Errno.EACCES, () -> drive.writeFilemarks(1));
            drive.rewind();
        }
    }

    @Test
    void withoutACartridgeNothingWorksButTheStatus() throws IOException {
        try (Drive drive = empty()) {
            assertThat(drive.status().ready()).isFalse();

            assertErrno(Errno.ENOMEDIUM, () -> drive.write(record(1000, 1)));
            assertErrno(Errno.ENOMEDIUM, () -> drive.read(buffer()));
            assertErrno(Errno.ENOMEDIUM, drive::rewind);
            assertErrno(Errno.EIO, drive::position);
        }
    }

    @Test
    void afterUnloadThereIsNoMedium() throws IOException {
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));

            drive.unload();

            assertThat(drive.status().ready()).isFalse();
            assertErrno(Errno.ENOMEDIUM, () -> drive.write(record(1000, 1)));
        }
    }

    @Test
    void aSecondUserFindsTheDriveBusy() throws IOException {
        try (Drive _ = blank()) {
            assertErrno(Errno.EBUSY, this::reopened);
        }
    }

    protected static ByteBuffer buffer() {
        return ByteBuffer.allocateDirect(1 << 19);
    }

    protected interface Command {
        void run() throws IOException;
    }

    protected static void assertErrno(Errno errno, Command operation) {
        assertThatThrownBy(operation::run)
                .asInstanceOf(InstanceOfAssertFactories.type(TapeException.class))
                .extracting(TapeException::errno)
                .isEqualTo(errno);
    }
}
