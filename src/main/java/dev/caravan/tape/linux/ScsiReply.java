package dev.caravan.tape.linux;

import dev.caravan.tape.drive.Errno;

/// What came of one SCSI command.
///
/// @param errno 0, or the error number with which the kernel refused to send it
/// @param status the SCSI status (SAM-5): 0 is GOOD, 2 is CHECK CONDITION
/// @param hostStatus what the host adapter says (`DID_…`); 0 is well
/// @param sense the reason of a CHECK CONDITION; none otherwise
/// @param transferred bytes of the buffer that were sent or filled
record ScsiReply(int errno, int status, int hostStatus, ScsiSense sense, int transferred) {
    private static final int CHECK_CONDITION = 2;
    private static final int BUSY = 8;
    private static final int RESERVATION_CONFLICT = 0x18;

    static ScsiReply refused(int errno) {
        return new ScsiReply(errno, 0, 0, ScsiSense.NONE, 0);
    }

    /// The command did what it should. A recovered error is a success.
    boolean good() {
        return errno == 0
                && hostStatus == 0
                && (status == 0 || (status == CHECK_CONDITION && sense.recovered()));
    }

    /// Why it is not [#good()], in words.
    String reason() {
        if (errno != 0) {
            Errno known = Errno.of(errno);
            return known == Errno.OTHER ? "error " + errno : known.toString();
        }
        if (hostStatus != 0) {
            return "the host adapter answers %02Xh".formatted(hostStatus);
        }
        return switch (status) {
            case CHECK_CONDITION -> sense.toString();
            case BUSY -> "the device is busy";
            case RESERVATION_CONFLICT -> "the device is reserved by another host";
            default -> "SCSI status %02Xh".formatted(status);
        };
    }
}
