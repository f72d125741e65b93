package dev.caravan.ledger;

import static dev.caravan.ledger.LedgerFixture.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// After any history, what is kept beside the copies is what the rows of items and copies say, as a
/// recount finds it and as a few lines here find it that share nothing with the program.
class StandingsHistoryTest {
    private static final int STEPS = 250;
    private static final int PATHS = 14;
    private static final List<String> TARGETS = List.of("nas", "tape", "offsite");

    @TempDir Path folder;
    private LedgerFixture fixture;
    private Random random = new Random(0);
    private final Map<String, Integer> source = new TreeMap<>();

    @BeforeEach
    void open() {
        fixture = new LedgerFixture(folder.resolve("ledger.db")).usual();
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 20_261_128})
    void whatIsKeptIsWhatIsCounted(long seed) throws SQLException {
        random = new Random(seed);
        Policies policies =
                Policies.of(
                        new Policy(
                                3,
                                2,
                                1,
                                0,
                                Map.of(
                                        MediaKind.DISK, Duration.ofDays(30),
                                        MediaKind.TAPE, Duration.ofDays(90)),
                                0));
        try {
            for (int step = 0; step < STEPS; step++) {
                String did = step(policies);
                Counts counts = fixture.ledger().counts();
                Counts.Report report = counts.report(policies);
                String where = "seed %d, step %d, after %s".formatted(seed, step, did);
                assertThat(report.reached()).as(where).isEqualTo(counts.recount(policies));
                assertThat(plain(policies)).as(where).isEqualTo(copiesAndErrors(report));
                assertTallies(where, report);
            }
        } finally {
            fixture.close();
        }
    }

    private String step(Policies policies) throws SQLException {
        Ledger ledger = fixture.ledger();
        int choice = random.nextInt(14);
        switch (choice) {
            case 0, 1 -> change();
            case 2, 3, 4 -> copySome(TARGETS.get(random.nextInt(TARGETS.size())));
            case 5 -> fixture.pass(Duration.ofDays(random.nextInt(20)));
            case 6 -> ledger.upkeep().age(policies);
            case 7 -> ledger.upkeep().settle();
            case 8 -> ledger.upkeep().repair();
            case 9 -> suspect();
            case 10 -> unstable();
            case 11 -> ledger.plainTree().lost("nas", List.of(anyVersion()));
            case 12 -> {
                if (random.nextBoolean()) {
                    ledger.sources().onlyThese(random.nextBoolean() ? List.of() : List.of("docs"));
                } else {
                    ledger.volumes()
                            .giveUp(
                                    "VT0001L8",
                                    "uuid-1",
                                    new Volumes.Rule(new Policy(0, 0, 0), Duration.ZERO));
                }
            }
            default -> fixture.reopen();
        }
        return "choice " + choice;
    }

    /// Some items come, change or go, and a scan sees it.
    private void change() {
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            String path = "f" + random.nextInt(PATHS);
            if (random.nextInt(4) == 0) {
                source.remove(path);
            } else {
                source.merge(path, 1, Integer::sum);
            }
        }
        List<Sighted> seen = new ArrayList<>();
        source.forEach((path, state) -> seen.add(file(path, 10 + state, state)));
        fixture.scan("docs", seen.toArray(Sighted[]::new));
    }

    private void copySome(String target) {
        long lease = fixture.lease();
        List<Version> claimed =
                fixture.ledger().copies().claim(target, lease, 1 + random.nextInt(6), 1 << 20);
        List<CopyProof> proofs = new ArrayList<>();
        for (Version version : claimed) {
            switch (random.nextInt(6)) {
                case 0 ->
                        fixture.ledger()
                                .copies()
                                .retry(target, lease, version, "no", Duration.ZERO);
                case 1 ->
                        fixture.ledger()
                                .copies()
                                .abandon(target, lease, version, "gone", Duration.ZERO);
                default -> proofs.add(proof(target, version));
            }
        }
        if (!proofs.isEmpty()) {
            fixture.ledger()
                    .copies()
                    .record(
                            target,
                            lease,
                            fixture.evidence(
                                    random.nextBoolean() ? Evidence.Level.V1 : Evidence.Level.V3),
                            proofs);
        }
    }

    private CopyProof proof(String target, Version version) {
        String name = target + "-" + random.nextLong();
        StoredObject object =
                switch (target) {
                    case "tape" ->
                            new StoredObject(
                                    name,
                                    9,
                                    true,
                                    new StoredObject.OnTape(
                                            random.nextBoolean() ? "VT0001L8" : "VT0002L8",
                                            "uuid-1",
                                            1,
                                            random.nextInt(1_000_000)));
                    case "offsite" -> new StoredObject(name, 9, true, null);
                    default -> null;
                };
        return new CopyProof(
                version, LedgerFixture.hash(version), version.metadata().size(), object, 0);
    }

    private long anyVersion() throws SQLException {
        List<Long> ids = new ArrayList<>();
        rows("SELECT id FROM version", r -> ids.add(r.getLong(1)));
        return ids.isEmpty() ? 0 : ids.get(random.nextInt(ids.size()));
    }

    private void suspect() throws SQLException {
        for (TapeFiles.Held held : fixture.ledger().tapeFiles().on("VT0001L8")) {
            if (random.nextInt(3) == 0) {
                fixture.ledger()
                        .tapeFiles()
                        .readBack(
                                held,
                                fixture.evidence(Evidence.Level.V3),
                                random.nextBoolean() ? List.of(held.lastVersion()) : List.of(),
                                random.nextBoolean()
                                        ? Map.of(held.firstVersion(), "other bytes")
                                        : Map.of(),
                                List.of());
            }
        }
    }

    private void unstable() {
        fixture.ledger()
                .scans()
                .problem(
                        new Problem(
                                "docs",
                                ItemPath.of("f" + random.nextInt(PATHS)),
                                random.nextBoolean()
                                        ? Problem.Kind.UNSTABLE
                                        : Problem.Kind.UNREADABLE,
                                "moves"));
    }

    private interface Row {
        void take(ResultSet row) throws SQLException;
    }

    private void rows(String sql, Row row) throws SQLException {
        try (Connection raw = DriverManager.getConnection("jdbc:sqlite:" + fixture.file());
                Statement statement = raw.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                row.take(rows);
            }
        }
    }

    /// Copies and errors of every item, counted here: `copies/errors` to how many.
    private Map<String, Long> plain(Policies policies) throws SQLException {
        Set<String> unstable = new HashSet<>();
        rows(
                "SELECT hex(path) FROM problem WHERE kind = 'UNSTABLE'",
                r -> unstable.add(r.getString(1)));
        long now = Instants.nanos(fixture.now());
        Map<String, Integer> copies = new TreeMap<>();
        Map<String, Integer> errors = new TreeMap<>();
        rows(
                "SELECT hex(path), seen FROM item WHERE present = 1",
                r -> {
                    copies.put(r.getString(1), r.getInt(2));
                    errors.put(r.getString(1), 0);
                });
        rows(
                "SELECT hex(i.path), c.state, max(coalesce(c.verified_at, 0), c.recorded_at),"
                        + " t.media_kind FROM item i JOIN copy c ON c.version_id = i.version_id JOIN"
                        + " target t ON t.id = c.target_id WHERE i.present = 1 AND c.state IN"
                        + " ('DURABLE', 'VERIFIED', 'STALE', 'SUSPECT')",
                r -> {
                    boolean suspect = r.getString(2).equals("SUSPECT");
                    Duration most =
                            Objects.requireNonNull(
                                    policies.home().verified().get(MediaKind.of(r.getString(4))));
                    boolean old =
                            r.getString(2).equals("STALE") || r.getLong(3) < now - most.toNanos();
                    copies.merge(r.getString(1), suspect ? 0 : 1, Integer::sum);
                    errors.merge(r.getString(1), suspect || old ? 1 : 0, Integer::sum);
                });
        Map<String, Long> sums = new TreeMap<>();
        copies.forEach((path, number) -> {
            if (!unstable.contains(path)) {
                sums.merge(number + "/" + errors.get(path), 1L, Long::sum);
            }
        });
        return sums;
    }

    private static Map<String, Long> copiesAndErrors(Counts.Report report) {
        Map<String, Long> sums = new TreeMap<>();
        report.reached()
                .forEach((reached, items) ->
                        sums.merge(reached.copies() + "/" + reached.errors(), items, Long::sum));
        return sums;
    }

    private void assertTallies(String where, Counts.Report report) throws SQLException {
        Map<String, String> counted = new TreeMap<>();
        rows(
                "SELECT t.name, coalesce(sum(c.state IN ('DURABLE', 'VERIFIED', 'STALE')), 0),"
                        + " coalesce(sum(c.state IN ('WANTED', 'WRITING')), 0), coalesce(sum(CASE"
                        + " WHEN c.state IN ('DURABLE', 'VERIFIED', 'STALE') THEN c.bytes_read ELSE"
                        + " 0 END), 0), coalesce(sum(c.state = 'SUSPECT'), 0) FROM target t LEFT"
                        + " JOIN copy c ON c.target_id = t.id GROUP BY t.id",
                r ->
                        counted.put(
                                r.getString(1),
                                "%d %d %d %d"
                                        .formatted(
                                                r.getLong(2),
                                                r.getLong(3),
                                                r.getLong(4),
                                                r.getLong(5))));
        Map<String, String> told = new TreeMap<>();
        report.targets()
                .forEach(t ->
                        told.put(
                                t.target().name(),
                                "%d %d %d %d"
                                        .formatted(
                                                t.copies(), t.wanted(), t.bytes(), t.suspect())));
        assertThat(told).as(where).isEqualTo(counted);
        long[] versions = {0, 0};
        rows(
                "SELECT count(*), coalesce(sum(size), 0) FROM version",
                r -> {
                    versions[0] = r.getLong(1);
                    versions[1] = r.getLong(2);
                });
        assertThat(report.versions()).as(where).isEqualTo(versions[0]);
        assertThat(report.bytes()).as(where).isEqualTo(versions[1]);
        Set<String> left = new TreeSet<>();
        rows(
                "SELECT s.id FROM standing s WHERE items <> (SELECT count(*) FROM item i WHERE"
                        + " i.standing_id = s.id)",
                r -> left.add(r.getString(1)));
        assertThat(left).as(where + ": standings with another number of items").isEmpty();
    }
}
