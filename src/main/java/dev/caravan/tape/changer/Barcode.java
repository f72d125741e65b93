package dev.caravan.tape.changer;

/// The name on the outside of a cartridge: six characters and, on LTO, two for the media type
/// (`VT0001L8`).
public record Barcode(String text) implements Comparable<Barcode> {
    public Barcode {
        if (!text.matches("[A-Z0-9]{6,8}")) {
            throw new IllegalArgumentException("barcode '" + text + "': want 6 to 8 of A-Z 0-9");
        }
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
