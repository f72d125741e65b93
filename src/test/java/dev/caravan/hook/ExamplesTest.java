package dev.caravan.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The example commands of the documents, as far as this machine can run them.
class ExamplesTest {
    private static final Path EXAMPLES = Path.of("src/main/docs/examples").toAbsolutePath();

    @TempDir Path folder;

    private record Ended(int code, String said) {}

    @Test
    void everyExampleIsAProgramAShellUnderstands() throws Exception {
        try (Stream<Path> examples = Files.list(EXAMPLES)) {
            for (Path example : examples.toList()) {
                assertThat(example).isExecutable();
                assertThat(await(start("/bin/sh", "-n", example.toString())).code())
                        .as(example.toString())
                        .isZero();
            }
        }
    }

    @Test
    void aChainThatIsQuietIsPickedUpAtOnce() throws Exception {
        Files.writeString(folder.resolve("job.vbk"), "full");
        Files.writeString(folder.resolve("job.vbm"), "metadata");

        assertThat(await(start(example("veeam-quiet"), "1", "5")).code()).isZero();
    }

    @Test
    void aChainThatIsBeingWrittenIsWaitedFor() throws Exception {
        Path increment = folder.resolve("job.vib");
        Files.writeString(increment, "");
        Process waiting = start(example("veeam-quiet"), "1", "60");

        for (int i = 0; i < 10; i++) {
            Files.writeString(increment, "x".repeat(i));
            assertThat(waiting.waitFor(300, TimeUnit.MILLISECONDS)).as("still waits").isFalse();
        }

        assertThat(await(waiting).code()).isZero();
    }

    @Test
    void aChainThatNeverRestsIsGivenUp() throws Exception {
        Process waiting = start(example("veeam-quiet"), "1", "2");

        for (int i = 0; !waiting.waitFor(200, TimeUnit.MILLISECONDS); i++) {
            Files.writeString(folder.resolve("job.VBK"), "x".repeat(i));
        }

        assertThat(await(waiting))
                .isEqualTo(
                        new Ended(
                                1,
                                "backup files in '%s' still change after 2 s\n".formatted(folder)));
    }

    @Test
    void aDumpIsWholeOrNotThereAtAll() throws Exception {
        assumeThat(Path.of("/usr/bin/sqlite3")).as("sqlite3 is not installed").exists();
        Path live = folder.resolve("live.db");
        await(
                start(
                        "/usr/bin/sqlite3",
                        live.toString(),
                        "create table t(a); insert into t values(7)"));

        assertThat(await(start(example("database-dump"), "sqlite", live.toString())).code())
                .isZero();
        Path dump = folder.resolve("live.db.dump");
        assertThat(await(start("/usr/bin/sqlite3", dump.toString(), "select a from t")).said())
                .isEqualTo("7\n");

        Files.writeString(live, "no database, but long enough to be looked at as if it were one");
        byte[] before = Files.readAllBytes(dump);
        assertThat(await(start(example("database-dump"), "sqlite", live.toString())).code())
                .isNotZero();
        assertThat(dump).hasBinaryContent(before);
        assertThat(folder.resolve("live.db.dump.new")).doesNotExist();
    }

    private static String example(String name) {
        return EXAMPLES.resolve(name).toString();
    }

    private Process start(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(List.of(command)).redirectErrorStream(true);
        builder.environment().putAll(Map.of("CARAVAN_DIR", folder.toString()));
        return builder.start();
    }

    private static Ended await(Process process) throws Exception {
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), said);
    }
}
