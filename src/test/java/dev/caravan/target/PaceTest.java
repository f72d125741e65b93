package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.utils.AttributeMap;

/// All on a clock that goes forward only when somebody waits, or reads.
class PaceTest {
    private static final Percentage TEN = Percentage.withPercentage(10);

    private long nanos = 5_000_000_000L;
    private Duration longest = Duration.ZERO;

    private Pace pace(long bytesPerSecond) {
        return new Pace(bytesPerSecond, () -> nanos, this::sleep);
    }

    private void sleep(Duration wait) {
        longest = wait.compareTo(longest) > 0 ? wait : longest;
        nanos += wait.toNanos();
    }

    private double secondsSince(long then) {
        return (nanos - then) / 1e9;
    }

    private static void send(Pace pace, long bytes) throws IOException {
        for (long left = bytes; left > 0; ) {
            int some = pace.most((int) Math.min(left, 256 << 10));
            pace.take(some);
            left -= some;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {64 << 10, 1_000_000, 20 << 20, 1L << 30, 10L << 30})
    void aRateIsKeptWithinATenth(long rate) throws IOException {
        long began = nanos;

        send(pace(rate), rate * 7);

        assertThat(secondsSince(began)).isCloseTo(7, TEN);
    }

    @Test
    void bytesFlowInsteadOfComingInHeaps() throws IOException {
        send(pace(64 << 10), 1 << 20);

        assertThat(longest).isLessThanOrEqualTo(Duration.ofMillis(101));
    }

    @Test
    void allThatSendShareIt() throws IOException {
        Pace pace = pace(1 << 20);
        long began = nanos;

        for (int i = 0; i < 100; i++) {
            send(pace, 64 << 10); // one thread
            send(pace, 16 << 10); // another
        }

        assertThat(secondsSince(began)).isCloseTo(100 * 80 / 1024.0, TEN);
    }

    /// A source of half the rate is not slowed down further, and saves nothing for later.
    @ParameterizedTest
    @CsvSource({"2, 10", "0.5, 20"})
    void theSlowerOfSourceAndRateCounts(double sourceRate, double seconds) throws IOException {
        int rate = 1 << 20;
        Pace pace = pace(rate);
        long began = nanos;

        for (int left = 10 * rate; left > 0; ) {
            int some = pace.most(left);
            nanos += Math.round(some / (sourceRate * rate) * 1e9);
            pace.take(some);
            left -= some;
        }
        assertThat(secondsSince(began)).isCloseTo(seconds, TEN);

        nanos += Duration.ofHours(1).toNanos(); // nothing to send
        long again = nanos;
        send(pace, 5L * rate);
        assertThat(secondsSince(again)).isCloseTo(5, TEN);
    }

    @Test
    void aThreadThatSleepsTooLongCatchesUp() throws IOException {
        Pace pace = new Pace(1 << 20, () -> nanos, wait -> nanos += wait.toNanos() + 30_000_000);
        long began = nanos;

        send(pace, 20 << 20);

        assertThat(secondsSince(began)).isCloseTo(20, TEN);
    }

    @Test
    void withoutARateNobodyWaits() throws IOException {
        assertThat(Pace.of(0)).isSameAs(Pace.UNLIMITED);
        assertThat(Pace.UNLIMITED.most(1 << 30)).isEqualTo(1 << 30);
        Pace.UNLIMITED.take(1 << 30);
    }

    @Test
    void anInterruptEndsTheWait() {
        Pace pace = Pace.of(64 << 10);
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> pace.take(1 << 20)).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    /// Above the HTTP client a body may be read for its hash alone: that takes no time. Each time
    /// it is sent does.
    @Test
    void toS3WhatIsSentIsPacedAndNotWhatIsHashed() throws IOException {
        byte[] body = new byte[4 << 20];
        long began = nanos;
        Pace pace = pace(1 << 20);
        try (SdkHttpClient client = S3PacedHttp.of(new Reading.Builder(), () -> pace).build()) {
            HttpExecuteRequest request =
                    HttpExecuteRequest.builder()
                            .request(
                                    SdkHttpRequest.builder()
                                            .method(SdkHttpMethod.PUT)
                                            .uri(URI.create("http://127.0.0.1:1/bucket/key"))
                                            .build())
                            .contentStreamProvider(() -> new ByteArrayInputStream(body))
                            .build();
            request.contentStreamProvider().orElseThrow().newStream().readAllBytes();
            assertThat(secondsSince(began)).isCloseTo(0, within(0.001));

            client.prepareRequest(request).call();
            assertThat(secondsSince(began)).isCloseTo(4, TEN);

            client.prepareRequest(request).call();
            assertThat(secondsSince(began)).isCloseTo(8, TEN);
        }
    }

    /// A client that reads the body and answers 200.
    private static final class Reading implements SdkHttpClient {
        static final class Builder implements SdkHttpClient.Builder<Builder> {
            @Override
            public SdkHttpClient buildWithDefaults(AttributeMap defaults) {
                return new Reading();
            }
        }

        @Override
        public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
            return new ExecutableHttpRequest() {
                @Override
                public HttpExecuteResponse call() throws IOException {
                    try (InputStream in =
                            request.contentStreamProvider().orElseThrow().newStream()) {
                        in.transferTo(java.io.OutputStream.nullOutputStream());
                    }
                    return HttpExecuteResponse.builder()
                            .response(SdkHttpResponse.builder().statusCode(200).build())
                            .responseBody(AbortableInputStream.createEmpty())
                            .build();
                }

                @Override
                public void abort() {}
            };
        }

        @Override
        public void close() {}
    }
}
