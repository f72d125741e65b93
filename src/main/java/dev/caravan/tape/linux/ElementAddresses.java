package dev.caravan.tape.linux;

import java.io.IOException;

/// The elements a changer has, by their addresses: the element address assignment mode page 1Dh
/// (SMC-3 §7.3.3).
record ElementAddresses(Range transports, Range storage, Range mail, Range drives) {
    private static final int PAGE = 0x1D;
    private static final int HEADER = 4;
    private static final int PAGE_BYTES = 18;

    /// `count` elements from address `first` on.
    record Range(int first, int count) {
        boolean contains(int address) {
            return address >= first && address < first + count;
        }
    }

    /// Reads what MODE SENSE(6) answered.
    static ElementAddresses parse(byte[] data) throws IOException {
        if (data.length < HEADER) {
            throw new IOException(
                    "mode data of %d bytes, want at least %d".formatted(data.length, HEADER));
        }
        int page = HEADER + (data[3] & 0xFF); // behind the block descriptors
        if (data.length < page + PAGE_BYTES || (data[page] & 0x3F) != PAGE) {
            throw new IOException(
                    "mode data of %d bytes without the element addresses (page 1Dh)"
                            .formatted(data.length));
        }
        return new ElementAddresses(
                range(data, page + 2),
                range(data, page + 6),
                range(data, page + 10),
                range(data, page + 14));
    }

    private static Range range(byte[] data, int at) {
        return new Range(Bytes.number16(data, at), Bytes.number16(data, at + 2));
    }
}
