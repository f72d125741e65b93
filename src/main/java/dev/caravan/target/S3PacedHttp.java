package dev.caravan.target;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Supplier;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.utils.AttributeMap;

/// An HTTP client that holds the bodies of requests to a pace. Here each byte is sent: above it
/// bodies are read a second time to be hashed, or signed where the connection is not encrypted, and
/// again when a request is sent again. Thread-safe.
final class S3PacedHttp implements SdkHttpClient {
    private final SdkHttpClient client;
    private final Supplier<Pace> pace;

    private S3PacedHttp(SdkHttpClient client, Supplier<Pace> pace) {
        this.client = client;
        this.pace = pace;
    }

    /// @param pace is asked for with each request
    static Builder of(SdkHttpClient.Builder<?> client, Supplier<Pace> pace) {
        return new Builder(client, pace);
    }

    /// As the SDK wants it, to close the client with its own. Confined.
    static final class Builder implements SdkHttpClient.Builder<Builder> {
        private final SdkHttpClient.Builder<?> client;
        private final Supplier<Pace> pace;

        private Builder(SdkHttpClient.Builder<?> client, Supplier<Pace> pace) {
            this.client = client;
            this.pace = pace;
        }

        @Override
        public SdkHttpClient buildWithDefaults(AttributeMap defaults) {
            return new S3PacedHttp(client.buildWithDefaults(defaults), pace);
        }
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        Pace now = pace.get();
        if (now == Pace.UNLIMITED || request.contentStreamProvider().isEmpty()) {
            return client.prepareRequest(request);
        }
        var body = request.contentStreamProvider().get();
        return client.prepareRequest(
                HttpExecuteRequest.builder()
                        .request(request.httpRequest())
                        .contentStreamProvider(() -> new Paced(body.newStream(), now))
                        .metricCollector(request.metricCollector().orElse(null))
                        .build());
    }

    @Override
    public String clientName() {
        return client.clientName();
    }

    @Override
    public void close() {
        client.close();
    }

    private static final class Paced extends FilterInputStream {
        private final Pace pace;

        Paced(InputStream in, Pace pace) {
            super(in);
            this.pace = pace;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int count = super.read(buffer, offset, pace.most(length));
            pace.take(count);
            return count;
        }
    }
}
