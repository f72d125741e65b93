package dev.caravan.tape.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.ReadResult;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.drive.WriteResult;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The contract, and what the drive decides when the kernel refuses.
class LinuxDriveTest extends FakeTapeContract {

    private static TapeException failure(Command operation) {
        AtomicReference<TapeException> caught = new AtomicReference<>();
        assertThatThrownBy(operation::run)
                .asInstanceOf(type(TapeException.class))
                .satisfies(caught::set);
        return caught.get();
    }

    // ---- open

    @Test
    void openingClearsTheOptionsThatWouldMakeAFilemarkProveNothing() throws IOException {
        try (Drive _ = open()) {
            assertThat(device.options())
                    .as("what is harmless stays")
                    .isEqualTo(TapeAbi.MT_ST_SCSI2LOGICAL | 1);
        }
        assertThat(device.leaksNothing()).isTrue();
    }

    @Test
    void whoMayNotSetTheOptionsMayReadButWriteOnlyWhereTheyAreRight() throws IOException {
        device.mayOptions = false;
        device.blocks().add(new byte[1000]);
        try (Drive drive = open()) {
            TapeException refused = failure(() -> drive.write(record(1000, 1)));

            assertThat(refused.errno()).isEqualTo(Errno.EPERM);
            assertThat(refused)
                    .hasMessageContainingAll(
                            "only root may change them",
                            "clear no-wait",
                            "clear nowait-eof",
                            "clear sili",
                            "clear two-fms",
                            "set scsi2logical");
            assertErrno(Errno.EPERM, () -> drive.writeFilemarks(1));
            assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Data(1000));
        }
        assertThat(device.blocks()).hasSize(1);

