package dev.caravan.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StillnessTest {
    private static final Duration SPAN = Duration.ofMinutes(3);

    private final AtomicLong now = new AtomicLong(-5);
    private final Stillness stillness = new Stillness(now::get);

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void whatIsNotAtWorkIsNotStill() {
        pass(SPAN.multipliedBy(100));
        assertThat(stillness.lasts(SPAN, false)).isFalse();
    }

    @Test
    void whatCarriesAndDoesNotStirIs() {
        pass(SPAN.minusNanos(1));
        assertThat(stillness.lasts(SPAN, true)).isFalse();
        pass(Duration.ofNanos(1));
        assertThat(stillness.lasts(SPAN, true)).isTrue();
        stillness.stirs();
        assertThat(stillness.lasts(SPAN, true)).isFalse();
    }

    @Test
    void aStepThatDoesNotEndIs() {
        try (var _ = stillness.step()) {
            pass(SPAN);
            assertThat(stillness.hasSteps()).isTrue();
            assertThat(stillness.lasts(SPAN, false)).isTrue();
        }
        assertThat(stillness.hasSteps()).isFalse();
        assertThat(stillness.lasts(SPAN, true)).as("its end is a stir").isFalse();
    }

    /// A copy may be made from a cartridge that a person has to bring.
    @Test
    void whoWaitsForTheSourceDoesNotWaitForTheTarget() {
        try (var _ = stillness.read()) {
            pass(Duration.ofHours(5));
            assertThat(stillness.lasts(SPAN, true)).isFalse();
        }
        assertThat(stillness.lasts(SPAN, true)).isFalse();
        pass(SPAN);
        assertThat(stillness.lasts(SPAN, true)).isTrue();
    }
}
