package dev.caravan.ledger;

import static dev.caravan.ledger.LedgerFixture.file;
import static dev.caravan.ledger.LedgerFixture.folder;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.item.ItemPath;
import dev.caravan.ledger.History.Entry;
import dev.caravan.ledger.History.View;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryTest {
    private static final View NOW = new View(null, false);

    @TempDir Path temporary;
    private LedgerFixture fixture;

    @BeforeEach
    void open() {
        fixture = new LedgerFixture(temporary.resolve("ledger.db")).usual();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private List<String> children(String path, View view) {
        List<String> names = new ArrayList<>();
        fixture.ledger()
                .history()
                .children("docs", ItemPath.of(path), view, entry -> names.add(shown(entry)));
        return names;
    }

    /// `a@5`: the path and the size; `a@5-` if it was gone.
    private static String shown(Entry entry) {
        return entry.version().path()
                + "@"
                + entry.version().metadata().size()
                + (entry.goneSince() == null ? "" : "-");
    }

    private List<String> tree(@Nullable Instant at) {
        return fixture.ledger().history().tree("docs", ItemPath.ROOT, new View(at, false)).stream()
                .map(version -> version.path() + "@" + version.metadata().size())
                .toList();
    }

    private Instant later() {
        Instant now = fixture.now();
        fixture.pass(Duration.ofMinutes(1));
        return now;
    }

    @Test
    void aFolderIsListedWithoutWhatIsInItsFolders() {
        fixture.scan(
                "docs",
                folder("a"),
                file("a/x", 1, 1),
                folder("a/y"),
                file("a/y/deep", 2, 1),
                file("a-b", 3, 1),
                file("a0", 4, 1),
                file("b", 5, 1));

        assertThat(children(".", NOW)).containsExactly("a@0", "a-b@3", "a0@4", "b@5");
        assertThat(children("a", NOW)).containsExactly("a/x@1", "a/y@0");
        assertThat(children("a/y", NOW)).containsExactly("a/y/deep@2");
        assertThat(children("b", NOW)).isEmpty();
    }

    @Test
    void whatChangedWasDeletedAndCameBackIsAsItWasAtAnyTime() {
        Instant before = fixture.now().minusSeconds(1);
        fixture.scan("docs", file("a", 1, 1), file("b", 1, 1));
        fixture.copyAll();
        Instant both = later();
        fixture.scan("docs", file("a", 2, 2));
        fixture.copyAll();
        Instant withoutB = later();
        fixture.scan("docs", file("a", 2, 2), file("b", 3, 3));
        Instant bAgain = later();
        fixture.scan("docs", file("b", 3, 3));

        assertThat(tree(before)).isEmpty();
        assertThat(tree(both)).containsExactly("a@1", "b@1");
        assertThat(tree(both.plusSeconds(59))).containsExactly("a@1", "b@1");
        assertThat(tree(withoutB)).containsExactly("a@2");
        assertThat(tree(bAgain)).containsExactly("a@2", "b@3");
        assertThat(tree(null)).containsExactly("b@3");
        assertThat(children(".", new View(withoutB, true))).containsExactly("a@2", "b@1-");
        assertThat(children(".", new View(null, true))).containsExactly("a@2-", "b@3");
        Optional<Entry> gone =
                fixture.ledger()
                        .history()
                        .entry("docs", ItemPath.of("b"), new View(withoutB, true));
        assertThat(gone).get().extracting(Entry::goneSince).isEqualTo(withoutB);
    }

    @Test
    void anItemForgottenBeforeItsFirstCopyTakesItsAbsenceWithIt() throws Exception {
        fixture.scan("docs", file("a", 1, 1), file("never", 1, 1));
        fixture.copyAll("nas");
        fixture.scan("docs", file("a", 1, 1), file("b", 1, 1));
        later();
        fixture.scan("docs", file("a", 1, 1));
        later();
        fixture.scan("docs", file("a", 1, 1), file("c", 7, 1));

        assertThat(tree(null)).containsExactly("a@1", "c@7");
        assertThat(children(".", new View(null, true))).doesNotContain("b@1-");
        assertThat(
                        number(
                                "SELECT count(*) FROM absence a LEFT JOIN item i ON i.id = a.item_id"
                                        + " WHERE i.id IS NULL"))
                .isZero();
    }

    private long number(String sql) throws Exception {
        try (Connection sqlite = DriverManager.getConnection("jdbc:sqlite:" + fixture.file());
                Statement statement = sqlite.createStatement();
                var row = statement.executeQuery(sql)) {
            return row.getLong(1);
        }
    }

    /// Random scans against a map of what was there after each.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void atAnyTimeTheTreeIsWhatTheScansHadSeen(long seed) {
        Random random = new Random(seed);
        Map<String, Integer> now = new TreeMap<>();
        NavigableMap<Instant, Map<String, Integer>> model = new TreeMap<>();
        model.put(Instant.EPOCH, Map.of());
        Map<String, Integer> states = new HashMap<>();
        for (int step = 0; step < 60; step++) {
            for (int edit = random.nextInt(5); edit >= 0; edit--) {
                String path = "f" + random.nextInt(12);
                if (random.nextInt(3) == 0) {
                    now.remove(path);
                } else {
                    now.put(path, states.merge(path, 1, Integer::sum));
                }
            }
            Scan scan = fixture.ledger().scans().begin("docs");
            List<Sighted> seen = new ArrayList<>();
            now.forEach((path, state) -> seen.add(file(path, 100 + state, state)));
            fixture.ledger()
                    .scans()
                    .register("docs", scan.changed(seen), List.of("nas", "tape", "offsite"));
            scan.finish(true);
            fixture.copyAll("nas");
            if (random.nextInt(8) == 0) {
                fixture.reopen();
            }
            model.put(fixture.now(), new TreeMap<>(now));
            fixture.pass(Duration.ofSeconds(1 + random.nextInt(100)));
        }

        assertThat(tree(null)).as("seed %d", seed).isEqualTo(lines(now));
        for (int look = 0; look < 300; look++) {
            Instant at =
                    LedgerFixture.BEGAN.minusSeconds(10).plusMillis(random.nextLong(6_000_000L));
            assertThat(tree(at))
                    .as("seed %d, at %s", seed, at)
                    .isEqualTo(lines(model.floorEntry(at).getValue()));
        }
        for (Map.Entry<Instant, Map<String, Integer>> exact : model.entrySet()) {
            assertThat(tree(exact.getKey())).isEqualTo(lines(exact.getValue()));
        }
    }

    private static List<String> lines(Map<String, Integer> tree) {
        List<String> lines = new ArrayList<>();
        new TreeMap<>(tree).forEach((path, state) -> lines.add(path + "@" + (100 + state)));
        return lines;
    }

    @Test
    void listingAFolderLooksAtNothingElseOfAHundredThousandItems() throws Exception {
        fixture.scan("docs", folder("a"), file("a/x", 1, 1), folder("z"), file("z/y", 1, 1));
        fixture.ledger().close();
        try (Connection sqlite = DriverManager.getConnection("jdbc:sqlite:" + fixture.file());
                Statement statement = sqlite.createStatement()) {
            statement.executeUpdate(
                    "WITH RECURSIVE n(k) AS (SELECT 10 UNION ALL SELECT k + 1 FROM n WHERE k < 100009)"
                            + " INSERT INTO item (id, source_id, path, present) SELECT k, 1,"
                            + " CAST('m/' || (k % 100) || '/' || k AS BLOB), 1 FROM n");
            statement.executeUpdate(
                    "INSERT INTO version (item_id, number, kind, size, modified_s, modified_ns, mode,"
                            + " uid, gid, links, device, inode, changed_s, changed_ns, registered_at)"
                            + " SELECT id, 1, 'FILE', 1, 1, 0, 420, 0, 0, 1, 1, id, 1, 0, 1 FROM item"
                            + " WHERE id >= 10");
            statement.executeUpdate(
                    "UPDATE item SET version_id = (SELECT id FROM version WHERE item_id = item.id)"
                            + " WHERE id >= 10");
        }
        fixture.reopenClosed();

        long began = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            assertThat(children(".", NOW)).containsExactly("a@0", "z@0");
            assertThat(children("z", NOW)).containsExactly("z/y@1");
        }
        Duration forty = Duration.ofNanos(System.nanoTime() - began);
        List<String> found = new ArrayList<>();
        fixture.ledger()
                .history()
                .below(
                        "docs",
                        ItemPath.of("m/7"),
                        NOW,
                        path -> path.toString().endsWith("07"),
                        entry -> found.add(shown(entry)));

        assertThat(forty).isLessThan(Duration.ofSeconds(2));
        assertThat(found).hasSize(1000).allMatch(path -> path.startsWith("m/7/"));
    }
}
