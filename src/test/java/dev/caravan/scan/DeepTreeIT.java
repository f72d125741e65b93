package dev.caravan.scan;

import static dev.caravan.scan.SourceTree.name;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.posix.Directory;
import dev.caravan.scan.Sighting.Seen;
import dev.caravan.scan.Sighting.Skipped;
import dev.caravan.scan.Sighting.Why;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeepTreeIT {

    @Test
    void aFolderFiveThousandLevelsDeepIsSkippedWhereItsPathGetsTooLong() throws IOException {
        try (SourceTree tree = new SourceTree()) {
            Directory at = tree.root.openDirectory(new byte[0]);
            for (int depth = 0; depth < 5000; depth++) {
                at.makeDirectory(name("d"), 0755);
                at.createFile(name("f"), 0644).close();
                Directory below = at.openDirectory(name("d"));
                at.close();
                at = below;
            }
            at.close();
            tree.file("z/last", "x");

            List<Sighting> sightings = tree.walk();

            // 2000 folders have a path of 3999 bytes; in the last of them "d" and "f" reach 4001
            assertThat(sightings)
                    .filteredOn(Skipped.class::isInstance)
                    .map(Skipped.class::cast)
                    .hasSize(2)
                    .allMatch(each -> each.why() == Why.OVER_LONG && each.path().length() == 4001);
            assertThat(sightings)
                    .filteredOn(Seen.class::isInstance)
                    .hasSize(2 * 2000 + 2)
                    .anyMatch(each -> each.path().toString().equals("z/last"));
            assertThat(sightings).noneMatch(Sighting.Unreadable.class::isInstance);
        }
    }
}
