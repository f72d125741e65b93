package dev.caravan.ledger;

import dev.caravan.item.Kind;
import dev.caravan.item.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is really so, in a few maps, beside the real ledger: the files of the source, and what lies
/// on each target. It knows nothing of states, evidence or rules.
final class ModelSite implements AutoCloseable {
    static final List<String> TARGETS = List.of("nas", "tape", "offsite", "far");

    /// What lies on a target under a version.
    enum Bytes {
        GOOD,
        CORRUPT
    }

    /// A copy.
    record Spot(String target, long version) {}

    final Map<Spot, Bytes> there = new HashMap<>();

    /// Copies that were damaged or taken away since the ledger last saw them right.
    final Set<Spot> damaged = new HashSet<>();

    /// By path the state of the file; absent: it is not there.
    final Map<String, Integer> source = new HashMap<>();

    private final Path folder;
    private int crashes;
    private Path file;
    private Ledger ledger;
    private @Nullable Connection raw;
    Instant now = Instant.parse("2026-11-22T10:00:00Z");

    private final Clock clock =
            new Clock() {
                @Override
                public ZoneId getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }

                @Override
                public Instant instant() {
                    return now;
                }
            };

    ModelSite(Path folder) {
        this.folder = folder;
        this.file = folder.resolve("ledger-0.db");
        this.ledger = Ledger.open(file, clock);
        ledger.sources()
                .declare("docs", "/srv/docs".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        ledger.targets()
                .declare(
                        List.of(
                                new Target.Declared("nas", MediaKind.DISK, "here", false, false),
                                new Target.Declared("tape", MediaKind.TAPE, "here", false, true),
                                new Target.Declared(
                                        "offsite", MediaKind.DISK, "bunker", true, true),
                                new Target.Declared("far", MediaKind.DISK, "moon", true, true)));
    }

    Ledger ledger() {
        return ledger;
    }

    /// A kill -9: the files as they are this moment are what the next program finds.
    void crash() throws IOException {
        Path image = folder.resolve("ledger-" + ++crashes + ".db");
        Files.copy(file, image);
        Path wal = wal(file);
        if (Files.exists(wal)) {
            Files.copy(wal, wal(image));
        }
        closeRaw();
        ledger.close();
        try (var old = Files.list(folder)) {
            for (Path each : old.toList()) {
                if (each.getFileName().toString().startsWith(file.getFileName().toString())) {
                    Files.delete(each);
                }
            }
        }
        file = image;
        ledger = Ledger.open(file, clock);
    }

    private static Path wal(Path file) {
        return file.resolveSibling(file.getFileName() + "-wal");
    }

    /// A whole scan of what is there now.
    void scan() {
        List<Sighted> items = new ArrayList<>();
        source.forEach(
                (path, state) -> items.add(LedgerFixture.file(path, 100 + state % 7, state)));
        Scan scan = ledger.scans().begin("docs");
        ledger.scans().register("docs", scan.changed(items), TARGETS);
        scan.finish(true);
    }

    /// Whether the source still has a version.
    boolean hasOriginal(Version version) {
        Integer state = source.get(version.path().text());
        return state != null
                && version.metadata().kind() == Kind.FILE
                && LedgerFixture.file(version.path(), 100 + state % 7, state)
                        .metadata()
                        .modified()
                        .equals(version.metadata().modified());
    }

    boolean isGood(String target, long version) {
        return there.get(new Spot(target, version)) == Bytes.GOOD;
    }

    /// Rows of the ledger as they are, by a connection of its own that shares nothing with the
    /// program.
    <T> List<T> rows(String sql, Row<T> row) {
        List<T> all = new ArrayList<>();
        try {
            if (raw == null) {
                raw = DriverManager.getConnection("jdbc:sqlite:" + file);
            }
            try (Statement statement = raw.createStatement();
                    ResultSet rows = statement.executeQuery(sql)) {
                while (rows.next()) {
                    all.add(row.of(rows));
                }
            }
            return all;
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private void closeRaw() {
        try {
            if (raw != null) {
                raw.close();
            }
            raw = null;
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    @Override
    public void close() {
        closeRaw();
        ledger.close();
    }
}
