package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.item.Fingerprint;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.item.Metadata;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.item.Xattr;
import dev.caravan.posix.Directory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `src/main/docs/manifest-format.md` beside what is really written.
class ManifestFormatTest {
    private static final Path PAGE = Path.of("src/main/docs/manifest-format.md");
    private static final Instant MODIFIED = Instant.parse("2024-02-29T01:02:03.000000004Z");

    @TempDir Path folder;

    @Test
    void everyFieldOfAManifestIsOnThePageAndNoOther() throws IOException {
        Manifest manifest = new Manifest();
        byte[] notUtf8 = {'a', (byte) 0xff};
        manifest.add(
                version(1, notUtf8, Kind.FILE, Metadata.NO_TARGET, 2),
                Sha256.OF_NOTHING,
                "objects/x");
        manifest.add(
                SftpCopies.single(4, "x", bytes("large"))
                        .as(
                                new Encryption.Encrypted(
                                        300, Sha256.OF_NOTHING, java.util.List.of("age1a"))),
                "objects/y");
        manifest.add(version(2, bytes("link"), Kind.SYMLINK, bytes("there"), 1), null, null);
        manifest.add(version(3, bytes("folder"), Kind.FOLDER, Metadata.NO_TARGET, 1), null, null);

        Set<String> written = new TreeSet<>();
        for (String line : new String(manifest.bytes(), StandardCharsets.UTF_8).lines().toList()) {
            JsonNode json = new ObjectMapper().readTree(line);
            json.fieldNames().forEachRemaining(written::add);
        }

        assertThat(replaced(written)).containsExactlyInAnyOrderElementsOf(fields("## Manifest"));
    }

    @Test
    void theSentinelOfANasIsAsOnThePage() throws IOException {
        String id = NasLayout.create(folder);
        try (Directory nas = Directory.open(folder)) {
            NasLayout.claim(nas, "home-id");
        }

        JsonNode sentinel =
                new ObjectMapper().readTree(folder.resolve(".caravan/sentinel").toFile());
        Set<String> written = new TreeSet<>();
        sentinel.fieldNames().forEachRemaining(written::add);

        assertThat(sentinel.path("id").asText()).isEqualTo(id);
        assertThat(written).containsExactlyInAnyOrderElementsOf(fields("## Sentinel of a NAS"));
    }

    @Test
    void anOldVersionLiesWhereThePageSays() throws IOException {
        assertThat(new String(NasLayout.history(1486), StandardCharsets.UTF_8))
                .isEqualTo(".caravan/history/86/1486");
        assertThat(new String(NasLayout.history(100), StandardCharsets.UTF_8))
                .isEqualTo(".caravan/history/00/100");
        assertThat(Files.readString(PAGE)).contains(".caravan/history/NN/ID");
    }

    private static Set<String> replaced(Collection<String> names) {
        Set<String> all = new TreeSet<>();
        names.forEach(name -> all.add(name.replaceAll("^xattr:.*", "xattr:NAME")));
        return all;
    }

    /// The names in the first column of the table below a heading.
    private static Set<String> fields(String heading) throws IOException {
        String page = Files.readString(PAGE);
        String section = page.substring(page.indexOf(heading + "\n") + heading.length());
        int end = section.indexOf("\n## ");
        Set<String> names = new TreeSet<>();
        for (String line :
                section.substring(0, end < 0 ? section.length() : end).lines().toList()) {
            if (line.startsWith("| `")) {
                Matcher name = Pattern.compile("`([^`]+)`").matcher(line.split("\\|")[1]);
                while (name.find()) {
                    names.add(name.group(1));
                }
            }
        }
        return names;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Version version(long id, byte[] path, Kind kind, byte[] target, int links) {
        List<Xattr> xattrs =
                kind == Kind.FILE ? List.of(new Xattr("user.note", bytes("x"))) : List.of();
        return new Version(
                id,
                "docs",
                ItemPath.of(path),
                1,
                new Metadata(kind, 0, MODIFIED, 0644, 0, 0, target, links, xattrs),
                new Fingerprint(7, id, 0, MODIFIED, MODIFIED),
                null);
    }
}
