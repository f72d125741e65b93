package dev.caravan.cli;

import dev.caravan.config.Asked;
import dev.caravan.config.Home;
import dev.caravan.config.Settings;
import dev.caravan.item.DataSize;
import dev.caravan.item.ItemPath;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Scan;
import dev.caravan.ledger.Sighted;
import dev.caravan.scan.Selection;
import dev.caravan.scan.Sighting;
import dev.caravan.scan.SourceRoot;
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
    private final boolean acceptDeletions;
    private long items;
    private long deleted;
    private long vanished;
    private long changed;
    private long bytes;
    private long notSeen;

    /// @param acceptDeletions as a backup would be told
    DryRun(Home home, PrintWriter out, boolean acceptDeletions) {
        this.home = home;
        this.out = out;
        this.acceptDeletions = acceptDeletions;
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
                "%s seen; %s new or changed, %s, would be copied to every target; %s would be marked deleted"
                        .formatted(
                                Words.count(items, "item", "items"),
                                Words.count(changed),
                                new DataSize(bytes),
                                Words.count(deleted)));
        if (vanished > 0) {
            out.println(
                    "%s vanished, more than 30 %% of a source: none would be marked deleted without --accept-deletions"
                            .formatted(Words.count(vanished, "item", "items")));
        }
        return notSeen == 0 ? ExitCode.OK : ExitCode.INCOMPLETE;
    }

    private void walkAll(Settings settings, @Nullable Ledger ledger) throws IOException {
        for (Settings.Source source : settings.sources()) {
            try {
                walk(source, settings, ledger);
            } catch (IOException away) {
                notSeen++;
                out.println(SourceRoots.told(source, away));
            }
        }
        out.flush();
    }

    private void walk(Settings.Source source, Settings settings, @Nullable Ledger ledger)
            throws IOException {
        if (!source.commands().before().isEmpty()) {
            out.println(HomeHooks.notRun(source));
            if (source.folder()
                    .filter(dir -> !Asked.about(dir, () -> Files.isDirectory(dir)).orElse(true))
                    .isPresent()) {
                return;
            }
        }
        boolean known = ledger != null && ledger.sources().names().contains(source.name());
        Scan scan = ledger != null && known ? ledger.scans().begin(source.name()) : null;
        List<Sighted> batch = new ArrayList<>();
        try (SourceRoot root = SourceRoots.openOnce(source, RunningHome.ownData(settings))) {
            root.walk(
                    ItemPath.ROOT,
                    Selection.of(source.include(), source.exclude()),
                    sighting -> {
                        take(sighting, scan, batch);
                        if (batch.size() >= BATCH) {
                            show(source.name(), scan, batch);
                        }
                    });
        }
        show(source.name(), scan, batch);
        if (scan != null) {
            Scan.Summary outlook = scan.outlook(acceptDeletions);
            deleted += outlook.deleted();
            vanished += outlook.vanished();
        }
    }

    /// As a backup takes it: what could not be looked at is not deleted.
    private static void take(Sighting sighting, @Nullable Scan scan, List<Sighted> batch) {
        switch (sighting) {
            case Sighting.Seen(var path, var metadata, var fingerprint) ->
                    batch.add(new Sighted(path, metadata, fingerprint));
            case Sighting.Unreadable(var path, var _) -> unseen(scan, path);
            case Sighting.FolderEnd(var path, var complete) -> {
                if (!complete) {
                    unseen(scan, path);
                }
            }
            case Sighting.Skipped _ -> {}
        }
    }

    private static void unseen(@Nullable Scan scan, ItemPath path) {
        if (scan != null) {
            scan.unseen(path);
        }
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
