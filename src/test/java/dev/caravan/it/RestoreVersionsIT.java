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
import org.junit.jupiter.params.provider.FieldSource;

/// Earlier versions come back when they are asked for, and when there is nothing better.
@TestInstance(Lifecycle.PER_CLASS)
final class RestoreVersionsIT {
    @SuppressWarnings("UnusedVariable") // by @FieldSource
    private static final List<String> TARGETS = Site.TARGETS;

    private Site site;

    @BeforeAll
    void twoVersionsAndAFolderThatBecameAFileThatWasDeleted() throws Exception {
        site = Site.create();
        for (int i = 0; i < 30; i++) {
            Files.writeString(site.source.resolve("kept-" + i), "kept");
        }
        Path text = Files.writeString(site.source.resolve("text"), "first");
        Path folder = Files.createDirectory(site.source.resolve("sub"));
        Path kid = Files.writeString(folder.resolve("kid"), "a file in the folder");
        site.demo().exits(0);
        Files.writeString(text, "the second");
        Files.delete(kid);
        Files.delete(folder);
        Path file = Files.writeString(folder, "a file in place of the folder");
        site.backup().exits(0);
        Files.delete(file);
        site.backup().exits(0);
    }

    @AfterAll
    void cleanUp() throws Exception {
        site.close();
    }

    @ParameterizedTest
    @FieldSource("TARGETS")
    void eachVersionComesBackByItsNumber(String target) throws Exception {
        Path to = site.root.resolve("versions-from-" + target);

        restore(to.resolve("1"), "text", "--version", "1", "--from", target).exits(0);
        restore(to.resolve("2"), "text", "--version", "2", "--from", target).exits(0);

        assertThat(to.resolve("1/text")).hasContent("first");
        assertThat(to.resolve("2/text")).hasContent("the second");
    }

    @Test
    void aVersionThatIsNotThereIsOneLine() throws Exception {
        Path to = site.root.resolve("no-version");

        restore(to, "text", "--version", "3").exits(1).complainsOnce("text", "version 3", "[1, 2]");
        restore(to, "text", "sub", "--version", "1")
                .exits(2)
                .complainsOnce("--version", "one PATH");

        assertThat(to).doesNotExist();
    }

    @ParameterizedTest
    @FieldSource("TARGETS")
    void aDeletedFileThatOnceWasAFolderComesBackAsTheFile(String target) throws Exception {
        Path to = site.root.resolve("sub-from-" + target);

        restore(to, "sub", "--from", target).exits(0);

        assertThat(to.resolve("sub")).hasContent("a file in place of the folder");
    }

    @Test
    void theNewestVersionWithACopyComesBackWhereTheLastHasNoneAndIsSaid() throws Exception {
        Site waiting = site.copy();
        // as after a kill between the scan and the copies
        Site.execute(
                "sqlite3",
                waiting.home.resolve("data/ledger.db").toString(),
                "UPDATE copy SET state = 'WANTED', evidence_id = NULL, object_id = NULL, recorded_at"
                        + " = NULL, verified_at = NULL WHERE version_id = (SELECT version_id FROM"
                        + " item WHERE path = CAST('text' AS BLOB))");
        Path to = waiting.home.resolve("to");

        CaravanProcess.Outcome told =
                waiting.run("restore", "text", "--to", to.toString())
                        .exits(1)
                        .complainsOnce("text", "version 2 has no copy", "version 1 of");

        assertThat(told.out()).contains("1 item restored").contains("1 in an earlier version");
        assertThat(to.resolve("text")).hasContent("first");
        waiting.run("restore", "text", "--version", "2", "--to", to.toString(), "--overwrite")
                .exits(1)
                .complainsOnce("'text' not restored");
    }

    private CaravanProcess.Outcome restore(Path to, String... arguments) throws Exception {
        String[] all = new String[arguments.length + 3];
        all[0] = "restore";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[arguments.length + 1] = "--to";
        all[arguments.length + 2] = to.toString();
        return site.run(all);
    }
}
