package dev.caravan.tape.linux;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// One element of a changer, as READ ELEMENT STATUS reports it (SMC-3 §6.11).
///
/// @param type its element type code
/// @param address its element address
/// @param full a cartridge is in it
/// @param barcode what the reader read, without padding; empty if it read none
/// @param source the storage element its cartridge came from, where the changer knows
/// @param name of a drive: the identifier the changer knows it by
record ElementStatus(
        int type,
        int address,
        boolean full,
        String barcode,
        OptionalInt source,
        Optional<Name> name) {
    private static final int HEADER = 8;
    private static final int VOLUME_TAG = 36;
    private static final int BARCODE = 32;
    private static final int FIXED = 12;
    private static final int T10_VENDOR_AND_PRODUCT = 24;

    /// A drive's serial number, or the beginning of it: a report may be cut off.
    record Name(String serial, boolean whole) {}

    /// Reads a report: a header, and pages of descriptors of one type each. A descriptor whose
    /// identifier is cut off is taken, one that is cut off before is not.
    ///
    /// @throws IOException if its lengths cannot be true
    static List<ElementStatus> parse(byte[] report) throws IOException {
        List<ElementStatus> elements = new ArrayList<>();
        if (report.length < HEADER) {
            throw new IOException("an element status report of %d bytes".formatted(report.length));
        }
        int page = HEADER;
        while (page + HEADER <= report.length) {
            int each = Bytes.number16(report, page + 2);
            int bytes = Bytes.number24(report, page + 5);
            if (each == 0 && bytes == 0) { // a type the changer has none of
                page += HEADER;
                continue;
            }
            if (each < FIXED) {
                throw new IOException(
                        "element descriptors of %d bytes, want at least %d".formatted(each, FIXED));
            }
            int end = Math.min(report.length, page + HEADER + bytes);
            for (int at = page + HEADER; at + FIXED <= end; at += each) {
                descriptor(report, page, at, Math.min(end, at + each)).ifPresent(elements::add);
            }
            page += HEADER + bytes;
        }
        return elements;
    }

    private static Optional<ElementStatus> descriptor(byte[] report, int page, int at, int end) {
        int flags = report[page + 1] & 0xFF;
        int next = at + FIXED;
        String barcode = "";
        if ((flags & 0x80) != 0) {
            if (next + BARCODE > end) {
                return Optional.empty();
            }
            barcode = Bytes.text(report, next, BARCODE);
            next += VOLUME_TAG;
        }
        if ((flags & 0x40) != 0) {
            next += VOLUME_TAG;
        }
        boolean sourceValid = (report[at + 9] & 0x80) != 0;
        return Optional.of(
                new ElementStatus(
                        report[page] & 0x0F,
                        Bytes.number16(report, at),
                        (report[at + 2] & 0x01) != 0,
                        barcode,
                        sourceValid
                                ? OptionalInt.of(Bytes.number16(report, at + 10))
                                : OptionalInt.empty(),
                        name(report, next, end)));
    }

    /// Code set, identifier type, reserved, length, identifier (SPC-4 §7.8.6). Vendor specific
    /// identifiers are the serial number; those of T10 have vendor and product before it.
    private static Optional<Name> name(byte[] report, int at, int end) {
        if (at + 4 > end) {
            return Optional.empty();
        }
        boolean ascii = (report[at] & 0x0F) == 2;
        int type = report[at + 1] & 0x0F;
        int length = report[at + 3] & 0xFF;
        if (length == 0 || !ascii || type > 1) {
            return Optional.empty();
        }
        int from = at + 4;
        int to = Math.min(end, from + length);
        if (type == 1 && length > T10_VENDOR_AND_PRODUCT) {
            from += T10_VENDOR_AND_PRODUCT;
        }
        if (from >= to) {
            return Optional.empty();
        }
        String serial = Bytes.text(report, from, to - from);
        return serial.isEmpty()
                ? Optional.empty()
                : Optional.of(new Name(serial, to == at + 4 + length));
    }
}
