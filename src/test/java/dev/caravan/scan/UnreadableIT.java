package dev.caravan.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Version;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Patience;
import dev.caravan.scan.Sighting.FolderEnd;
import dev.caravan.scan.Sighting.Seen;
import dev.caravan.scan.Sighting.Skipped;
import dev.caravan.scan.Sighting.Unreadable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a walk sees when it may not see everything. Root may, so as root it is gone by another
/// process, as the user nobody.
class UnreadableIT {

    private static final String NOBODY = "65534";

    private SourceTree tree;

    @BeforeEach
    void make() throws Exception {
        tree = new SourceTree();
        tree.file("closed/inside", "x");
        tree.file("names-only/inside", "x");
        tree.file("open/file", "x");
        tree.file("secret", "x");
        tree.run("chmod", "755", ".");
        tree.run("chmod", "000", "closed", "secret");
        tree.run("chmod", "444", "names-only");
    }

    @AfterEach
    void remove() throws Exception {
        tree.run("chmod", "700", "closed", "names-only");
        tree.close();
    }

    @Test
    void whatMayNotBeReadIsToldAndTheWalkGoesOn() throws Exception {
        List<String> sightings = Directory.effectiveUser() == 0 ? asNobody() : sightings(tree.path);

        assertThat(sightings)
                .containsExactlyInAnyOrder(
                        "seen closed",
                        "unreadable closed: open folder 'closed': Permission denied (EACCES)",
                        "end closed false",
                        "seen names-only",
                        "unreadable names-only: open folder 'names-only': Permission denied"
                                + " (EACCES)",
                        "end names-only false",
                        "seen open",
                        "seen open/file",
                        "end open true",
                        "seen secret",
                        "content UNREADABLE open 'secret': Permission denied (EACCES)",
                        "readable open/file true",
                        "readable secret false",
                        "end . true");
    }

    private List<String> asNobody() throws IOException, InterruptedException {
        Path output = Files.createTempFile("caravan-walk", ".txt");
        try {
            assumeTrue(run(output) == 0, "the user nobody can not run Java here");

            int exit = run(output, tree.path.toString());

            List<String> lines = Files.readAllLines(output);
            assertThat(exit).as(String.join("\n", lines)).isZero();
            return lines;
        } finally {
            Files.delete(output);
        }
    }

    private static int run(Path output, String... arguments)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "setpriv",
                                "--reuid=" + NOBODY,
                                "--regid=" + NOBODY,
                                "--clear-groups",
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                System.getProperty("java.class.path"),
                                UnreadableIT.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
    }

    /// The child process; without an argument it only shows that it can run.
    public static void main(String[] arguments) throws IOException {
        for (String path : arguments) {
            sightings(Path.of(path)).forEach(System.out::println);
        }
    }

    private static List<String> sightings(Path path) throws IOException {
        List<String> lines = new ArrayList<>();
        try (SourceRoot root =
                FolderRoot.open(path, new Patience("a source", Duration.ofMinutes(3)), Set.of())) {
            root.walk(
                    ItemPath.ROOT,
                    Selection.ALL,
                    sighting -> {
                        lines.add(line(sighting));
                        if (sighting instanceof Seen seen && seen.metadata().kind() == Kind.FILE) {
                            read(root, seen, lines);
                        }
                    });
        }
        return lines;
    }

    private static String line(Sighting sighting) {
        return switch (sighting) {
            case Seen(ItemPath path, var _, var _) -> "seen " + path;
            case Skipped(ItemPath path, String what, var _) -> "skipped " + path + ": " + what;
            case Unreadable(ItemPath path, String reason) -> "unreadable " + path + ": " + reason;
            case FolderEnd(ItemPath path, boolean complete) -> "end " + path + " " + complete;
        };
    }

    private static void read(SourceRoot root, Seen seen, List<String> lines) throws IOException {
        lines.add("readable " + seen.path() + " " + root.readable(seen.path()));
        Version version =
                new Version(1, "source", seen.path(), 1, seen.metadata(), seen.fingerprint(), null);
        try {
            new SourceContents(_ -> root).open(version).close();
        } catch (ContentUnavailableException failed) {
            lines.add("content " + failed.reason() + " " + failed.getMessage());
        }
    }
}
