package dev.caravan.cli;

import dev.caravan.config.Home;
import dev.caravan.config.Settings;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Scan;
import dev.caravan.ledger.Sighted;
import dev.caravan.posix.Directory;
import dev.caravan.scan.Limits;
import dev.caravan.scan.Selection;
import dev.caravan.scan.Sighting;
import dev.caravan.scan.TreeWalk;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a backup would pick up now. Writes nothing, starts nothing.
final class DryRun {
    private static final int BATCH = 1000;

    private final Home home;
    private final PrintWriter out;
    private long items;
    private long changed;
    private long bytes;

    DryRun(Home home, PrintWriter out) {
        this.home = home;
        this.out = out;
    }

    int run() throws IOException {
        Settings settings = HomeChecks.require(home).settings();
        if (!Files.exists(home.ledger())) {
            walkAll(settings, null);
        } else {
            try (Ledger ledger = Ledger.openReadOnly(home.ledger(), Clock.systemUTC())) {
                walkAll(settings, ledger);
            }
        }
        out.println(
                String.format(
                        Locale.ROOT,
                        "%,d items seen; %,d new or changed, %s, would be copied to every target",
                        items,
                        changed,
                        new dev.caravan.item.DataSize(bytes)));
        return ExitCode.OK;
    }

    private void walkAll(Settings settings, @Nullable Ledger ledger) throws IOException {
        for (Settings.Source source : settings.sources()) {
            boolean known = ledger != null && ledger.sources().names().contains(source.name());
            Scan scan = ledger != null && known ? ledger.scans().begin(source.name()) : null;
            List<Sighted> batch = new ArrayList<>();
            try (Directory root = Directory.open(source.dir())) {
                new TreeWalk(
                                root,
                                Selection.of(source.include(), source.exclude()),
                                RunningHome.ownData(settings),
                                Limits.DEFAULT)
                        .walk(sighting -> {
                            if (sighting instanceof Sighting.Seen seen) {
                                batch.add(
                                        new Sighted(
                                                seen.path(), seen.metadata(), seen.fingerprint()));
                            }
                            if (batch.size() >= BATCH) {
                                show(source.name(), scan, batch);
                            }
                        });
            }
            show(source.name(), scan, batch);
        }
        out.flush();
    }

    private void show(String source, @Nullable Scan scan, List<Sighted> batch) {
        for (Sighted sighted : scan == null ? batch : scan.changed(batch)) {
            changed++;
            bytes += sighted.metadata().size();
            out.println(
                    "+ %s %s/%s"
                            .formatted(
                                    sighted.metadata().kind().name().toLowerCase(Locale.ROOT),
                                    source,
                                    sighted.path()));
        }
        items += batch.size();
        batch.clear();
    }
}
