package dev.caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.item.Version;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.CopyState;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Keep;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.Policies;
import dev.caravan.ledger.Policy;
import dev.caravan.ledger.Removals;
import dev.caravan.ledger.RetentionPlan;
import dev.caravan.ledger.RetentionRules;
import dev.caravan.ledger.StoredObject;
import dev.caravan.ledger.Target;
import dev.caravan.posix.Patience;
import dev.caravan.target.NasReading;
import dev.caravan.target.NasRemover;
import dev.caravan.target.Removed;
import dev.caravan.target.SftpRemover;
import dev.caravan.target.TargetException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Copies are dropped after others were read on a real NAS folder and a real SFTP server, and their
/// data goes after the grace.
class ForgettingTest {
    private static final Keep ONE = new Keep(1, 0, 0, 0, 0);

    @TempDir Path folder;
    private VerifiedSite site;
    private final Map<String, Keep> keep = new HashMap<>();

    @BeforeEach
    void open() throws IOException {
        site = new VerifiedSite(folder);
    }

    @AfterEach
    void close() throws IOException {
        assertThat(site.fixture.ledger().events().walk().bad()).isNull();
        site.close();
    }

    private RetentionRules rules() {
        return new RetentionRules(
                keep,
                Policies.of(new Policy(2, 1, 1)),
                Set.of("nas", "tape", "offsite"),
                Set.of("nas", "offsite"),
                ZoneOffset.UTC,
                Duration.ofDays(7),
                pattern -> path -> false);
    }

    /// Three states of a file, each of a folder and a link too, on all three targets.
    private void threeStates() throws IOException {
        for (int state = 1; state <= 3; state++) {
            site.fixture.pass(Duration.ofDays(1));
            site.backup(
                    VerifiedSite.folder("d", state),
                    site.file("d/a", "content " + state, state),
                    VerifiedSite.symlink("link", "to " + state, state));
            copyToTape();
        }
    }

    private void copyToTape() {
        long lease = site.fixture.lease();
        List<CopyProof> proofs =
                site.fixture.claim("tape", lease).stream()
                        .map(version ->
                                new CopyProof(
                                        version,
                                        version.sha256(), // the NAS read it first
                                        version.metadata().size(),
                                        new StoredObject(
                                                "tape-" + version.id(),
                                                4096,
                                                true,
                                                new StoredObject.OnTape(
                                                        "VT0001L8", "uuid-1", 3, 1024)),
                                        0))
                        .toList();
        assertThat(
                        site.fixture
                                .ledger()
                                .copies()
                                .record(
                                        "tape",
                                        lease,
                                        site.fixture.evidence(Evidence.Level.V1),
                                        proofs))
                .isEmpty();
    }

    private Version version(String path, int number) {
        return site
                .fixture
                .ledger()
                .catalog()
                .versions("docs", dev.caravan.item.ItemPath.of(path))
                .stream()
                .filter(version -> version.number() == number)
                .findFirst()
                .orElseThrow();
    }

    private CopyState state(String path, int number, String target) {
        return site.copy(version(path, number), target).state();
    }

    private Forgetting.Forgotten forget() {
        return forget(site::medium);
    }

    private Forgetting.Forgotten forget(Medium.Media media) {
        RetentionPlan plan = site.fixture.ledger().retention().plan(rules(), null);
        Verifier verifier =
                new Verifier(
                        site.fixture.ledger(),
                        VerifiedSite.PROGRAM,
                        media,
                        (name, what, done, all) -> {});
        return new Forgetting(site.fixture.ledger(), rules(), null, verifier, siteClock())
                .run(plan);
    }

