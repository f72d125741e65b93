package dev.caravan.age;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// The programs `age` and `age-keygen`, which others wrote: what they read and write is the format.
final class AgeProgram {
    private AgeProgram() {}

    /// What a program answers to an input. Both go through files, so neither waits for the other.
    static byte[] run(Path dir, byte[] input, String... command)
            throws IOException, InterruptedException {
        Path in = Files.write(dir.resolve("stdin"), input);
        Path out = dir.resolve("stdout");
        Path errors = dir.resolve("stderr");
        Process process =
                new ProcessBuilder(command)
                        .redirectInput(in.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(errors.toFile())
                        .start();

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s ends", command[0]).isTrue();
        assertThat(process.exitValue()).as(Files.readString(errors)).isZero();
        return Files.readAllBytes(out);
    }
}
