package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.Home;
import dev.caravan.config.Settings;
import dev.caravan.target.EmbeddedSftpServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The README's ways back without Caravan, run as they stand there, by bash with GNU tar, python3
/// and OpenSSH's sftp; the tools also compare. And the target the README adds.
class RestoreWithoutCaravanIT {
    /// Odd names, a link, hard links, an empty folder, attributes of time and mode, a large file.
    private static final String SOURCE =
            """
            mkdir -p documents/letters/2026 documents/empty documents/photos
            cd documents
            echo 'spring is here' > letters/2026/spring.txt
            echo odd > $'letters/line\\nbreak \\xff\\xfe *?[].txt'
            : > letters/nothing
            ln -s ../empty letters/link
            ln letters/2026/spring.txt letters/2026/same.txt
            head -c 3000000 /dev/urandom > photos/film.mp4
            head -c 20000 /dev/urandom > photos/small.jpg
            chmod 640 photos/film.mp4
            touch -d '1969-07-20 20:17:40 UTC' photos/small.jpg
            touch -d '2101-01-01 00:00:00.123456789 UTC' photos/film.mp4
            """;

    /// Names, kinds, sizes, modes, times, link targets; the times of folders where asked for.
    private static final String LIST =
            "find . -mindepth 1 \\( -type d -printf '%%P d %%m %s\\0' -o -printf '%%P %%y %%m %%s %%T@ %%l\\0' \\)"
                    + " | LC_ALL=C sort -z";

    @TempDir Path work;

    @Test
    void theCommandsOfTheReadmeBringEveryCopyBack() throws Exception {
        Home home = new Home(work.resolve("home"));
        run(SOURCE, Map.of());
        demo(home);
        // as an editor does, so that the hard link stays with the old content
        run("echo 'summer is here' > new; mv new documents/letters/2026/spring.txt", Map.of());
        demo(home);
        Files.copy(Path.of("src/main/docs/restore-offsite.py"), work.resolve("restore-offsite.py"));

        Settings.Offsite offsite = settings(home).offsite().orElseThrow();
        Map<String, String> variables = new TreeMap<>();
        variables.put("NAS", home.root().resolve("nas").toString());
        variables.put("TAPES", home.tapes().toString());
        variables.put("SERVER", offsite.user() + "@" + offsite.host());
        variables.put("PORT", Integer.toString(offsite.port()));
        variables.put("KEY", offsite.key().toString());
        variables.put("KNOWN_HOSTS", offsite.knownHosts().toString());
        variables.put("FOLDER", offsite.dir());
        String told = "";
        try (EmbeddedSftpServer server =
                EmbeddedSftpServer.start(
                        home.data().resolve("offsite"),
                        offsite.port(),
                        home.keys().resolve(EmbeddedSftpServer.HOST_KEY),
                        home.keys().resolve(EmbeddedSftpServer.CLIENT_KEY + ".pub"))) {
            for (String block :
                    Page.of("README.md").section("## Restore without Caravan").blocks("sh")) {
                told += run(block, variables);
            }
        }

        assertSame("from-nas/documents", true);
        assertSame("from-tape/documents", false);
        assertSame("from-offsite/documents", true);
        assertThat(told.split("\"path\":\"letters/2026/spring.txt\"", -1)).hasSize(2 + 2 + 1);
        assertThat(told).contains("\"object\":\"objects/");
    }

    @Test
    void theTargetOfTheReadmeIsFilledWithWhatIsThere() throws Exception {
        Home home = new Home(work.resolve("home"));
        run(SOURCE, Map.of());
        demo(home);
        ReadmeTest.addTargetOfTheReadme(home);

        int backup = Caravan.run("backup", "--home=" + home.root());
        int restored =
                Caravan.run(
                        "restore",
                        ".",
                        "--home=" + home.root(),
                        "--from=vault",
                        "--to=" + work.resolve("from-vault"));

        assertThat(backup).isZero();
        assertThat(restored).isZero();
        assertSame("from-vault", true);
    }

    private void demo(Home home) {
        assertThat(
                        Caravan.run(
                                "demo",
                                work.resolve("documents").toString(),
                                "--home=" + home.root()))
                .isZero();
    }

    private static Settings settings(Home home) throws IOException {
        return HomeChecks.require(home).settings();
    }

    private void assertSame(String restored, boolean folderTimes) throws Exception {
        run("diff -r --no-dereference documents " + restored, Map.of());
        String list = LIST.formatted(folderTimes ? "%T@" : "");

        String wanted = run("cd documents; " + list, Map.of());
        String found = run("cd " + restored + "; " + list, Map.of());

        assertThat(found).as(restored).isEqualTo(wanted);
        assertThat(wanted).contains("photos/film.mp4 f 640 3000000 4133980800.123456789");
    }

    private String run(String commands, Map<String, String> variables) throws Exception {
        Path output = work.resolve("output");
        ProcessBuilder bash =
                new ProcessBuilder("bash", "-c", "set -eu\n" + commands)
                        .directory(work.toFile())
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectError(work.resolve("errors").toFile())
                        .redirectOutput(output.toFile());
        bash.environment().putAll(variables);
        Process process = bash.start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).as(commands).isTrue();
        assertThat(process.exitValue())
                .as("%s%n%s", commands, Files.readString(work.resolve("errors")))
                .isZero();
        return new String(Files.readAllBytes(output), java.nio.charset.StandardCharsets.ISO_8859_1);
    }
}