        device.options = TapeAbi.MT_ST_SCSI2LOGICAL | 1;
        try (Drive drive = open()) {
            assertThat(drive.write(record(1000, 1))).isEqualTo(WriteResult.WRITTEN);
        }
    }

    @Test
    void optionsThatCanBeNeitherSetNorReadForbidAWrite() throws IOException {
        device.mayOptions = false;
        device.optionsVisible = false;
        try (Drive drive = open()) {
            assertThat(failure(() -> drive.write(record(1000, 1))))
                    .hasMessageContaining("can be neither set nor read; run as root");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "16, EBUSY, another program has the drive open",
        "13, EACCES, the user must be in the group of the device",
        "6, ENXIO, is it connected and the driver st loaded?",
        "2, ENOENT, is it connected and the driver st loaded?",
        "30, EROFS, the cartridge is write-protected",
        "123, ENOMEDIUM, no cartridge"
    })
    void whatOpenRefusesIsToldInWords(int number, Errno errno, String words) {
        device.openError = number;

        TapeException refused = failure(this::open);

        assertThat(refused.errno()).isEqualTo(errno);
        assertThat(refused).hasMessageContainingAll("unable to open on /dev/nst0", words);
    }

    @Test
    void onlyATapeDeviceThatDoesNotRewindIsOpened() {
        device.number = FakeTapeDevice.NUMBER & ~0x80;
        assertThat(failure(this::open)).hasMessageContaining("rewinds at every close");

        device.number = 1 << NativeTapeSyscalls.MINOR_BITS | 3;
        assertThat(failure(this::open)).hasMessageContaining("no SCSI tape device");

        device.number = -Errno.ENOENT.number();
        assertErrno(Errno.ENOENT, this::open);
        assertThat(device.opens).isZero();
    }

    @Test
    void aCartridgeThatIsStillBeingThreadedIsWaitedFor() throws IOException {
        device.opensUntilReady = 3;

        try (Drive drive = LinuxDrive.open(device, FakeTapeDevice.DEVICE, Duration.ofMinutes(1))) {
            assertThat(drive.status().ready()).isTrue();
            assertThat(drive.write(record(1000, 1))).isEqualTo(WriteResult.WRITTEN);
        }
        assertThat(device.opens).isEqualTo(3);
    }

    @Test
    void patienceEndsWithADriveThatIsNotReady() throws IOException {
        device.opensUntilReady = 1000;

        try (Drive drive = open()) {
            assertThat(drive.status().ready()).isFalse();
            assertErrno(Errno.ENOMEDIUM, () -> drive.write(record(1000, 1)));
        }
        assertThat(device.opens).isEqualTo(1);
    }

    @Test
    void afterAChangeOfCartridgeTheTapeIsRewoundBeforeAnythingElse() throws IOException {
        device.positionUnknown = true;
        device.changeMedium();

        try (Drive drive = open()) {
            assertThat(drive.write(record(1000, 1))).isEqualTo(WriteResult.WRITTEN);
            assertThat(drive.position()).hasValue(1);
        }
    }

    // ---- errors in mid-way

    @ParameterizedTest
    @CsvSource({
        "5, EIO, its sense data",
        "19, ENODEV, the drive is gone",
        "6, ENXIO, the drive is gone",
        "16, EBUSY, does not transfer 1000 bytes at once",
        "22, EINVAL, takes no record of 1000 bytes"
    })
    void aFailedWriteIsToldAndNeverTriedAgain(int number, Errno errno, String words)
            throws IOException {
        try (Drive drive = open()) {
            device.failWrite = 1;
            device.writeErrno = number;

            TapeException failed = failure(() -> drive.write(record(1000, 1)));

            assertThat(failed.errno()).isEqualTo(errno);
            assertThat(failed).hasMessageContainingAll("unable to write on /dev/nst0", words);
            assertThat(device.blocks()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"4", "11"})
    void aWriteOrReadThatNeverBeganIsTriedAgain(int number) throws IOException {
        try (Drive drive = open()) {
            device.failWrite = 1;
            device.writeErrno = number;
            assertThat(drive.write(record(1000, 1))).isEqualTo(WriteResult.WRITTEN);
            drive.rewind();
            device.failRead = 1;
            device.readErrno = number;

            assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Data(1000));
        }
        assertThat(device.blocks()).hasSize(2);
    }

    @Test
    void aRecordThatIsTakenInPartIsAnError() throws IOException {
        try (Drive drive = open()) {
            device.shortWrite = 512;

            assertThat(failure(() -> drive.write(record(1000, 1))))
                    .hasMessageContaining("took 512 of 1000 bytes");
        }
    }

    @Test
    void aFailedReadIsAnErrorAndReadingGoesOnBehindIt() throws IOException {
        try (Drive drive = open()) {
            drive.write(record(1000, 1));
            drive.rewind();
            device.failRead = 1;

            assertErrno(Errno.EIO, () -> drive.read(buffer()));
        }
    }

    @Test
    void anErrorBeforeTheEndOfDataIsDamageAndTheTapeStaysThere() throws IOException {
        try (Drive drive = open()) {
            drive.write(record(1000, 1));
            drive.write(record(2000, 2));
            drive.rewind();
            assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Data(1000));
            device.failRead = 1;

            assertErrno(Errno.EIO, () -> drive.read(buffer()));

            assertThat(drive.position()).hasValue(1);
            assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Data(2000));
        }
    }

    @Test
    void aDeferredErrorComesWithTheFilemark() throws IOException {
        try (Drive drive = open()) {
            drive.write(record(1000, 1));
            device.failFilemark = 1;

            TapeException failed = failure(() -> drive.writeFilemarks(1));

            assertThat(failed.errno()).isEqualTo(Errno.EIO);
            assertThat(drive.status().earlyWarning()).isFalse();
        }
    }

    @Test
    void theFilemarkThatCloseCannotWriteIsAnError() throws IOException {
        Drive drive = open();
        drive.write(record(1000, 1));
        device.failFilemark = 1;

        assertThat(failure(drive::close))
                .hasMessageContaining("the last filemark could not be written");
        assertThat(device.leaksNothing()).isTrue();
        drive.close();
    }

    @Test
    void aDriveThatGoesInMidWriteIsClosedAndNothingIsLeftOpen() throws IOException {
        try (Drive drive = open()) {
            drive.identity();
            device.goneAfterWrites = 3;
            drive.write(record(1000, 1));
            drive.write(record(1000, 2));

            assertErrno(Errno.EIO, () -> drive.write(record(1000, 3)));

            assertErrno(Errno.ENODEV, () -> drive.write(record(1000, 3)));
            assertErrno(Errno.ENODEV, drive::rewind);
            assertErrno(Errno.ENODEV, drive::status);
        }
        assertThat(device.leaksNothing()).isTrue();
    }

    // ---- the end of the tape

    @Test
    void aPositionThatDoesNotFitWhatWasAcknowledgedIsNoEndOfTape() throws IOException {
        device.earlyWarningBytes = 100_000;
        device.skipAfterNoSpace = -2;
        try (Drive drive = open()) {
            drive.write(record(50_000, 1));
            drive.write(record(50_000, 1));

            assertThat(failure(() -> drive.write(record(50_000, 1))))
                    .hasMessageContaining("at block 0, 2 were acknowledged");
        }
    }

    @Test
    void aRefusedRecordThatIsOnTheTapeIsSeenInThePosition() throws IOException {
        device.earlyWarningBytes = 100_000;
        device.recordsOnNoSpace = true;
        try (Drive drive = open()) {
            drive.write(record(50_000, 1));
            drive.write(record(50_000, 1));

            assertThat(drive.write(record(50_000, 1))).isEqualTo(WriteResult.NO_SPACE);

            assertThat(drive.position()).hasValue(3);
            assertThat(drive.write(record(50_000, 1))).isEqualTo(WriteResult.NO_SPACE);
            assertThat(drive.write(record(50_000, 1))).isEqualTo(WriteResult.WRITTEN);
        }
    }

    @Test
    void aLocateThatEndsElsewhereIsAnError() throws IOException {
        try (Drive drive = open()) {
            for (int i = 0; i < 4; i++) {
                drive.write(record(1000, i));
            }
            device.locateGoesAstray = true;

            assertThat(failure(() -> drive.seek(3)))
                    .hasMessageContaining("block 3 was wanted, the drive is at 2");
        }
    }

    @Test
    void aBlockBehindEverythingIsNotFoundByCountingEither() throws IOException {
        device.cannotLocate = true;
        try (Drive drive = open()) {
            drive.write(record(1000, 1));
            drive.writeFilemarks(1);

            assertThat(failure(() -> drive.seek(3))).hasMessageContaining("end of data is 2");
            assertErrno(Errno.EIO, () -> drive.seek(-1));
            assertErrno(Errno.EIO, () -> drive.seek(1L << 40));
            assertThat(drive.position()).isEqualTo(OptionalLong.empty());
        }
    }

    @Test
    void aVirtualThreadUsesADriveAsAnyOther() throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread =
                Thread.ofVirtual()
                        .unstarted(() -> {
                            try (Drive drive = open()) {
                                drive.write(record(1000, 1));
                                drive.writeFilemarks(1);
                                assertThat(drive.medium().density()).hasValue(0x5E);
                            } catch (IOException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        thread.setUncaughtExceptionHandler((_, e) -> thrown.set(e));

        thread.start();
        thread.join();

        assertThat(thrown.get()).isNull();
        assertThat(device.blocks()).hasSize(2);
        assertThat(device.leaksNothing()).isTrue();
    }

    @Override
    protected Map<Ability, String> lacks() {
        return Map.of();
    }
}
