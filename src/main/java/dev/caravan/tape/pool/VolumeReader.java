package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.ReadResult;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.pool.Labels.Found;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A volume in a drive, to be read as it is: without asking the inventory, because what the
/// inventory says is what is to be found out. Goes through tape file by tape file, or from filemark
/// to filemark where the drive can tell its position. Holds the drive until it is closed. Confined
/// to one thread.
public final class VolumeReader implements AutoCloseable {
    private final DriveBays.Mount mount;
    private final Drive drive;
    private final VolumeLabel label;
    private final ByteBuffer record = ByteBuffer.allocateDirect(Drive.MAX_RECORD_BYTES);
    private @Nullable TapeFileInput current;
    private @Nullable List<Span> known;
    private int file;
    private long block;
    private boolean over;

    private VolumeReader(DriveBays.Mount mount, VolumeLabel label) {
        this.mount = mount;
        this.drive = mount.drive();
        this.label = label;
    }

    /// Loads a cartridge and reads its label.
    ///
    /// @throws VolumeRefusedException if the cartridge is not in the library
    /// @throws NotThatVolumeException if there is no volume of that name on it
    public static VolumeReader open(DriveBays bays, Barcode barcode) throws IOException {
        DriveBays.Mount mount = bays.mount(barcode);
        try {
            VolumeReader reader = new VolumeReader(mount, label(mount, barcode));
            reader.goTo(0);
            return reader;
        } catch (IOException | RuntimeException e) {
            try (mount) {
                throw e;
            }
        }
    }

    private static VolumeLabel label(DriveBays.Mount mount, Barcode barcode) throws IOException {
        return switch (found(mount, barcode)) {
            case Found.Blank _ -> throw new NotThatVolumeException(barcode, "it is blank");
            case Found.Foreign _ ->
                    throw new NotThatVolumeException(barcode, "another program has written on it");
            case Found.Labelled(VolumeLabel label) when !label.barcode().equals(barcode) ->
                    throw new NotThatVolumeException(
                            barcode,
                            "its label says it is volume %s (%s)"
                                    .formatted(label.barcode(), label.id()));
            case Found.Labelled(VolumeLabel label) -> label;
        };
    }

