package dev.caravan.posix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PathBytesTest {

    private static void roundTrips(byte[] bytes) {
        assertThat(PathBytes.ofPath(PathBytes.toPath(bytes))).isEqualTo(bytes);
    }

    @Test
    void everyByteButNulAndSlashSurvives() {
        for (int b = 1; b < 256; b++) {
            if (b != '/') {
                roundTrips(new byte[] {'/', 'a', '/', 'x', (byte) b});
                roundTrips(new byte[] {'a', '/', (byte) b, 'y'});
            }
        }
        roundTrips(new byte[0]);
        roundTrips(new byte[] {'/'});
    }

    @Test
    void theBytesNameTheFileOnDisk(@TempDir Path folder) throws IOException {
        byte[] name = {'n', (byte) 0xFF, '\n', '%', '4', '1'};
        try (Directory root = Directory.open(folder)) {
            root.makeDirectory(name, 0700);

            Path path = folder.resolve(PathBytes.toPath(name));

            assertThat(Files.isDirectory(path)).isTrue();
            assertThat(PathBytes.ofPath(path.getFileName())).isEqualTo(name);
            try (Directory opened = Directory.open(path)) {
                assertThat(opened.stat(new byte[0]).isFolder()).isTrue();
            }
        }
    }

    @Test
    void slashesAreTidiedAsPathsDo() {
        assertThat(PathBytes.toPath("//a///b/".getBytes(UTF_8))).isEqualTo(Path.of("/a/b"));
        assertThat(PathBytes.toPath("a//b".getBytes(UTF_8))).isEqualTo(Path.of("a/b"));
    }
}
