package dev.caravan.config;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// Questions to a file system that may not answer: a mounted folder whose server is away keeps
/// whoever looks at it waiting, for hours if need be (nfs(5), `hard`). Thread-safe.
public final class Asked {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /// By their paths, so that a folder that does not answer holds one thread, however often it is
    /// asked for.
    private static final Map<Path, Thread> WAITING = new ConcurrentHashMap<>();

    private Asked() {}

    /// Asks something about a path.
    ///
    /// @return empty if there was no answer within 5 s
    public static <T> Optional<T> about(Path path, Supplier<T> question) {
        Thread before = WAITING.get(path);
        if (before != null && before.isAlive()) {
            return Optional.empty();
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        Thread asking =
                Thread.ofPlatform()
                        .daemon()
                        .name("ask " + path)
                        .start(() -> {
                            try {
                                answer.complete(question.get());
                            } catch (RuntimeException failed) {
                                answer.completeExceptionally(failed);
                            }
                        });
        try {
            return Optional.of(answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException none) {
            WAITING.put(path, asking);
            return Optional.empty();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RuntimeException thrown
                    ? thrown
                    : new IllegalStateException(failed.getCause());
        }
    }

    /// Asks a folder for its first entry. What it is asked otherwise may be answered from the
    /// kernel's cache of attributes while its server is away.
    ///
    /// @throws java.nio.file.NotDirectoryException if it is none
    /// @throws java.nio.file.AccessDeniedException if it may not be read
    public static void list(Path dir) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir)) {
            var _ = entries.iterator().hasNext();
        } catch (DirectoryIteratorException failed) {
            throw failed.getCause();
        }
    }

    /// Why a file system refused something, without the path, which the caller names.
    public static String reason(IOException failed) {
        String reason =
                failed instanceof FileSystemException known
                        ? known.getReason()
                        : failed.getMessage();
        return reason == null ? failed.getClass().getSimpleName() : reason;
    }
}
