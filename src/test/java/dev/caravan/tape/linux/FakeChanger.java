package dev.caravan.tape.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.caravan.tape.drive.Errno;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/// A medium changer that speaks SCSI byte by byte (SMC-3), and two drives beside it that answer
/// INQUIRY. Its element addresses are out of order on purpose, as those of real ones are.
final class FakeChanger implements TapeSyscalls {
    static final Path DEVICE = Path.of("/dev/sg7");
    static final int ROBOT = 0x0001;
    static final int STORAGE = 0x03E8;
    static final int MAIL = 0x0065;
    static final int DRIVES = 0x01E0;

    /// How a drive is named in the reports.
    enum Names {
        NONE,
        SERIAL,
        VENDOR_PRODUCT_SERIAL
    }

    private static final class Element {
        final int type;
        boolean full;
        String barcode = "";
        int source;

        Element(int type) {
            this.type = type;
        }
    }

    /// Drive devices by path, and the serial numbers they tell.
    final Map<Path, String> devices = new LinkedHashMap<>();

    Names names = Names.SERIAL;
    boolean knowsNames = true;
    boolean knowsBarcodes = true;

    /// As `tgt` does, whose reports lack their last 8 bytes.
    int cutBytes;

    /// As `tgt` does, which reports all of a type from the first address on.
    boolean ignoresCount;

    boolean present = true;
    final Deque<byte[]> answersBefore = new ArrayDeque<>();
    final List<byte[]> commands = new ArrayList<>();
    private final Map<Integer, Element> elements = new TreeMap<>();
    private final Map<Integer, Path> open = new HashMap<>();
    private int nextFd = 3;
    private boolean jam;

    FakeChanger(int slots, int mails, String... drives) {
        elements.put(ROBOT, new Element(1));
        for (int i = 0; i < slots; i++) {
            elements.put(STORAGE + i, new Element(2));
        }
        for (int i = 0; i < mails; i++) {
            elements.put(MAIL + i, new Element(3));
        }
        for (int i = 0; i < drives.length; i++) {
            elements.put(DRIVES + i, new Element(4));
            devices.put(Path.of("/dev/tape/by-id/scsi-" + i + "-nst"), drives[i]);
        }
    }

    FakeChanger with(int slot, String barcode) {
        Element element = Objects.requireNonNull(elements.get(STORAGE + slot - 1));
        element.full = true;
        element.barcode = barcode;
        return this;
    }

    void jam() {
        jam = true;
    }

    /// The reader reads something else from a cartridge.
    void relabel(String barcode, String read) {
        elements.values().stream()
                .filter(e -> e.barcode.equals(barcode))
                .forEach(e -> e.barcode = read);
    }

    /// What is in a drive, by the number the changer gives it.
    Optional<String> inDrive(int drive) {
        Element element = Objects.requireNonNull(elements.get(DRIVES + drive));
        return element.full ? Optional.of(element.barcode) : Optional.empty();
    }

    /// Puts a cartridge into a drive, as somebody did before this program.
    FakeChanger loaded(int drive, String barcode) {
        Element element = Objects.requireNonNull(elements.get(DRIVES + drive));
        element.full = true;
        element.barcode = barcode;
        return this;
    }

    int openDescriptors() {
        return open.size();
    }

    static byte[] sense(int key, int code) {
        byte[] sense = new byte[18];
        sense[0] = 0x70;
        sense[2] = (byte) key;
        sense[7] = 10;
        sense[12] = (byte) (code >> 8);
        sense[13] = (byte) code;
        return sense;
    }

    @Override
    public int open(Path device, int flags) {
        if (!present) {
            return -Errno.EACCES.number();
        }
        open.put(nextFd, device);
        return nextFd++;
    }

    @Override
    public int close(int fd) {
        open.remove(fd);
        return 0;
    }

