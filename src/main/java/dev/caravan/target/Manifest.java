package dev.caravan.target;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.item.Xattr;
import dev.caravan.target.Encryption.Encrypted;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/// What a medium says of the plain files on it, one JSON object per line, so that the ledger can be
/// made again from the medium alone. The fields are described in
/// `src/main/docs/manifest-format.md`.
final class Manifest {
    private static final JsonFactory JSON = new JsonFactory();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'")
                    .withZone(ZoneOffset.UTC);

    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();

    /// A file that is an object of its own.
    ///
    /// @param object where that is
    void add(Carried.Single single, String object) {
        add(single.version(), single.sha256(), object, single.encrypted());
    }

    /// A plain one.
    ///
    /// @param object the stored object that holds the bytes; null where the file lies under its
    ///   path
    void add(Version version, @Nullable Sha256 sha256, @Nullable String object) {
        add(version, sha256, object, null);
    }

    private void add(
            Version version,
            @Nullable Sha256 sha256,
            @Nullable String object,
            @Nullable Encrypted encrypted) {
        try (JsonGenerator json = JSON.createGenerator(lines)) {
            Metadata m = version.metadata();
            json.writeStartObject();
            json.writeStringField("source", version.source());
            json.writeStringField("path", version.path().text());
            if (!version.path().isUtf8()) {
                json.writeBinaryField("pathBytes", version.path().bytes());
            }
            json.writeNumberField("id", version.id());
            json.writeNumberField("version", version.number());
            json.writeStringField("kind", m.kind().name());
            json.writeNumberField("size", m.size());
            json.writeStringField("modified", TIME.format(m.modified()));
            json.writeStringField("mode", Integer.toOctalString(m.mode()));
            json.writeNumberField("uid", m.uid());
            json.writeNumberField("gid", m.gid());
            Fingerprint f = version.fingerprint();
            json.writeNumberField("device", f.device());
            json.writeFieldName("inode");
            json.writeNumber(Long.toUnsignedString(f.inode()));
            json.writeStringField("changed", TIME.format(f.changed()));
            if (sha256 != null) {
                json.writeStringField("sha256", sha256.hex());
            }
            if (m.kind() == Kind.SYMLINK) {
                json.writeBinaryField("linkTarget", m.linkTarget());
            }
            if (m.hardLinked()) {
                json.writeStringField("hardLink", f.device() + ":" + f.inode());
                json.writeNumberField("links", m.links());
            }
            for (Xattr xattr : m.xattrs()) {
                json.writeBinaryField("xattr:" + xattr.name(), xattr.value());
            }
            if (object != null) {
                json.writeStringField("object", object);
            }
            if (encrypted != null) {
                json.writeNumberField("stored", encrypted.bytes());
                json.writeStringField("encryptedFor", String.join(",", encrypted.recipients()));
            }
            json.writeEndObject();
            json.writeRaw('\n');
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    byte[] bytes() {
        return lines.toByteArray();
    }
}
