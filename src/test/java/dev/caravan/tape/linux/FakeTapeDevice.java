package dev.caravan.tape.linux;

import dev.caravan.tape.drive.Errno;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// `/dev/nst0` of a kernel that is not there: the `st` driver over a drive and a cartridge in
/// memory, which behaves as `st` was measured to behave over tgt, scsi_debug and a drive emulation
/// with full SSC. Where these differ there is a switch. Confined to one thread at a time.
class FakeTapeDevice implements TapeSyscalls {
    static final Path DEVICE = Path.of("/dev/nst0");
    static final Path GENERIC = Path.of("/dev/sg0");
    static final int NUMBER = 9 << NativeTapeSyscalls.MINOR_BITS | 0x80;

    private static final int FD = 7;
    private static final int GENERIC_FD = 8;
    private static final int LARGEST_RECORD = 1 << 20;
    private static final int MTFSR = 3;

    /// What `st` knows of the place on the tape beside its number.
    private enum Place {
        SOMEWHERE,
        BEHIND_FILEMARK,
        BEHIND_WRITTEN_FILEMARK,
        AT_END_OF_DATA
    }

    private final List<byte @Nullable []> blocks = new ArrayList<>();
    private boolean open;
    private boolean genericOpen;
    private boolean wrote;
    private boolean refuseNext = true;
    private boolean endOfTape;
    private boolean recordedRefused;
    private Place place = Place.SOMEWHERE;
    private int at;
    private int file;
    private int blockSize = 512;
    private boolean locked;

    // the drive and its cartridge
    boolean cartridge = true;
    boolean writeProtected;
    int density = 0x5E;
    long earlyWarningBytes = Long.MAX_VALUE;
    long hardEndBytes = Long.MAX_VALUE;
    int smallestRecord = 1;

    /// Opens that find the cartridge not yet threaded.
    int opensUntilReady;

    int opens;
    int number = NUMBER;
    int openError;
    int options;
    boolean mayOptions = true;
    boolean optionsVisible = true;

    // where the emulations differ
    boolean cannotLocate;
    boolean bogusRecordAtEndOfData;
    boolean recordsOnNoSpace;
    boolean positionUnknown;

    // faults
    int failWrite;
    int writeErrno = Errno.EIO.number();
    int failRead;
    int readErrno = Errno.EIO.number();
    int failFilemark;
    int shortWrite;
    int skipAfterNoSpace;
    int goneAfterWrites;
    boolean gone;
    boolean locateGoesAstray;

    /// What SG_IO answers, by operation code (and page, for INQUIRY, LOG SENSE and MODE SENSE).
    final Map<Integer, byte[]> scsi = new HashMap<>();

    boolean mayScsi = true;
    boolean genericPresent = true;
    int scsiThroughTape;

    List<byte @Nullable []> blocks() {
        return blocks;
    }

    int options() {
        return options;
    }

    /// Another cartridge, or a reset: the kernel does not know where the tape stands.
    void changeMedium() {
        blocks.clear();
        rewound();
        file = -1;
        locked = positionUnknown;
    }

    // ---- open and close

    @Override
    public int open(Path device, int flags) {
        if (device.equals(GENERIC)) {
            genericOpen = true;
            return GENERIC_FD;
        }
        if ((flags & TapeAbi.O_NONBLOCK) == 0) {
            throw new AssertionError("a blocking open hangs for two minutes without a cartridge");
        }
        if (openError != 0) {
            return -openError;
        }
        if (open) {
            return -Errno.EBUSY.number();
        }
        open = true;
        opens++;
        opensUntilReady = Math.max(0, opensUntilReady - 1);
        return FD;
    }

    @Override
    public int close(int fd) {
        if (fd == GENERIC_FD) {
            genericOpen = false;
            return 0;
        }
        if (!open) {
            return -Errno.EBADF.number();
        }
        boolean marks = wrote && ready() && !gone;
        open = false;
        wrote = false;
        if (!marks) {
            return 0;
        }
        if (bytes() >= hardEndBytes || (failFilemark > 0 && --failFilemark == 0)) {
            return -Errno.EIO.number();
        }
        appendMark();
        if ((options & TapeAbi.MT_ST_TWO_FM) != 0) {
            appendMark();
            at--;
        }
        return 0;
    }

    boolean leaksNothing() {
        return !open && !genericOpen;
    }

    private boolean ready() {
        return cartridge && opensUntilReady == 0;
    }

    private int usable(int fd) {
        if (fd != FD || !open) {
            return Errno.EBADF.number();
        }
        if (gone) {
            return Errno.ENODEV.number();
        }
        return ready() ? 0 : Errno.ENOMEDIUM.number();
    }

    // ---- records

