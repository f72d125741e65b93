package dev.caravan.tape.linux;

import org.junit.jupiter.api.BeforeEach;

/// As the drive of scsi_debug: a record refused for space is on the tape nevertheless, and short
/// ones are not taken.
class LinuxDriveRecordingRefusedTest extends FakeTapeContract {
    @BeforeEach
    void record() {
        device.recordsOnNoSpace = true;
        device.smallestRecord = 512;
    }

    @Override
    protected int smallestRecord() {
        return 512;
    }
}
