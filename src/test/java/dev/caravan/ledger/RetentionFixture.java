package dev.caravan.ledger;

import static dev.caravan.ledger.LedgerFixture.file;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A ledger with four targets (`nas`, `tape`, `offsite`, `far`), their retention, and a medium that
/// answers when copies are read again.
final class RetentionFixture implements AutoCloseable {
    static final Set<String> ALL = Set.of("nas", "tape", "offsite", "far");
    static final Keep ONE = new Keep(1, 0, 0, 0, 0);

    final LedgerFixture fixture;
    final Map<String, Keep> keep = new HashMap<>();

    /// Versions whose copies are bad, by target.
    final Map<String, Set<Long>> bad = new HashMap<>();

    Duration reading = Duration.ZERO;
    Policies policies = Policies.of(Policy.THREE_TWO_ONE);
    private int state;

    RetentionFixture(Path file, List<String> targets) {
        this.fixture = new LedgerFixture(file).usual();
        List<Target.Declared> declared = new ArrayList<>();
        for (String name : targets) {
            declared.add(
                    switch (name) {
                        case "tape" ->
                                new Target.Declared(name, MediaKind.TAPE, "here", false, true);
                        case "nas" ->
                                new Target.Declared(name, MediaKind.DISK, "here", false, false);
                        default -> new Target.Declared(name, MediaKind.DISK, name, true, true);
                    });
        }
        fixture.ledger().targets().declare(declared);
    }

    Ledger ledger() {
        return fixture.ledger();
    }

    RetentionRules rules() {
        return new RetentionRules(
                keep,
                policies,
                ALL,
                Set.of("nas", "offsite", "far"),
                ZoneOffset.UTC,
                Duration.ofDays(7),
                pattern -> {
                    String name = new String(pattern, java.nio.charset.StandardCharsets.UTF_8);
                    return path -> path.toString().matches(name.replace("*", ".*"));
                });
    }

    /// A new version of each of these files, copied everywhere, a day after the last one.
    void edit(String... paths) {
        register(paths);
        fixture.copyAll();
    }

    void register(String... paths) {
        fixture.pass(Duration.ofDays(1));
        state++;
        List<Sighted> items = new ArrayList<>();
        for (String path : paths) {
            items.add(file(path, 10 + state, state));
        }
        fixture.scan("docs", items.toArray(Sighted[]::new));
    }

    RetentionPlan plan() {
        return ledger().retention().plan(rules(), null);
    }

    /// All of a `forget`: what has expired, then what can be dropped with a proof.
    Retention.Retired forget() {
        RetentionPlan plan = plan();
        Retention.Retired expired =
                ledger().retention().retire(rules(), null, plan.expiring(), null);
        if (plan.dropping().isEmpty()) {
            return expired;
        }
        return ledger().retention().retire(rules(), null, plan.dropping(), proof(plan));
    }

    DropProof proof(RetentionPlan plan) {
        Set<Long> versions = new HashSet<>();
        plan.dropping().forEach(work -> versions.addAll(work.versions()));
        return ledger().retention().prove(versions, rules().proving(), this::read);
    }

    /// Reads copies of a target, as a verify does.
    private void read(String target, Set<Long> versions) {
        fixture.pass(reading);
        List<Long> good = new ArrayList<>();
        Map<Long, String> wrong = new HashMap<>();
        for (Long version : versions) {
            if (bad.getOrDefault(target, Set.of()).contains(version)) {
                wrong.put(version, "other bytes");
            } else if (state(target, version).counts()) {
                good.add(version);
            }
        }
        ledger().verifications()
                .record(
                        target,
                        new Verifications.Found(
                                new Evidence(
                                        "readback",
                                        Evidence.Level.V3,
                                        fixture.now(),
                                        "caravan test"),
                                good,
                                wrong,
                                Map.of()));
    }

    List<Version> versions(String path) {
        return ledger().catalog().versions("docs", ItemPath.of(path));
    }

    Version version(String path, int number) {
        return versions(path).stream()
                .filter(version -> version.number() == number)
                .findFirst()
                .orElseThrow();
    }

    CopyState state(String target, long version) {
        return ledger().retention().state(target, version).orElseThrow();
    }

    /// The states of the copies of a version, by target.
    Map<String, CopyState> states(String path, int number) {
        Map<String, CopyState> states = new HashMap<>();
        ledger().catalog()
                .copies(version(path, number))
                .forEach(copy -> states.put(copy.target().name(), copy.state()));
        return states;
    }

    RetentionPlan.OfTarget of(RetentionPlan plan, String target) {
        return plan.targets().stream()
                .filter(each -> each.target().name().equals(target))
                .findFirst()
                .orElseThrow();
    }

    void sql(String statement) throws SQLException {
        try (Connection raw = DriverManager.getConnection("jdbc:sqlite:" + fixture.file());
                Statement run = raw.createStatement()) {
            run.executeUpdate(statement);
        }
    }

    @Override
    public void close() {
        fixture.close();
    }
}
