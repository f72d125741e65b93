package dev.caravan.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A number of bytes, written with its unit: `64MiB` (powers of 1024) or `100GB` (powers of 1000,
/// as makers of tapes and disks count). Immutable.
public record DataSize(long bytes) implements Comparable<DataSize> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\s*([A-Za-z]*)");
    private static final Map<String, Long> UNITS =
            Map.of(
                    "B", 1L,
                    "KB", 1_000L,
                    "MB", 1_000_000L,
                    "GB", 1_000_000_000L,
                    "TB", 1_000_000_000_000L,
                    "KiB", 1L << 10,
                    "MiB", 1L << 20,
                    "GiB", 1L << 30,
                    "TiB", 1L << 40);

    /// @throws IllegalArgumentException saying what a size looks like
    public static DataSize parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        Long unit = form.matches() ? UNITS.get(form.group(2)) : null;
        if (unit == null) {
            throw new IllegalArgumentException(
                    "size '" + text + "': want a number with a unit, such as 64MiB or 100GB");
        }
        try {
            return new DataSize(Math.multiplyExact(Long.parseLong(form.group(1)), unit));
        } catch (ArithmeticException overflow) {
            throw new IllegalArgumentException(
                    "size '" + text + "': more bytes than 64 bits can count", overflow);
        }
    }

    @Override
    public int compareTo(DataSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /// In the largest unit of 1024 that divides it: `64MiB`.
    @Override
    public String toString() {
        int power = bytes == 0 ? 0 : Math.min(4, Long.numberOfTrailingZeros(bytes) / 10);
        return (bytes >> 10 * power) + new String[] {"B", "KiB", "MiB", "GiB", "TiB"}[power];
    }
}
