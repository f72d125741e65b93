package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.LtoGeneration;
import dev.caravan.tape.drive.ReadResult;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.drive.WriteResult;
import dev.caravan.tape.pool.TapeFile.Proof;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A volume in a drive, standing at its proven end of data: the only place that appends. Whatever
/// it leaves on the tape is in the inventory before the next write, as a tape file or as a gap.
/// Confined to one thread.
final class MountedVolume implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MountedVolume.class);

    private final DriveBays.Mount mount;
    private final Drive drive;
    private final VolumeInventory inventory;
    private final Clock clock;
    private Volume volume;

    private MountedVolume(
            DriveBays.Mount mount, VolumeInventory inventory, Volume volume, Clock clock) {
        this.clock = clock;
        this.mount = mount;
        this.drive = mount.drive();
        this.inventory = inventory;
        this.volume = volume;
    }

    /// Checks that the cartridge is the volume of the inventory and goes to its end of data.
    ///
    /// @throws VolumeRefusedException if it is not, or cannot be written
    static MountedVolume at(
            DriveBays.Mount mount, VolumeInventory inventory, Volume volume, Clock clock)
            throws IOException {
        MountedVolume mounted = new MountedVolume(mount, inventory, volume, clock);
        Labels.verify(mount, volume);
        if (mount.drive().status().writeProtected()) {
            throw new VolumeRefusedException(volume.barcode(), "it is write-protected");
        }
        mounted.examine();
        mounted.proveEndOfData();
        return mounted;
    }

    /// Writes the label of a blank cartridge, or over the label of one that holds nothing else.
    static MountedVolume label(
            DriveBays.Mount mount, VolumeInventory inventory, VolumeLabel label, Clock clock)
            throws IOException {
        Drive drive = mount.drive();
        byte[] archive = label.archive();
        writeLabel(drive, label.barcode(), archive);
        long end = 2;
        if (drive.position().orElse(end) != end) {
            throw new VolumeRefusedException(
                    label.barcode(),
                    "its label ends at block %s, want %d".formatted(drive.position(), end));
        }
        Volume volume =
                Volume.of(label, drive.status().capacityBytes().orElse(0))
                        .appended(1, archive.length, end)
                        .with(MediumWatch.written(mount, Optional.empty(), clock.instant()));
        inventory.put(volume);
        mount.verify(volume.id());
        mount.examine();
        return new MountedVolume(mount, inventory, volume, clock);
    }

    /// The first look at the cartridge's memory after a load. It is inside: wherever a person said
    /// it had gone, it is back.
    private void examine() throws IOException {
        if (!mount.examined()) {
            Optional<Medium> medium = MediumWatch.arrived(mount, volume.medium(), clock.instant());
            update(volume.with(medium).at(Optional.empty()));
            mount.examine();
        }
    }

    /// From now on a change of the cartridge is ours, until [#wrote].
    void willWrite() throws IOException {
        if (volume.medium().flatMap(m -> box(m.changeReference())).isPresent()) {
            update(volume.withoutReference());
        }
    }

    /// Notes what the cartridge says of itself after our write.
    void wrote() throws IOException {
        if (volume.medium().isPresent()) {
            Optional<Medium> medium = MediumWatch.written(mount, volume.medium(), clock.instant());
            if (medium.isPresent() && medium.get().saysMoreThan(volume.medium().get())) {
                update(volume.with(medium));
            }
        }
    }

    private static Optional<Long> box(OptionalLong number) {
        return number.isPresent() ? Optional.of(number.getAsLong()) : Optional.empty();
    }

    /// A cartridge that does not even take its label holds nothing yet, so another one is as good.
    private static void writeLabel(Drive drive, Barcode barcode, byte[] archive)
            throws IOException {
        try {
            drive.rewind();
            if (drive.write(ByteBuffer.wrap(archive)) != WriteResult.WRITTEN) {
                throw new VolumeRefusedException(barcode, "not even its label fits");
            }
            drive.writeFilemarks(1);
        } catch (TapeException e) {
            if (e.errno() != Errno.EIO) {
                throw e;
            }
            throw new VolumeRefusedException(barcode, "its label cannot be written: " + e.sense());
        }
    }

    Volume volume() {
        return volume;
    }

    boolean holdsOnlyItsLabel() {
        return volume.files() == 1;
    }

    /// Writes `in` as one tape file; nothing if the end of the tape came first, and then the volume
    /// is full and what was written of it is void. `in` is read by another thread meanwhile, and no
    /// longer when this returns.
    Optional<TapeFile> append(InputStream in, int voidAttempts) throws IOException {
        boolean positioned = drive.position().isPresent();
        Optional<LtoGeneration> generation =
                drive.streams()
                        ? LtoGeneration.ofBarcode(volume.barcode().text())
                        : Optional.empty();
        FeedMeter meter = new FeedMeter(generation, System::nanoTime);
        RecordFeed feed =
                new RecordFeed(
                        in,
                        mount.ring(volume.blockBytes()),
                        meter,
                        !positioned,
                        "tape-feed-" + volume.barcode());
        mount.whenStopped(() -> feed.cancel(new IOException("the tape library is being closed")));
        boolean proven = false;
        try {
            boolean fits = writeRecords(feed);
            if (!fits || !commit(meter)) {
                leaveGap(VolumeStatus.FULL, feed);
                return Optional.empty();
            }
            TapeFile file = proven(feed, meter, voidAttempts);
            proven = true;
            generation
                    .flatMap(file.streaming()::tooSlowFor)
                    .ifPresent(
                            slow -> LOG.warn("{}: {} {}", volume.barcode(), drive.device(), slow));
            LOG.debug("{}: tape file {}: {}", volume.barcode(), file.file(), file.streaming());
            return Optional.of(file);
        } catch (TapeException e) {
            damaged(e);
            throw e;
        } catch (RecordFeed.BodyException e) {
            leaveGapAfter(e.getCause(), feed);
            throw e.thrown();
        } finally {
            mount.streamed(proven, meter.result());
        }
    }

    private TapeFile proven(RecordFeed feed, FeedMeter meter, int voidAttempts) throws IOException {
        long end = volume.endOfData() + feed.records() + 1;
        Proof proof = prove(end, feed);
        TapeFile file =
                new TapeFile(
                        volume.barcode(),
                        volume.id(),
                        volume.pool(),
                        volume.files(),
                        volume.endOfData(),
                        end,
                        feed.records(),
                        feed.bytes(),
                        proof,
                        voidAttempts,
                        meter.result());
        update(volume.appended(1, feed.bytes(), end));
        return file;
    }

    /// Labels again a volume that holds nothing but its label and void records. A medium that can
    /// be written once stays full.
    void emptyAgain() throws IOException {
        if (volume.worm()) {
            return;
        }
        try {
            volume =
                    label(
                                    mount,
                                    inventory,
                                    new VolumeLabel(
                                            volume.barcode(),
                                            volume.id(),
                                            volume.pool(),
                                            volume.blockBytes(),
                                            volume.labelled(),
                                            volume.set()),
                                    clock)
                            .volume;
        } catch (VolumeRefusedException e) {
            LOG.warn("{} stays full of void records: {}", volume.barcode(), e.reason());
        }
    }

    @Override
    public void close() throws TapeException {
        mount.close();
    }

    private boolean writeRecords(RecordFeed feed) throws IOException {
        try (feed) {
            ByteBuffer record;
            while ((record = feed.next()) != null) {
                int length = record.remaining();
                if (drive.write(record) == WriteResult.NO_SPACE) {
                    return false;
                }
                feed.taken(length);
            }
            return true;
        }
    }

    private boolean commit(FeedMeter meter) throws TapeException {
        long from = meter.now();
        try {
            return commit();
        } finally {
            meter.filemark(from);
        }
    }

    /// The synchronous filemark; an error behind the early warning is the end of the tape.
    private boolean commit() throws TapeException {
        try {
            drive.writeFilemarks(1);
            return true;
        } catch (TapeException e) {
            if (e.errno() == Errno.EIO && drive.status().earlyWarning()) {
                return false;
            }
            throw e;
        }
    }

    private Proof prove(long end, RecordFeed feed) throws IOException {
        OptionalLong position = drive.position();
        if (position.isPresent()) {
            if (position.getAsLong() != end) {
                throw lost(
                        "the drive is at block %d after tape file %d, want %d"
                                .formatted(position.getAsLong(), volume.files(), end));
            }
            return Proof.POSITION;
        }
        drive.rewind();
        drive.spaceFilemarks(volume.files());
        Walk walk = walkToEndOfData(true);
        if (walk.blocks() != feed.records() + 1
                || walk.filemarks() != 1
                || walk.digest() != feed.digest()) {
            throw lost("tape file %d does not read back".formatted(volume.files()));
        }
        return Proof.CONTENT;
    }

    private VolumeRefusedException lost(String reason) throws IOException {
        update(volume.with(VolumeStatus.DAMAGED));
        return new VolumeRefusedException(volume.barcode(), reason);
    }

    /// After a crash more may lie on the tape than the inventory knows: it stays there, void. Less
    /// means that data is gone.
    private void proveEndOfData() throws IOException {
        drive.seekToEndOfData();
        OptionalLong end = drive.position();
        if (end.isPresent() && end.getAsLong() == volume.endOfData()) {
            return;
        }
        if (end.isPresent() && end.getAsLong() < volume.endOfData()) {
            throw lost(
                    "its data ends at block %d, the inventory says %d"
                            .formatted(end.getAsLong(), volume.endOfData()));
        }
        try {
            if (end.isPresent()) {
                drive.seek(volume.endOfData());
            } else {
                drive.rewind();
                drive.spaceFilemarks(volume.files());
            }
        } catch (TapeException e) {
            throw lost("its end of data is not where the inventory says: " + e.sense());
        }
        Walk walk = walkToEndOfData(false);
        if (walk.blocks() > 0) {
            LOG.warn(
                    "{}: {} blocks behind block {} were never committed; they stay, void",
                    volume.barcode(),
                    walk.blocks(),
                    volume.endOfData());
            drive.seekToEndOfData();
            closeGap(walk);
        }
    }

    private void closeGap(Walk walk) throws IOException {
        Walk all = walk;
        if (!walk.endsInFilemark()) {
            if (!commit()) {
                update(volume.voided(1, walk.bytes(), volume.endOfData() + walk.blocks()));
                update(volume.with(VolumeStatus.FULL));
                throw new VolumeRefusedException(volume.barcode(), "it is full");
            }
            all = walk.withFilemark();
        }
        update(volume.voided(all.filemarks(), all.bytes(), volume.endOfData() + all.blocks()));
    }

    /// What was read from here to the end of data.
    private record Walk(
            long blocks, int filemarks, long bytes, boolean endsInFilemark, long digest) {
        Walk withFilemark() {
            return new Walk(blocks + 1, filemarks + 1, bytes, true, digest);
        }
    }

    /// Reads on to the end of data, and leaves the tape there.
    private Walk walkToEndOfData(boolean digest) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(Drive.MAX_RECORD_BYTES);
        CRC32C crc = new CRC32C();
        Walk walk = new Walk(0, 0, 0, false, 0);
        while (true) {
            ReadResult result = TapeEnd.read(drive, buffer.clear(), volume.blockBytes());
            walk =
                    switch (result) {
                        case ReadResult.Data(int length) ->
                                new Walk(
                                        walk.blocks() + 1,
                                        walk.filemarks(),
                                        walk.bytes() + length,
                                        false,
                                        0);
                        case ReadResult.Filemark _ -> walk.withFilemark();
                        case ReadResult.EndOfData _ ->
                                new Walk(
                                        walk.blocks(),
                                        walk.filemarks(),
                                        walk.bytes(),
                                        walk.endsInFilemark(),
                                        crc.getValue());
                    };
            if (result instanceof ReadResult.EndOfData) {
                TapeEnd.standAt(drive);
                return walk;
            }
            if (digest) {
                crc.update(buffer.flip());
            }
        }
    }

    /// Ends what was begun with a filemark, if the tape still takes one, and records it as void.
    private void leaveGap(VolumeStatus status, RecordFeed feed) throws IOException {
        boolean closed = drive.status().ready() && commit();
        long known = volume.endOfData() + feed.records() + (closed ? 1 : 0);
        long end = drive.position().orElse(known);
        update(volume.voided(1, feed.bytes(), end).with(closed ? status : VolumeStatus.FULL));
    }

    /// The tape is ended behind the void records even if this thread was interrupted, which a drive
    /// would take for a reason to stop in the middle.
    private void leaveGapAfter(Throwable cause, RecordFeed feed) {
        if (feed.records() == 0) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        try {
            leaveGap(volume.status(), feed);
        } catch (TapeException e) {
            damaged(e);
            cause.addSuppressed(e);
        } catch (IOException e) {
            cause.addSuppressed(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Everything since the last filemark is unproven. An error of the medium takes the volume out
    /// of writing; what lies behind its last tape file is found as a gap if it comes back.
    private void damaged(TapeException cause) {
        if (cause.errno() != Errno.EIO) {
            return;
        }
        try {
            update(volume.with(VolumeStatus.DAMAGED));
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private void update(Volume next) throws IOException {
        boolean written = next.endOfData() != volume.endOfData();
        volume = written ? next.writtenAt(clock.instant()) : next;
        inventory.put(volume);
    }
}
