package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import java.util.Arrays;
import java.util.List;

/// Barcodes by a glob: `*` is any characters, `?` is one.
public record BarcodePattern(String text) {
    public BarcodePattern {
        if (!text.matches("[A-Z0-9*?]{1,16}")) {
            throw new IllegalArgumentException(
                    "barcode pattern '%s': want 1 to 16 of A-Z 0-9 * ?".formatted(text));
        }
    }

    /// @param text patterns separated by commas; none in an empty one
    public static List<BarcodePattern> list(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .map(BarcodePattern::new)
                .toList();
    }

    public boolean matches(Barcode barcode) {
        return barcode.text().matches(text.replace("*", ".*").replace("?", "."));
    }

    @Override
    public String toString() {
        return text;
    }
}
