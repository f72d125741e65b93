package dev.caravan.cli;

import dev.caravan.cli.AgeKeys.Key;
import dev.caravan.config.Finding;
import dev.caravan.config.Home;
import dev.caravan.config.Nearest;
import dev.caravan.config.Settings;
import dev.caravan.pipeline.check.CopyRoute;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Whether the keys and the targets that settings of encryption name are there. Confined to one
/// thread, used once.
final class EncryptionChecks {
    private final Home home;
    private final List<Finding> findings = new ArrayList<>();

    private EncryptionChecks(Home home) {
        this.home = home;
    }

    static List<Finding> findings(Home home, Settings settings, List<CopyRoute> routes) {
        if (settings.encryption().isEmpty()) {
            return List.of();
        }
        EncryptionChecks checks = new EncryptionChecks(home);
        List<Key> keys;
        try {
            keys = new AgeKeys(home).all();
        } catch (IOException e) {
            return List.of(Finding.error(home.config(), 0, "caravan.encrypt: " + e.getMessage()));
        }
        new TreeMap<>(settings.encryption())
                .forEach((target, names) -> {
                    checks.target(target, routes);
                    checks.keys(target, names, keys);
                });
        return List.copyOf(checks.findings);
    }

    private void target(String target, List<CopyRoute> routes) {
        Optional<CopyRoute> route =
                routes.stream().filter(each -> each.target().equals(target)).findFirst();
        if (route.isEmpty()) {
            List<String> known = routes.stream().map(CopyRoute::target).sorted().toList();
            add(target, "no copy route has target '%s'; there are %s".formatted(target, known));
        } else if (route.get().proof().equals("nas")) {
            add(
                    target,
                    "'%s' keeps plain files, which are read without Caravan: encrypt its file system instead"
                            .formatted(target));
        }
    }

    private void keys(String target, List<String> names, List<Key> keys) {
        List<String> known = keys.stream().map(Key::name).toList();
        for (String name : names) {
            if (!known.contains(name)) {
                String hint = Nearest.hint(name, known);
                add(
                        target,
                        "no key '%s' in this home%s"
                                .formatted(
                                        name,
                                        hint.isEmpty()
                                                ? ": make it with caravan key new " + name
                                                : hint));
            }
        }
        boolean readable =
                keys.stream().anyMatch(key -> names.contains(key.name()) && key.hasIdentity());
        if (!readable && known.containsAll(names)) {
            add(
                    target,
                    "of %s this home has the recipient only, and could neither verify nor restore what it writes: add a key made by caravan key new"
                            .formatted(names));
        }
    }

    private void add(String target, String what) {
        findings.add(Finding.error(home.config(), 0, "caravan.encrypt." + target + ": " + what));
    }
}
