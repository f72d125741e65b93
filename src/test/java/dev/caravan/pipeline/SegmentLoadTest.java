package dev.caravan.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Segments on their way through a real copy route.
class SegmentLoadTest {
    @TempDir Path folder;

    @Test
    void aSegmentThatFailsInTheMiddleLeavesNoFileOpen() throws Exception {
        byte[] large = new byte[6_000_000];
        new Random(1).nextBytes(large);
        try (PartedSite site = PartedSite.create(folder, 2, 64L << 20)) {
            site.segment = 8 << 20;
            site.source.put("large", large);
            site.scan();
            site.failsAfter = 5_000_000;

            site.pass();

            assertThat(site.copy("large").state().counts()).isFalse();
            assertThat(site.source.opened).hasPositiveValue();
            assertThat(site.source.open).hasValue(0);
        }
    }
}