    @Override
    public long write(int fd, MemorySegment record) {
        int refused = usable(fd);
        if (refused != 0) {
            return -refused;
        }
        int length = Math.toIntExact(record.byteSize());
        if (writeProtected) {
            return -Errno.EACCES.number();
        }
        if (length == 0) {
            return 0;
        }
        if (length < smallestRecord
                || length > LARGEST_RECORD
                || (blockSize > 0 && length % blockSize != 0)) {
            return -Errno.EINVAL.number();
        }
        if (locked) {
            return -Errno.EIO.number();
        }
        if (goneAfterWrites > 0 && --goneAfterWrites == 0) {
            gone = true;
            return -Errno.EIO.number();
        }
        if (failWrite > 0 && --failWrite == 0) {
            return -writeErrno;
        }
        if (shortWrite > 0) {
            return shortWrite;
        }
        cutBehind();
        if (bytes() + length > hardEndBytes) {
            endOfTape = false;
            place = Place.AT_END_OF_DATA;
            return -Errno.ENOSPC.number();
        }
        boolean early = bytes() >= earlyWarningBytes;
        boolean refuse = early && refuseNext;
        refuseNext = !early || !refuseNext;
        if (refuse) {
            endOfTape = false;
            place = Place.AT_END_OF_DATA; // as measured: GMT_EOD here, GMT_EOT after the next
            if (recordsOnNoSpace && !recordedRefused) {
                recordedRefused = true;
                refuseNext = true;
                blocks.add(record.toArray(ValueLayout.JAVA_BYTE));
                at++;
            }
            at += skipAfterNoSpace;
            return -Errno.ENOSPC.number();
        }
        blocks.add(record.toArray(ValueLayout.JAVA_BYTE));
        at++;
        wrote = true;
        place = Place.SOMEWHERE;
        endOfTape = bytes() >= earlyWarningBytes;
        return length;
    }

    @Override
    public long read(int fd, MemorySegment into) {
        int refused = usable(fd);
        if (refused != 0) {
            return -refused;
        }
        if (into.byteSize() < smallestRecord || into.byteSize() > LARGEST_RECORD) {
            return -Errno.EINVAL.number();
        }
        if (failRead > 0 && --failRead == 0) {
            return -readErrno;
        }
        wrote = false;
        if (at >= blocks.size()) {
            return readEndOfData(into);
        }
        byte[] record = blocks.get(at++);
        if (record == null) {
            file += file >= 0 ? 1 : 0;
            place = Place.BEHIND_FILEMARK;
            return 0;
        }
        place = Place.SOMEWHERE;
        boolean cut = record.length > into.byteSize();
        if (cut && (options & TapeAbi.MT_ST_SILI) == 0) {
            return -Errno.ENOMEM.number();
        }
        int length = (int) Math.min(record.length, into.byteSize());
        MemorySegment.copy(record, 0, into, ValueLayout.JAVA_BYTE, 0, length);
        return length;
    }

    private long readEndOfData(MemorySegment into) {
        if (bogusRecordAtEndOfData) {
            return into.byteSize();
        }
        if (place != Place.BEHIND_FILEMARK) { // measured: 0 bytes only right behind a filemark
            return -Errno.EIO.number();
        }
        place = Place.AT_END_OF_DATA;
        return 0;
    }

    // ---- ioctl

    @Override
    public int mtop(int fd, int operation, int count) {
        if (operation == TapeAbi.MTSETDRVBUFFER) {
            return setOptions(count);
        }
        int refused = usable(fd);
        if (refused != 0) {
            return -refused;
        }
        if (operation == TapeAbi.MTSETBLK) {
            blockSize = count;
            return 0;
        }
        if (locked && operation != TapeAbi.MTREW && operation != TapeAbi.MTOFFL) {
            return -Errno.EIO.number();
        }
        if (operation == TapeAbi.MTWEOF) {
            return writeFilemarks(count);
        }
        if (wrote) {
            wrote = false;
            if (bytes() < hardEndBytes) {
                appendMark();
            }
        }
        endOfTape = false;
        refuseNext = true;
        return move(operation, count);
    }

    private int setOptions(int command) {
        if (!mayOptions) {
            return -Errno.EPERM.number();
        }
        int flags = command & 0xFFFF;
        switch (command & 0xF0000000) {
            case TapeAbi.MT_ST_SETBOOLEANS -> options |= flags;
            case TapeAbi.MT_ST_CLEARBOOLEANS -> options &= ~flags;
            default -> throw new AssertionError("option command %08x".formatted(command));
        }
        return 0;
    }

    private int writeFilemarks(int count) {
        if (writeProtected) {
            return -Errno.EACCES.number();
        }
        if (failFilemark > 0 && --failFilemark == 0) {
            wrote = false;
            return -Errno.EIO.number();
        }
        wrote = false;
        for (int i = 0; i < count; i++) {
            if (bytes() >= hardEndBytes) {
                return -Errno.EIO.number();
            }
            appendMark();
        }
        if (count > 0) {
            endOfTape = false;
            place = Place.BEHIND_WRITTEN_FILEMARK;
        }
        return 0;
    }

