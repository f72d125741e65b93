package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.TextStyle;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/// A target outside its window gets nothing, the others go on, and the result says so.
final class WindowIT {
    private static final int FILES = 12;

    /// Closed today and tomorrow, should the test run at midnight.
    private static String closed() {
        return LocalDate.now(ZoneId.systemDefault())
                .plusDays(3)
                .getDayOfWeek()
                .getDisplayName(TextStyle.SHORT, Locale.ROOT);
    }

    @Test
    void whatWaitsForAWindowIsSaidAndCopiedWhenItOpens() throws Exception {
        try (Site site = Site.create()) {
            for (int i = 0; i < FILES; i++) {
                Files.writeString(site.source.resolve("file-" + i), "content " + i);
            }
            site.init();
            site.set("caravan.policy.media-kinds", "1");
            site.set("caravan.tape.window", closed());
            site.set("caravan.nas.rate", "50MiB");

            CaravanProcess.Outcome away = site.backup().exits(0);

            away.complainsNot();
            assertThat(away.out())
                    .contains("all in policy")
                    .containsPattern(
                            "Target 'tape' is outside its window until .* 00:00:00: 12 copies wait");
            JsonNode status = site.status();
            JsonNode nas = target(status, "nas");
            JsonNode tape = target(status, "tape");
            assertThat(nas.get("copies").intValue()).isEqualTo(FILES);
            assertThat(nas.get("limits").get("bytesPerSecond").longValue()).isEqualTo(50 << 20);
            assertThat(nas.get("limits").get("closedUntil").isNull()).isTrue();
            assertThat(target(status, "offsite").get("copies").intValue()).isEqualTo(FILES);
            assertThat(tape.get("copies").intValue()).isZero();
            assertThat(tape.get("wanted").intValue()).isEqualTo(FILES);
            assertThat(tape.get("limits").get("window").textValue()).isEqualTo(closed());
            assertThat(tape.get("limits").get("closedUntil").isNull()).isFalse();
            assertThat(site.run("status").out())
                    .containsPattern("tape\\* .* closed ")
                    .contains("at most 50.0 MiB/s", "outside its window until");

            site.set("caravan.tape.window", "Mon-Sun");
            site.set("caravan.policy.media-kinds", "2");
            site.backup().exits(0).complainsNot();

            site.assertInPolicy();
            assertThat(Site.listing(site.restored("tape"))).isEqualTo(Site.listing(site.source));
        }
    }

    private static JsonNode target(JsonNode status, String name) {
        for (JsonNode target : status.get("targets")) {
            if (target.get("name").textValue().equals(name)) {
                return target;
            }
        }
        throw new AssertionError("no target " + name + " in " + status);
    }
}
