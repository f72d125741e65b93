package dev.caravan.item;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An amount of data, written as a number and a unit: `64MiB`, `1GiB`, `500kB`, `4096`. KiB, MiB,
/// GiB and TiB are powers of 1024; kB, MB, GB and TB powers of 1000 (IEC 80000-13).
public record DataSize(long bytes) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,15})\\s*(B|[kKMGT]i?B)?");
    private static final String UNITS = "KMGT";

    /// @throws IllegalArgumentException saying what is wanted
    public static DataSize parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "size '" + text + "': want a number and a unit, such as 64MiB or 1GiB");
        }
        long factor = 1;
        String unit = matcher.group(2);
        if (unit != null && unit.length() > 1) {
            int power = UNITS.indexOf(unit.toUpperCase(Locale.ROOT).charAt(0)) + 1;
            long base = unit.length() == 3 ? 1024 : 1000;
            for (int i = 0; i < power; i++) {
                factor *= base;
            }
        }
        try {
            return new DataSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), factor));
        } catch (ArithmeticException tooLarge) {
            throw new IllegalArgumentException("size '" + text + "' is too large", tooLarge);
        }
    }

    /// For people: three figures and a binary unit, such as `1.42 GiB`.
    @Override
    public String toString() {
        double value = bytes;
        int unit = -1;
        while (value >= 1024 && unit < UNITS.length() - 1) {
            value /= 1024;
            unit++;
        }
        return unit < 0
                ? bytes + " B"
                : String.format(
                        Locale.ROOT,
                        value < 10 ? "%.2f %siB" : value < 100 ? "%.1f %siB" : "%.0f %siB",
                        value,
                        UNITS.charAt(unit));
    }
}
