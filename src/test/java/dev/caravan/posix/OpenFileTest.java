package dev.caravan.posix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFileTest {

    @TempDir Path folder;
    private Directory root;
    private OpenFile file;

    @BeforeEach
    void open() throws IOException {
        root = Directory.open(folder);
        file = root.createFile("file".getBytes(UTF_8), 0600);
    }

    @AfterEach
    void close() throws IOException {
        file.close();
        root.close();
    }

    @Test
    void whatIsWrittenIsReadInPiecesLargerThanTheBuffer() throws IOException {
        byte[] written = new byte[3 << 20];
        new Random(1).nextBytes(written);
        file.write(written, 0, 1000);
        file.write(written, 1000, written.length - 1000);

        byte[] read = new byte[written.length];
        int done = 0;
        try (OpenFile again = root.openFile("file".getBytes(UTF_8))) {
            for (int n = 0; n >= 0 && done < read.length; done += Math.max(n, 0)) {
                n = again.read(read, done, read.length - done);
            }
            assertThat(again.read(new byte[1], 0, 1)).isEqualTo(-1);
        }

        assertThat(done).isEqualTo(read.length);
        assertThat(read).isEqualTo(written);
    }

    @Test
    void readingAtAPlaceLeavesThePosition() throws IOException {
        file.write("0123456789".getBytes(UTF_8), 0, 10);
        file.writeAt(2, "ab".getBytes(UTF_8), 0, 2);
        byte[] bytes = new byte[4];

        int length = file.readAt(1, bytes, 1, 3);
        file.write("!".getBytes(UTF_8), 0, 1);

        assertThat(length).isEqualTo(3);
        assertThat(new String(bytes, 1, 3, UTF_8)).isEqualTo("1ab");
        assertThat(file.stat().size()).isEqualTo(11);
    }

    @Test
    void aSparseFileShowsItsHoles() throws IOException {
        long gigabytes = 3L << 30;
        byte[] data = new byte[1 << 16];
        file.truncate(gigabytes);
        file.writeAt(1 << 20, data, 0, data.length);
        file.writeAt(2L << 30, data, 0, data.length);

        assertThat(file.stat().sparse()).isTrue();
        assertThat(file.nextData(0)).isEqualTo(1 << 20);
        assertThat(file.nextHole(1 << 20)).isEqualTo((1 << 20) + data.length);
        assertThat(file.nextData((1 << 20) + data.length)).isEqualTo(2L << 30);
        assertThat(file.nextData((2L << 30) + data.length)).isEqualTo(-1);
        assertThat(file.nextHole(gigabytes)).isEqualTo(-1);
    }

    @Test
    void aPunchedHoleReadsAsZerosAndGivesItsBlocksBack() throws IOException {
        byte[] ones = new byte[1 << 20];
        Arrays.fill(ones, (byte) 1);
        file.write(ones, 0, ones.length);
        file.sync();
        long before = file.stat().blocks512();

        file.punchHole(1 << 16, 1 << 18);
        file.sync();

        byte[] bytes = new byte[1];
        file.readAt(1 << 17, bytes, 0, 1);
        assertThat(bytes[0]).isZero();
        assertThat(file.stat().blocks512()).isEqualTo(before - (1 << 18) / 512);
        assertThat(file.stat().size()).isEqualTo(ones.length);
    }

    @Test
    void metadataIsSetOnTheOpenFile() throws IOException {
        Instant modified = Instant.parse("1933-01-02T03:04:05.678901234Z");

        file.setMode(04640);
        file.setTimes(modified);

        assertThat(file.stat().mode()).isEqualTo(04640);
        assertThat(file.stat().modified()).isEqualTo(modified);
        file.adviseSequential();
        file.dropCache();
    }

    @Test
    void aLockIsHeldUntilTheFileIsClosed() throws IOException {
        try (OpenFile second = root.openFile("file".getBytes(UTF_8))) {
            assertThat(file.tryLock()).isTrue();
            assertThat(second.tryLock()).isFalse();

            file.close();

            assertThat(second.tryLock()).isTrue();
        }
    }
}
