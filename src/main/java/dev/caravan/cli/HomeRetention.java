package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.ledger.Keep;
import dev.caravan.ledger.RetentionPlan;
import dev.caravan.ledger.RetentionRules;
import dev.caravan.scan.Glob;
import java.time.ZoneId;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What the settings of a home keep of old versions, as the ledger goes by it.
final class HomeRetention {
    /// The patterns of holds, as `restore` and `find` read them.
    static final RetentionRules.Globs GLOBS =
            pattern -> {
                Glob glob = Glob.typed(Arguments.text(pattern), false);
                return path -> glob.matches(path, true);
            };

    /// By which rule copies are proven whose data this program can remove, or leave to be written
    /// over.
    private static final Set<String> REMOVABLE = Set.of("nas", "sftp", "s3", "readback", "tape");

    /// A share of the copies of a target above which a person must say that it is meant.
    private static final double MANY = 0.30;

    private HomeRetention() {}

    /// Says that too much of a target would go at once; null if that is not so.
    static @Nullable String tooMany(RetentionPlan plan) {
        for (RetentionPlan.OfTarget each : plan.targets()) {
            if (each.share() > MANY) {
                return "%s of the %s on '%s' would be retired, more than 30 %%: nothing was"
                        .formatted(
                                Words.count(each.retiresCounted()),
                                Words.count(each.counted(), "copy", "copies"),
                                each.target().name());
            }
        }
        return null;
    }

    /// @param rules by which rule each target's copies are proven
    /// @param withTape whether copies on tape are relied on too, which are read again first
    static RetentionRules of(
            Settings settings, Map<String, String> rules, boolean withTape, ZoneId zone) {
        Set<String> removable = new TreeSet<>();
        Set<String> proving = new TreeSet<>();
        rules.forEach((target, rule) -> {
            if (REMOVABLE.contains(rule)) {
                removable.add(target);
                if (withTape || !rule.equals("tape")) {
                    proving.add(target);
                }
            }
        });
        return new RetentionRules(
                keep(settings),
                HomePolicies.of(settings),
                removable,
                proving,
                zone,
                settings.retention().grace(),
                GLOBS);
    }

    private static Map<String, Keep> keep(Settings settings) {
        Map<String, Keep> keep = new TreeMap<>();
        settings.retention()
                .keep()
                .forEach((target, k) ->
                        keep.put(
                                target,
                                new Keep(
                                        k.last(), k.daily(), k.weekly(), k.monthly(), k.yearly())));
        return keep;
    }
}
