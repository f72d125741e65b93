package dev.caravan.tape.json;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The fields of one JSON object; a field that is missing or of another type fails with the name of
/// the field and of the file.
public final class Fields {
    private final Map<String, ?> object;
    private final String origin;

    Fields(Map<String, ?> object, String origin) {
        this.object = object;
        this.origin = origin;
    }

    public String text(String name) throws IOException {
        if (value(name) instanceof String text) {
            return text;
        }
        throw wrong(name, "a text");
    }

    public Optional<String> optionalText(String name) throws IOException {
        return value(name) == null ? Optional.empty() : Optional.of(text(name));
    }

    public long number(String name) throws IOException {
        if (value(name) instanceof Number number) {
            return number.longValue();
        }
        throw wrong(name, "a number");
    }

    public OptionalLong optionalNumber(String name) throws IOException {
        return value(name) == null ? OptionalLong.empty() : OptionalLong.of(number(name));
    }

    public int integer(String name) throws IOException {
        return Math.toIntExact(number(name));
    }

    public boolean flag(String name) throws IOException {
        if (value(name) instanceof Boolean flag) {
            return flag;
        }
        throw wrong(name, "true or false");
    }

    /// A flag that may be absent.
    public boolean flag(String name, boolean absent) throws IOException {
        return object.containsKey(name) ? flag(name) : absent;
    }

    /// An object that may be absent.
    public Optional<Fields> optionalObject(String name) throws IOException {
        Object value = value(name);
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof Map<?, ?> map)) {
            throw wrong(name, "an object");
        }
        @SuppressWarnings("unchecked") // the keys of a JSON object are texts
        Map<String, ?> object = (Map<String, ?>) map;
        return Optional.of(new Fields(object, origin));
    }

    /// Texts, none where the field is absent.
    public List<String> texts(String name) throws IOException {
        Object value = value(name);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof List<?> values)) {
            throw wrong(name, "a list of texts");
        }
        List<String> texts = new ArrayList<>();
        for (Object each : values) {
            if (!(each instanceof String text)) {
                throw wrong(name, "a list of texts");
            }
            texts.add(text);
        }
        return texts;
    }

    public List<Fields> objects(String name) throws IOException {
        if (!(value(name) instanceof List<?> values)) {
            throw wrong(name, "a list of objects");
        }
        List<Fields> fields = new ArrayList<>();
        for (Object value : values) {
            if (!(value instanceof Map<?, ?> map)) {
                throw wrong(name, "a list of objects");
            }
            @SuppressWarnings("unchecked") // the keys of a JSON object are texts
            Map<String, ?> object = (Map<String, ?>) map;
            fields.add(new Fields(object, origin));
        }
        return fields;
    }

    private @Nullable Object value(String name) {
        return object.get(name);
    }

    private IOException wrong(String name, String wanted) {
        return new IOException(
                "%s: field '%s' is %s, want %s".formatted(origin, name, value(name), wanted));
    }
}
