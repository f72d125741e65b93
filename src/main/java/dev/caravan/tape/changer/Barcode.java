package dev.caravan.tape.changer;

import java.util.Optional;
import java.util.regex.Pattern;

/// The name on the outside of a cartridge: six characters and, on LTO, two for the media type
/// (`VT0001L8`). Libraries read up to 16.
public record Barcode(String text) implements Comparable<Barcode> {
    private static final Pattern FORM = Pattern.compile("[A-Z0-9]{6,16}");

    public Barcode {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("barcode '" + text + "': want 6 to 16 of A-Z 0-9");
        }
    }

    /// What a reader read, padded or not; nothing if that is no barcode.
    public static Optional<Barcode> ofReader(String read) {
        String text = read.strip();
        return FORM.matcher(text).matches() ? Optional.of(new Barcode(text)) : Optional.empty();
    }

    /// Cleaning cartridges carry no data.
    public boolean cleaning() {
        return text.startsWith("CLN");
    }

    @Override
    public int compareTo(Barcode other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
