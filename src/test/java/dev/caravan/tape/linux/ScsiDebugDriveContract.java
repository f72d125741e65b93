package dev.caravan.tape.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.DriveContract;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// The contract on the kernel's `st` driver over the tape drive of its module `scsi_debug`. Runs
/// inside the VM only: the device comes from the environment.
class ScsiDebugDriveContract extends DriveContract {
    private static final Path DEVICE = Path.of(System.getenv("TAPE_DEBUG_DRIVE"));

    // <linux/mtio.h>
    private static final int MTERASE = 13;
    private static final int MTLOAD = 30;

    private interface Preparation {
        void on(TapeSyscalls kernel, int fd);
    }

    /// What [Drive] does not do, because no backup needs it.
    private static void prepare(Preparation preparation) {
        TapeSyscalls kernel = NativeTapeSyscalls.KERNEL;
        int fd = kernel.open(DEVICE, TapeAbi.O_RDWR | TapeAbi.O_NONBLOCK);
        assertThat(fd).as("open %s", DEVICE).isPositive();
        try {
            preparation.on(kernel, fd);
        } finally {
            kernel.close(fd);
        }
    }

    private static Drive open() throws IOException {
        return LinuxDrive.open(DEVICE, Duration.ZERO);
    }

    @Override
    protected Drive blank() throws IOException {
        prepare((kernel, fd) -> kernel.mtop(fd, MTLOAD, 1));
        prepare((kernel, fd) -> {
            assertThat(kernel.mtop(fd, TapeAbi.MTREW, 1)).as("rewind").isZero();
            assertThat(kernel.mtop(fd, MTERASE, 0)).as("erase").isZero();
            assertThat(kernel.mtop(fd, TapeAbi.MTREW, 1)).as("rewind").isZero();
        });
        return open();
    }

    @Override
    protected Drive reopened() throws IOException {
        return open();
    }

    /// A partition has 10000 blocks: most of them become filemarks, which cost no time.
    @Override
    protected Drive small() throws IOException {
        blank().close();
        prepare((kernel, fd) ->
                assertThat(kernel.mtop(fd, TapeAbi.MTWEOF, 9900)).as("filemarks").isZero());
        return open();
    }

    @Override
    protected Drive writeProtected() {
        throw new AssertionError("there is none");
    }

    @Override
    protected Drive empty() {
        throw new AssertionError("there is none");
    }

    @Override
    protected Map<Ability, String> lacks() {
        return Map.of(
                Ability.CONTENTS, "scsi_debug keeps the first bytes of a record only",
                Ability.WRITE_PROTECTION, "the tape of scsi_debug has no write protection",
                Ability.EMPTY,
                        "an unloaded scsi_debug drive is not ready, but not without a medium",
                Ability.DENSITY, "scsi_debug has no density code");
    }

    @Override
    protected int smallestRecord() {
        return 512;
    }
}
