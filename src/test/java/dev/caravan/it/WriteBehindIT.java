package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.posix.WriteBehind;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// A copy on a NAS that is being written leaves the memory of this machine to what is read.
class WriteBehindIT {
    private static final int MIB = 1 << 20;
    private static final long LENGTH = 6 * WriteBehind.WINDOW + 12_345;

    @Test
    void aLargeCopyDoesNotStayInThePageCache() throws Exception {
        try (Site site = Site.create()) {
            assumeTrue(
                    !Files.getFileStore(site.root).type().equals("tmpfs"),
                    "all of a tmpfs is in memory");
            Path large = site.source.resolve("large");
            try (OutputStream out = Files.newOutputStream(large)) {
                byte[] some = new byte[MIB];
                new Random(3).nextBytes(some);
                for (long left = LENGTH; left > 0; left -= MIB) {
                    out.write(some, 0, (int) Math.min(MIB, left));
                }
            }
            site.init();

            site.backup().exits(0);

            Path copy = site.nasTree().resolve("large");
            String resident = Site.execute("fincore", "-b", "-n", "-o", "RES", copy.toString());
            assertThat(Long.parseLong(resident.strip()))
                    .as("bytes of %,d in memory", LENGTH)
                    .isLessThan(3 * WriteBehind.WINDOW);
            assertThat(copy).hasSameBinaryContentAs(large);
        }
    }
}
