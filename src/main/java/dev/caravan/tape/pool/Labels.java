package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.ReadResult;
import dev.caravan.tape.drive.TapeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads what is at the beginning of a tape.
final class Labels {
    private Labels() {}

    /// What the first record of a tape says.
    sealed interface Found {
        /// Nothing was ever written.
        record Blank() implements Found {}

        /// Something that is not a volume of ours.
        record Foreign() implements Found {}

        record Labelled(VolumeLabel label) implements Found {}
    }

    static Found read(Drive drive, Barcode barcode) throws IOException {
        drive.seekToEndOfData();
        OptionalLong end = drive.position();
        if (end.orElse(-1) == 0) {
            return new Found.Blank();
        }
        drive.rewind();
        ByteBuffer buffer = ByteBuffer.allocate(VolumeLabel.MAX_BYTES);
        try {
            if (end.isEmpty() && TapeEnd.blank(drive)) {
                return new Found.Blank();
            }
            if (!(drive.read(buffer) instanceof ReadResult.Data(int length))) {
                return new Found.Foreign();
            }
            byte[] record = new byte[length];
            buffer.flip().get(record);
            Optional<VolumeLabel> label = VolumeLabel.parse(record, barcode.text());
            return label.<Found>map(Found.Labelled::new).orElseGet(Found.Foreign::new);
        } catch (TapeException e) {
            if (e.errno() == Errno.ENOMEM) { // larger than any label of ours
                return new Found.Foreign();
            }
            // where a drive told that there is data, an error is no sign of a blank tape
            if (e.errno() == Errno.EIO && end.isEmpty() && unreadable(drive)) {
                return new Found.Blank();
            }
            throw e;
        }
    }

    /// A drive that cannot tell its position answers a blank tape with an error every time; one bad
    /// read is no blank tape.
    private static boolean unreadable(Drive drive) throws TapeException {
        for (int attempt = 0; attempt < 2; attempt++) {
            drive.rewind();
            try {
                ReadResult _ = drive.read(ByteBuffer.allocate(VolumeLabel.MAX_BYTES));
                return false;
            } catch (TapeException e) {
                if (e.errno() != Errno.EIO) {
                    return false;
                }
            }
        }
        return true;
    }

    /// Barcode, label and inventory must agree; read once per load.
    static void verify(DriveBays.Mount mount, Volume volume) throws IOException {
        if (mount.verified(volume.id())) {
            return;
        }
        switch (read(mount.drive(), mount.barcode())) {
            case Found.Blank _ ->
                    throw new VolumeRefusedException(
                            volume.barcode(), "it is blank, the inventory says it is labelled");
            case Found.Foreign _ ->
                    throw new VolumeRefusedException(
                            volume.barcode(), "another program has written on it");
            case Found.Labelled(VolumeLabel label) -> {
                if (!label.id().equals(volume.id()) || !label.barcode().equals(volume.barcode())) {
                    throw new VolumeRefusedException(
                            volume.barcode(),
                            "its label says %s %s, the inventory %s %s"
                                    .formatted(
                                            label.barcode(),
                                            label.id(),
                                            volume.barcode(),
                                            volume.id()));
                }
                mount.verify(volume.id());
            }
        }
    }
}
