package dev.caravan.config;

import dev.caravan.item.DataSize;

/// How much a target may be asked to take, and when. Immutable.
///
/// @param bytesPerSecond 0 = unlimited
public record Limits(long bytesPerSecond, Window window) {
    public static final Limits NONE = new Limits(0, Window.ALWAYS);

    /// What no rate is called.
    public static final String UNLIMITED = "unlimited";

    /// Below it a server may take a pause in sending for a broken connection.
    private static final long LEAST = 64 << 10;

    /// Of a rate and a window as they are written.
    ///
    /// @throws IllegalArgumentException saying what is wrong with one
    public static Limits of(String rate, String window) {
        return new Limits(rate(rate), Window.parse(window));
    }

    /// Bytes a second, such as `20MiB`; 0 for `unlimited`.
    ///
    /// @throws IllegalArgumentException saying what is wrong with it
    public static long rate(String text) {
        if (text.strip().equals(UNLIMITED)) {
            return 0;
        }
        long bytes;
        try {
            bytes = DataSize.parse(text).bytes();
        } catch (IllegalArgumentException noSize) {
            bytes = 0;
        }
        if (bytes < LEAST) {
            throw new IllegalArgumentException(
                    "rate '%s': want bytes a second, such as 20MiB and at least 64KiB, or unlimited"
                            .formatted(text));
        }
        return bytes;
    }

    public boolean hasRate() {
        return bytesPerSecond > 0;
    }

    public boolean hasWindow() {
        return !window.equals(Window.ALWAYS);
    }
}
