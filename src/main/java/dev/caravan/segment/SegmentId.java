package dev.caravan.segment;

import java.util.regex.Pattern;

/// The name of a segment, made by the caller and unique among its segments: 1 to 64 of `a-z0-9-`.
public record SegmentId(String text) {
    private static final Pattern FORM = Pattern.compile("[a-z0-9-]{1,64}");

    public SegmentId {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "segment id '" + text + "': want 1 to 64 of a-z, 0-9 and -");
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
