package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.ledger.MediaKind;
import dev.caravan.ledger.Policies;
import dev.caravan.ledger.Policy;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// What the settings of a home ask for, as the ledger judges by it.
final class HomePolicies {
    private HomePolicies() {}

    static Policies of(Settings settings) {
        Map<String, Policy> ofSource = new HashMap<>();
        Map<String, String> siteOfSource = new HashMap<>();
        for (Settings.Source source : settings.sources()) {
            ofSource.put(source.name(), policy(source.policy()));
            siteOfSource.put(source.name(), source.site());
        }
        Map<String, Policies.Coordinates> sites = new HashMap<>();
        settings.sites()
                .forEach((name, at) ->
                        sites.put(name, new Policies.Coordinates(at.latitude(), at.longitude())));
        return new Policies(policy(settings.policy()), ofSource, siteOfSource, sites);
    }

    private static Policy policy(Settings.Policy asked) {
        Map<MediaKind, Duration> verified = new TreeMap<>();
        asked.verified().forEach((kind, age) -> verified.put(MediaKind.of(kind), age));
        return new Policy(
                asked.copies(),
                asked.mediaKinds(),
                asked.offsite(),
                asked.offline(),
                verified,
                asked.kilometres() * 1000);
    }

    /// `3 copies, 2 media kinds, 1 offsite`, and what is asked for beyond 3-2-1.
    static String words(Policy policy) {
        return "%s, %s, %d offsite%s"
                .formatted(
                        Words.count(policy.copies(), "copy", "copies"),
                        Words.count(policy.mediaKinds(), "media kind", "media kinds"),
                        policy.offsite(),
                        policy.offline() == 0 ? "" : ", " + policy.offline() + " offline");
    }
}
