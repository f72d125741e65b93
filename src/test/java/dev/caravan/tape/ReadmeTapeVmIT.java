package dev.caravan.tape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.tape.pool.Body;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// The recipe of the README on every cartridge, followed to the letter on a real tape device of the
/// kernel with `mt` and `tar` and nothing of ours. `mvn -Ptape-vm verify`, or `-Dtape.vm=true`.
@EnabledIfSystemProperty(
        named = "tape.vm",
        matches = "true",
        disabledReason = "starts a virtual machine: run mvn -Ptape-vm verify")
class ReadmeTapeVmIT {
    /// Puts the records of the cartridge on a tape, then does what the README says.
    private static final String SCRIPT =
            """
            . /etc/tape-env.sh
            set -eu
            mtx -f "$(tape_changer)" load 1 0
            drive=$(tape_drive 0)
            [ -c "$drive" ]
            mt -f "$drive" rewind
            for number in 0 1 2; do dd if=tape-file-$number of="$drive" bs=262144 status=none; done
            mkdir /tmp/label /tmp/out
            cd /tmp/label
            mt -f "$drive" rewind
            tar -b 512 -xf "$drive"
            cmp README.txt /host/README.txt
            cd /tmp/out
            %s
            diff -r --no-dereference /host/source /tmp/out/source
            echo "restored by the README"
            """;

    @TempDir Path directory;

    @Test
    void mtAndTarBringEverythingBackAsTheReadmeSays() throws Exception {
        TapeVm vm = TapeVm.of(directory);
        Path source = Files.createDirectories(directory.resolve("source/folder"));
        Files.createDirectory(source.resolve("empty"));
        Files.writeString(source.resolve("hello"), "hello");
        Files.createSymbolicLink(source.resolve("link"), Path.of("hello"));
        // tgt before 1.0.94 sends of a record that is shorter than the buffer only as many bytes as
        // it is shorter, and tar reads with 256 KiB: the last record is less than half of that here
        byte[] large = new byte[1_330_001];
        new Random(3).nextBytes(large);
        Files.write(source.resolve("large"), large);
        Files.writeString(directory.resolve("source/second"), "in the second tape file");
        run("tar --format=pax -cf 1.tar source/folder; tar --format=pax -cf 2.tar source/second");
        assertThat(Files.size(directory.resolve("1.tar")) % (256 << 10)).isBetween(1L, 128L << 10);
        TapeLibrary library = TapeLibrary.create(directory.resolve("library"), 1, 20 << 20);
        for (int number = 1; number <= 2; number++) {
            library.pool("weekly", 256 * 1024)
                    .write(body(Files.readAllBytes(directory.resolve(number + ".tar"))));
        }
        run(
                "for n in 0 1 2; do python3 library/untap.py library/VT0001L8/p0.tap $n > tape-file-$n; done;"
                        + " tar -xf tape-file-0 README.txt");
        Files.writeString(
                directory.resolve("readme.sh"), SCRIPT.formatted(String.join("\n", recipe())));

        String output =
                vm.run(Duration.ofMinutes(10), List.of("--tape-mib", "50"), "bash", "readme.sh");

        assertThat(output).contains("restored by the README");
    }

    /// The commands for a tape drive, as they stand in the README, but for the name of the drive.
    private List<String> recipe() throws IOException {
        List<String> commands = new ArrayList<>();
        boolean drive = false;
        for (String line : Files.readAllLines(directory.resolve("README.txt"))) {
            if (!line.startsWith(" ")) {
                drive = line.startsWith("From a tape drive");
            } else if (drive && line.matches("  (mt|tar) .*")) {
                commands.add(line.strip().split(" {2,}")[0].replace("/dev/nst0", "\"$drive\""));
            }
        }
        assertThat(commands).hasSizeGreaterThan(6);
        return commands;
    }

    private static Body body(byte[] bytes) {
        return new Body() {
            @Override
            public InputStream open() {
                return new ByteArrayInputStream(bytes);
            }

            @Override
            public OptionalLong length() {
                return OptionalLong.of(bytes.length);
            }
        };
    }

    private void run(String command) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Process process =
                new ProcessBuilder("bash", "-c", command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        assertThat(process.waitFor()).as("%s: %s", command, Files.readString(output)).isZero();
    }
}
