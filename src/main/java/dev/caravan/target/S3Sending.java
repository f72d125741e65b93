package dev.caravan.target;

import dev.caravan.target.S3Journal.Upload;
import dev.caravan.target.TargetException.Remedy;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/// The parts of one upload on their way: those that the server has are passed over, the rest is
/// sent. One thread reads, others hash and send. Confined to the one.
final class S3Sending {
    private final S3Bucket bucket;
    private final S3Memory memory;
    private final ExecutorService threads;
    private final Upload upload;
    private final Map<Integer, Part> there;
    private final boolean checksums;
    private final Map<Integer, Done> done = new ConcurrentHashMap<>();
    private final List<Future<?>> under = new ArrayList<>();
    private volatile boolean abandoned;

    /// @param threads that hash and send
    /// @param there the parts of it that the server has already
    /// @param checksums whether the server compares and keeps them
    S3Sending(
            S3Bucket bucket,
            S3Memory memory,
            ExecutorService threads,
            Upload upload,
            Map<Integer, Part> there,
            boolean checksums) {
        this.bucket = bucket;
        this.memory = memory;
        this.threads = threads;
        this.upload = upload;
        this.there = there;
        this.checksums = checksums;
    }

    /// What was sent, in its order.
    ///
    /// @param crc of all of it as S3 writes it; null if the server keeps none
    record Parts(List<CompletedPart> list, @Nullable String crc) {}

    /// A part that the server has.
    ///
    /// @param crc null if the server keeps none
    private record Done(CompletedPart part, long bytes, @Nullable Crc64Nvme crc) {}

    /// Sends what the server does not have. When it ends, no thread is at it any more, unless it
    /// was interrupted.
    ///
    /// @param crc32c of all the bytes, as they were read before
    /// @throws TargetException if the server fails, or the bytes are others than before
    /// @throws IOException if they can not be read, or are not as many as was announced
    Parts send(ContentStreamProvider source, long length, long crc32c)
            throws IOException, InterruptedException {
        CRC32C crc = new CRC32C();
        try (InputStream in = source.newStream()) {
            int number = 0;
            for (long at = 0; at < length; at += upload.partBytes()) {
                number++;
                part(number, in, Math.min(upload.partBytes(), length - at), crc);
                failFast();
            }
            if (in.read() >= 0) {
                throw new IOException("it has more bytes than were announced");
            }
            for (Future<?> one : under) {
                await(one);
            }
        } finally {
            abandon();
        }
        if (crc.getValue() != crc32c) {
            throw new TargetException(
                    Remedy.WAIT,
                    "%s: what was read changed between hashing and sending it"
                            .formatted(bucket.address().uri(S3Layout.object(upload.name()))));
        }
        return inOrder();
    }

    private Parts inOrder() {
        List<CompletedPart> list = new ArrayList<>();
        Crc64Nvme all = new Crc64Nvme();
        for (Done part : new TreeMap<>(done).values()) {
            list.add(part.part);
            if (part.crc != null) {
                all.append(part.crc, part.bytes);
            }
        }
        return new Parts(list, checksums ? all.base64() : null);
    }

    /// Whoever tries again must not meet parts of this attempt, and each has memory to give back.
    private void abandon() {
        abandoned = true;
        for (Future<?> one : under) {
            try {
                await(one);
            } catch (IOException | InterruptedException | RuntimeException known) {
                // why this attempt failed is told already
                if (known instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private void failFast() throws IOException, InterruptedException {
        List<Future<?>> ended = under.stream().filter(Future::isDone).toList();
        for (Future<?> one : ended) {
            await(one);
        }
        under.removeAll(ended);
    }

    private static void await(Future<?> one) throws IOException, InterruptedException {
        try {
            one.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException known) {
                throw known;
            }
            throw new IllegalStateException(failed.getCause());
        }
    }

    private void part(int number, InputStream in, long bytes, CRC32C all)
            throws IOException, InterruptedException {
        S3Memory.Held held = memory.hold(bytes);
        boolean handed = false;
        try {
            held.fill(in, bytes, (block, count) -> all.update(block, 0, count));
            if (isThere(number, bytes, held)) {
                return;
            }
            under.add(
                    threads.submit(() -> {
                        try (held) {
                            if (!abandoned) {
                                done.put(number, sent(number, held, bytes));
                            }
                        }
                        return null;
                    }));
            handed = true;
        } finally {
            if (!handed) {
                held.close();
            }
        }
    }

    /// Whether the server has these very bytes as that part: by its checksum if it tells it, else
    /// by its MD5, which an ETag of a part is unless the server encrypts with keys of its own.
    private boolean isThere(int number, long bytes, S3Memory.Held held) {
        Part part = there.get(number);
        if (part == null || part.size() == null || part.size() != bytes) {
            return false;
        }
        Crc64Nvme crc = checksums ? crc(held, bytes) : null;
        boolean same =
                crc != null && part.checksumCRC64NVME() != null
                        ? crc.base64().equals(part.checksumCRC64NVME())
                        : part.eTag()
                                .replace("\"", "")
                                .equals(HexFormat.of().formatHex(md5(held, bytes)));
        if (same) {
            done.put(number, completed(number, part.eTag(), bytes, crc));
        }
        return same;
    }

    private static Crc64Nvme crc(S3Memory.Held held, long bytes) {
        Crc64Nvme crc = new Crc64Nvme();
        held.see(bytes, (block, count) -> crc.update(block, 0, count));
        return crc;
    }

    private static byte[] md5(S3Memory.Held held, long bytes) {
        MessageDigest md5 = Md5.digest();
        held.see(bytes, (block, count) -> md5.update(block, 0, count));
        return md5.digest();
    }

    private Done completed(int number, String etag, long bytes, @Nullable Crc64Nvme crc) {
        CompletedPart part =
                CompletedPart.builder()
                        .partNumber(number)
                        .eTag(etag)
                        .checksumCRC64NVME(crc == null ? null : crc.base64())
                        .build();
        return new Done(part, bytes, crc);
    }

    private Done sent(int number, S3Memory.Held held, long bytes) throws TargetException {
        Crc64Nvme crc = checksums ? crc(held, bytes) : null;
        UploadPartRequest.Builder request =
                UploadPartRequest.builder()
                        .bucket(bucket.address().bucket())
                        .key(bucket.key(S3Layout.object(upload.name())))
                        .uploadId(upload.id())
                        .partNumber(number);
        if (crc != null) {
            request.checksumCRC64NVME(crc.base64());
        } else if (bucket.address().lock() != null) {
            request.contentMD5(Base64.getEncoder().encodeToString(md5(held, bytes)));
        }
        return bucket.asked(
                S3Layout.object(upload.name()),
                () ->
                        completed(
                                number,
                                bucket.client()
                                        .uploadPart(request.build(), held.body(bytes))
                                        .eTag(),
                                bytes,
                                crc));
    }
}
