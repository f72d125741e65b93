package dev.caravan.tape.linux;

import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.DriveContract;
import dev.caravan.tape.drive.TapeException;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;

/// The contract on the drive of the kernel, over a kernel that is not there.
abstract class FakeTapeContract extends DriveContract {
    private static final int KIB = 1024;

    final FakeTapeDevice device = new FakeTapeDevice();

    @BeforeEach
    void answerInquiries() {
        device.scsi.putAll(ScsiAnswers.drive());
        // as a careless administrator, or another program, left the driver
        device.options =
                TapeAbi.MT_ST_SILI
                        | TapeAbi.MT_ST_TWO_FM
                        | TapeAbi.MT_ST_NOWAIT
                        | TapeAbi.MT_ST_NOWAIT_EOF
                        | 1;
    }

    @Override
    protected Drive blank() throws IOException {
        return open();
    }

    @Override
    protected Drive reopened() throws IOException {
        return open();
    }

    @Override
    protected Drive small() throws IOException {
        device.earlyWarningBytes = 300 * KIB;
        device.hardEndBytes = 600 * KIB;
        return open();
    }

    @Override
    protected Drive writeProtected() throws IOException {
        device.writeProtected = true;
        return open();
    }

    @Override
    protected Drive empty() throws IOException {
        device.cartridge = false;
        return open();
    }

    LinuxDrive open() throws TapeException {
        return LinuxDrive.open(device, FakeTapeDevice.DEVICE, Duration.ZERO);
    }
}
