package dev.caravan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    private static final String SOURCE = "caravan.source.docs.dir=../docs\n";

    private static final Settings.Policy DEFAULT_POLICY =
            new Settings.Policy(
                    3,
                    2,
                    1,
                    0,
                    Map.of(
                            "disk", Duration.ofDays(30),
                            "tape", Duration.ofDays(180),
                            "object-store", Duration.ofDays(30),
                            "optical", Duration.ofDays(365)),
                    0);

    @TempDir Path folder;

    @Test
    void theDefaultsAreThoseOfTheTemplate() throws IOException {
        Map<String, String> template = template();

        Map<String, String> defaults = new LinkedHashMap<>();
        Keys.PLAIN.forEach((key, known) -> {
            String fallback = known.fallback();
            defaults.put(key, fallback == null ? template.getOrDefault(key, "-") : fallback);
        });
        Keys.OF_SOURCE
                .keySet()
                .forEach(word -> {
                    String key = Keys.ofSource("documents", word);
                    defaults.put(key, template.getOrDefault(key, "-"));
                });

        Keys.OF_SITE
                .keySet()
                .forEach(word -> {
                    String key = Keys.ofSite("offsite", word);
                    defaults.put(key, template.getOrDefault(key, "-"));
                });

        Keys.OF_RETENTION
                .keySet()
                .forEach(word -> {
                    String key = Keys.ofRetention("nas", word);
                    defaults.put(key, template.getOrDefault(key, "-"));
                });
        String encrypt = Keys.ENCRYPT + "offsite";
        defaults.put(encrypt, template.getOrDefault(encrypt, "-"));

        assertThat(template).containsExactlyInAnyOrderEntriesOf(defaults);
        assertThat(template).containsEntry("caravan.source.documents.site", "here");
    }

    @Test
    void everyKeyOfTheTemplateIsAccepted() throws IOException {
        Map<String, String> template = template();
        template.put("caravan.source.documents.dir", "../docs");
        String script =
                Files.createFile(
                                folder.resolve("snapshot"),
                                PosixFilePermissions.asFileAttribute(
                                        PosixFilePermissions.fromString("rwx------")))
                        .toString();
        template.put("caravan.source.documents.before", script + " make");
        template.put("caravan.source.documents.after", script + " remove");
        // of sources that are no folders: there are tests of their own for them
        List.of("key", "known-hosts", "region", "endpoint", "credentials")
                .forEach(word -> template.remove("caravan.source.documents." + word));
        template.put("caravan.offsite.key", "key");
        template.put("caravan.offsite.known-hosts", "known");
        template.put("caravan.s3.credentials", "key");
        Home home =
                HomeFolder.make(
                        folder,
                        template.entrySet().stream()
                                .map(entry -> entry.getKey() + "=" + entry.getValue())
                                .collect(Collectors.joining("\n")));

        Settings settings = good(home, Map.of());

        assertThat(settings.sources())
                .containsExactly(
                        new Settings.Source(
                                "documents",
                                new Settings.Root.Folder(home.resolve("../docs")),
                                List.of("**"),
                                List.of("**/.cache/**", "**/*.tmp"),
                                Optional.of(".mounted"),
                                Duration.ofMinutes(3),
                                "here",
                                new Settings.Commands(
                                        List.of(script, "make"),
                                        List.of(script, "remove"),
                                        Duration.ofMinutes(10),
                                        Duration.ofHours(6)),
                                DEFAULT_POLICY));
        assertThat(settings.policy()).isEqualTo(DEFAULT_POLICY);
        assertThat(settings.sites())
                .containsExactly(Map.entry("offsite", new Settings.Coordinates(52.52, 13.40)));
        assertThat(settings.retention())
                .isEqualTo(
                        new Settings.Retention(
                                Map.of("nas", new Settings.Keep(5, 14, 8, 12, 3)),
                                Duration.ofDays(7)));
        assertThat(settings.nas())
                .contains(
                        new Settings.Nas(
                                Path.of("/mnt/nas/backup"), "here", Duration.ofMinutes(3), false));
        assertThat(settings.offsite())
                .contains(
                        new Settings.Offsite(
                                "vault.example.org",
                                22,
                                "caravan",
                                "caravan",
                                home.resolve("key"),
                                home.resolve("known"),
                                "offsite",
                                false,
                                false));
        assertThat(settings.s3())
                .contains(
                        new Settings.S3(
                                "my-backup",
                                "eu-central-1",
                                Optional.of(URI.create("https://s3.example.org")),
                                "backups/db1/",
                                Optional.of(home.resolve("key")),
                                "none",
                                Duration.ofDays(30),
                                Optional.of("STANDARD_IA"),
                                "default",
                                "standard",
                                "cloud",
                                false));
    }

    @Test
    void aSourceIsEnoughAndTheRestIsDefault() throws IOException {
        Home home = HomeFolder.make(folder, SOURCE);

        Settings settings = good(home, Map.of());

        assertThat(settings.schedule()).isEqualTo(new Schedule.Every(Duration.ofMinutes(15)));
        assertThat(settings.nas()).isEmpty();
        assertThat(settings.offsite()).isEmpty();
        assertThat(settings.s3()).isEmpty();
        assertThat(settings.retention())
                .isEqualTo(new Settings.Retention(Map.of(), Duration.ofDays(7)));
        assertThat(settings.tape().library()).isEqualTo(home.tapes());
        assertThat(settings.tape().simulated()).isTrue();
        assertThat(settings.tape().pools())
                .isEqualTo(new Settings.Pools("continue", List.of("*"), Optional.empty()));
        assertThat(settings.properties())
                .containsEntry("caravan.tape.library", home.tapes().toString())
                .containsEntry("caravan.source.docs.site", "here")
                .doesNotContainKey("caravan.nas.dir");
    }

    @Test
    void realDrivesAreNotSimulatedAndNeedNoVirtualCartridges() throws IOException {
        Home home =
                HomeFolder.make(
                        folder,
                        SOURCE
                                + "caravan.tape.drives=/dev/nst0, /dev/nst1\n"
                                + "caravan.tape.changer=/dev/sg3\n"
                                + "caravan.tape.cartridges=4\n"
                                + "caravan.tape.segment=100GB\n");

        Settings.Reading reading = Settings.read(home, Map.of());

        assertThat(reading)
                .isInstanceOfSatisfying(
                        Settings.Reading.Ok.class,
                        ok -> {
                            assertThat(ok.settings().tape().simulated()).isFalse();
                            assertThat(ok.settings().tape().virtual()).isFalse();
                            assertThat(ok.settings().tape().drives())
                                    .containsExactly("/dev/nst0", "/dev/nst1");
                            assertThat(ok.settings().tape().changer()).contains("/dev/sg3");
                            assertThat(ok.warnings())
                                    .singleElement()
                                    .asString()
                                    .contains("caravan.tape.cartridges: is for a virtual library");
                        });
    }

    @Test
    void theRulesOfThePoolsAreRead() throws IOException {
        Home home =
                HomeFolder.make(
                        folder,
                        SOURCE
                                + "caravan.tape.allocation=fri\n"
                                + "caravan.tape.supply=VT00*, ABC00?L8\n"
                                + "caravan.tape.retention=90d\n");

        assertThat(good(home, Map.of()).tape().pools())
                .isEqualTo(
                        new Settings.Pools(
                                "fri",
                                List.of("VT00*", "ABC00?L8"),
                                Optional.of(Duration.ofDays(90))));
    }

    @Test
    void aSourceAsksForWhatItSaysAndForTheRestAsTheHomeDoes() throws IOException {
        Home home =
                HomeFolder.make(
                        folder,
                        SOURCE
                                + "caravan.policy.offline=1\n"
                                + "caravan.policy.verified.tape=never\n"
                                + "caravan.source.docs.policy.copies=4\n"
                                + "caravan.source.docs.policy.verified.disk=7d\n"
                                + "caravan.source.docs.policy.distance=100km\n"
                                + "caravan.site.here.coordinates=-33.9, 18.42\n");

        Settings settings =
                good(
                        home,
                        Map.of(
                                "CARAVAN_POLICY_OFFSITE", "2",
                                "CARAVAN_SOURCE_DOCS_POLICY_VERIFIED_OBJECT_STORE", "1d",
                                "CARAVAN_SITE_FAR_AWAY_COORDINATES", "0,180"));

        assertThat(settings.sources().getFirst().policy())
                .isEqualTo(
                        new Settings.Policy(
                                4,
                                2,
                                2,
                                1,
                                Map.of(
                                        "disk", Duration.ofDays(7),
                                        "object-store", Duration.ofDays(1),
                                        "optical", Duration.ofDays(365)),
                                100));
        assertThat(settings.policy().copies()).isEqualTo(3);
        assertThat(settings.policy().verified()).containsEntry("disk", Duration.ofDays(30));
        assertThat(settings.sites())
                .containsOnlyKeys("here", "far-away")
                .containsEntry("here", new Settings.Coordinates(-33.9, 18.42));
    }

    @Test
    void aPolicyThatMakesNoSenseIsRefusedInItsLine() throws IOException {
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("caravan.policy.copies=0", "'0': want a number from 1 to 9999");
        wrong.put("caravan.policy.media-kinds=5", "'5': want a number from 1 to 4");
        wrong.put("caravan.policy.offsite=-1", "'-1': want a number from 0 to 9999");
        wrong.put("caravan.policy.verified.tape=1h", "'1h': want at least 1d, or never");
        wrong.put("caravan.source.docs.policy.verified.disk=soon", "duration 'soon'");
        wrong.put("caravan.policy.distance=10", "'10': want whole kilometres");
        wrong.put("caravan.policy.distance=30000km", "no two places on Earth");
        wrong.put("caravan.site.far.coordinates=91,0", "'91,0': want latitude,longitude");
        wrong.put("caravan.site.far.coordinates=Berlin", "'Berlin': want latitude,longitude");
        wrong.put("caravan.site.Far.coordinates=1,1", "site name 'Far': want up to 32 of");
        wrong.put("caravan.policy.copys=3", "did you mean 'caravan.policy.copies'?");
        wrong.put(
                "caravan.source.docs.policy.offsit=1",
                "did you mean 'caravan.source.docs.policy.offsite'?");

        Map<String, String> said = new LinkedHashMap<>();
        int made = 0;
        for (String line : wrong.keySet()) {
            Path own = Files.createDirectory(folder.resolve("h" + made++));
            Settings.Reading reading =
                    Settings.read(HomeFolder.make(own, SOURCE + line + "\n"), Map.of());
            assertThat(reading).as(line).isInstanceOf(Settings.Reading.Refused.class);
            List<Finding> findings = ((Settings.Reading.Refused) reading).findings();
            assertThat(findings).as(line).hasSize(1);
            assertThat(findings.getFirst().line()).as(line).isEqualTo(2);
            said.put(line, findings.getFirst().what());
        }

        wrong.forEach((line, part) -> assertThat(said.get(line)).as(line).contains(part));
    }

    @Test
    void theRetentionOfEachTargetIsReadAlsoFromTheEnvironment() throws IOException {
        Home home =
                HomeFolder.make(
                        folder,
                        SOURCE
                                + "caravan.retention.nas.last=3\n"
                                + "caravan.retention.nas.yearly=2\n"
                                + "caravan.retention.grace=12h\n");

        Settings settings =
                good(
                        home,
                        Map.of(
                                "CARAVAN_RETENTION_NAS_LAST", "4",
                                "CARAVAN_RETENTION_FAR_AWAY_WEEKLY", "9"));

        assertThat(settings.retention())
                .isEqualTo(
                        new Settings.Retention(
                                Map.of(
                                        "nas", new Settings.Keep(4, 0, 0, 0, 2),
                                        "far-away", new Settings.Keep(0, 0, 9, 0, 0)),
                                Duration.ofHours(12)));
    }

    @Test
    void aRetentionThatMakesNoSenseIsRefusedInItsLine() throws IOException {
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("caravan.retention.nas.last=0", "'0': want a number from 1 to 9999");
        wrong.put("caravan.retention.nas.daily=all", "'all': want a number from 1 to 9999");
        wrong.put("caravan.retention.Nas.last=1", "target name 'Nas': want up to 32 of");
        wrong.put("caravan.retention.nas.hourly=1", "unknown key 'caravan.retention.nas.hourly'");
        wrong.put(
                "caravan.retention.nas.weeklie=1", "did you mean 'caravan.retention.nas.weekly'?");
        wrong.put("caravan.retention.grace=soon", "duration 'soon'");

        Map<String, String> said = new LinkedHashMap<>();
        int made = 0;
        for (String line : wrong.keySet()) {
            Path own = Files.createDirectory(folder.resolve("r" + made++));
            Settings.Reading reading =
                    Settings.read(HomeFolder.make(own, SOURCE + line + "\n"), Map.of());
            assertThat(reading).as(line).isInstanceOf(Settings.Reading.Refused.class);
            said.put(line, ((Settings.Reading.Refused) reading).findings().getFirst().what());
        }

        wrong.forEach((line, part) -> assertThat(said.get(line)).as(line).contains(part));
    }

    @Test
    void theKeysATargetIsEncryptedForAreReadAlsoFromTheEnvironment() throws IOException {
        Home home =
                HomeFolder.make(
                        folder,
                        SOURCE
                                + "caravan.encrypt.tape=main\n"
                                + "caravan.encrypt.offsite=main, escrow\n");

        Settings settings = good(home, Map.of("CARAVAN_ENCRYPT_FAR_AWAY", "other"));

        assertThat(settings.encryption())
                .isEqualTo(
                        Map.of(
                                "tape", List.of("main"),
                                "offsite", List.of("main", "escrow"),
                                "far-away", List.of("other")));
        Path plain = Files.createDirectory(folder.resolve("plain"));
        assertThat(good(HomeFolder.make(plain, SOURCE), Map.of()).encryption()).isEmpty();
    }

    @Test
    void anEncryptionThatMakesNoSenseIsRefusedInItsLine() throws IOException {
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("caravan.encrypt.tape=", "'': want names of keys, separated by commas");
        wrong.put("caravan.encrypt.tape=Main", "'Main': want names of keys");
        wrong.put("caravan.encrypt.tape=a,,b", "'a,,b': want names of keys");
        wrong.put("caravan.encrypt.Tape=main", "target name 'Tape': want up to 32 of");
        wrong.put("caravan.encrypt=main", "unknown key 'caravan.encrypt'");

        int made = 0;
        for (Map.Entry<String, String> each : wrong.entrySet()) {
            Path own = Files.createDirectory(folder.resolve("e" + made++));
            Settings.Reading reading =
                    Settings.read(HomeFolder.make(own, SOURCE + each.getKey() + "\n"), Map.of());
            assertThat(((Settings.Reading.Refused) reading).findings())
                    .as(each.getKey())
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.what()).contains(each.getValue()));
        }
    }

    @Test
    void theEnvironmentWinsAndCanAddASource() throws IOException {
        Home home = HomeFolder.make(folder, SOURCE + "caravan.tape.pool=weekly\n");

        Settings settings =
                good(
                        home,
                        Map.of(
                                "CARAVAN_TAPE_POOL", "daily",
                                "CARAVAN_NAS_DIR", "../nas",
                                "CARAVAN_NAS_SIMULATED", "true",
                                "CARAVAN_SOURCE_MORE_DOCS_DIR", "../docs/sub",
                                "CARAVAN_HOME", "/elsewhere"));

        assertThat(settings.tape().pool()).isEqualTo("daily");
        assertThat(settings.properties())
                .containsEntry("caravan.nas.dir", home.resolve("../nas").toString());
        assertThat(settings.sources())
                .extracting(Settings.Source::name)
                .containsExactly("docs", "more-docs");
    }

    @Test
    void aMistypedVariableIsRefused() throws IOException {
        Home home = HomeFolder.make(folder, SOURCE);

        Settings.Reading reading = Settings.read(home, Map.of("CARAVAN_TAPE_POLL", "daily"));

        assertThat(reading)
                .isEqualTo(
                        new Settings.Reading.Refused(
                                List.of(
                                        Finding.error(
                                                Path.of("environment"),
                                                0,
                                                "unknown variable 'CARAVAN_TAPE_POLL': did you mean"
                                                        + " 'CARAVAN_TAPE_POOL'?"))));
    }

    @Test
    void theEmbeddedOffsiteIsSimulatedAndHasItsOwnDefaults() throws IOException {
        Home home = HomeFolder.make(folder, SOURCE + "caravan.offsite.embedded=true\n");

        Settings.Offsite offsite = good(home, Map.of()).offsite().orElseThrow();

        assertThat(offsite.host()).isEqualTo("127.0.0.1");
        assertThat(offsite.port()).isZero();
        assertThat(offsite.simulated()).isTrue();
    }

    @Test
    void whatAPersonShouldLookAtIsAWarningOnly() throws IOException {
        Home home =
                HomeFolder.make(
                        folder.toRealPath(),
                        SOURCE + "caravan.nas.dir=../docs/nas\nmy.password=x\n");

        Settings.Reading reading = Settings.read(home, Map.of());

        assertThat(reading).isInstanceOf(Settings.Reading.Ok.class);
        assertThat(((Settings.Reading.Ok) reading).warnings())
                .extracting(Finding::toString)
                .containsExactly(
                        "config/caravan.properties:2: warning: caravan.nas.dir: is inside"
                                + " caravan.source.docs.dir: it is left out of what is protected",
                        "config/caravan.properties:2: warning: caravan.nas.dir: is on the same"
                                + " disk as source 'docs' and is lost with it: set"
                                + " caravan.nas.simulated=true if it stands for a NAS",
                        "config/caravan.properties:3: warning: my.password: this file can be read"
                                + " by others: chmod 600 it");
    }

    @Test
    void whatIsLostIsNoErrorForTheOneWhoOnlyLooks() throws IOException {
        Home home =
                HomeFolder.make(
                        folder,
                        "caravan.source.lost.dir=../lost\n"
                                + "caravan.offsite.host=offsite.example.org\n"
                                + "caravan.offsite.key=keys/lost\n");

        Settings.Reading written = Settings.readAsWritten(home, Map.of());
        Settings.Reading strict = Settings.read(home, Map.of());

        assertThat(written).isInstanceOf(Settings.Reading.Ok.class);
        assertThat(((Settings.Reading.Refused) strict).findings())
                .extracting(Finding::what)
                .anyMatch(what -> what.contains("no such folder"))
                .anyMatch(what -> what.contains("no such file"));
    }

    @Test
    void aHomeWithoutConfigurationSaysHowToMakeOne() {
        Settings.Reading reading = Settings.read(new Home(folder), Map.of());

        assertThat(reading)
                .isEqualTo(
                        new Settings.Reading.Refused(
                                List.of(
                                        Finding.error(
                                                Path.of("config/caravan.properties"),
                                                0,
                                                "no such file: make a home with 'caravan init'"))));
    }

    @Test
    void globsAreSplitAtCommasButNotWithinBraces() {
        assertThat(Form.globs(" *.{jpg,png} , a/** ,")).containsExactly("*.{jpg,png}", "a/**");
    }

    @Test
    void schedulesAndDurationsAreReadAsWritten() {
        assertThat(Schedule.parse("manual")).isEqualTo(new Schedule.Manual());
        assertThat(Schedule.parse("2h")).isEqualTo(new Schedule.Every(Duration.ofHours(2)));
        assertThat(Schedule.parse("0 0/15 * * * ?")).isEqualTo(new Schedule.Cron("0 0/15 * * * ?"));
        assertThat(Set.of("500ms", "5s", "7d").stream().map(Durations::parse))
                .containsExactlyInAnyOrder(
                        Duration.ofMillis(500), Duration.ofSeconds(5), Duration.ofDays(7));
    }

    private static Settings good(Home home, Map<String, String> environment) {
        Settings.Reading reading = Settings.read(home, environment);
        assertThat(reading).isInstanceOf(Settings.Reading.Ok.class);
        return ((Settings.Reading.Ok) reading).settings();
    }

    /// The keys of the template, shown commented out.
    private static Map<String, String> template() throws IOException {
        Pattern shown = Pattern.compile("#?(caravan\\.[a-z0-9.-]+)=(.*)");
        Map<String, String> keys = new LinkedHashMap<>();
        for (String line : Files.readAllLines(Path.of("config/caravan.properties"))) {
            var matcher = shown.matcher(line);
            if (matcher.matches()) {
                keys.put(matcher.group(1), matcher.group(2));
            }
        }
        return keys;
    }
}
