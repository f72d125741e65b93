package dev.caravan.config;

import dev.caravan.item.DataSize;

/// How much a drill brings back from each target: so many items, or enough for so many bytes.
///
/// @param items how many; 0 where `bytes` says it
/// @param bytes 0 where `items` says it
public record Sample(int items, long bytes) {

    /// `20`, or a size with a unit, such as `1GiB`.
    ///
    /// @throws IllegalArgumentException saying what is wanted
    public static Sample parse(String text) {
        String sample = text.strip();
        if (sample.matches("[1-9]\\d{0,3}")) {
            return new Sample(Integer.parseInt(sample), 0);
        }
        try {
            long bytes = sample.matches("\\d+") ? 0 : DataSize.parse(sample).bytes();
            if (bytes > 0) {
                return new Sample(0, bytes);
            }
        } catch (IllegalArgumentException noSize) {
            throw wrong(text, noSize);
        }
        throw wrong(text, null);
    }

    private static IllegalArgumentException wrong(
            String text, @org.jspecify.annotations.Nullable Throwable cause) {
        return new IllegalArgumentException(
                "sample '"
                        + text
                        + "': want a number of items from 1 to 9999, or a size such as 1GiB",
                cause);
    }
}