    @Override
    public int deviceNumber(Path device) {
        if (device.equals(DEVICE)) {
            return 21 << NativeTapeSyscalls.MINOR_BITS | 7;
        }
        if (devices.containsKey(device)) {
            return 9 << NativeTapeSyscalls.MINOR_BITS
                    | 0x80
                    | new ArrayList<>(devices.keySet()).indexOf(device);
        }
        return device.toString().equals("/etc/hosts") ? 0 : -Errno.ENOENT.number();
    }

    @Override
    public Optional<Path> generic(int deviceNumber) {
        return Optional.of(new ArrayList<>(devices.keySet()).get(deviceNumber & 0x7F));
    }

    @Override
    public ScsiReply sgIo(
            int fd, byte[] cdb, Direction direction, MemorySegment buffer, Duration timeout) {
        commands.add(cdb.clone());
        Path device = open.get(fd);
        if (cdb[0] == 0x12) {
            return filled(inquiry(cdb, Objects.requireNonNull(devices.get(device))), buffer);
        }
        byte[] before = answersBefore.poll();
        if (before != null) {
            return before.length == 1
                    ? new ScsiReply(0, before[0], 0, ScsiSense.NONE, 0)
                    : checked(before);
        }
        return switch (cdb[0]) {
            case 0x00, 0x07 -> new ScsiReply(0, 0, 0, ScsiSense.NONE, 0);
            case 0x1A -> filled(modePage(), buffer);
            case (byte) 0xB8 -> report(cdb, buffer);
            case (byte) 0xA5 -> move(cdb);
            default -> checked(sense(5, 0x2000));
        };
    }

    private static ScsiReply checked(byte[] sense) {
        return new ScsiReply(0, 2, 0, ScsiSense.of(sense), 0);
    }

    private static ScsiReply filled(byte[] data, MemorySegment buffer) {
        int length = (int) Math.min(data.length, buffer.byteSize());
        MemorySegment.copy(data, 0, buffer, JAVA_BYTE, 0, length);
        return new ScsiReply(0, 0, 0, ScsiSense.NONE, length);
    }

    private static byte[] inquiry(byte[] cdb, String serial) {
        byte[] text = "    %s".formatted(serial).getBytes(StandardCharsets.US_ASCII);
        if (cdb[1] == 1) {
            byte[] page = new byte[4 + text.length];
            page[0] = 1;
            page[1] = (byte) 0x80;
            page[3] = (byte) text.length;
            System.arraycopy(text, 0, page, 4, text.length);
            return page;
        }
        byte[] data = new byte[36];
        data[0] = 1;
        System.arraycopy(
                "IBM     ULTRIUM-HH8     N9M1".getBytes(StandardCharsets.US_ASCII), 0, data, 8, 28);
        return data;
    }

    private byte[] modePage() {
        byte[] data = new byte[4 + 8 + 20]; // with a block descriptor, which was not wanted
        data[0] = (byte) (data.length - 1);
        data[3] = 8;
        data[12] = 0x1D;
        data[13] = 0x12;
        int at = 14;
        for (int type = 1; type <= 4; type++) {
            int wanted = type;
            List<Integer> addresses =
                    elements.entrySet().stream()
                            .filter(e -> e.getValue().type == wanted)
                            .map(Map.Entry::getKey)
                            .toList();
            int first = addresses.isEmpty() ? 0 : addresses.getFirst();
            data[at] = (byte) (first >> 8);
            data[at + 1] = (byte) first;
            data[at + 3] = (byte) addresses.size();
            data[at + 2] = (byte) (addresses.size() >> 8);
            at += 4;
        }
        return data;
    }