    private int move(int operation, int count) {
        switch (operation) {
            case TapeAbi.MTREW -> rewound();
            case TapeAbi.MTOFFL -> {
                rewound();
                cartridge = false;
            }
            case TapeAbi.MTEOM -> {
                at = blocks.size();
                place = Place.AT_END_OF_DATA;
            }
            case TapeAbi.MTFSF -> {
                for (int i = 0; i < count; i++) {
                    while (at < blocks.size() && blocks.get(at) != null) {
                        at++;
                    }
                    if (at == blocks.size()) {
                        place = Place.AT_END_OF_DATA;
                        return -Errno.EIO.number();
                    }
                    at++;
                    file += file >= 0 ? 1 : 0;
                }
                place = Place.BEHIND_FILEMARK;
            }
            case TapeAbi.MTSEEK -> {
                if (cannotLocate || count > blocks.size()) {
                    return -Errno.EIO.number();
                }
                if ((options & TapeAbi.MT_ST_SCSI2LOGICAL) == 0) {
                    throw new AssertionError("a seek by device addresses");
                }
                at = locateGoesAstray ? Math.max(0, count - 1) : count;
                file = -1;
                place = Place.SOMEWHERE;
            }
            default -> throw new AssertionError("operation " + operation + ", not " + MTFSR);
        }
        return 0;
    }

    private void rewound() {
        at = 0;
        file = 0;
        place = Place.SOMEWHERE;
        locked = false;
    }

    private void appendMark() {
        cutBehind();
        blocks.add(null);
        at++;
        file += file >= 0 ? 1 : 0;
    }

    private void cutBehind() {
        if (at < blocks.size()) {
            blocks.subList(at, blocks.size()).clear();
        }
    }

    private long bytes() {
        long bytes = 0;
        for (byte[] block : blocks) {
            bytes += block == null ? 0 : block.length;
        }
        return bytes;
    }

    @Override
    public int mtget(int fd, MemorySegment mtget) {
        if (fd != FD || !open) {
            return -Errno.EBADF.number();
        }
        if (gone) {
            return -Errno.ENODEV.number();
        }
        long gstat = 0;
        if (!cartridge) {
            gstat = TapeAbi.GMT_DR_OPEN;
        } else if (ready()) {
            gstat = TapeAbi.GMT_ONLINE;
            gstat |= writeProtected ? TapeAbi.GMT_WR_PROT : 0;
            gstat |=
                    place == Place.BEHIND_FILEMARK || place == Place.BEHIND_WRITTEN_FILEMARK
                            ? TapeAbi.GMT_EOF
                            : 0;
            gstat |= endOfTape ? TapeAbi.GMT_EOT : 0;
            gstat |= place == Place.AT_END_OF_DATA ? TapeAbi.GMT_EOD : 0;
        }
        mtget.set(ValueLayout.JAVA_LONG, 16, (long) density << 24 | blockSize);
        mtget.set(ValueLayout.JAVA_LONG, 24, gstat);
        mtget.set(ValueLayout.JAVA_INT, 40, file);
        return 0;
    }

    @Override
    public long mtpos(int fd) {
        int refused = usable(fd);
        return refused != 0 || cannotLocate ? -Errno.EIO.number() : at;
    }

    // ---- SCSI commands

    @Override
    public ScsiReply sgIo(
            int fd, byte[] cdb, Direction direction, MemorySegment buffer, Duration timeout) {
        if (fd == FD) {
            scsiThroughTape++;
        }
        if (!mayScsi) {
            return ScsiReply.refused(Errno.EPERM.number());
        }
        int code = cdb[0] & 0xFF;
        int page =
                switch (code) {
                    case 0x12 -> (cdb[1] & 1) == 0 ? 0 : cdb[2] & 0xFF;
                    case 0x4D, 0x5A -> cdb[2] & 0x3F;
                    case 0x8C -> cdb[8] << 8 | (cdb[9] & 0xFF);
                    default -> 0;
                };
        byte[] answer = scsi.get(code << 16 | page);
        if (answer == null) {
            return new ScsiReply(0, 2, 0, new ScsiSense(5, 0x20, 0, false), 0);
        }
        int length = (int) Math.min(answer.length, buffer.byteSize());
        MemorySegment.copy(answer, 0, buffer, ValueLayout.JAVA_BYTE, 0, length);
        return new ScsiReply(0, 0, 0, ScsiSense.NONE, length);
    }

    @Override
    public int deviceNumber(Path device) {
        return number;
    }

    @Override
    public OptionalInt options(int deviceNumber) {
        return optionsVisible ? OptionalInt.of(options) : OptionalInt.empty();
    }

    @Override
    public Optional<Path> generic(int deviceNumber) {
        return genericPresent ? Optional.of(GENERIC) : Optional.empty();
    }
}
