package dev.caravan.pipeline.check;

import dev.caravan.config.Finding;
import dev.caravan.ledger.MediaKind;
import dev.caravan.ledger.Policy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    void check(List<CopyRoute> targets, Policy policy, Path where) {
        Map<String, String> sites = new TreeMap<>();
        properties
                .keySet()
                .forEach(key -> {
                    Matcher matcher = SOURCE_DIR.matcher(key);
                    if (matcher.matches()) {
                        String name = matcher.group(1);
                        sites.put(
                                name,
                                properties.getOrDefault(
                                        "caravan.source." + name + ".site", "here"));
                    }
                });
        sites.forEach((source, site) -> {
            List<String> missing = missing(targets, policy, site);
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
        });
    }

    private static List<String> missing(List<CopyRoute> targets, Policy policy, String site) {
        Set<MediaKind> kinds = EnumSet.of(MediaKind.DISK);
        targets.forEach(target -> kinds.add(target.mediaKind()));
        long offsite = targets.stream().filter(target -> !target.site().equals(site)).count();
        int copies = targets.size() + 1;
        List<String> missing = new ArrayList<>();
        if (copies < policy.copies()) {
            missing.add(copies + " copies with the original, want " + policy.copies());
        }
        if (kinds.size() < policy.mediaKinds()) {
            missing.add(
                    kinds.size()
                            + " kind of media ("
                            + kinds.iterator().next()
                            + "), want "
                            + policy.mediaKinds());
        }
        if (offsite < policy.offsite()) {
            missing.add(offsite + " offsite (all are at '" + site + "'), want " + policy.offsite());
        }
        return missing;
    }
}