    private Clock siteClock() {
        return new Clock() {
            @Override
            public java.time.ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
                return this;
            }

            @Override
            public java.time.Instant instant() {
                return site.fixture.now();
            }
        };
    }

    @Test
    void aCopyIsDroppedAfterTheOthersWereReadOnTheirTargets() throws IOException {
        threeStates();
        keep.put("tape", ONE);

        Forgetting.Forgotten forgotten = forget();

        assertThat(forgotten.troubles()).isEmpty();
        assertThat(forgotten.copies()).isEqualTo(Map.of("tape", 3L));
        assertThat(state("d/a", 1, "tape")).isEqualTo(CopyState.RETIRED);
        assertThat(state("d/a", 1, "nas")).isEqualTo(CopyState.VERIFIED);
        assertThat(site.copy(version("d/a", 1), "nas").evidence())
                .satisfies(evidence ->
                        assertThat(String.valueOf(evidence)).contains("readback+sha256"));
        assertThat(state("d/a", 1, "offsite")).isEqualTo(CopyState.VERIFIED);
        assertThat(state("d/a", 3, "tape")).isEqualTo(CopyState.DURABLE);
    }

    @Test
    void whatIsFoundDamagedIsSuspectAndItsOthersStay() throws IOException {
        threeStates();
        keep.put("tape", ONE);
        Path kept = history(version("d/a", 1));
        FileTime time = Files.getLastModifiedTime(kept);
        Files.writeString(kept, "CONTENT 1");
        Files.setLastModifiedTime(kept, time);

        Forgetting.Forgotten forgotten = forget();

        assertThat(state("d/a", 1, "nas")).isEqualTo(CopyState.SUSPECT);
        assertThat(state("d/a", 1, "tape")).isEqualTo(CopyState.DURABLE);
        assertThat(state("link", 1, "tape")).isEqualTo(CopyState.RETIRED);
        assertThat(forgotten.copies()).isEqualTo(Map.of("tape", 2L));
        assertThat(forgotten.left()).isEqualTo(1);
        assertThat(forgotten.troubles()).anyMatch(trouble -> trouble.contains("SHA-256"));
    }

    @Test
    void nothingIsDroppedWhileATargetIsAway() throws IOException {
        threeStates();
        keep.put("tape", ONE);
        site.serverIsDown();

        Forgetting.Forgotten forgotten = forget();

        assertThat(forgotten.copies()).isEmpty();
        assertThat(forgotten.left()).isEqualTo(3);
        assertThat(forgotten.troubles()).anyMatch(trouble -> trouble.startsWith("offsite:"));
        assertThat(state("d/a", 1, "offsite")).isNotEqualTo(CopyState.SUSPECT);
    }

    private Path history(Version version) {
        return site.nas.resolve(
                ".caravan/history/%02d/%d".formatted(version.id() % 100, version.id()));
    }

    private String manifests() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(site.nas.resolve(".caravan/manifests"))) {
            for (Path file : files.sorted().toList()) {
                all.append(Files.readString(file));
            }
        }
        return all.toString();
    }

    private void expire() throws IOException {
        threeStates();
        for (String target : List.of("nas", "tape", "offsite")) {
            keep.put(target, ONE);
        }
        forget();
    }

    private NasRemover nasRemover() throws TargetException {
        Target nas = site.fixture.ledger().targets().find("nas").orElseThrow();
        return new NasRemover(site.nas, nas.identity(), site.fixture.ledger().homeId());
    }

    private Removed removeFromNas() throws TargetException {
        List<Version> due = site.fixture.ledger().removals().plain("nas", rules().globs());
        try (NasRemover remover = nasRemover()) {
            return remover.remove(due);
        }
    }

    @Test
    void theNasForgetsVersionsWithTheirLinesAndARebuildKnowsNothingOfThem() throws IOException {
        expire();
        int before = manifests().split("\n").length;
        Path first = history(version("d/a", 1));
        assertThat(first).exists();
        assertThat(removeFromNas().versions()).as("within the grace").isEmpty();

        site.fixture.pass(Duration.ofDays(8));
        Removed removed = removeFromNas();
        Removed again = removeFromNas();
        long noted =
                site.fixture.ledger().removals().removed("nas", removed.versions(), 0, rules());

        assertThat(removed.left()).isEmpty();
        assertThat(removed.versions()).hasSize(3);
        assertThat(removed.bytes()).isEqualTo("content 1".length());
        assertThat(again.bytes()).isZero();
        assertThat(again.versions()).hasSize(3);
        assertThat(noted).isEqualTo(3);
        assertThat(site.fixture.ledger().removals().plain("nas", rules().globs())).isEmpty();
        assertThat(first).doesNotExist();
        assertThat(history(version("d/a", 2))).exists();
        assertThat(manifests().split("\n")).hasSize(before - 3);
        try (LedgerFixture fresh = new LedgerFixture(folder.resolve("fresh.db")).usual();
                NasReading reading =
                        new NasReading(site.nas, new Patience("NAS", Duration.ofMinutes(3)))) {
            Rebuilt rebuilt =
                    new NasRebuild(reading, fresh.ledger(), "nas", (step, items) -> {}).read();
            assertThat(rebuilt.missing()).isZero();
            assertThat(
                            fresh.ledger()
                                    .catalog()
                                    .versions("docs", dev.caravan.item.ItemPath.of("d/a")))
                    .extracting(Version::number)
                    .containsExactly(3, 2);
        }
        assertThat(site.verify("nas").good()).isTrue();
    }

    @Test
    void whatIsNotTheVersionIsLeftAloneAndNoLinkIsFollowed() throws IOException {
        expire();
        site.fixture.pass(Duration.ofDays(8));
        Path outside = Files.writeString(folder.resolve("outside"), "content 1");
        Path kept = history(version("d/a", 1));
        Files.delete(kept);
        Files.createSymbolicLink(kept, outside);

        Removed removed = removeFromNas();

        assertThat(outside).exists();
        assertThat(kept).isSymbolicLink();
        assertThat(removed.versions()).hasSize(2);
        assertThat(removed.left())
                .singleElement()
                .asString()
                .contains("is not version 1 of 'd/a', and is left alone");
    }

    @Test
    void aFileOfAnotherTimeUnderTheNameIsLeftAlone() throws IOException {
        expire();
        site.fixture.pass(Duration.ofDays(8));
        Path kept = history(version("d/a", 1));
        Files.setLastModifiedTime(kept, FileTime.fromMillis(0));

        Removed removed = removeFromNas();

        assertThat(kept).exists();
        assertThat(removed.left()).hasSize(1);
        assertThat(removed.versions()).hasSize(2);
    }

    @Test
    void whatTakesLongerThanAProofLivesIsReadInSmallerBatches() throws IOException {
        threeStates();
        keep.put("tape", ONE);
        List<Integer> batches = new ArrayList<>();
        Medium.Media slow =
                target -> {
                    site.fixture.pass(Duration.ofSeconds(batches.size() < 3 ? 31 : 1));
                    batches.add(1);
                    return site.medium(target);
                };

        Forgetting.Forgotten forgotten = forget(slow);

        assertThat(batches.size()).isGreaterThan(4);
        assertThat(forgotten.copies()).isEqualTo(Map.of("tape", 3L));
        assertThat(forgotten.left()).isZero();
    }

    @Test
    void nothingIsRemovedFromAnotherNas() throws IOException {
        expire();
        site.fixture.pass(Duration.ofDays(8));
        Files.writeString(
                site.nas.resolve(".caravan/sentinel"),
                "{\"caravan\":\"nas\",\"id\":\"another\",\"home\":\"another\"}",
                StandardCharsets.UTF_8);

        assertThatThrownBy(this::removeFromNas)
                .isInstanceOf(TargetException.class)
                .hasMessageContaining("is the right share mounted?");
        assertThat(history(version("d/a", 1))).exists();
    }

    @Test
    void aSegmentOffsiteGoesWhenNothingInItIsNeeded() throws IOException {
        expire();
        site.fixture.pass(Duration.ofDays(8));
        Removals.Objects due = site.fixture.ledger().removals().objects("offsite", rules().globs());
        Target offsite = site.fixture.ledger().targets().find("offsite").orElseThrow();

        Removed removed;
        Removed again;
        try (SftpRemover remover =
                new SftpRemover(
                        "offsite",
                        site.address(),
                        offsite.identity(),
                        site.fixture.ledger().homeId())) {
            removed = remover.remove(due.whole());
            again = remover.remove(due.whole());
        }
        site.fixture.ledger().removals().removed("offsite", removed.versions(), 0, rules());

        assertThat(due.whole()).hasSize(1);
        assertThat(removed.versions()).hasSize(3);
        assertThat(removed.bytes()).isPositive();
        assertThat(again.bytes()).isZero();
        try (Stream<Path> objects = Files.walk(site.offsite.resolve("objects"))) {
            assertThat(objects.filter(Files::isRegularFile)).hasSize(2);
        }
        assertThat(site.verify("offsite").good()).isTrue();
        assertThat(site.fixture.ledger().removals().objects("offsite", rules().globs()).whole())
                .isEmpty();
    }
}
