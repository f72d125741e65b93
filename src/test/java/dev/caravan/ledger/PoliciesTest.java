package dev.caravan.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PoliciesTest {
    private static Policy asking(Map<MediaKind, Duration> ages) {
        return new Policy(3, 2, 1, 0, ages, 0);
    }

    /// A scrub reads a target, on which copies of all sources lie.
    @Test
    void theStrictestAgeOfAnySourceHoldsForAMediaKind() {
        Policies policies =
                new Policies(
                        asking(Map.of(MediaKind.OPTICAL, Duration.ofDays(1))),
                        Map.of(
                                "a",
                                asking(
                                        Map.of(
                                                MediaKind.DISK,
                                                Duration.ofDays(30),
                                                MediaKind.TAPE,
                                                Duration.ofDays(90))),
                                "b",
                                asking(
                                        Map.of(
                                                MediaKind.DISK,
                                                Duration.ofDays(7),
                                                MediaKind.TAPE,
                                                Duration.ofDays(180)))),
                        Map.of(),
                        Map.of());

        assertThat(policies.strictestAges())
                .as("and nobody asks for what only the home does")
                .isEqualTo(
                        Map.of(
                                MediaKind.DISK,
                                Duration.ofDays(7),
                                MediaKind.TAPE,
                                Duration.ofDays(90)));
    }

    @Test
    void withoutSourcesOfTheirOwnTheHomesAgesHold() {
        Map<MediaKind, Duration> ages = Map.of(MediaKind.DISK, Duration.ofDays(3));

        assertThat(Policies.of(asking(ages)).strictestAges()).isEqualTo(ages);
    }
}
