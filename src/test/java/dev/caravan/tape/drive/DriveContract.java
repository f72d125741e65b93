package dev.caravan.tape.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// What every drive does, whatever is behind it. The reference is the Linux `st` driver as
/// measured. Each row says what a device must be able to do to prove it; on a device that cannot,
/// the row is skipped with the reason.
public abstract class DriveContract {
    /// What not every device that stands in for a drive can do.
    public enum Ability {
        /// The bytes of a record come back.
        CONTENTS,
        /// It tells its block number and goes to one.
        POSITION,
        /// A read behind the last block finds the end of data.
        END_OF_DATA,
        /// Its cartridges end, and [#small] gives one that ends soon.
        END_OF_TAPE,
        /// Behind the end of the tape a filemark is refused.
        HARD_END,
        /// There is a protected cartridge.
        WRITE_PROTECTION,
        /// It can be without a cartridge.
        EMPTY,
        /// It says which format the cartridge has.
        DENSITY,
        /// It says who it is.
        IDENTITY
    }

    /// A drive with a blank cartridge, at its beginning, that takes at least 20 records of 64 KiB.
    protected abstract Drive blank() throws IOException;

    /// The same drive and cartridge, closed and opened again.
    protected abstract Drive reopened() throws IOException;

    /// A cartridge whose early warning comes some records of 64 KiB behind where the drive stands
    /// now, and its hard end a few after that.
    protected abstract Drive small() throws IOException;

    protected abstract Drive writeProtected() throws IOException;

    protected abstract Drive empty() throws IOException;

    /// What this device cannot do, each with the reason.
    protected Map<Ability, String> lacks() {
        return Map.of();
    }

    /// The shortest record it takes.
    protected int smallestRecord() {
        return 1;
    }

    private boolean can(Ability ability) {
        return !lacks().containsKey(ability);
    }

    private void needs(Ability... abilities) {
        for (Ability ability : abilities) {
            Assumptions.assumeTrue(can(ability), () -> ability + ": " + lacks().get(ability));
        }
    }

