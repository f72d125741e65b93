package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A mistake in a home's settings or routes stops the start with exit 78 and says where it is; once
/// it is gone all goes on as before.
@TestInstance(Lifecycle.PER_CLASS)
final class BadConfigurationIT {
    private Site site;

    @BeforeAll
    void aHomeThatWorks() throws Exception {
        site = Site.create();
        Files.writeString(site.source.resolve("file"), "content");
        site.demo().exits(0);
    }

    @AfterAll
    void allIsStillInPolicy() throws Exception {
        try {
            site.backup().exits(0);
            site.assertInPolicy();
        } finally {
            site.close();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    caravan.nsa.dir | x | unknown | caravan.nas.dir
                    caravan.schedule | 0 99 * * * ? | cron | caravan.schedule
                    caravan.schedule | soon | schedule | soon
                    caravan.source.source.dir | /no/such/folder | no such folder | /no/such/folder
                    caravan.tape.capacity | plenty | plenty | caravan.tape.capacity
                    """)
    void aWrongSettingIsNamedWithItsLine(String key, String value, String part, String other)
            throws Exception {
        String good = Files.readString(site.config());
        try {
            site.set(key, value);
            long line = Files.readAllLines(site.config()).indexOf(key + "=" + value) + 1L;

            refused("config/caravan.properties:" + line, part, other);
        } finally {
            Files.writeString(site.config(), good);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    20-fan-out.camel.yaml | targets: all | targets: nas,tape,offsite,moon | moon
                    30-copy-nas.camel.yaml | autoCreate: false | autoCraete: false | autoCraete
                    31-copy-tape.camel.yaml | uri: ledger:wanted | url: ledger:wanted | url
                    40-record.camel.yaml | uri: ledger:record | uri: ledgr:record | ledgr
                    """)
    void aMistakeInARouteIsNamedWithItsLine(String file, String good, String bad, String part)
            throws Exception {
        Path route = site.home.resolve("routes").resolve(file);
        String text = Files.readString(route);
        assertThat(text).contains(good);
        try {
            Files.writeString(route, text.replace(good, bad));

            long line = Files.readAllLines(route).stream().takeWhile(l -> !l.contains(bad)).count();

            refused("routes/" + file + ":" + (line + 1) + ":", part);
        } finally {
            Files.writeString(route, text);
        }
    }

    private void refused(String... parts) throws Exception {
        String before = Site.listing(site.home);
        for (String command : List.of("backup", "check", "run")) {
            CaravanProcess.Outcome outcome = site.run(command).exits(78);
            String said = outcome.err() + outcome.out();
            new CaravanProcess.Outcome(78, "", said).complainsOnce(parts);
        }
        assertThat(withoutTimes(Site.listing(site.home))).isEqualTo(withoutTimes(before));
    }

    private static String withoutTimes(String listing) {
        return listing.replaceAll("(?m)( folder \\d+:\\d+ 0o\\d+) -?\\d+", "$1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"backup", "run", "check", "status", "whereis x", "log", "tape list"})
    void aHomeThatDoesNotExistIsOneLine(String command) throws Exception {
        Path nowhere = site.root.resolve("nowhere");

        CaravanProcess.run((command + " --home=" + nowhere).split(" "))
                .exits(78)
                .complainsOnce("no home at '" + nowhere + "'", "caravan init");

        assertThat(nowhere).doesNotExist();
    }

    @Test
    void aFolderThatCanBeNoSourceIsRefusedBeforeItIsWritten() throws Exception {
        String good = Files.readString(site.config());
        Path library = Files.createDirectory(site.root.resolve("library"));
        Path inside = Files.createDirectory(library.resolve("inside"));

        site.run("demo", site.home.toString()).exits(2).complainsOnce("in the home itself");
        site.run("demo", site.nas().toString()).exits(2).complainsOnce("in the home itself");
        assertThat(site.config()).hasContent(good);
        try {
            site.set("caravan.tape.library", library.toString());
            String other = Files.readString(site.config());

            site.run("demo", inside.toString()).exits(2).complainsOnce("caravan.tape.library");

            assertThat(site.config()).hasContent(other);
        } finally {
            Files.writeString(site.config(), good);
        }
        Path empty = Files.createDirectory(site.root.resolve("empty"));
        CaravanProcess.run("demo", "--home=" + empty, empty.toString())
                .exits(2)
                .complainsOnce("in the home itself");
        assertThat(empty).isEmptyDirectory();
    }

    /// It wrote other keys for the embedded server before it found that there is a home.
    @Test
    void aSecondInitChangesNothing() throws Exception {
        String before = Site.listing(site.home);

        site.run("init", "--source=" + site.source, "--nas=" + site.nas(), "--offsite=embedded")
                .exits(2)
                .complainsOnce("there is a home at");

        assertThat(Site.listing(site.home)).isEqualTo(before);
    }

    @Test
    void wrongUsageIsOneLineAndExit2() throws Exception {
        Path none = site.root.resolve("none");

        site.run("backup", "--dry-rnu").exits(2).complainsOnce("--dry-rnu");
        site.run("restore", "file").exits(2).complainsOnce("--to");
        site.run("demo", none.toString()).exits(2).complainsOnce(none.toString());
        site.run("demo", "").exits(2).complainsOnce("source ''");
        CaravanProcess.run("bakcup").exits(2).complainsOnce("bakcup");
        CaravanProcess.run(
                        "init",
                        "--home=" + site.root.resolve("new"),
                        "--source=" + none,
                        "--nas=" + site.root.resolve("new-nas"))
                .exits(2)
                .complainsOnce(none.toString());
        Path unmounted = site.root.resolve("mnt/nas/caravan");
        CaravanProcess.run(
                        "init",
                        "--home=" + site.root.resolve("new"),
                        "--source=" + site.source,
                        "--nas=" + unmounted)
                .exits(2)
                .complainsOnce("no such folder '" + unmounted.getParent() + "'", "is it mounted?");
        assertThat(site.root.resolve("mnt")).doesNotExist();
        assertThat(site.root.resolve("new")).doesNotExist();
        assertThat(site.root.resolve("new-nas")).doesNotExist();
    }
}
