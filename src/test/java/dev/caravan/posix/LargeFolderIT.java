package dev.caravan.posix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LargeFolderIT {

    @TempDir Path folder;

    @Test
    void aHundredThousandNamesAreListedAsTheyComeAndNoneTwice() throws IOException {
        int count = 100_000;
        try (Directory root = Directory.open(folder)) {
            for (int i = 0; i < count; i++) {
                root.symlink(new byte[] {'x'}, ("name-" + i).getBytes(UTF_8));
            }

            int[] visited = {0};
            root.list((name, isFolder) -> {
                // Nothing but the visitor holds the names: each goes once it was visited.
                root.removeFile(name);
                visited[0]++;
            });

            assertThat(visited[0]).isEqualTo(count);
            assertThat(folder).isEmptyDirectory();
        }
    }
}
