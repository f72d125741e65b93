package dev.caravan.tape.linux;

import java.util.HexFormat;
import java.util.Map;

/// Why a SCSI command failed, as its sense data says it (SPC-4 section 4.5): fixed format (response
/// codes 70h and 71h) and descriptor format (72h and 73h). Immutable.
///
/// @param key the sense key, 0 to 15
/// @param asc the additional sense code
/// @param ascq its qualifier
/// @param deferred the error is of an earlier command (71h, 73h)
record ScsiSense(int key, int asc, int ascq, boolean deferred) {
    static final ScsiSense NONE = new ScsiSense(0, 0, 0, false);

    static final int NOT_READY = 2;
    static final int ILLEGAL_REQUEST = 5;
    static final int UNIT_ATTENTION = 6;

    private static final int RECOVERED_ERROR = 1;

    private static final String[] KEYS = {
        "no sense",
        "recovered error",
        "not ready",
        "medium error",
        "hardware error",
        "illegal request",
        "unit attention",
        "data protect",
        "blank check",
        "vendor specific",
        "copy aborted",
        "aborted command",
        "equal",
        "volume overflow",
        "miscompare",
        "completed"
    };

    /// Those of tape and changers that a person meets (SPC-4 annex F), by asc << 8 | ascq.
    private static final Map<Integer, String> CODES =
            Map.ofEntries(
                    Map.entry(0x0001, "filemark detected"),
                    Map.entry(0x0002, "end of partition or medium detected"),
                    Map.entry(0x0004, "beginning of partition or medium detected"),
                    Map.entry(0x0005, "end of data detected"),
                    Map.entry(0x0017, "cleaning requested"),
                    Map.entry(0x0401, "becoming ready"),
                    Map.entry(0x0402, "needs a start command"),
                    Map.entry(0x0403, "manual intervention required"),
                    Map.entry(0x0412, "offline"),
                    Map.entry(0x0C00, "write error"),
                    Map.entry(0x1100, "unrecovered read error"),
                    Map.entry(0x1400, "recorded entity not found"),
                    Map.entry(0x1403, "end of data not found"),
                    Map.entry(0x1501, "mechanical positioning error"),
                    Map.entry(0x1A00, "parameter list length error"),
                    Map.entry(0x2000, "invalid command operation code"),
                    Map.entry(0x2101, "invalid element address"),
                    Map.entry(0x2400, "invalid field in the command"),
                    Map.entry(0x2500, "logical unit not supported"),
                    Map.entry(0x2600, "invalid field in the parameters"),
                    Map.entry(0x2700, "write-protected"),
                    Map.entry(0x2800, "the medium may have changed"),
                    Map.entry(0x2801, "an import or export element was accessed"),
                    Map.entry(0x2900, "the device was reset"),
                    Map.entry(0x2A01, "the mode parameters changed"),
                    Map.entry(0x3000, "incompatible medium"),
                    Map.entry(0x3001, "unknown format"),
                    Map.entry(0x3002, "incompatible format"),
                    Map.entry(0x3003, "a cleaning cartridge is loaded"),
                    Map.entry(0x3007, "cleaning failed"),
                    Map.entry(0x300C, "WORM medium: overwrite attempted"),
                    Map.entry(0x300D, "WORM medium: integrity check failed"),
                    Map.entry(0x3100, "the medium format is corrupted"),
                    Map.entry(0x3A00, "no medium"),
                    Map.entry(0x3B00, "sequential positioning error"),
                    Map.entry(0x3B01, "tape position error at the beginning of the medium"),
                    Map.entry(0x3B02, "tape position error at the end of the medium"),
                    Map.entry(0x3B0D, "the destination element is full"),
                    Map.entry(0x3B0E, "the source element is empty"),
                    Map.entry(0x3B11, "the magazine is not accessible"),
                    Map.entry(0x3B12, "the magazine was removed"),
                    Map.entry(0x3E00, "not yet self-configured"),
                    Map.entry(0x4400, "internal target failure"),
                    Map.entry(0x5000, "write append error"),
                    Map.entry(0x5001, "write append position error"),
                    Map.entry(0x5100, "erase failure"),
                    Map.entry(0x5200, "cartridge fault"),
                    Map.entry(0x5300, "loading or ejecting the medium failed"),
                    Map.entry(0x5302, "removal of the medium is prevented"),
                    Map.entry(0x5304, "loading or unloading failed"),
                    Map.entry(0x7400, "security error"),
                    Map.entry(0x7401, "unable to decrypt the data"));

    /// Decodes sense data; what is too short or of no known format is [#NONE].
    static ScsiSense of(byte[] sense) {
        if (sense.length < 2) {
            return NONE;
        }
        int code = sense[0] & 0x7F;
        return switch (code) {
            case 0x70, 0x71 ->
                    sense.length < 3
                            ? NONE
                            : new ScsiSense(
                                    sense[2] & 0x0F, at(sense, 12), at(sense, 13), code == 0x71);
            case 0x72, 0x73 ->
                    new ScsiSense(sense[1] & 0x0F, at(sense, 2), at(sense, 3), code == 0x73);
            default -> NONE;
        };
    }

    private static int at(byte[] sense, int index) {
        return index < sense.length ? sense[index] & 0xFF : 0;
    }

    boolean recovered() {
        return !deferred && key <= RECOVERED_ERROR;
    }

    boolean is(int wantedKey, int wantedAsc) {
        return key == wantedKey && asc == wantedAsc;
    }

    /// `not ready, no medium (sense 2/3A/00)`.
    @Override
    public String toString() {
        String words = CODES.getOrDefault(asc << 8 | ascq, CODES.getOrDefault(asc << 8, ""));
        HexFormat hex = HexFormat.of().withUpperCase();
        return "%s%s%s (sense %X/%s/%s)"
                .formatted(
                        deferred ? "deferred: " : "",
                        KEYS[key],
                        words.isEmpty() || (asc == 0 && ascq == 0) ? "" : ", " + words,
                        key,
                        hex.toHexDigits((byte) asc),
                        hex.toHexDigits((byte) ascq));
    }
}
