package dev.caravan.age;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AgeStreamTest {
    private static final int CHUNK = Layout.PLAIN;
    private static final AgeIdentity IDENTITY = AgeIdentity.generate();
    private static final AgeSeal SEAL = AgeSeal.to(List.of(IDENTITY.recipient()));
    private static final AgeOpener OPENER = AgeOpener.with(List.of(IDENTITY));

    /// Sources that give what they like, as network streams do.
    private static final class Dribbling extends ByteArrayInputStream {
        private final Random random = new Random(7);

        Dribbling(byte[] bytes) {
            super(bytes);
        }

        @Override
        public synchronized int read(byte[] to, int offset, int length) {
            return super.read(to, offset, Math.min(length, 1 + random.nextInt(3 * CHUNK)));
        }
    }

    @Property(tries = 60)
    void whatIsSealedIsOpenedFromAnyPlace(
            @ForAll @IntRange(min = 0, max = 12 * Layout.PLAIN) int length, @ForAll Random random)
            throws IOException {
        byte[] content = content(length);
        byte[] sealed = SEAL.seal(new Dribbling(content)).readAllBytes();
        AgeFile file = OPENER.open(stored(sealed), sealed.length);

        assertThat(sealed).hasSize((int) SEAL.sealedLength(length));
        assertThat(file.plainLength()).isEqualTo(length);
        assertThat(OPENER.open(new Dribbling(sealed)).readAllBytes()).isEqualTo(content);
        for (int i = 0; i < 5; i++) {
            int from = random.nextInt(length + 1);
            int most = random.nextInt(3 * CHUNK);
            assertThat(file.from(from).readNBytes(most))
                    .isEqualTo(Arrays.copyOfRange(content, from, Math.min(length, from + most)));
        }
    }

    @Test
    void theEndsOfChunksAreNoSpecialPlaces() throws IOException {
        for (int length : new int[] {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK}) {
            byte[] content = content(length);
            byte[] sealed = SEAL.seal(new ByteArrayInputStream(content)).readAllBytes();
            AgeFile file = OPENER.open(stored(sealed), sealed.length);

            for (int from : new int[] {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, length - 1, length}) {
                if (from >= 0 && from <= length) {
                    assertThat(file.from(from).readAllBytes())
                            .as("%d of %d", from, length)
                            .isEqualTo(Arrays.copyOfRange(content, from, length));
                }
            }
            assertThatThrownBy(() -> file.from(length + 1))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void aSeekReadsNoMoreThanTheChunkItNeeds() throws IOException {
        byte[] content = content(100 * CHUNK);
        byte[] sealed = SEAL.seal(new ByteArrayInputStream(content)).readAllBytes();
        List<ByteArrayInputStream> opened = new ArrayList<>();
        Stored stored =
                offset -> {
                    opened.add(
                            new ByteArrayInputStream(
                                    sealed, (int) offset, sealed.length - (int) offset));
                    return opened.getLast();
                };
        AgeFile file = OPENER.open(stored, sealed.length);

        byte[] read = file.from(50 * CHUNK + 5).readNBytes(100);

        assertThat(read).isEqualTo(Arrays.copyOfRange(content, 50 * CHUNK + 5, 50 * CHUNK + 105));
        int left = opened.get(1).available();
        assertThat(sealed.length - 50 * Layout.SEALED - left).isLessThan(2 * Layout.SEALED);
    }

    @Test
    void aSourceThatFailsFailsTheStreamForGood() throws IOException {
        InputStream failing =
                new ByteArrayInputStream(content(30 * CHUNK)) {
                    @Override
                    public synchronized int read(byte[] to, int offset, int length) {
                        if (available() < 10 * CHUNK) {
                            throw new java.io.UncheckedIOException(new IOException("disk is gone"));
                        }
                        return super.read(to, offset, length);
                    }
                };
        InputStream sealed = SEAL.seal(failing);

        assertThatThrownBy(sealed::readAllBytes).hasMessageContaining("disk is gone");
        assertThatThrownBy(sealed::read).hasMessageContaining("read after a failure");
    }

    @Test
    void aStreamIsAChannelToo() throws IOException {
        byte[] content = content(5 * CHUNK + 3);
        ReadableByteChannel sealed =
                (ReadableByteChannel) SEAL.seal(new ByteArrayInputStream(content));
        ByteBuffer buffer = ByteBuffer.allocate((int) SEAL.sealedLength(content.length) + 1);

        while (sealed.read(buffer) >= 0) {
            // until the end
        }

        byte[] all = Arrays.copyOf(buffer.array(), buffer.position());
        assertThat(OPENER.open(new ByteArrayInputStream(all)).readAllBytes()).isEqualTo(content);
    }

    @Test
    void aStreamThatIsLeftEarlyIsClosedWithItsSource() throws IOException {
        boolean[] closed = {false};
        InputStream source =
                new ByteArrayInputStream(content(50 * CHUNK)) {
                    @Override
                    public void close() {
                        closed[0] = true;
                    }
                };
        InputStream sealed = SEAL.seal(source);

        sealed.skipNBytes(10 * CHUNK);
        sealed.close();

        assertThat(closed[0]).isTrue();
        assertThatThrownBy(sealed::read).hasMessage("stream is closed");
    }

    @Test
    void noTwoSealedFilesAreAlike() throws IOException {
        byte[] first = SEAL.seal(new ByteArrayInputStream(new byte[10])).readAllBytes();
        byte[] second = SEAL.seal(new ByteArrayInputStream(new byte[10])).readAllBytes();

        assertThat(first).hasSameSizeAs(second).isNotEqualTo(second);
    }

    static byte[] content(int length) {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        return content;
    }

    private static Stored stored(byte[] bytes) {
        return offset -> new ByteArrayInputStream(bytes, (int) offset, bytes.length - (int) offset);
    }
}
