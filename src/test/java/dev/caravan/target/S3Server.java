package dev.caravan.target;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;

/// A real S3 server on loopback, in processes of its own. Two kinds: S3Proxy compares and keeps
/// checksums and writes nothing over what is there; Ceph has versions and Object Lock, and ignores
/// checksums.
public final class S3Server implements AutoCloseable {
    private static final Path PROXY = Path.of("target/test-servers/s3proxy.jar");
    private static final Path CEPH = Path.of("src/test/s3-server/s3-server.sh");

    /// What Ceph knows a key of SSE-KMS by; it encrypts with no keys of its own.
    public static final String KMS_KEY = "testkey-1";

    private static final Duration LONGEST = Duration.ofMinutes(1);

    private final URI endpoint;
    private final Path credentials;
    private final AutoCloseable stop;

    private S3Server(URI endpoint, Path credentials, AutoCloseable stop) {
        this.endpoint = endpoint;
        this.credentials = credentials;
        this.stop = stop;
    }

    /// @param folder for its data
    public static S3Server proxy(Path folder) throws IOException {
        int port;
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            port = any.getLocalPort();
        }
        Path data = Files.createDirectories(folder.resolve("data"));
        Path config =
                Files.writeString(
                        folder.resolve("s3proxy.conf"),
                        """
                        s3proxy.endpoint=http://127.0.0.1:%d
                        s3proxy.authorization=aws-v2-or-v4
                        s3proxy.identity=tester
                        s3proxy.credential=not-a-secret
                        jclouds.provider=filesystem-nio2
                        jclouds.filesystem.basedir=%s
                        jclouds.identity=none
                        jclouds.credential=none
                        """
                                .formatted(port, data));
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-Xmx256m",
                                "-XX:+UseSerialGC",
                                "-jar",
                                PROXY.toString(),
                                "--properties",
                                config.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("s3proxy.log").toFile())
                        .start();
        Awaitility.await().atMost(LONGEST).until(() -> answers(port));
        return new S3Server(
                URI.create("http://127.0.0.1:" + port),
                credentials(folder, "tester", "not-a-secret"),
                () -> {
                    process.destroyForcibly();
                    process.waitFor(10, TimeUnit.SECONDS);
                });
    }

    private static boolean answers(int port) {
        try (Socket _ = new Socket("127.0.0.1", port)) {
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /// Skips the test where Ceph is not installed.
    public static S3Server ceph(Path folder) throws IOException {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/radosgw"))
                        && Files.isExecutable(Path.of("/usr/bin/ceph-osd")),
                "Ceph is not installed: apt install ceph-mon ceph-osd ceph-common radosgw");
        String said = script("start", folder.toString(), "--store", "memstore", "--size", "4");
        Map<String, String> words = new HashMap<>();
        said.lines()
                .filter(line -> line.contains("="))
                .forEach(line ->
                        words.put(
                                line.substring(0, line.indexOf('=')),
                                line.substring(line.indexOf('=') + 1)));
        return new S3Server(
                URI.create(words.getOrDefault("S3_ENDPOINT", "")),
                credentials(
                        folder,
                        words.getOrDefault("S3_ACCESS_KEY", ""),
                        words.getOrDefault("S3_SECRET_KEY", "")),
                () -> script("stop", folder.toString()));
    }

    private static String script(String... arguments) throws IOException {
        List<String> command = new java.util.ArrayList<>(List.of("bash", CEPH.toString()));
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile("ceph", "out");
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(out.toFile())
                            .start();
            if (!process.waitFor(3, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new IOException(command + ": " + Files.readString(out));
            }
            return Files.readString(out);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            Files.delete(out);
        }
    }

    private static Path credentials(Path folder, String key, String secret) throws IOException {
        Path file = folder.resolve("credentials");
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.write(
                file,
                "[default]\naws_access_key_id=%s\naws_secret_access_key=%s\n"
                        .formatted(key, secret)
                        .getBytes(StandardCharsets.UTF_8));
    }

    public URI endpoint() {
        return endpoint;
    }

    public Path credentials() {
        return credentials;
    }

    S3Address address(String bucket, S3Address.@Nullable Lock lock) {
        return at(endpoint, bucket, lock, credentials);
    }

    /// By way of somebody in between.
    S3Address through(int port, String bucket) {
        return at(URI.create("http://127.0.0.1:" + port), bucket, null, credentials);
    }

    /// By way of somebody in between, and encrypted by the server.
    S3Address through(int port, String bucket, S3Address.Sse sse) {
        return at(URI.create("http://127.0.0.1:" + port), bucket, null, credentials, sse);
    }

    static S3Address at(
            URI endpoint, String bucket, S3Address.@Nullable Lock lock, Path credentials) {
        return at(endpoint, bucket, lock, credentials, null);
    }

    private static S3Address at(
            URI endpoint,
            String bucket,
            S3Address.@Nullable Lock lock,
            Path credentials,
            S3Address.@Nullable Sse sse) {
        return new S3Address(
                bucket,
                "us-east-1",
                endpoint,
                "backups/one/",
                credentials,
                lock,
                null,
                sse,
                new S3Address.Thaw(7, "Standard"));
    }

    /// Makes a bucket.
    ///
    /// @param locks whether objects in it can be locked
    public void makeBucket(String name, boolean locks) {
        try (S3Bucket bucket = new S3Bucket("test", address(name, null))) {
            bucket.client()
                    .createBucket(request -> {
                        request.bucket(name);
                        if (locks) {
                            request.objectLockEnabledForBucket(true);
                        }
                    });
        }
    }

    /// A client as anybody else would have it.
    S3Bucket bucket(String name) {
        return new S3Bucket("test", address(name, null));
    }

    /// A client of our own making; bodies go as they are, since Ceph takes no empty one in chunks.
    public S3Client client() {
        return S3Client.builder()
                .region(Region.US_EAST_1)
                .credentialsProvider(
                        ProfileCredentialsProvider.builder()
                                .profileFile(
                                        ProfileFile.builder()
                                                .content(credentials)
                                                .type(ProfileFile.Type.CREDENTIALS)
                                                .build())
                                .build())
                .endpointOverride(endpoint)
                .forcePathStyle(true)
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .serviceConfiguration(
                        S3Configuration.builder().chunkedEncodingEnabled(false).build())
                .build();
    }

    static S3Client client(S3Bucket bucket) {
        return bucket.client();
    }

    @Override
    public void close() throws Exception {
        stop.close();
    }
}
