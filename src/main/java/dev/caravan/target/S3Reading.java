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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.S3Object;

/// A target's bucket that is looked at as it is.
public final class S3Reading implements ObjectReading {
    private static final Pattern MANIFEST = Pattern.compile("([a-z0-9-]{3,64})\\.jsonl");
    private static final Pattern OBJECT =
            Pattern.compile(Pattern.quote(S3Layout.OBJECTS) + "([a-z0-9-]{3,64})");

    private final S3Bucket bucket;
    private final S3Sentinel sentinel;
    private final String id;
    private final Decryption decryption;

    /// @throws IOException if the server can not be reached, or there is no sentinel
    public S3Reading(String target, S3Address address, Decryption decryption) throws IOException {
        this.decryption = decryption;
        S3Bucket opened = new S3Bucket(target, address);
        boolean done = false;
        try {
            sentinel = new S3Sentinel(target, opened);
            id = sentinel.require(null);
            bucket = opened;
            done = true;
        } finally {
            if (!done) {
                opened.close();
            }
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Decryption decryption() {
        return decryption;
    }

    @Override
    public String method() {
        return "get+sha256";
    }

    @FunctionalInterface
    private interface Listed {
        void take(List<S3Object> page) throws IOException;
    }

    private void list(String below, Listed listed) throws IOException {
        try {
            for (var page :
                    bucket.client()
                            .listObjectsV2Paginator(request ->
                                    request.bucket(bucket.address().bucket())
                                            .prefix(bucket.key(below)))) {
                listed.take(page.contents());
            }
        } catch (RuntimeException failed) {
            throw bucket.failure(below, failed);
        }
    }

    private String below(S3Object object) {
        return object.key().substring(bucket.address().prefix().length());
    }

    @Override
    public void objects(Objects objects, List<String> strange) throws IOException {
        list(
                S3Layout.OBJECTS,
                page -> {
                    List<There> batch = new ArrayList<>();
                    for (S3Object object : page) {
                        String name = object(below(object));
                        if (name == null) {
                            strange.add(shown(below(object)));
                        } else {
                            batch.add(new There(name, object.size()));
                        }
                    }
                    objects.take(batch);
                });
    }

    private static String shown(String text) {
        return ItemPath.show(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public List<Manifest> manifests(List<String> strange) throws IOException {
        List<Manifest> manifests = new ArrayList<>();
        list(
                S3Layout.MANIFESTS,
                page -> {
                    for (S3Object object : page) {
                        String file = below(object).substring(S3Layout.MANIFESTS.length());
                        Matcher form = MANIFEST.matcher(file);
                        if (form.matches()) {
                            manifests.add(new Manifest(form.group(1), object.lastModified()));
                        } else {
                            strange.add(shown(below(object)));
                        }
                    }
                });
        manifests.sort(Comparator.comparing(Manifest::written).thenComparing(Manifest::name));
        return manifests;
    }

    @Override
    public void read(Manifest manifest, ManifestReader.Lines lines) throws IOException {
        try (InputStream in = S3Input.open(bucket, S3Layout.manifest(manifest.name()), 0, 1)) {
            ManifestReader.read(decryption.maybe(in).content(), lines);
        }
    }

    @Override
    public @Nullable String object(@Nullable String said) {
        Matcher form = OBJECT.matcher(said == null ? "" : said);
        return form.matches() ? form.group(1) : null;
    }

    @Override
    public InputStream openObject(String name, long offset, long expected) throws IOException {
        String below = S3Layout.object(name);
        try {
            return S3Input.open(bucket, below, offset, expected);
        } catch (NoSuchFileException gone) {
            throw new IOException(bucket.address().uri(below) + " is not there any more", gone);
        }
    }

    @Override
    public boolean keepsVersions(String name) throws IOException {
        return bucket.versionsOf(S3Layout.object(name)) > 1;
    }

    @Override
    public void requireThere() throws IOException {
        if (!id.equals(sentinel.id())) {
            throw new IOException("%s became another one".formatted(bucket.address().uri("")));
        }
    }

    @Override
    public void close() {
        bucket.close();
    }
}
