package dev.caravan.tape.linux;

import dev.caravan.tape.drive.Errno;

/// What a changer's answer means for whoever asked: what to do, and words for a person (SMC-3 §6,
/// codes in SPC-4 annex F).
final class ChangerSense {
    private static final int BUSY = 0x08;
    private static final int TASK_SET_FULL = 0x28;
    private static final int CHECK_CONDITION = 2;
    private static final int HARDWARE_ERROR = 4;

    private ChangerSense() {}

    /// Something happened since the last command, and this one was not done: look and ask again.
    static boolean changed(ScsiReply reply) {
        return checked(reply) && reply.sense().key() == ScsiSense.UNIT_ATTENTION;
    }

    /// It will be ready without anybody's help.
    static boolean inMotion(ScsiReply reply) {
        if (reply.errno() == 0 && reply.hostStatus() == 0 && reply.status() != CHECK_CONDITION) {
            return reply.status() == BUSY || reply.status() == TASK_SET_FULL;
        }
        int code = code(reply.sense());
        return checked(reply)
                && reply.sense().key() == ScsiSense.NOT_READY
                && (code == 0x0400 || code == 0x0401 || code == 0x0407);
    }

    /// The changer does not know the command, or a field of it.
    static boolean notKnown(ScsiReply reply) {
        int code = code(reply.sense());
        return checked(reply)
                && reply.sense().key() == ScsiSense.ILLEGAL_REQUEST
                && (code == 0x2000 || code == 0x2400);
    }

    static Errno errno(ScsiReply reply) {
        return reply.errno() != 0
                ? Errno.of(reply.errno())
                : inMotion(reply) ? Errno.EBUSY : Errno.EIO;
    }

    /// What is wrong, in words, and the answer's own.
    static String words(ScsiReply reply) {
        return checked(reply) ? meaning(reply.sense()) + "; " + reply.sense() : reply.reason();
    }

    private static boolean checked(ScsiReply reply) {
        return reply.errno() == 0 && reply.hostStatus() == 0 && reply.status() == CHECK_CONDITION;
    }

    private static int code(ScsiSense sense) {
        return sense.asc() << 8 | sense.ascq();
    }

    private static String meaning(ScsiSense sense) {
        return switch (code(sense)) {
            case 0x0400, 0x0401, 0x0407 -> "not ready: in motion";
            case 0x0402, 0x0403 -> "not ready: a person must look at the library";
            case 0x0412 -> "not ready: the library is offline";
            case 0x0418 -> "not ready: mail slot open, or another door";
            case 0x2101 -> "there is no such element";
            case 0x2801 -> "the mail slot was opened";
            case 0x3A00 -> "no cartridge";
            case 0x3B0D -> "destination full";
            case 0x3B0E -> "source element empty";
            case 0x3B11, 0x3B12 -> "the magazine is not in the library";
            case 0x3B14 -> "the magazine is locked";
            case 0x3B18 -> "the element is disabled";
            case 0x3B1A -> "the drive was taken out";
            case 0x5300, 0x5304 -> "jam: the cartridge did not load or eject";
            case 0x5301 -> "the drive does not let go of the cartridge";
            case 0x5302 -> "removal prevented: the drive holds the cartridge";
            case 0x1500, 0x1501, 0x3B16 -> "jam: the robot did not get to its place";
            default ->
                    switch (sense.key()) {
                        case ScsiSense.NOT_READY -> "not ready";
                        case HARDWARE_ERROR -> "jam or hardware error";
                        case ScsiSense.ILLEGAL_REQUEST -> "the library refuses the command";
                        case ScsiSense.UNIT_ATTENTION -> "something in the library changed";
                        default -> "the library failed the command";
                    };
        };
    }
}
