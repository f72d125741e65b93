package dev.caravan.tape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.tape.pool.Body;
import dev.caravan.tape.pool.TapeFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The recipe of the README on every cartridge, with python3 and tar and nothing of ours.
class RestoreWithoutCaravanTest {
    /// What brings a tape file back from the standard input, and how to see whether it is here.
    private static final String PYTHON =
            "python3 -c 'import sys, tarfile; tarfile.open(fileobj=sys.stdin.buffer,"
                    + " mode=\"r|\").extractall()'";

    @TempDir Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tar --version | tar -xpf -",
                "bsdtar --version | bsdtar -xpf -",
                "python3 --version | PYTHON"
            })
    void anyTarProgramReadsWhatUntapGives(String probe, String tar) throws Exception {
        assumeTrue(
                run("command -v " + probe.split(" ")[0] + " || true").startsWith("/"),
                probe.split(" ")[0]
                        + " is not installed (bsdtar: apt-get install libarchive-tools)");
        Path source = Files.createDirectories(directory.resolve("source/folder"));
        Files.createDirectory(source.resolve("empty"));
        Files.writeString(source.resolve("hello"), "hello");
        Files.createSymbolicLink(source.resolve("link"), Path.of("hello"));
        Files.createLink(source.resolve("same"), source.resolve("hello"));
        Files.write(source.resolve("large"), new byte[1_700_001]);
        run("tar --format=pax -cf segment.tar source");
        TapeLibrary library = TapeLibrary.create(directory.resolve("library"), 1, 10 << 20);
        TapeFile file = library.pool("weekly", 256 * 1024).write(body());
        Files.createDirectories(directory.resolve("out"));

        run(
                "cd out && python3 ../library/untap.py ../library/%s/p0.tap %d | %s"
                        .formatted(
                                file.volume(), file.file(), tar.equals("PYTHON") ? PYTHON : tar));

        run("diff -r --no-dereference source out/source");
        assertThat(
                        Files.isSameFile(
                                directory.resolve("out/source/folder/hello"),
                                directory.resolve("out/source/folder/same")))
                .isTrue();
    }

    private Body body() throws IOException {
        byte[] segment = Files.readAllBytes(directory.resolve("segment.tar"));
        return new Body() {
            @Override
            public InputStream open() {
                return new ByteArrayInputStream(segment);
            }

            @Override
            public OptionalLong length() {
                return OptionalLong.empty();
            }
        };
    }

    @Test
    void theReadmeOnTheCartridgeLeadsFromTheImageToTheFiles() throws Exception {
        Path source = Files.createDirectories(directory.resolve("source/folder"));
        Files.writeString(source.resolve("hello.txt"), "hello");
        Files.write(source.resolve("large"), new byte[700_001]);
        run("tar --format=pax -cf segment.tar source");
        TapeLibrary library = TapeLibrary.create(directory.resolve("library"), 1, 10 << 20);
        TapeFile file = library.pool("weekly", 256 * 1024).write(body());
        Files.createDirectories(directory.resolve("out"));
        String image = "../library/" + file.volume() + "/p0.tap";

        // the README tells what untap.py knows; the copy in the library directory starts it off
        run("cd out && python3 ../library/untap.py " + image + " 0 | tar -xf -");
        run("cd out && python3 untap.py " + image + " 1 | tar -xpf -");

        assertThat(directory.resolve("out/README.txt")).content().contains("mt and tar are enough");
        assertThat(directory.resolve("out/VOLUME.json")).content().contains(file.volumeId() + "");
        assertThat(directory.resolve("out/source/folder/hello.txt")).hasContent("hello");
        assertThat(directory.resolve("out/source/folder/large"))
                .hasBinaryContent(new byte[700_001]);
        assertThat(run("python3 out/untap.py library/VT0001L8/p0.tap 2 2>&1 || true"))
                .contains("the tape has 2 tape files");
        try (var tape =
                FileChannel.open(
                        directory.resolve("library/VT0001L8/p0.tap"), StandardOpenOption.WRITE)) {
            tape.truncate(tape.size() - 100_000); // as a kill in mid-write leaves it
        }
        assertThat(run("python3 out/untap.py library/VT0001L8/p0.tap 1 2>&1 >torn || true"))
                .contains("tape file 1 does not end with a filemark");
    }

    private String run(String command) throws IOException, InterruptedException {
        Path output = directory.resolve("output.txt");
        Process process =
                new ProcessBuilder("bash", "-c", "set -eo pipefail; " + command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(command).isTrue();
        String text = Files.readString(output);
        assertThat(process.exitValue()).as("%s: %s", command, text).isZero();
        return text;
    }
}
