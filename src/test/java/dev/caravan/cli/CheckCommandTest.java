package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `check` says of good settings that name something that is not there now.
class CheckCommandTest {
    @TempDir Path folder;
    private TestHome made;

    @BeforeEach
    void make() throws IOException {
        made = new TestHome(folder);
        TestHome.Ended init =
                TestHome.program(
                        "init",
                        "--home",
                        folder.resolve("home").resolve("made").toString(),
                        "--source",
                        made.docs.toString(),
                        "--nas",
                        made.nas.toString(),
                        "--offsite",
                        "embedded");
        assertThat(init.code()).as(init.err()).isZero();
    }

    private TestHome.Ended check(String... more) throws IOException {
        Path home = folder.resolve("home/made");
        Path config = home.resolve("config/caravan.properties");
        Files.writeString(
                config,
                Files.readString(config)
                        + "caravan.nas.simulated=true\n"
                        + String.join("\n", more)
                        + "\n");
        return TestHome.program("check", "--home", home.toString());
    }

    @Test
    void aCommandThatOthersCouldChangeIsWarnedOf() throws IOException {
        Path script = Files.writeString(folder.resolve("snapshot"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxrwx---"));

        TestHome.Ended ended = check("caravan.source.docs.before=" + script + " make");

        assertThat(ended.err())
                .contains(
                        "warning: caravan.source.docs.before: '%s' or its folder can be written by others"
                                .formatted(script));
        assertThat(ended.code()).as(ended.err()).isZero();

        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        assertThat(check().err()).doesNotContain("written by others");
    }

    @Test
    void aFolderThatACommandMakesMayBeMissing() throws IOException {
        TestHome.Ended ended =
                check(
                        "caravan.source.shop.dir=" + folder.resolve("not/mounted"),
                        "caravan.source.shop.before=/bin/true");

        assertThat(ended.code()).as(ended.err()).isZero();
    }

    @Test
    void aNasThatIsNotMountedEndsWithOne() throws IOException {
        Files.delete(made.nas.resolve(".caravan/sentinel"));

        TestHome.Ended ended = check();

        assertThat(ended.err()).contains("caravan.nas.dir").contains("is it mounted?");
        assertThat(ended.out()).isEmpty();
        assertThat(ended.code()).isEqualTo(1);
    }

    @Test
    void aDriveThatIsNotThereEndsWithOne() throws IOException {
        TestHome.Ended ended = check("caravan.tape.drives=/dev/caravan-no-such-drive");

        assertThat(ended.err())
                .contains(
                        "caravan.tape: unable to identify the drive on /dev/caravan-no-such-drive: there is no such device");
        assertThat(ended.code()).isEqualTo(1);
    }

    @Test
    void aLimitThatAnOlderRouteDoesNotAskForIsTold() throws IOException {
        Path route = folder.resolve("home/made/routes/30-copy-nas.camel.yaml");
        Files.write(
                route,
                Files.readAllLines(route).stream()
                        .filter(line -> !line.contains("caravan.nas.rate"))
                        .toList());

        TestHome.Ended ended = check("caravan.nas.rate=20MiB");

        assertThat(ended.err())
                .contains(
                        "warning: caravan.nas.rate and caravan.nas.window are not what '30-copy-nas.camel.yaml' says",
                        "rate: \"{{caravan.nas.rate}}\"");
        assertThat(ended.code()).isZero();
    }

    @Test
    void whatIsThereIsGood() throws IOException {
        TestHome.Ended ended = check();

        assertThat(ended.err()).doesNotContain("is it mounted?");
        assertThat(ended.code()).as(ended.err()).isZero();
    }
}
