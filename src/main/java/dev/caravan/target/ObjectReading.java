package dev.caravan.target;

import dev.caravan.ledger.ObjectFindings.There;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A target that keeps stored objects, looked at as it is: its sentinel, its objects, its
/// manifests. Changes nothing. Confined to one thread.
public interface ObjectReading extends AutoCloseable {

    /// The id in the sentinel.
    String id();

    /// As the evidence says that copies were read back.
    String method();

    /// Takes objects in batches.
    @FunctionalInterface
    interface Objects {
        void take(List<There> batch) throws IOException;
    }

    /// Lists the objects.
    ///
    /// @param strange gets the places of what no Caravan has put there
    void objects(Objects objects, List<String> strange) throws IOException;

    /// A manifest.
    ///
    /// @param written when, as the target says
    record Manifest(String name, Instant written) {}

    /// The manifests in the order they were written.
    ///
    /// @param strange as of [#objects]
    List<Manifest> manifests(List<String> strange) throws IOException;

    /// Reads a manifest.
    void read(Manifest manifest, ManifestReader.Lines lines) throws IOException;

    /// The name of the object that a manifest says a file is in; null if that can be none.
    @Nullable String object(@Nullable String said);

    /// Opens an object, as it is stored, at any byte of it.
    ///
    /// @param expected how many bytes will probably be read
    InputStream openObject(String name, long offset, long expected) throws IOException;

    /// Whether the target keeps what an object was before somebody wrote another of its name.
    default boolean keepsVersions(String name) throws IOException {
        return false;
    }

    /// What decrypts what is read there.
    Decryption decryption();

    /// The content of an object, whether it is encrypted or not.
    ///
    /// @param bytes of it as it is stored
    default ObjectContent content(String name, long bytes) throws IOException {
        return ObjectContent.of(this, name, bytes);
    }

    /// @throws IOException if the target is not there now, or became another one
    void requireThere() throws IOException;

    @Override
    void close();
}
