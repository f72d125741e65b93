package dev.caravan.tape.linux;

/// The command descriptor blocks a changer is told with (SMC-3 §6, SPC-4 §6). Numbers are big
/// endian.
final class ChangerCommands {
    /// Element type codes (SMC-3 table 8).
    static final int TRANSPORT = 1;

    static final int STORAGE = 2;
    static final int MAIL = 3;
    static final int DRIVE = 4;

    /// What MODE SENSE may answer: header, block descriptor and page 1Dh.
    static final int MODE_BYTES = 64;

    private ChangerCommands() {}

    /// TEST UNIT READY.
    static byte[] testUnitReady() {
        return new byte[6];
    }

    /// INITIALIZE ELEMENT STATUS: looks at every element.
    static byte[] initializeElementStatus() {
        return cdb(0x07, 0, 0, 0, 0, 0);
    }

    /// MODE SENSE(6) of the element address assignment page, without block descriptors.
    static byte[] elementAddresses() {
        return cdb(0x1A, 0x08, 0x1D, 0, MODE_BYTES, 0);
    }

    /// READ ELEMENT STATUS.
    ///
    /// @param barcodes VolTag: with volume tags
    /// @param names DVCID: with the identifiers of drives
    static byte[] readElementStatus(
            int type, int first, int count, boolean barcodes, boolean names, int length) {
        return cdb(
                0xB8,
                (barcodes ? 0x10 : 0) | type,
                first >> 8,
                first,
                count >> 8,
                count,
                names ? 0x01 : 0,
                length >> 16,
                length >> 8,
                length,
                0,
                0);
    }

    /// MOVE MEDIUM.
    static byte[] move(int transport, int from, int to) {
        return cdb(0xA5, 0, transport >> 8, transport, from >> 8, from, to >> 8, to, 0, 0, 0, 0);
    }

    private static byte[] cdb(int... bytes) {
        byte[] cdb = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            cdb[i] = (byte) bytes[i];
        }
        return cdb;
    }
}
