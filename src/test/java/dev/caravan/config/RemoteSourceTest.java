package dev.caravan.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.Settings.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Sources on servers, as they are written.
class RemoteSourceTest {
    private static final String WEB =
            """
            caravan.source.web.dir=sftp://me@web.example.org/srv/www
            caravan.source.web.key=key
            caravan.source.web.known-hosts=known
            caravan.source.web.site=rack
            """;

    private static final String MEDIA =
            """
            caravan.source.media.dir=s3://media/films
            caravan.source.media.region=eu-central-1
            caravan.source.media.site=cloud
            """;

    @TempDir Path folder;

    private Settings.Reading read(String config) throws IOException {
        Path own = Files.createTempDirectory(folder, "site");
        return Settings.read(HomeFolder.make(own, config), Map.of());
    }

    private List<String> said(String config) throws IOException {
        List<Finding> findings =
                switch (read(config)) {
                    case Settings.Reading.Ok(Settings _, List<Finding> warnings) -> warnings;
                    case Settings.Reading.Refused(List<Finding> all) -> all;
                };
        return findings.stream()
                .map(finding -> (finding.isError() ? "error " : "warning ") + finding.what())
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "sftp://me@host/srv/www/, sftp://me@host/srv/www",
        "sftp://me@host:22/srv, sftp://me@host/srv",
        "sftp://me@host:2222/, sftp://me@host:2222/",
        "sftp://me@host/~, sftp://me@host/~",
        "sftp://me@host/~/a b/c, sftp://me@host/~/a b/c"
    })
    void aFolderOnAServerIsShownAsItIsWritten(String written, String shown) throws IOException {
        Settings.Reading reading = read(WEB.replaceAll("dir=.*", "dir=" + written));

        assertThat(((Settings.Reading.Ok) reading).settings().sources())
                .singleElement()
                .satisfies(source -> assertThat(source.root().shown()).isEqualTo(shown));
    }

    @Test
    void aBucketIsReadWithItsPrefix() throws IOException {
        Root root = ((Settings.Reading.Ok) read(MEDIA)).settings().sources().getFirst().root();

        assertThat(root.shown()).isEqualTo("s3://media/films");
        assertThat(((Root.Bucket) root).prefix()).isEqualTo("films/");
        assertThat(RootUrl.s3("s3://media").prefix()).isEmpty();
    }

    @Test
    void withAllItNeedsNothingIsSaid() throws IOException {
        assertThat(said(WEB + MEDIA)).isEmpty();
    }

    @Test
    void whatIsMissingIsAnError() throws IOException {
        assertThat(said(WEB.replaceAll("(?m)^.*\\.key=.*\n", "")))
                .contains(
                        "error source 'web': set caravan.source.web.key to the private key that logs in");
        assertThat(said(WEB.replace("known-hosts=known", "known-hosts=none")))
                .anyMatch(line -> line.startsWith("error caravan.source.web.known-hosts: no such"));
        assertThat(said(MEDIA.replaceAll("(?m)^.*region=.*\n", "")))
                .anyMatch(line -> line.contains("needs caravan.source.media.region"));
    }

    @Test
    void whatIsForAnotherKindOfSourceIsAnError() throws IOException {
        assertThat(said("caravan.source.a.dir=../docs\ncaravan.source.a.key=key\n"))
                .contains(
                        "error caravan.source.a.key: is for a source whose dir begins with sftp://");
        assertThat(said(MEDIA + "caravan.source.media.known-hosts=known\n"))
                .anyMatch(line -> line.contains("begins with sftp://"));
        assertThat(said(WEB + "caravan.source.web.region=eu-central-1\n"))
                .anyMatch(line -> line.contains("begins with s3://"));
        assertThat(said(MEDIA + "caravan.source.media.patience=5m\n"))
                .anyMatch(line -> line.contains("is a folder of this machine"));
    }

    @Test
    void oneSourceTwiceOrInsideAnotherIsSaid() throws IOException {
        String again = WEB.replace(".web.", ".again.");
        assertThat(said(WEB + again.replace("key=key", "key=known")))
                .anyMatch(line ->
                        line.startsWith("error ")
                                && line.contains("is the same as caravan.source"));
        assertThat(said(WEB + again.replace("/srv/www", "/srv/www/b")))
                .contains(
                        "warning caravan.source.again.dir: is inside caravan.source.web.dir: it is protected twice");
        assertThat(said(WEB + again.replace("/srv/www", "/srv/www-old"))).isEmpty();
    }

    @Test
    void withoutASiteItIsSaidWhichIsTaken() throws IOException {
        assertThat(said(WEB.replaceAll("(?m)^.*site=.*\n", "")))
                .singleElement()
                .asString()
                .startsWith("warning caravan.source.web.dir: is taken to be at site 'here'");
    }

    @Test
    void aTargetOnTheSameServerMustNotBeInTheSource() throws IOException {
        String offsite =
                """
                caravan.offsite.host=WEB.example.org
                caravan.offsite.user=me
                caravan.offsite.dir=www/copies
                caravan.offsite.key=key
                caravan.offsite.known-hosts=known
                """;
        assertThat(said(WEB.replace("/srv/www", "/~/www") + offsite))
                .contains(
                        "error caravan.source.web.dir: and caravan.offsite.dir overlap: copies would be copied");
        assertThat(said(WEB + offsite))
                .anyMatch(line ->
                        line.startsWith("warning caravan.source.web.dir: is on the server of"));
        assertThat(said(WEB.replace("/srv/www", "/~/www2") + offsite)).isEmpty();
    }
}
