package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Which of the old versions of an item a retention keeps.
class KeepTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static List<@Nullable String> why(Keep keep, String... times) {
        return why(keep, ZoneOffset.UTC, times);
    }

    private static List<@Nullable String> why(Keep keep, ZoneId zone, String... times) {
        List<Instant> all = new ArrayList<>();
        for (String time : times) {
            all.add(Instant.parse(time));
        }
        return keep.why(all, zone);
    }

    @Test
    void theLastOnesAreKeptWhateverTheirAge() {
        assertThat(
                        why(
                                new Keep(2, 0, 0, 0, 0),
                                "2026-11-28T10:00:00Z",
                                "2001-01-01T00:00:00Z",
                                "2000-01-01T00:00:00Z"))
                .containsExactly("last 1", "last 2", null);
    }

    @Test
    void ofEachOfTheLastDaysThatHaveOneTheNewestIsKept() {
        assertThat(
                        why(
                                new Keep(0, 2, 0, 0, 0),
                                "2026-11-28T23:00:00Z",
                                "2026-11-28T01:00:00Z",
                                "2026-11-03T12:00:00Z", // days without any do not count
                                "2026-11-02T12:00:00Z"))
                .containsExactly("daily 2026-11-28", null, "daily 2026-11-03", null);
    }

    @Test
    void weeksBeginOnMonday() {
        assertThat(
                        why(
                                new Keep(0, 0, 3, 0, 0),
                                "2026-11-30T00:00:00Z", // a Monday
                                "2026-11-29T23:59:59Z",
                                "2026-11-23T00:00:00Z",
                                "2026-11-22T00:00:00Z"))
                .containsExactly(
                        "weekly 2026-11-30", "weekly 2026-11-23", null, "weekly 2026-11-16");
    }

    @Test
    void monthsAndYearsCountByThemselvesWhateverElseKeepsTheVersion() {
        assertThat(
                        why(
                                new Keep(1, 0, 0, 2, 2),
                                "2026-11-28T10:00:00Z",
                                "2026-11-01T10:00:00Z",
                                "2026-10-31T10:00:00Z",
                                "2026-10-01T10:00:00Z",
                                "2025-12-31T10:00:00Z",
                                "2024-12-31T10:00:00Z"))
                .containsExactly(
                        "last 1", null, "monthly 2026-10-01", null, "yearly 2025-01-01", null);
    }

    @Test
    void daysAreThoseOfTheZone() {
        String[] times = {"2026-11-28T23:30:00Z", "2026-11-28T22:30:00Z"};

        assertThat(why(new Keep(0, 1, 0, 0, 0), ZoneOffset.UTC, times))
                .containsExactly("daily 2026-11-28", null);
        assertThat(why(new Keep(0, 2, 0, 0, 0), BERLIN, times))
                .containsExactly("daily 2026-11-29", "daily 2026-11-28");
    }

    @Test
    void noRuleKeepsMoreThanItsNumberAndTheNewestIsKeptByEach() {
        Random random = new Random(7);
        for (int round = 0; round < 500; round++) {
            List<Instant> times = new ArrayList<>();
            Instant at = Instant.parse("2026-11-28T10:00:00Z");
            for (int i = 0; i < 60; i++) {
                times.add(at);
                at = at.minusSeconds(random.nextInt(1_000_000));
            }
            int most = 1 + random.nextInt(9);
            for (Keep keep :
                    List.of(
                            new Keep(most, 0, 0, 0, 0),
                            new Keep(0, most, 0, 0, 0),
                            new Keep(0, 0, most, 0, 0),
                            new Keep(0, 0, 0, most, 0),
                            new Keep(0, 0, 0, 0, most))) {
                List<@Nullable String> why = keep.why(times, BERLIN);
                assertThat(why.getFirst()).isNotNull();
                assertThat(why.stream().filter(w -> w != null).count()).isBetween(1L, (long) most);
            }
        }
    }

    @Test
    void aRetentionThatKeepsNothingIsRefused() {
        assertThatThrownBy(() -> new Keep(0, 0, 0, 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
