package dev.caravan.ledger;

import java.util.Arrays;
import java.util.stream.Collectors;

/// What the "2 media" of 3-2-1 counts.
public enum MediaKind {
    DISK("disk"),
    TAPE("tape"),
    OBJECT_STORE("object-store"),
    OPTICAL("optical");

    private final String text;

    MediaKind(String text) {
        this.text = text;
    }

    /// @throws IllegalArgumentException naming the kinds there are
    public static MediaKind of(String text) {
        for (MediaKind kind : values()) {
            if (kind.text.equals(text)) {
                return kind;
            }
        }
        throw new IllegalArgumentException(
                "media kind '"
                        + text
                        + "': want one of "
                        + Arrays.stream(values())
                                .map(MediaKind::toString)
                                .collect(Collectors.joining(", ")));
    }

    @Override
    public String toString() {
        return text;
    }
}
