package dev.caravan.cli;

import dev.caravan.ledger.StoredPart;
import dev.caravan.target.CopyLocation;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// Where the parts of a copy are: in one line by cartridge, and part by part.
final class PartPlaces {
    private PartPlaces() {}

    /// The media they are on.
    static String media(List<StoredPart> parts) {
        Set<String> media = new LinkedHashSet<>();
        parts.forEach(part -> media.add(medium(part)));
        return String.join(", ", media);
    }

    /// `VT0001L8 parts 1-5, VT0002L8 part 6`.
    static String location(List<StoredPart> parts) {
        List<String> runs = new ArrayList<>();
        int first = 0;
        for (int i = 1; i <= parts.size(); i++) {
            if (i == parts.size() || !medium(parts.get(i)).equals(medium(parts.get(first)))) {
                int from = parts.get(first).part().number();
                int to = parts.get(i - 1).part().number();
                runs.add(
                        medium(parts.get(first))
                                + (from == to
                                        ? " part " + from
                                        : " parts %d-%d".formatted(from, to)));
                first = i;
            }
        }
        return String.join(", ", runs);
    }

    private static String medium(StoredPart part) {
        return part.object().tape() == null ? part.object().name() : part.object().tape().volume();
    }

    private static String place(StoredPart part) {
        return part.object().tape() == null
                ? part.object().name() + "#" + part.offset()
                : CopyLocation.onTape(Objects.requireNonNull(part.object().tape()), part.offset());
    }

    static void write(Json json, List<StoredPart> parts) throws IOException {
        json.array(
                "parts",
                all -> {
                    for (StoredPart part : parts) {
                        all.object(object ->
                                object.number("part", part.part().number())
                                        .text("medium", medium(part))
                                        .text("location", place(part))
                                        .number("offset", part.part().contentOffset())
                                        .number("size", part.part().size())
                                        .hash("sha256", part.sha256()));
                    }
                });
    }

    static void print(PrintWriter out, List<StoredPart> parts) {
        for (StoredPart part : parts) {
            out.println(
                    "    part %d of %d: %s, %s"
                            .formatted(
                                    part.part().number(),
                                    part.part().count(),
                                    place(part),
                                    Words.bytes(part.part().size())));
        }
    }
}
