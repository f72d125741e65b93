package dev.caravan.tape.vtl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.DriveContract;
import dev.caravan.tape.drive.Errno;
import dev.caravan.tape.drive.ReadResult;
import dev.caravan.tape.drive.WriteResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VirtualDriveTest extends DriveContract {
    private static final Barcode FIRST = new Barcode("VT0001L8");
    private static final long KIB = 1024;

    @TempDir Path directory;
    private VirtualLibrary library;

    @BeforeEach
    void createLibrary() throws IOException {
        library = VirtualLibrary.create(directory.resolve("large"), 1, 1, 20 << 20);
    }

    @Override
    protected Drive blank() throws IOException {
        library.load(FIRST, 0);
        return library.open(0);
    }

    @Override
    protected Drive reopened() throws IOException {
        return VirtualLibrary.open(library.directory()).open(0);
    }

    @Override
    protected Drive small() throws IOException {
        library = VirtualLibrary.create(directory.resolve("small"), 1, 1, 600 * KIB, 300 * KIB);
        return blank();
    }

    @Override
    protected Drive writeProtected() throws IOException {
        library.writeProtect(FIRST, true);
        return blank();
    }

    @Override
    protected Drive empty() throws IOException {
        return library.open(0);
    }

    private Path image() {
        return library.directory().resolve("VT0001L8").resolve("p0.tap");
    }

    @Test
    void aTornTailOfAnyLengthIsNoPartOfTheTapeAndIsReplacedByTheNextWrite() throws IOException {
        long committed;
        try (Drive drive = blank()) {
            drive.write(record(301, 1));
            drive.writeFilemarks(1);
            committed = Files.size(image());
            drive.write(record(97, 2));
            drive.write(record(64, 3));
        }
        byte[] whole = Files.readAllBytes(image());

        for (int length = (int) committed; length <= whole.length; length++) {
            Files.write(image(), Arrays.copyOf(whole, length));
            try (Drive drive = reopened()) {
                drive.seekToEndOfData();
                long end = drive.position().orElseThrow();
                assertThat(end).as("image of %d bytes", length).isBetween(2L, 5L);
                drive.write(record(33, 4));
                drive.writeFilemarks(1);
                drive.rewind();
                assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Data(301));
                assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Filemark());
                drive.seek(end);
                assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Data(33));
                assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Filemark());
                assertThat(drive.read(buffer())).isEqualTo(new ReadResult.EndOfData());
            }
        }
    }

    @Test
    void theSidecarIsOnlyACache() throws IOException {
        Path sidecar = image().resolveSibling("p0.idx");
        try (Drive drive = blank()) {
            for (int i = 1; i <= 50; i++) {
                drive.write(record(i * 7, i));
                drive.writeFilemarks(1);
            }
        }
        byte[] good = Files.readAllBytes(sidecar);

        for (int at = 0; at < good.length; at += 11) {
            byte[] bad = good.clone();
            bad[at] ^= 0x40;
            Files.write(sidecar, bad);
            assertFiftyFiles();
        }
        Files.delete(sidecar);
        assertFiftyFiles();
        Files.write(sidecar, good);
        Files.write(image(), new byte[0]);
        try (Drive drive = reopened()) {
            drive.seekToEndOfData();
            assertThat(drive.position()).hasValue(0);
        }
    }

    private void assertFiftyFiles() throws IOException {
        try (Drive drive = reopened()) {
            drive.seekToEndOfData();
            assertThat(drive.position()).hasValue(100);
            drive.seek(98);
            assertThat(drive.read(buffer())).isEqualTo(new ReadResult.Data(350));
        }
    }

    @Test
    void aDamagedRecordIsAnErrorAndNotOtherData() throws IOException {
        try (Drive drive = blank()) {
            drive.write(record(1000, 1));
            drive.write(record(1000, 2));
            drive.writeFilemarks(1);
            byte[] bytes = Files.readAllBytes(image());
            bytes[1008] ^= 1; // the length before the second record
            Files.write(image(), bytes);
            drive.seek(1);

            assertErrno(Errno.EIO, () -> drive.read(buffer()));
        }
    }

    @Test
    void aDriveInUseKeepsItsCartridge() throws IOException {
        try (Drive _ = blank()) {
            assertErrno(Errno.EBUSY, () -> library.unload(0));
        }
        library.unload(0);
        assertThat(library.inventory().slotHolding(FIRST)).isPresent();
    }

    @Test
    void faultsComeWhenTheyWereSet() throws IOException {
        try (Drive drive = blank()) {
            library.faults().failWrite(2);
            drive.write(record(10, 1));
            assertErrno(Errno.EIO, () -> drive.write(record(10, 1)));
            assertThat(drive.write(record(10, 1))).isEqualTo(WriteResult.WRITTEN);

            library.faults().failFilemark(1);
            assertErrno(Errno.EIO, () -> drive.writeFilemarks(1));

            library.faults().tearWrite(1);
            assertErrno(Errno.EIO, () -> drive.write(record(10, 1)));
            assertErrno(Errno.EIO, drive::rewind);
        }
    }
}
