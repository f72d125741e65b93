package dev.caravan.ledger;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Rows as a JSON array of arrays, which is how SQLite takes many as one value: `json_each(?)`,
/// then `value ->> 0` and so on. Confined.
final class RowList {
    private final StringBuilder text = new StringBuilder("[");
    private int size;

    /// @param values numbers, bytes, which come as hexadecimal digits for `unhex`, or null
    void add(@Nullable Object... values) {
        text.append(size == 0 ? "[" : ",[");
        size++;
        for (int i = 0; i < values.length; i++) {
            text.append(i == 0 ? "" : ",");
            if (values[i] instanceof byte[] bytes) {
                text.append('"').append(HexFormat.of().formatHex(bytes)).append('"');
            } else {
                text.append((Number) values[i]);
            }
        }
        text.append(']');
    }

    int size() {
        return size;
    }

    @Override
    public String toString() {
        return text + "]";
    }
}
