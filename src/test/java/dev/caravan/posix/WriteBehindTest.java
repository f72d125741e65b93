package dev.caravan.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteBehindTest {
    @TempDir Path root;

    private static byte[] name(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void whatWasWrittenStays() throws Exception {
        byte[] window = new byte[(int) WriteBehind.WINDOW];
        try (Directory folder = Directory.open(root);
                OpenFile file = folder.createFile(name("large"), 0600)) {
            for (int i = 1; i <= 3; i++) {
                window[0] = (byte) i;
                file.write(window, 0, window.length);
                WriteBehind.windowFull(file, i * WriteBehind.WINDOW);
            }
        }
        byte[] found = Files.readAllBytes(root.resolve("large"));
        assertThat(found).hasSize(3 * window.length);
        for (int i = 1; i <= 3; i++) {
            assertThat(found[(i - 1) * window.length]).isEqualTo((byte) i);
        }
    }

    /// The endpoint may be behind with its writing, or hold it back.
    @Test
    void aFileThatIsShorterIsNothingWrong() throws Exception {
        try (Directory folder = Directory.open(root);
                OpenFile file = folder.createFile(name("short"), 0600)) {
            assertThatCode(() -> WriteBehind.windowFull(file, 3 * WriteBehind.WINDOW))
                    .doesNotThrowAnyException();
        }
    }

    /// A device knows no ranges.
    @Test
    void whatKnowsNoSuchThingIsLeftAlone() throws Exception {
        try (Directory dev = Directory.open(Path.of("/dev"));
                OpenFile device = dev.openFile(name("null"))) {
            assertThatThrownBy(() -> device.startWriteOut(0, WriteBehind.WINDOW))
                    .isInstanceOf(PosixException.class)
                    .hasMessageContaining("write out 'null'");
            assertThatCode(() -> WriteBehind.windowFull(device, 2 * WriteBehind.WINDOW))
                    .doesNotThrowAnyException();
        }
    }
}
