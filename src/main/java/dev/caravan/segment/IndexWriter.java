package dev.caravan.segment;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.item.Xattr;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Writes what a segment says of itself: its description and its index. Confined to one thread.
///
/// A line of the index is as long before its member is read as after: what is only known then
/// (`sha256`, `void`) is padded to a fixed width with spaces, which JSON ignores.
final class IndexWriter implements Closeable {

    private static final JsonFactory JSON = new JsonFactory();

    /// RFC 3339 with all 9 digits; for years that have not four of them.
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(9).toFormatter(Locale.ROOT);

    /// Days between which a year has four digits and no sign.
    private static final long FIRST_DAY = LocalDate.of(0, 1, 1).toEpochDay();

    private static final long LAST_DAY = LocalDate.of(9999, 12, 31).toEpochDay();

    private static final String NO_HASH = "null" + " ".repeat(62);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 16);
    private final JsonGenerator json;
    private int hashAt = -1;

    IndexWriter() {
        try {
            json = JSON.createGenerator(out);
        } catch (IOException impossibleInMemory) {
            throw new UncheckedIOException(impossibleInMemory);
        }
        json.setPrettyPrinter(new MinimalPrettyPrinter(""));
    }

    /// The content of the first member.
    static byte[] description(SegmentId id, int members, Instant created, String program) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeNumberField("format", Format.VERSION);
            json.writeStringField("segment", id.text());
            json.writeStringField("created", time(created));
            json.writeStringField("program", program);
            json.writeNumberField("members", members);
            json.writeStringField("restore", Format.RESTORE);
            json.writeEndObject();
            json.writeRaw('\n');
        } catch (IOException impossibleInMemory) {
            throw new UncheckedIOException(impossibleInMemory);
        }
        return out.toByteArray();
    }

    /// Adds the line of a member; its length does not depend on `result`.
    void add(Member member, @Nullable MemberResult result) {
        hashAt = -1;
        try {
            line(member, result);
            json.writeRaw('\n');
            json.flush();
        } catch (IOException impossibleInMemory) {
            throw new UncheckedIOException(impossibleInMemory);
        }
    }

    /// Adds the line of a part; its length does not depend on the hashes.
    ///
    /// @param ofPart hash of its bytes; null before they were read
    /// @param ofWhole hash of the whole file; null while it is not known
    void add(
            Version version,
            Part part,
            String set,
            long offset,
            long contentOffset,
            @Nullable Sha256 ofPart,
            @Nullable Sha256 ofWhole) {
        try {
            begin(version, offset);
            hash("sha256", ofWhole);
            json.writeNumberField("contentOffset", contentOffset);
            json.writeNumberField("stored", part.stored());
            if (part.map() != null) {
                json.writeBooleanField("sparse", true);
            }
            json.writeNumberField("part", part.number());
            json.writeNumberField("parts", part.count());
            json.writeStringField("partSet", set);
            json.writeNumberField("partOffset", part.offset());
            json.writeNumberField("partSize", part.size());
            hash("partSha256", ofPart);
            end(version.metadata(), false);
            json.writeRaw('\n');
            json.flush();
        } catch (IOException impossibleInMemory) {
            throw new UncheckedIOException(impossibleInMemory);
        }
    }

    /// Bytes added and not taken yet.
    int size() {
        return out.size();
    }

    /// Where in what was added the value of the last line's `sha256` begins; -1 if it has none.
    int hashAt() {
        return hashAt;
    }

    /// Takes what was added.
    byte[] take() {
        byte[] lines = out.toByteArray();
        out.reset();
        return lines;
    }

    private void line(Member member, @Nullable MemberResult result) throws IOException {
        Version version = member.version();
        Metadata metadata = version.metadata();
        begin(version, member.offset());
        if (metadata.kind() == Kind.FILE) {
            file(member, result);
        }
        if (metadata.kind() == Kind.SYMLINK) {
            linkTarget(metadata.linkTarget());
        }
        end(metadata, result instanceof MemberResult.Void);
    }

    private void begin(Version version, long offset) throws IOException {
        Metadata metadata = version.metadata();
        ItemPath path = version.path();
        json.writeStartObject();
        json.writeStringField("path", path.text());
        if (!path.isUtf8()) {
            json.writeBinaryField("pathBytes", path.bytes());
        }
        json.writeStringField("source", version.source());
        json.writeNumberField("number", version.number());
        json.writeNumberField("version", version.id());
        json.writeStringField("kind", metadata.kind().name().toLowerCase(Locale.ROOT));
        json.writeNumberField("size", metadata.size());
        json.writeStringField("modified", time(metadata.modified()));
        json.writeStringField("mode", octal(metadata.mode()));
        json.writeNumberField("uid", Integer.toUnsignedLong(metadata.uid()));
        json.writeNumberField("gid", Integer.toUnsignedLong(metadata.gid()));
        json.writeNumberField("links", metadata.links());
        json.writeNumberField("device", version.fingerprint().device());
        json.writeFieldName("inode");
        json.writeNumber(Long.toUnsignedString(version.fingerprint().inode()));
        json.writeStringField("changed", time(version.fingerprint().changed()));
        json.writeNumberField("offset", offset);
    }

    /// Two of these are in each line, and a formatter took a quarter of the time of one.
    static String time(Instant instant) {
        long second = instant.getEpochSecond();
        long day = Math.floorDiv(second, 86_400);
        if (day < FIRST_DAY || day > LAST_DAY) {
            return TIME.format(instant);
        }
        LocalDate date = LocalDate.ofEpochDay(day);
        int ofDay = (int) Math.floorMod(second, 86_400L);
        byte[] text = "0000-00-00T00:00:00.000000000Z".getBytes(StandardCharsets.ISO_8859_1);
        digits(text, 4, date.getYear(), 10);
        digits(text, 7, date.getMonthValue(), 10);
        digits(text, 10, date.getDayOfMonth(), 10);
        digits(text, 13, ofDay / 3600, 10);
        digits(text, 16, ofDay / 60 % 60, 10);
        digits(text, 19, ofDay % 60, 10);
        digits(text, 29, instant.getNano(), 10);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    /// At least four digits.
    private static String octal(int value) {
        if (value < 0 || value > 07777) {
            return "%04o".formatted(value);
        }
        byte[] text = "0000".getBytes(StandardCharsets.ISO_8859_1);
        digits(text, 4, value, 8);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    /// Writes a number in front of `end`, over zeros.
    private static void digits(byte[] text, int end, int value, int base) {
        int at = end;
        for (int left = value; left > 0; left /= base) {
            text[--at] = (byte) ('0' + left % base);
        }
    }

    private void end(Metadata metadata, boolean isVoid) throws IOException {
        if (!metadata.xattrs().isEmpty()) {
            json.writeObjectFieldStart("xattrs");
            for (Xattr xattr : metadata.xattrs()) {
                json.writeBinaryField(xattr.name(), xattr.value());
            }
            json.writeEndObject();
        }
        json.writeFieldName("void");
        json.writeRawValue(isVoid ? "true " : "false");
        json.writeEndObject();
    }

    private void file(Member member, @Nullable MemberResult result) throws IOException {
        hash("sha256", result instanceof MemberResult.Written written ? written.sha256() : null);
        json.writeNumberField("contentOffset", member.contentOffset());
        json.writeNumberField("stored", member.stored());
        if (member.map() != null) {
            json.writeBooleanField("sparse", true);
        }
        if (member.leader() != null) {
            json.writeNumberField("hardLinkTo", member.leader().version().id());
        }
    }

    private void hash(String field, @Nullable Sha256 sha256) throws IOException {
        json.writeFieldName(field);
        hashAt = out.size() + json.getOutputBuffered() + 1; // behind the colon
        json.writeRawValue(sha256 == null ? NO_HASH : hash(sha256));
    }

    /// A hash as a value of JSON.
    static String hash(Sha256 sha256) {
        return '"' + sha256.hex() + '"';
    }

    private void linkTarget(byte[] target) throws IOException {
        try {
            String text = Format.utf8(target);
            json.writeStringField("linkTarget", text);
        } catch (CharacterCodingException notUtf8) {
            json.writeStringField("linkTarget", new String(target, StandardCharsets.UTF_8));
            json.writeBinaryField("linkTargetBytes", target);
        }
    }

    @Override
    public void close() {
        try {
            json.close();
        } catch (IOException impossibleInMemory) {
            throw new UncheckedIOException(impossibleInMemory);
        }
    }
}
