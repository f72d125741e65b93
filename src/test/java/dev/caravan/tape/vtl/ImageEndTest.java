package dev.caravan.tape.vtl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageEndTest {
    @TempDir Path folder;

    /// What stands behind every flush is exactly what was appended, whatever the lengths, and after
    /// the file was cut at any byte.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theFileIsWhatWasAppended(boolean directly) throws IOException {
        Random random = new Random(7);
        Path file = Files.createFile(folder.resolve("image"));
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        try (FileChannel channel = channel(file);
                ImageEnd end = new ImageEnd(channel, () -> direct(file, directly), "image")) {
            end.moveTo(0);
            for (int i = 0; i < 400; i++) {
                byte[] some = new byte[random.nextInt(i % 20 == 0 ? 3 * ImageEnd.BYTES : 9_000)];
                random.nextBytes(some);
                end.append(ByteBuffer.wrap(some));
                expected.write(some);
                switch (random.nextInt(8)) {
                    case 0 -> {
                        end.flush();
                        assertThat(Files.size(file)).isEqualTo(expected.size());
                    }
                    case 1 -> {
                        end.sync();
                        assertThat(Files.size(file)).isEqualTo(expected.size());
                    }
                    case 2 -> {
                        byte[] whole = expected.toByteArray();
                        int cut = random.nextInt(whole.length + 1);
                        end.flush();
                        channel.truncate(cut);
                        end.moveTo(cut);
                        expected.reset();
                        expected.write(whole, 0, cut);
                    }
                    default -> {}
                }
            }
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(expected.toByteArray());
    }

    /// Some file systems take the flag and refuse the write: nothing is lost by the attempt.
    @Test
    void aRefusedDirectWriteGoesThroughThePageCache() throws IOException {
        Path file = Files.createFile(folder.resolve("image"));
        byte[] bytes = new byte[3 * ImageEnd.BYTES + 1];
        new Random(8).nextBytes(bytes);
        try (FileChannel full = full();
                FileChannel channel = channel(file);
                ImageEnd end = new ImageEnd(channel, () -> full, "image")) {
            end.moveTo(0);
            end.append(ByteBuffer.wrap(bytes));
            end.sync();
            assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
        }
    }

    @Test
    void anErrorInTheBackgroundIsToldByAllThatFollows() throws IOException {
        FileChannel full = full();
        ImageEnd end = new ImageEnd(full, () -> null, "image");
        end.moveTo(0);
        // nothing is said when the first buffer is handed over
        end.append(ByteBuffer.allocate(ImageEnd.BYTES));

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> end.append(ByteBuffer.allocate(ImageEnd.BYTES)))
                    .isInstanceOf(IOException.class)
                    .hasMessage("unable to write what was accepted: No space left on device");
        }
        assertThatThrownBy(end::sync).hasMessageContaining("what was accepted");
        end.close(); // it was told
        full.close();
    }

    /// Not like a bad disk: nothing is wrong with the cartridge.
    @Test
    void anInterruptOfASyncIsToldAsOneByAllThatFollow() throws IOException {
        Path file = Files.createFile(folder.resolve("image"));
        FileChannel channel = channel(file);
        ImageEnd end = new ImageEnd(channel, () -> direct(file, true), "image");
        end.moveTo(0);
        end.append(ByteBuffer.allocate(10_000));
        Thread.currentThread().interrupt();

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(end::sync).isInstanceOf(ClosedChannelException.class);
        }
        assertThat(Thread.interrupted()).isTrue();
        end.close();
    }

    @Test
    void anInterruptIsKeptAndNothingIsLost() throws IOException {
        Path file = Files.createFile(folder.resolve("image"));
        try (FileChannel channel = channel(file);
                ImageEnd end = new ImageEnd(channel, () -> direct(file, true), "image")) {
            end.moveTo(0);
            Thread.currentThread().interrupt();
            end.append(ByteBuffer.allocate(2 * ImageEnd.BYTES + 1));
            assertThat(Thread.interrupted()).isTrue();
            end.sync();
            assertThat(Files.size(file)).isEqualTo(2L * ImageEnd.BYTES + 1);
        }
    }

    private static FileChannel channel(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static @Nullable FileChannel direct(Path file, boolean directly) {
        if (!directly) {
            return null;
        }
        FileChannel direct = ImageEnd.openDirect(file);
        assertThat(direct).as("a file system with O_DIRECT").isNotNull();
        return direct;
    }

    /// A disk that takes nothing.
    private static FileChannel full() throws IOException {
        return FileChannel.open(
                Path.of("/dev/full"), StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
}
