package dev.caravan.tape.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.TapeException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// A changer's device, open: its commands, with the answers decoded. Waits while the robot moves,
/// and asks again after a unit attention, which is news and no refusal. Confined to one thread.
final class SgChanger implements AutoCloseable {
    private static final Duration SHORT = Duration.ofMinutes(2);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /// The longest move: a cartridge is fetched, put in and threaded.
    private static final Duration MOVE = Duration.ofMinutes(10);

    /// A large library reads thousands of barcodes.
    private static final Duration SCAN = Duration.ofHours(1);

    /// Asked for at a time: a report of so many fits into one transfer of any host adapter.
    private static final int ELEMENTS = 100;

    private static final int BYTES_EACH = 400;
    private static final int NEWS = 20;

    private final TapeSyscalls kernel;
    private final String device;
    private final int fd;
    private final Duration patience;

    private SgChanger(TapeSyscalls kernel, String device, int fd, Duration patience) {
        this.kernel = kernel;
        this.device = device;
        this.fd = fd;
        this.patience = patience;
    }

    /// @param patience how long to wait for a robot in motion
    static SgChanger open(TapeSyscalls kernel, Path path, Duration patience) throws TapeException {
        String device = "changer " + path;
        int number = kernel.deviceNumber(path);
        if (number <= 0) {
            throw new TapeException(
                    "open",
                    device,
                    number == 0 ? Errno.ENODEV : Errno.of(-number),
                    number == 0
                            ? "it is no character device; want /dev/sgN or /dev/tape/by-id/… of the changer"
                            : "there is no such device, or this user may not see it");
        }
        int fd = kernel.open(path, TapeAbi.O_RDWR | TapeAbi.O_NONBLOCK | TapeAbi.O_CLOEXEC);
        if (fd < 0) {
            Errno errno = Errno.of(-fd);
            throw new TapeException(
                    "open",
                    device,
                    errno,
                    errno == Errno.EACCES
                            ? "this user may not use it; add the user to the group of the device"
                            : "it does not open: error " + -fd);
        }
        return new SgChanger(kernel, device, fd, patience);
    }

    /// Waits until the library is ready, past all news.
    void awaitReady(String operation) throws TapeException {
        run(operation, ChangerCommands.testUnitReady(), SHORT);
    }

    void scan() throws TapeException {
        run("read all barcodes anew", ChangerCommands.initializeElementStatus(), SCAN);
    }

    ElementAddresses addresses() throws TapeException {
        String operation = "read the element addresses";
        try {
            return ElementAddresses.parse(
                    good(
                                    operation,
                                    ChangerCommands.elementAddresses(),
                                    ChangerCommands.MODE_BYTES,
                                    SHORT)
                            .data());
        } catch (IOException e) {
            throw asTape(operation, e);
        }
    }

    /// The elements of one type, in the order of their addresses.
    List<ElementStatus> elements(int type, ElementAddresses.Range range) throws TapeException {
        TreeMap<Integer, ElementStatus> found = new TreeMap<>();
        int next = range.first();
        int end = range.first() + range.count();
        while (next < end) {
            int before = found.size();
            for (ElementStatus element : report(type, next, Math.min(ELEMENTS, end - next))) {
                if (element.type() == type && range.contains(element.address())) {
                    found.put(element.address(), element);
                }
            }
            if (found.size() == before) {
                throw new TapeException(
                        "read the inventory",
                        device,
                        Errno.EIO,
                        "it has %d elements of type %d and reports %d"
                                .formatted(range.count(), type, found.size()));
            }
            next = found.lastKey() + 1;
        }
        return new ArrayList<>(found.values());
    }

    /// Barcodes and names are asked for, and done without where the changer does not know them.
    private List<ElementStatus> report(int type, int first, int count) throws TapeException {
        boolean names = type == ChangerCommands.DRIVE;
        Answer answer = report(type, first, count, true, names);
        if (names && ChangerSense.notKnown(answer.reply())) {
            answer = report(type, first, count, true, false);
        }
        if (ChangerSense.notKnown(answer.reply())) {
            answer = report(type, first, count, false, false);
        }
        if (!answer.reply().good()) {
            throw failed("read the inventory", answer.reply());
        }
        try {
            return ElementStatus.parse(answer.data());
        } catch (IOException e) {
            throw asTape("read the inventory", e);
        }
    }

    private Answer report(int type, int first, int count, boolean barcodes, boolean names)
            throws TapeException {
        int length = 16 + count * BYTES_EACH;
        return send(
                "read the inventory",
                ChangerCommands.readElementStatus(type, first, count, barcodes, names, length),
                length,
                SHORT);
    }

    /// @return false if something changed in the library before the move: it was not made, and what
    ///   is where must be read again
    boolean move(String operation, int transport, int from, int to) throws TapeException {
        byte[] cdb = ChangerCommands.move(transport, from, to);
        Answer answer = once(cdb, 0, MOVE);
        if (ChangerSense.changed(answer.reply())) {
            return false;
        }
        if (!answer.reply().good()) {
            throw failed(operation, answer.reply());
        }
        return true;
    }

    private record Answer(ScsiReply reply, byte[] data) {}

    private void run(String operation, byte[] cdb, Duration timeout) throws TapeException {
        Answer _ = good(operation, cdb, 0, timeout);
    }

    private Answer good(String operation, byte[] cdb, int length, Duration timeout)
            throws TapeException {
        Answer answer = send(operation, cdb, length, timeout);
        if (!answer.reply().good()) {
            throw failed(operation, answer.reply());
        }
        return answer;
    }

    private Answer send(String operation, byte[] cdb, int length, Duration timeout)
            throws TapeException {
        long deadline = System.nanoTime() + patience.toNanos();
        int news = 0;
        while (true) {
            Answer answer = once(cdb, length, timeout);
            boolean again =
                    ChangerSense.changed(answer.reply())
                            ? ++news < NEWS
                            : ChangerSense.inMotion(answer.reply())
                                    && System.nanoTime() - deadline < 0
                                    && paused(operation);
            if (!again) {
                return answer;
            }
        }
    }

    private boolean paused(String operation) throws TapeException {
        try {
            TimeUnit.NANOSECONDS.sleep(Math.min(PAUSE.toNanos(), patience.toNanos()));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TapeException(
                    operation, device, Errno.EINTR, "interrupted while the robot moves", e);
        }
    }

    private Answer once(byte[] cdb, int length, Duration timeout) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment buffer = length == 0 ? MemorySegment.NULL : arena.allocate(length, 8);
            ScsiReply reply =
                    kernel.sgIo(
                            fd,
                            cdb,
                            length == 0
                                    ? TapeSyscalls.Direction.NONE
                                    : TapeSyscalls.Direction.FROM_DEVICE,
                            buffer,
                            timeout);
            byte[] data =
                    length == 0
                            ? new byte[0]
                            : buffer.asSlice(0, reply.transferred()).toArray(JAVA_BYTE);
            return new Answer(reply, data);
        }
    }

    private TapeException failed(String operation, ScsiReply reply) {
        return new TapeException(
                operation, device, ChangerSense.errno(reply), ChangerSense.words(reply));
    }

    private TapeException asTape(String operation, IOException e) {
        return new TapeException(operation, device, Errno.EIO, String.valueOf(e.getMessage()), e);
    }

    @Override
    public void close() {
        int _ = kernel.close(fd); // nothing is written through it that could be lost
    }
}
