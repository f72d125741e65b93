package dev.caravan.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Sha256;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Writes one JSON value (RFC 8259) to the standard output as it is made, so that a list may be of
/// any length. What is not known is null. Confined to one thread.
final class Json implements AutoCloseable {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final JsonGenerator json;
    private final PrintWriter out;

    /// A part of the value.
    @FunctionalInterface
    interface Part {
        void write(Json json) throws IOException;
    }

    private Json(PrintWriter out) throws IOException {
        this.out = out;
        this.json = FACTORY.createGenerator(new WithoutControls(out));
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        json.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
        DefaultIndenter lines = new DefaultIndenter("  ", "\n");
        json.setPrettyPrinter(
                new DefaultPrettyPrinter()
                        .withObjectIndenter(lines)
                        .withArrayIndenter(lines)
                        .withoutSpacesInObjectEntries());
    }

    /// Prints one object and a newline.
    static void print(PrintWriter out, Part members) {
        try (Json json = new Json(out)) {
            json.object(members);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    void object(Part members) throws IOException {
        json.writeStartObject();
        members.write(this);
        json.writeEndObject();
    }

    void object(String name, Part members) throws IOException {
        json.writeFieldName(name);
        object(members);
    }

    void array(String name, Part elements) throws IOException {
        json.writeArrayFieldStart(name);
        elements.write(this);
        json.writeEndArray();
    }

    /// An element of an array.
    void text(String element) throws IOException {
        json.writeString(element);
    }

    Json text(String name, @Nullable String value) throws IOException {
        json.writeStringField(name, value);
        return this;
    }

    Json number(String name, long value) throws IOException {
        json.writeNumberField(name, value);
        return this;
    }

    Json number(String name, @Nullable Number value) throws IOException {
        return value == null ? nothing(name) : number(name, value.longValue());
    }

    Json flag(String name, boolean value) throws IOException {
        json.writeBooleanField(name, value);
        return this;
    }

    Json time(String name, @Nullable Instant value) throws IOException {
        return text(name, value == null ? null : Words.rfc3339(value));
    }

    Json hash(String name, @Nullable Sha256 value) throws IOException {
        return text(name, value == null ? null : value.hex());
    }

    /// A path as `path`, and its bytes in base64 as `pathBytes` where the text is not the path.
    Json path(ItemPath path) throws IOException {
        text("path", path.isRoot() ? "." : path.text());
        return path.isUtf8()
                ? this
                : text("pathBytes", Base64.getEncoder().encodeToString(path.bytes()));
    }

    /// Text that is JSON already.
    Json raw(String name, String value) throws IOException {
        json.writeFieldName(name);
        json.writeRawValue(value);
        return this;
    }

    Json nothing(String name) throws IOException {
        json.writeNullField(name);
        return this;
    }

    @Override
    public void close() throws IOException {
        json.close();
        out.println();
        out.flush();
    }

    /// JSON lets DEL and the C1 controls stand as they are, and a terminal may obey them. They only
    /// ever appear in strings, where an escape means the same.
    private static final class WithoutControls extends FilterWriter {
        WithoutControls(Writer out) {
            super(out);
        }

        @Override
        public void write(int c) throws IOException {
            if (c >= 0x7F && c <= 0x9F) {
                out.write(String.format("\\u%04X", c));
            } else {
                out.write(c);
            }
        }

        @Override
        public void write(char[] text, int from, int length) throws IOException {
            int start = from;
            for (int i = from; i < from + length; i++) {
                if (text[i] >= 0x7F && text[i] <= 0x9F) {
                    out.write(text, start, i - start);
                    write(text[i]);
                    start = i + 1;
                }
            }
            out.write(text, start, from + length - start);
        }

        @Override
        public void write(String text, int from, int length) throws IOException {
            write(text.toCharArray(), from, length);
        }
    }
}
