package dev.caravan.tape.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.tape.drive.LtoGeneration;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FeedMeterTest {
    private static final int RECORD = 250_000;

    private long now;

    private FeedMeter lto8() {
        return new FeedMeter(Optional.of(LtoGeneration.LTO8), () -> now);
    }

    private void feed(FeedMeter meter, long megabytes, double megabytesPerSecond) {
        long nanos = Math.round(RECORD / megabytesPerSecond * 1000);
        for (long i = 0; i < megabytes * 1_000_000 / RECORD; i++) {
            now += nanos;
            meter.wrote(RECORD);
        }
    }

    private void wait(FeedMeter meter, Duration wait) {
        long from = meter.now();
        now += wait.toNanos();
        meter.waited(from, false);
    }

    @Test
    void aDriveThatIsFedAboveItsFloorDoesNotStop() {
        FeedMeter meter = lto8();
        feed(meter, 20_000, 101);

        Streaming streaming = meter.result();

        assertThat(streaming.backHitches()).isZero();
        assertThat(streaming.stalls()).isZero();
        assertThat(streaming.bytesPerSecond()).isBetween(100_900_000L, 101_100_000L);
        assertThat(streaming.tooSlowFor(LtoGeneration.LTO8)).isEmpty();
        assertThat(streaming.tooSlowFor(LtoGeneration.LTO9)).isPresent();
    }

    /// 268 MB at 50 MB/s fill the buffer in 5.4 s, and empty it at 100 MB/s in as long: one stop in
    /// 537 MB.
    @Test
    void aDriveThatIsFedHalfItsFloorStopsForEveryTwoBuffers() {
        FeedMeter meter = lto8();
        feed(meter, 5_400, 50);

        assertThat(meter.result().backHitches()).isEqualTo(10);
    }

    @Test
    void aShortStallIsCoveredByTheBufferAndALongOneIsNot() {
        FeedMeter meter = lto8();
        feed(meter, 1_000, 300);
        wait(meter, Duration.ofSeconds(2));
        feed(meter, 1_000, 300);
        assertThat(meter.result().backHitches()).isZero();
        wait(meter, Duration.ofSeconds(3));
        feed(meter, 1_000, 300);

        Streaming streaming = meter.result();

        assertThat(streaming.backHitches()).isOne();
        assertThat(streaming.stalls()).isEqualTo(2);
        assertThat(streaming.waiting()).isEqualTo(Duration.ofSeconds(5));
        assertThat(streaming.bytes()).isEqualTo(3_000_000_000L);
    }

    @Test
    void theWaitForTheFirstRecordIsNoStall() {
        FeedMeter meter = lto8();
        wait(meter, Duration.ofMinutes(10));
        feed(meter, 1_000, 300);

        Streaming streaming = meter.result();

        assertThat(streaming.stalls()).isZero();
        assertThat(streaming.waiting()).isZero();
        assertThat(streaming.writing()).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void theWarningSaysWhoseFaultItIs() {
        FeedMeter slowBody = lto8();
        for (int i = 0; i < 60; i++) {
            feed(slowBody, 10, 300);
            wait(slowBody, Duration.ofMillis(500));
        }
        FeedMeter slowDrive = lto8();
        feed(slowDrive, 600, 20);

        assertThat(slowBody.result().tooSlowFor(LtoGeneration.LTO8))
                .hasValueSatisfying(said ->
                        assertThat(said)
                                .contains("below the 100 MB/s at which LTO-8 streams")
                                .contains("waited 30.0 s for data"));
        assertThat(slowDrive.result().tooSlowFor(LtoGeneration.LTO8))
                .hasValueSatisfying(said ->
                        assertThat(said).contains("20.0 MB/s").contains("look at the drive"));
    }

    @Test
    void aVirtualDriveHasNoFloorAndATinyTapeFileIsNotJudged() {
        FeedMeter virtual = new FeedMeter(Optional.empty(), () -> now);
        feed(virtual, 5_000, 10);
        FeedMeter tiny = lto8();
        feed(tiny, 100, 1);

        assertThat(virtual.result().backHitches()).isZero();
        assertThat(tiny.result().tooSlowFor(LtoGeneration.LTO8)).isEmpty();
        assertThat(Streaming.NONE.bytesPerSecond()).isZero();
    }
}
