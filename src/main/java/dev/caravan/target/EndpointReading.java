package dev.caravan.target;

import dev.caravan.item.ItemPath;
import dev.caravan.ledger.ObjectFindings.There;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An [Endpoint] that is looked at as it is.
public final class EndpointReading implements ObjectReading {
    private static final int BATCH = 1000;

    private final String target;
    private final Endpoint endpoint;
    private final String sentinel;
    private final Decryption decryption;

    /// @throws IOException if it can not be reached, or there is no sentinel
    public EndpointReading(String target, Endpoint endpoint, Decryption decryption)
            throws IOException {
        this.target = target;
        this.endpoint = endpoint;
        this.decryption = decryption;
        this.sentinel = EndpointLayout.require(endpoint, target, null);
    }

    @Override
    public String id() {
        return sentinel;
    }

    @Override
    public Decryption decryption() {
        return decryption;
    }

    @Override
    public String method() {
        return "get+sha256";
    }

    @Override
    public void objects(Objects objects, List<String> strange) throws IOException {
        List<There> batch = new ArrayList<>(BATCH);
        for (Endpoint.Entry entry : endpoint.list()) {
            if (EndpointLayout.isObject(entry.name())) {
                batch.add(new There(entry.name(), entry.bytes()));
            } else if (!EndpointLayout.isForPeople(entry.name())
                    && EndpointLayout.described(entry.name()) == null) {
                strange.add(ItemPath.show(entry.name().getBytes(StandardCharsets.UTF_8)));
            }
            if (batch.size() == BATCH) {
                objects.take(List.copyOf(batch));
                batch.clear();
            }
        }
        objects.take(batch);
    }

    /// What is strange was said with the objects: all lies side by side.
    @Override
    public List<Manifest> manifests(List<String> strange) throws IOException {
        List<Manifest> manifests = new ArrayList<>();
        for (Endpoint.Entry entry : endpoint.list()) {
            String object = EndpointLayout.described(entry.name());
            if (object != null) {
                manifests.add(new Manifest(object, entry.modified()));
            }
        }
        manifests.sort(Comparator.comparing(Manifest::written).thenComparing(Manifest::name));
        return manifests;
    }

    @Override
    public void read(Manifest manifest, ManifestReader.Lines lines) throws IOException {
        String name = EndpointLayout.manifest(manifest.name());
        try (InputStream in = EndpointInput.open(endpoint, name, 0, Long.MAX_VALUE)) {
            ManifestReader.read(decryption.maybe(in).content(), lines);
        }
    }

    @Override
    public @Nullable String object(@Nullable String said) {
        return said != null && EndpointLayout.isObject(said) ? said : null;
    }

    @Override
    public InputStream openObject(String name, long offset, long expected) throws IOException {
        try {
            return EndpointInput.open(endpoint, name, offset, expected);
        } catch (NoSuchFileException gone) {
            throw new IOException(endpoint.place(name) + " is not there any more", gone);
        }
    }

    @Override
    public void requireThere() throws IOException {
        String _ = EndpointLayout.require(endpoint, target, sentinel);
    }

    @Override
    public void close() {}
}
