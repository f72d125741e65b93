package dev.caravan.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What `rebuild` came to.
///
/// @param unknown versions below the newest one that no target read so far has
record RebuildReport(List<RebuiltTarget> targets, long unknown, Duration took, boolean verify) {

    boolean good() {
        return targets.stream().allMatch(RebuiltTarget::good);
    }

    private long versions() {
        return targets.stream().mapToLong(RebuiltTarget::versions).sum();
    }

    private long copies() {
        return targets.stream().mapToLong(RebuiltTarget::copies).sum();
    }

    private long counted() {
        return targets.stream().mapToLong(RebuiltTarget::counted).sum();
    }

    void print(PrintWriter out, boolean json) {
        if (json) {
            Json.print(out, this::write);
            return;
        }
        targets.forEach(target -> target.print(out));
        out.println(sum());
    }

    private String sum() {
        long millis = Math.max(1, took.toMillis());
        StringBuilder sum = new StringBuilder();
        sum.append(
                "%s and %s added in %s (%s copies/s), %s read back and counted"
                        .formatted(
                                Words.count(versions(), "version", "versions"),
                                Words.count(copies(), "copy", "copies"),
                                Words.duration(took),
                                Words.count(copies() * 1000 / millis),
                                Words.count(counted())));
        if (!verify) {
            sum.append(
                    ". What was not read back can be restored and does not count yet: 'caravan rebuild --verify --from %s'"
                            .formatted(
                                    targets.stream()
                                            .map(target -> target.name)
                                            .collect(Collectors.joining(","))));
        }
        if (unknown > 0) {
            sum.append(
                    ". Up to %s registered before the newest of these %s on no target read so far"
                            .formatted(
                                    Words.count(unknown, "version", "versions"),
                                    unknown == 1 ? "is" : "are"));
        }
        return sum.toString();
    }

    private void write(Json json) throws IOException {
        json.flag("good", good())
                .number("versions", versions())
                .number("copies", copies())
                .number("verified", counted())
                .number("unknownVersions", unknown)
                .number("milliseconds", took.toMillis())
                .text("adoptedHome", adoptedHome());
        json.array(
                "targets",
                all -> {
                    for (RebuiltTarget target : targets) {
                        all.object(target::write);
                    }
                });
    }

    private @Nullable String adoptedHome() {
        for (RebuiltTarget target : targets) {
            if (target.adopted != null) {
                return target.adopted;
            }
        }
        return null;
    }
}