    private ScsiReply report(byte[] cdb, MemorySegment buffer) {
        boolean tags = (cdb[1] & 0x10) != 0;
        boolean wantsNames = (cdb[6] & 1) != 0;
        if ((tags && !knowsBarcodes) || (wantsNames && !knowsNames)) {
            return checked(sense(5, 0x2400));
        }
        int type = cdb[1] & 0x0F;
        int first = Bytes.number16(cdb, 2);
        int count = ignoresCount ? Integer.MAX_VALUE : Bytes.number16(cdb, 4);
        ByteArrayOutputStream descriptors = new ByteArrayOutputStream();
        int each = 0;
        int number = 0;
        for (Map.Entry<Integer, Element> entry : elements.entrySet()) {
            Element element = entry.getValue();
            if (element.type == type && entry.getKey() >= first && number < count) {
                byte[] descriptor = descriptor(entry.getKey(), element, tags, wantsNames);
                each = descriptor.length;
                descriptors.writeBytes(descriptor);
                number++;
            }
        }
        byte[] body = descriptors.toByteArray();
        byte[] all = new byte[16 + body.length];
        put16(all, 0, first);
        put16(all, 2, number);
        put16(all, 6, 8 + body.length);
        all[8] = (byte) type;
        all[9] = (byte) (tags ? 0x80 : 0);
        put16(all, 10, each);
        put16(all, 14, body.length);
        System.arraycopy(body, 0, all, 16, body.length);
        return filled(Arrays.copyOf(all, all.length - cutBytes), buffer);
    }

    private byte[] descriptor(int address, Element element, boolean tags, boolean wantsNames) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] fixed = new byte[12];
        put16(fixed, 0, address);
        fixed[2] = (byte) (element.full ? 1 : 0);
        if (element.full && element.source != 0) {
            fixed[9] = (byte) 0x80;
            put16(fixed, 10, element.source);
        }
        out.writeBytes(fixed);
        if (tags) {
            // a changer may keep the tag of a cartridge that has left
            out.writeBytes(padded(element.barcode, 32));
            out.writeBytes(new byte[4]);
        }
        String name =
                !wantsNames || element.type != 4 || names == Names.NONE
                        ? ""
                        : (names == Names.SERIAL ? "" : "IBM     ULTRIUM-HH8     ")
                                + new ArrayList<>(devices.values()).get(address - DRIVES);
        if (element.type == 4) {
            out.writeBytes(
                    new byte[] {
                        2,
                        (byte) (names == Names.VENDOR_PRODUCT_SERIAL ? 1 : 0),
                        0,
                        (byte) name.length()
                    });
            out.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
        }
        return out.toByteArray();
    }

    private static byte[] padded(String text, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) ' ');
        byte[] from = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(from, 0, bytes, 0, from.length);
        return bytes;
    }

    private static void put16(byte[] to, int at, int value) {
        to[at] = (byte) (value >> 8);
        to[at + 1] = (byte) value;
    }

    private ScsiReply move(byte[] cdb) {
        if (jam) {
            jam = false;
            return checked(sense(4, 0x1501));
        }
        Element from = elements.get(Bytes.number16(cdb, 4));
        Element to = elements.get(Bytes.number16(cdb, 6));
        if (Bytes.number16(cdb, 2) != ROBOT || from == null || to == null) {
            return checked(sense(5, 0x2101));
        }
        if (!from.full) {
            return checked(sense(5, 0x3B0E));
        }
        if (to.full) {
            return checked(sense(5, 0x3B0D));
        }
        to.full = true;
        to.barcode = from.barcode;
        to.source = from.type == 2 ? Bytes.number16(cdb, 4) : from.source;
        from.full = false;
        return new ScsiReply(0, 0, 0, ScsiSense.NONE, 0);
    }

    @Override
    public long read(int fd, MemorySegment into) {
        throw new UnsupportedOperationException("read");
    }

    @Override
    public long write(int fd, MemorySegment record) {
        throw new UnsupportedOperationException("write");
    }

    @Override
    public int mtop(int fd, int operation, int count) {
        throw new UnsupportedOperationException("mtop");
    }

    @Override
    public int mtget(int fd, MemorySegment mtget) {
        throw new UnsupportedOperationException("mtget");
    }

    @Override
    public long mtpos(int fd) {
        throw new UnsupportedOperationException("mtpos");
    }

    @Override
    public OptionalInt options(int deviceNumber) {
        return OptionalInt.empty();
    }
}