    protected static ByteBuffer record(int length, int fill) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) fill);
        ByteBuffer record = ByteBuffer.allocateDirect(length);
        return record.put(bytes).flip();
    }

    private void assertPosition(Drive drive, long block) throws IOException {
        if (can(Ability.POSITION)) {
            assertThat(drive.position()).hasValue(block);
        } else {
            assertThat(drive.position()).isEmpty();
        }
    }

    private void assertData(Drive drive, int length) throws IOException {
        assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Data(length));
    }

    private void assertFilemark(Drive drive) throws IOException {
        assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Filemark());
    }

    private void assertEndOfData(Drive drive) throws IOException {
        if (can(Ability.END_OF_DATA)) {
            assertThat(drive.read(buffer())).isEqualTo(new ReadResult.EndOfData());
        }
    }

    @Test
    void recordsOfAnySizeComeBackWithTheirLengths() throws IOException {
        try (Drive drive = blank()) {
            int[] lengths =
                    Arrays.stream(new int[] {1, 2, 3, 511, 512, 65536, 65535, 262144})
                            .filter(length -> length >= smallestRecord())
                            .toArray();
            for (int length : lengths) {
                ByteBuffer record = record(length, length);
                assertThat(drive.write(record)).isEqualTo(WriteResult.WRITTEN);
                assertThat(record.hasRemaining()).as("what was written is consumed").isFalse();
            }
            drive.writeFilemarks(1);
            drive.rewind();

            for (int length : lengths) {
                assertData(drive, length);
            }
            assertFilemark(drive);
        }
    }

    @Test
    void theBytesOfARecordComeBackInBuffersOfAnyKind() throws IOException {
        needs(Ability.CONTENTS);
        try (Drive drive = blank()) {
            byte[] bytes = new byte[70_001];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) ((i * 31) >> 3);
            }
            drive.write(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
            drive.write(ByteBuffer.wrap(bytes));
            drive.write(ByteBuffer.wrap(bytes, 1, 60_000));
            drive.write(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
            drive.writeFilemarks(1);
            drive.rewind();

            ByteBuffer direct = buffer();
            assertThat(drive.read(direct)).isEqualTo(new ReadResult.Data(bytes.length));
            assertThat(direct.flip()).isEqualTo(ByteBuffer.wrap(bytes));
            ByteBuffer heap = ByteBuffer.allocate(100_000).position(10);
            assertThat(drive.read(heap)).isEqualTo(new ReadResult.Data(bytes.length));
            assertThat(heap.position()).isEqualTo(10 + bytes.length);
            assertThat(heap.flip().position(10)).isEqualTo(ByteBuffer.wrap(bytes));
            ByteBuffer part = buffer().position(4096);
            assertThat(drive.read(part)).isEqualTo(new ReadResult.Data(60_000));
            assertThat(part.flip().position(4096)).isEqualTo(ByteBuffer.wrap(bytes, 1, 60_000));
            ByteBuffer exact = ByteBuffer.allocate(bytes.length);
            assertThat(drive.read(exact)).isEqualTo(new ReadResult.Data(bytes.length));
            assertThat(exact.flip()).isEqualTo(ByteBuffer.wrap(bytes));
        }
    }

    @Test
    void aRecordOfNothingOrOfTooMuchIsRefusedAndNothingMoves() throws IOException {
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));

            assertErrno(Errno.EINVAL, () -> drive.write(record(0, 1)));
            assertErrno(Errno.EINVAL, () -> drive.write(record(Drive.MAX_RECORD_BYTES + 1, 1)));

            drive.write(record(2000, 1));
            assertPosition(drive, 2);
            drive.rewind();
            assertData(drive, 1000);
            assertData(drive, 2000);
        }
    }

    @Test
    void theLargestRecordComesBack() throws IOException {
        try (Drive drive = blank()) {
            drive.write(record(Drive.MAX_RECORD_BYTES, 5));
            drive.rewind();

            ByteBuffer buffer = ByteBuffer.allocateDirect(Drive.MAX_RECORD_BYTES + 1);
            assertThat(drive.read(buffer)).isEqualTo(new ReadResult.Data(Drive.MAX_RECORD_BYTES));
        }
    }

    @Test
    void theEndOfDataIsReadOnceAndThenAnError() throws IOException {
        needs(Ability.END_OF_DATA);
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
            drive.writeFilemarks(1);
            drive.rewind();

            assertData(drive, 1000);
            assertFilemark(drive);
            assertEndOfData(drive);
            assertErrno(Errno.EIO, () -> drive.read(buffer()));
        }
    }

    /// Whatever was done before: `st` itself tells it only right behind a filemark.
    @Test
    void theEndOfDataIsFoundHoweverOneComesThere() throws IOException {
        needs(Ability.END_OF_DATA, Ability.POSITION);
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
            drive.write(record(1000, 2));
            assertEndOfDataOnce(drive, 2);
            drive.seek(1);
            assertData(drive, 1000);
            assertEndOfDataOnce(drive, 2);
            drive.seekToEndOfData();
            assertEndOfDataOnce(drive, 2);
            drive.writeFilemarks(1);
            assertEndOfDataOnce(drive, 3);
            drive.seek(3);
            assertEndOfDataOnce(drive, 3);
            drive.rewind();
            drive.spaceFilemarks(1);
            assertEndOfDataOnce(drive, 3);
        }
    }

    private void assertEndOfDataOnce(Drive drive, long block) throws IOException {
        assertEndOfData(drive);
        assertErrno(Errno.EIO, () -> drive.read(buffer()));
        assertPosition(drive, block);
    }

    @Test
    void emptyTapeFilesAndTheEndOfDataAreToldApart() throws IOException {
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
            drive.writeFilemarks(2);
            assertPosition(drive, 3);
            drive.rewind();

            assertData(drive, 1000);
            assertFilemark(drive);
            assertFilemark(drive);
            assertEndOfData(drive);
        }
    }

    @Test
    void aBlankTapeHasNothingToReadAndEndsAtBlockZero() throws IOException {
        needs(Ability.END_OF_DATA, Ability.POSITION);
        try (Drive drive = blank()) {
            assertErrno(Errno.EIO, () -> drive.read(buffer()));

            drive.seekToEndOfData();

            assertPosition(drive, 0);
        }
    }

    @Test
    void whatIsWrittenAtTheEndOfDataFollowsWhatWasThere() throws IOException {
        needs(Ability.END_OF_DATA);
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
            drive.writeFilemarks(1);
            drive.rewind();
            assertData(drive, 1000);
            assertFilemark(drive);
            assertEndOfData(drive);

            drive.write(record(2000, 2));
            drive.writeFilemarks(1);

            assertPosition(drive, 4);
            drive.rewind();
            assertData(drive, 1000);
            assertFilemark(drive);
            assertData(drive, 2000);
            assertFilemark(drive);
            assertEndOfData(drive);
        }
    }

    @Test
    void aShortBufferIsAnErrorAndTheRecordIsSkipped() throws IOException {
        try (Drive drive = blank()) {
            drive.write(record(9000, 1));
            drive.write(record(700, 2));
            drive.write(record(1000, 3));
            drive.rewind();

            assertErrno(Errno.ENOMEM, () -> drive.read(ByteBuffer.allocateDirect(8999)));
            assertErrno(Errno.ENOMEM, () -> drive.read(ByteBuffer.allocate(10)));

            assertPosition(drive, 2);
            assertData(drive, 1000);
        }
    }

    @Test
    void closingAfterAWriteLeavesOneFilemark() throws IOException {
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
        }

        try (Drive drive = reopened()) {
            drive.rewind();
            assertData(drive, 1000);
            assertFilemark(drive);
            assertPosition(drive, 2);
            assertEndOfData(drive);
        }
    }

    @Test
    void movingAfterAWriteLeavesOneFilemark() throws IOException {
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
            drive.rewind();

            assertData(drive, 1000);
            assertFilemark(drive);
            assertPosition(drive, 2);
            assertEndOfData(drive);
        }
    }

    @Test
    void closingAfterAFilemarkOrAReadLeavesNoOther() throws IOException {
        needs(Ability.END_OF_DATA);
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
            drive.writeFilemarks(1);
        }
        try (Drive drive = reopened()) {
            drive.rewind();
            assertData(drive, 1000);
        }

        try (Drive drive = reopened()) {
            drive.rewind();
            assertData(drive, 1000);
            assertFilemark(drive);
            assertEndOfData(drive);
            drive.seekToEndOfData();
            assertPosition(drive, 2);
        }
    }

    @Test
    void readingAfterAWriteLeavesNoFilemark() throws IOException {
        needs(Ability.END_OF_DATA, Ability.POSITION);
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
            assertEndOfData(drive);
        }

        try (Drive drive = reopened()) {
            drive.seekToEndOfData();
            assertPosition(drive, 1);
        }
    }

    @Test
    void aFlushLeavesNoMark() throws IOException {
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
            drive.flush();
            assertPosition(drive, 1);
            drive.write(record(2000, 2));
            drive.writeFilemarks(1);
            drive.rewind();

            assertData(drive, 1000);
            assertData(drive, 2000);
            assertFilemark(drive);
        }
    }

    @Test
    void writingInTheMiddleEndsTheTapeThere() throws IOException {
        needs(Ability.POSITION);
        try (Drive drive = blank()) {
            for (int i = 0; i < 5; i++) {
                drive.write(record(1000, i));
            }
            drive.writeFilemarks(1);
            drive.seek(2);

            drive.write(record(600, 9));
            drive.writeFilemarks(1);

            assertPosition(drive, 4);
            drive.seekToEndOfData();
            assertPosition(drive, 4);
            drive.seek(2);
            assertData(drive, 600);
        }
    }

    @Test
    void writingAfterAReadReplacesWhatFollows() throws IOException {
        needs(Ability.END_OF_DATA);
        try (Drive drive = blank()) {
            for (int i = 0; i < 5; i++) {
                drive.write(record(1000, i));
            }
            drive.writeFilemarks(1);
            drive.rewind();
            assertData(drive, 1000);

            drive.write(record(600, 9));
            drive.writeFilemarks(1);

            drive.rewind();
            assertData(drive, 1000);
            assertData(drive, 600);
            assertFilemark(drive);
            assertEndOfData(drive);
        }
    }

    @Test
    void filemarksAreFoundBySpacing() throws IOException {
        try (Drive drive = blank()) {
            for (int file = 0; file < 4; file++) {
                for (int i = 0; i <= file; i++) {
                    drive.write(record(1000 + file, i));
                }
                drive.writeFilemarks(1);
            }
            drive.rewind();

            drive.spaceFilemarks(2);

            assertPosition(drive, 5);
            assertData(drive, 1002);
            if (can(Ability.END_OF_DATA)) {
                assertErrno(Errno.EIO, () -> drive.spaceFilemarks(3));
            }
        }
    }

    /// Where the drive cannot go to a block, the blocks are counted from the beginning.
    @Test
    void everyBlockIsReachedByItsNumber() throws IOException {
        try (Drive drive = blank()) {
            for (int i = 0; i < 6; i++) {
                drive.write(record(1000 + i, i));
            }
            drive.writeFilemarks(1);
            drive.write(record(2000, 7));
            drive.writeFilemarks(1);

            for (int block : new int[] {5, 0, 3, 7, 4}) {
                drive.seek(block);
                assertPosition(drive, block);
                assertData(drive, block == 7 ? 2000 : 1000 + block);
                assertPosition(drive, block + 1L);
            }
            drive.seek(6);
            assertFilemark(drive);
            assertData(drive, 2000);
        }
    }

    @Test
    void aBlockBehindTheEndOfDataCannotBeReached() throws IOException {
        needs(Ability.POSITION);
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
            drive.writeFilemarks(1);

            assertErrno(Errno.EIO, () -> drive.seek(3));
        }
    }

    /// A drive that recorded what it refused refuses the next one too.
    @Test
    void behindTheEarlyWarningRecordsAreTakenAndRefusedInTurn() throws IOException {
        needs(Ability.END_OF_TAPE);
        try (Drive drive = small()) {
            fill(drive);

            List<WriteResult> results = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                results.add(drive.write(record(1024, 2)));
            }
            drive.writeFilemarks(1);

            List<WriteResult> inTurn =
                    results.getFirst() == WriteResult.NO_SPACE
                            ? results.subList(1, 7)
                            : results.subList(0, 6);
            assertThat(inTurn)
                    .containsExactly(
                            WriteResult.WRITTEN,
                            WriteResult.NO_SPACE,
                            WriteResult.WRITTEN,
                            WriteResult.NO_SPACE,
                            WriteResult.WRITTEN,
                            WriteResult.NO_SPACE);
            assertThat(drive.status().earlyWarning()).isTrue();
        }
    }

    @Test
    void whatWasAcknowledgedBeforeTheEndIsThereBehindAFilemark() throws IOException {
        needs(Ability.END_OF_TAPE);
        try (Drive drive = small()) {
            long start = drive.position().orElse(0);
            long written = fill(drive);
            assertThat(written).isPositive();
            assertThat(drive.status().earlyWarning()).isTrue();
            long end = drive.position().orElse(start + written);
            assertThat(end - start)
                    .as("the refused record may be on the tape")
                    .isBetween(written, written + 1);

            drive.writeFilemarks(1);

            assertThat(drive.status().earlyWarning()).isTrue();
            assertPosition(drive, end + 1);
            drive.seek(start);
            for (long block = start; block < end; block++) {
                assertThat(drive.read(buffer()))
                        .as("block %d of %d", block, end)
                        .isEqualTo(new ReadResult.Data(65536));
            }
            assertFilemark(drive);
        }
    }

    @Test
    void atTheHardEndEveryWriteIsRefusedAndAFilemarkIsAnError() throws IOException {
        needs(Ability.END_OF_TAPE, Ability.HARD_END);
        try (Drive drive = small()) {
            long start = drive.position().orElse(0);
            fill(drive);
            assertThat(writeToTheHardEnd(drive)).isTrue();

            assertErrno(
                    Errno.EIO,
                    () -> {
                        for (int i = 0; i < 100; i++) {
                            drive.writeFilemarks(1);
                        }
                    });

            assertThat(drive.status().earlyWarning()).isTrue();
            drive.seek(start);
            assertData(drive, 65536);
            assertThat(drive.status().earlyWarning()).isFalse();
        }
    }

    private static long fill(Drive drive) throws IOException {
        long written = 0;
        ByteBuffer record = record(65536, 1);
        while (drive.write(record.rewind()) == WriteResult.WRITTEN) {
            written++;
        }
        return written;
    }

    /// Until records of no length are taken any more.
    private boolean writeToTheHardEnd(Drive drive) throws IOException {
        boolean end = false;
        for (int length : new int[] {65536, 1024, smallestRecord()}) {
            int refusals = 0;
            ByteBuffer record = record(length, 3);
            for (int i = 0; i < 5000 && refusals < 3; i++) {
                refusals = drive.write(record.rewind()) == WriteResult.NO_SPACE ? refusals + 1 : 0;
            }
            end = refusals == 3;
        }
        return end;
    }

    @Test
    void aWriteProtectedCartridgeIsReadButNotWritten() throws IOException {
        needs(Ability.WRITE_PROTECTION);
        try (Drive drive = writeProtected()) {
            assertThat(drive.status().writeProtected()).isTrue();

            assertErrno(Errno.EACCES, () -> drive.write(record(1000, 1)));
            assertErrno(Errno.EACCES, () -> drive.writeFilemarks(1));
            drive.rewind();
        }
    }

    @Test
    void withoutACartridgeNothingWorksButTheStatus() throws IOException {
        needs(Ability.EMPTY);
        try (Drive drive = empty()) {
            assertThat(drive.status().ready()).isFalse();

            assertErrno(Errno.ENOMEDIUM, () -> drive.write(record(1000, 1)));
            assertErrno(Errno.ENOMEDIUM, () -> drive.read(buffer()));
            assertErrno(Errno.ENOMEDIUM, drive::rewind);
            assertErrno(Errno.ENOMEDIUM, drive::medium);
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
            assertErrno(Errno.ENOMEDIUM, () -> drive.read(buffer()));
        }
    }

    @Test
    void aLoadedCartridgeIsReadyAndHasAFormat() throws IOException {
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));

            DriveStatus status = drive.status();

            assertThat(status.ready()).isTrue();
            assertThat(status.writeProtected()).isFalse();
            assertThat(status.earlyWarning()).isFalse();
            needs(Ability.DENSITY);
            assertThat(drive.medium().density()).isPresent();
        }
    }

    @Test
    void aDriveSaysWhoItIs() throws IOException {
        needs(Ability.IDENTITY);
        try (Drive drive = blank()) {
            DriveIdentity identity = drive.identity();

            assertThat(identity.vendor()).isNotBlank();
            assertThat(identity.product()).isNotBlank();
            assertThat(identity.serial()).isNotBlank();
        }
    }

    @Test
    void aSecondUserFindsTheDriveBusy() throws IOException {
        try (Drive _ = blank()) {
            assertErrno(Errno.EBUSY, this::reopened);
        }
    }

    @Test
    void aClosedDriveIsOfNoUse() throws IOException {
        Drive drive = blank();
        drive.close();

        drive.close();

        assertErrno(Errno.EBADF, () -> drive.write(record(1000, 1)));
        assertErrno(Errno.EBADF, () -> drive.read(buffer()));
        assertErrno(Errno.EBADF, drive::rewind);
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
