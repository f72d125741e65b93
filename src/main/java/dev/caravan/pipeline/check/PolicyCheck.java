package dev.caravan.pipeline.check;

import dev.caravan.config.Finding;
import dev.caravan.ledger.MediaKind;
import dev.caravan.ledger.Policies.Coordinates;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Whether the targets there are could ever satisfy the policy, for each source. Confined.
final class PolicyCheck {
    private static final Pattern SOURCE_DIR =
            Pattern.compile("caravan\\.source\\.([a-z0-9-]{1,32})\\.dir");

    private final Map<String, String> properties;
    private final List<Finding> findings;

    PolicyCheck(Map<String, String> properties, List<Finding> findings) {
        this.properties = properties;
        this.findings = findings;
    }

    void check(List<CopyRoute> targets, Path where) {
        Set<String> sources = new TreeSet<>();
        properties
                .keySet()
                .forEach(key -> {
                    Matcher matcher = SOURCE_DIR.matcher(key);
                    if (matcher.matches()) {
                        sources.add(matcher.group(1));
                    }
                });
        for (String source : sources) {
            List<String> missing = missing(targets, source);
            if (!missing.isEmpty()) {
                findings.add(
                        Finding.error(
                                where,
                                0,
                                "source '"
                                        + source
                                        + "' can never be in policy: "
                                        + String.join(", ", missing)));
            }
        }
    }

    private List<String> missing(List<CopyRoute> targets, String source) {
        String site = properties.getOrDefault("caravan.source." + source + ".site", "here");
        int wanted = asked(source, "copies", 3);
        int wantedKinds = asked(source, "media-kinds", 2);
        boolean bucket =
                properties
                        .getOrDefault("caravan.source." + source + ".dir", "")
                        .startsWith("s3://");
        Set<MediaKind> kinds = EnumSet.of(bucket ? MediaKind.OBJECT_STORE : MediaKind.DISK);
        targets.forEach(target -> kinds.add(target.mediaKind()));
        int copies = targets.size() + 1;
        List<String> missing = new ArrayList<>();
        if (copies < wanted) {
            missing.add(copies + " copies with the original, want " + wanted);
        }
        if (kinds.size() < wantedKinds) {
            missing.add(
                    kinds.size() == 1
                            ? "1 kind of media (%s), want %d"
                                    .formatted(kinds.iterator().next(), wantedKinds)
                            : "%d kinds of media, want %d".formatted(kinds.size(), wantedKinds));
        }
        offsite(targets, source, site, missing);
        long tapes = targets.stream().filter(t -> t.mediaKind() == MediaKind.TAPE).count();
        int wantedOffline = asked(source, "offline", 0);
        if (tapes < wantedOffline) {
            missing.add(
                    "%d that could be offline or immutable (only a cartridge can), want %d"
                            .formatted(tapes, wantedOffline));
        }
        return missing;
    }

    private void offsite(
            List<CopyRoute> targets, String source, String site, List<String> missing) {
        int wanted = asked(source, "offsite", 1);
        long distance = kilometres(source);
        List<CopyRoute> away =
                targets.stream().filter(target -> !target.site().equals(site)).toList();
        long far = away.stream().filter(target -> isFar(site, target.site(), distance)).count();
        if (far >= wanted) {
            return;
        }
        if (away.size() < wanted) {
            missing.add(
                    away.isEmpty()
                            ? "0 offsite (all are at '%s'), want %d".formatted(site, wanted)
                            : "%d offsite, want %d".formatted(away.size(), wanted));
            return;
        }
        Set<String> unknown = new TreeSet<>();
        away.forEach(target -> unknown.add(target.site()));
        unknown.add(site);
        unknown.removeIf(each -> coordinates(each) != null);
        missing.add(
                "%d offsite at least %dkm from '%s', want %d%s"
                        .formatted(
                                far,
                                distance,
                                site,
                                wanted,
                                unknown.isEmpty()
                                        ? ""
                                        : " (set caravan.site.%s.coordinates)"
                                                .formatted(
                                                        String.join(
                                                                ".coordinates, caravan.site.",
                                                                unknown))));
    }

    private boolean isFar(String from, String to, long kilometres) {
        Coordinates a = coordinates(from);
        Coordinates b = coordinates(to);
        return kilometres == 0 || a != null && b != null && a.metresTo(b) >= kilometres * 1000.0;
    }

    private @Nullable Coordinates coordinates(String site) {
        String given = properties.get("caravan.site." + site + ".coordinates");
        if (given == null) {
            return null;
        }
        String[] degrees = given.split(",");
        return new Coordinates(
                Double.parseDouble(degrees[0].strip()), Double.parseDouble(degrees[1].strip()));
    }

    private int asked(String source, String word, int otherwise) {
        return Integer.parseInt(value(source, word, String.valueOf(otherwise)));
    }

    private long kilometres(String source) {
        return Long.parseLong(value(source, "distance", "0km").replace("km", ""));
    }

    /// What the source asks for, else what the home does.
    private String value(String source, String word, String otherwise) {
        return properties.getOrDefault(
                "caravan.source." + source + ".policy." + word,
                properties.getOrDefault("caravan.policy." + word, otherwise));
    }
}