    /// An error that the medium may be to blame for, now that the cartridge is in the drive.
    private static Found found(DriveBays.Mount mount, Barcode barcode) throws IOException {
        try {
            return Labels.read(mount.drive(), barcode);
        } catch (TapeException e) {
            if (e.errno() != Errno.EIO) {
                throw e;
            }
            throw new NotThatVolumeException(
                    barcode,
                    "its label cannot be read (%s); clean the drive or try another"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    public Barcode barcode() {
        return label.barcode();
    }

    /// The id in the label.
    public UUID id() {
        return label.id();
    }

    public String pool() {
        return label.pool();
    }

    public int blockBytes() {
        return label.blockBytes();
    }

    /// Where a tape file lies.
    ///
    /// @param file its number, the volume file being 0
    /// @param block its first block
    /// @param endBlock the block behind its filemark, or where the data ends
    /// @param bytes its bytes
    /// @param committed whether a filemark is behind it
    public record Span(int file, long block, long endBlock, long bytes, boolean committed) {}

    /// Where all tape files lie, the volume file first, found by spacing over filemarks: one record
    /// is read of each. Nothing if the drive cannot tell its position: then everything must be read
    /// through.
    public Optional<List<Span>> spans() throws IOException {
        List<Span> found = known;
        if (found != null) {
            return Optional.of(found);
        }
        drive.rewind();
        if (drive.position().isEmpty()) {
            return Optional.empty();
        }
        List<Span> spans = new ArrayList<>();
        long start = 0;
        while (true) {
            Optional<Long> end = behindNextFilemark();
            if (end.isEmpty()) {
                break;
            }
            spans.add(span(spans.size(), start, end.get(), true));
            start = end.get();
            drive.seek(start);
        }
        drive.seekToEndOfData();
        long end = drive.position().orElse(start);
        if (end > start) {
            spans.add(span(spans.size(), start, end, false));
        }
        over = true;
        current = null;
        found = List.copyOf(spans);
        known = found; // nobody writes while this holds the drive
        return Optional.of(found);
    }

    private Optional<Long> behindNextFilemark() throws IOException {
        try {
            drive.spaceFilemarks(1);
        } catch (TapeException e) {
            if (e.errno() == Errno.EIO) { // there are no more
                return Optional.empty();
            }
            throw e;
        }
        return Optional.of(position());
    }

    private long position() throws IOException {
        return drive.position()
                .orElseThrow(() ->
                        new IOException(
                                "%s could tell its position and no longer can"
                                        .formatted(drive.device())));
    }

    private Span span(int number, long start, long end, boolean committed) throws IOException {
        long records = end - start - (committed ? 1 : 0);
        long bytes = 0;
        if (records > 0) {
            drive.seek(start + records - 1);
            if (drive.read(record.clear()) instanceof ReadResult.Data(int length)) {
                bytes = (records - 1) * label.blockBytes() + length;
            }
        }
        return new Span(number, start, end, bytes, committed);
    }

    /// Opens a tape file at any byte of it.
    public TapeFileInput open(Span span, long offset) throws IOException {
        drive.seek(span.block() + offset / label.blockBytes());
        file = span.file() + 1;
        over = !span.committed();
        TapeFileInput opened =
                new TapeFileInput(drive, record, label.blockBytes(), span.file(), span.block());
        current = opened;
        block = -1; // found out by position when the next tape file is asked for
        opened.skipNBytes(offset % label.blockBytes());
        return opened;
    }

    /// The tape file at which the drive stands, after what is left of the one before was read.
    ///
    /// @return nothing at the end of the data
    public Optional<TapeFileInput> next() throws IOException {
        finish();
        if (over) {
            return Optional.empty();
        }
        TapeFileInput next =
                new TapeFileInput(
                        drive, record, label.blockBytes(), file, drive.position().orElse(block));
        if (next.fetchFirst()) {
            over = true;
            return Optional.empty();
        }
        file++;
        current = next;
        return Optional.of(next);
    }

    private void finish() throws IOException {
        TapeFileInput passed = current;
        current = null;
        if (passed == null) {
            return;
        }
        passed.finish();
        over |= !passed.committed();
        block = block < 0 ? -1 : block + passed.records() + 1;
    }

    /// Goes to the beginning of a tape file by its number, whatever happened before: after a read
    /// that failed, this is the only place that is known.
    ///
    /// @return false if the tape has no such tape file
    public boolean goTo(int number) throws IOException {
        current = null;
        over = false;
        drive.rewind();
        try {
            if (number > 0) {
                drive.spaceFilemarks(number);
            }
        } catch (TapeException e) {
            if (e.errno() != Errno.EIO) {
                throw e;
            }
            over = true;
            return false;
        }
        file = number;
        block = number == 0 ? 0 : drive.position().orElse(-1);
        return true;
    }

    /// What the inventory may say of this volume, found on the tape alone.
    Volume volume() throws IOException {
        Volume volume = Volume.of(label, drive.status().capacityBytes().orElse(0));
        Optional<List<Span>> spans = spans();
        if (spans.isPresent()) {
            for (Span span : spans.get()) {
                volume =
                        span.committed()
                                ? volume.appended(1, span.bytes(), span.endBlock())
                                : volume;
            }
        } else {
            goTo(0);
            long end = 0;
            for (Optional<TapeFileInput> next = next(); next.isPresent(); next = next()) {
                next.get().finish();
                end += next.get().records() + 1;
                if (next.get().committed()) {
                    volume = volume.appended(1, next.get().bytes(), end);
                }
            }
        }
        return drive.status().earlyWarning() ? volume.with(VolumeStatus.FULL) : volume;
    }

    @Override
    public void close() throws TapeException {
        mount.close();
    }
}
