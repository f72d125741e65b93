package dev.caravan.target;

import dev.caravan.item.Sha256;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is under way in parts, one small file for each upload, named after the bytes it is of: when
/// the same bytes come again, they go on there. What is lost of it costs time and nothing else.
/// Thread-safe.
final class S3Journal {
    private final Path folder;
    private final String mark;

    /// @param sse how the server is asked to encrypt, which is settled when an upload begins: one
    ///   that was begun otherwise is not gone on with
    S3Journal(Path folder, S3Address.@Nullable Sse sse) {
        this.folder = folder;
        this.mark = sse == null ? "" : "-" + mark(sse);
    }

    private static String mark(S3Address.Sse sse) {
        byte[] words =
                S3Address.Sse.words(sse.algorithm(), sse.kmsKey()).getBytes(StandardCharsets.UTF_8);
        return Sha256.of(Sha256.digest().digest(words)).hex().substring(0, 16);
    }

    /// @param id that the server gave
    /// @param partBytes of every part but the last
    /// @param lockedUntil in seconds since 1970; 0 if it was not to be locked
    record Upload(String name, String id, long partBytes, long lockedUntil) {
        @Nullable Instant locked() {
            return lockedUntil == 0 ? null : Instant.ofEpochSecond(lockedUntil);
        }
    }

    private String file(Sha256 sha256, long bytes) {
        return sha256.hex() + "-" + bytes + mark;
    }

    Optional<Upload> find(Sha256 sha256, long bytes) throws IOException {
        Path file = folder.resolve(file(sha256, bytes));
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        return read(file);
    }

    private static Optional<Upload> read(Path file) throws IOException {
        List<String> words = Files.readAllLines(file);
        return words.size() == 4
                        && words.get(2).matches("[0-9]{1,18}")
                        && words.get(3).matches("[0-9]{1,18}")
                ? Optional.of(
                        new Upload(
                                words.get(0),
                                words.get(1),
                                Long.parseLong(words.get(2)),
                                Long.parseLong(words.get(3))))
                : Optional.empty();
    }

    void note(Sha256 sha256, long bytes, Upload upload) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve(file(sha256, bytes));
        Path half = folder.resolve(file(sha256, bytes) + ".part");
        Files.writeString(
                half,
                "%s\n%s\n%d\n%d\n"
                        .formatted(upload.name, upload.id, upload.partBytes, upload.lockedUntil));
        try (FileChannel channel = FileChannel.open(half, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
    }

    void forget(Sha256 sha256, long bytes) throws IOException {
        Files.deleteIfExists(folder.resolve(file(sha256, bytes)));
    }

    /// The ids of all uploads in it.
    List<String> ids() throws IOException {
        List<String> ids = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
                for (Path file : files) {
                    read(file).ifPresent(upload -> ids.add(upload.id));
                }
            }
        }
        return ids;
    }

    /// Forgets an upload, whatever it was of.
    void forgetId(String id) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                if (read(file).filter(upload -> upload.id.equals(id)).isPresent()) {
                    Files.delete(file);
                }
            }
        }
    }
}
