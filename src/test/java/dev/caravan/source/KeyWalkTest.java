package dev.caravan.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Kind;
import dev.caravan.scan.Selection;
import dev.caravan.scan.Sighting;
import dev.caravan.scan.Sighting.FolderEnd;
import dev.caravan.scan.Sighting.Seen;
import dev.caravan.scan.Sighting.Skipped;
import dev.caravan.scan.Sighting.Unreadable;
import dev.caravan.target.S3Objects.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class KeyWalkTest {
    private static final Instant WRITTEN = Instant.parse("2026-01-02T03:04:05Z");

    /// A key with `=0` behind it is that of an empty object.
    private static List<Sighting> walk(Selection selection, String... keys) throws IOException {
        List<Sighting> seen = new ArrayList<>();
        Iterator<String> all = List.of(keys).iterator();
        new KeyWalk(ItemPath.ROOT, selection, seen::add)
                .run(() -> all.hasNext() ? object(all.next()) : null);
        return seen;
    }

    private static Entry object(String key) {
        boolean empty = key.endsWith("=0");
        return new Entry(
                empty ? key.substring(0, key.length() - 2) : key, empty ? 0 : 3, WRITTEN, "tag");
    }

    private static List<String> told(List<Sighting> sightings) {
        return sightings.stream()
                .map(each ->
                        switch (each) {
                            case Seen(var path, var metadata, var _) ->
                                    (metadata.kind() == Kind.FOLDER ? "folder " : "file ") + path;
                            case Skipped(var path, var what, var _) ->
                                    "skipped " + path + ": " + what;
                            case Unreadable(var path, var why) -> "unreadable " + path + ": " + why;
                            case FolderEnd(var path, var complete) ->
                                    (complete ? "end " : "broken ") + path;
                        })
                .toList();
    }

    @Test
    void foldersAreToldBeforeWhatIsInThemAndEndAfterwards() throws IOException {
        assertThat(told(walk(Selection.ALL, "a-b", "a/b/c", "a/b/d", "a/e", "b")))
                .containsExactly(
                        "file a-b",
                        "folder a",
                        "folder a/b",
                        "file a/b/c",
                        "file a/b/d",
                        "end a/b",
                        "file a/e",
                        "end a",
                        "file b",
                        "end .");
    }

    @Test
    void aKeyThatEndsInASlashIsAFolderWithATime() throws IOException {
        List<Sighting> seen = walk(Selection.ALL, "a/", "a/b", "c/=0");

        assertThat(told(seen))
                .containsExactly(
                        "folder a",
                        "skipped a/key a\\: its key is that of a folder too",
                        "file a/b",
                        "end a",
                        "folder c",
                        "end c",
                        "end .");
        assertThat(((Seen) seen.getFirst()).metadata().modified()).isEqualTo(WRITTEN);
    }

    /// Whatever lies below it is there, and must never be taken for deleted.
    @Test
    void anObjectWithOthersBelowItIsAFolderHoweverFarTheKeysAreApart() throws IOException {
        assertThat(told(walk(Selection.ALL, "a", "a-1", "a.2", "a/b", "a/c/d", "a0")))
                .containsExactly(
                        "file a-1",
                        "file a.2",
                        "folder a",
                        "skipped a/key a: its key is that of a folder too",
                        "file a/b",
                        "folder a/c",
                        "file a/c/d",
                        "end a/c",
                        "end a",
                        "file a0",
                        "end .");
        assertThat(told(walk(Selection.ALL, "a=0", "a-1", "a-1/x", "a/b", "b")))
                .containsExactly(
                        "folder a-1",
                        "skipped a-1/key a-1: its key is that of a folder too",
                        "file a-1/x",
                        "end a-1",
                        "folder a",
                        "file a/b",
                        "end a",
                        "file b",
                        "end .");
    }

    @Test
    void keysThatAreNoPathsAreTold() throws IOException {
        assertThat(told(walk(Selection.ALL, ".", "..", "../up", "/", "/lead", "a//b", "x/./y")))
                .containsExactly(
                        "skipped key .: its key can be no path",
                        "skipped key ..: its key can be no path",
                        "skipped key ..\\up: its key can be no path",
                        "skipped key \\: its key can be no path",
                        "skipped key \\lead: its key can be no path",
                        "skipped key a\\\\b: its key can be no path",
                        "skipped key x\\.\\y: its key can be no path",
                        "end .");
    }

    @Test
    void whatIsExcludedIsToldOnceWithAllThatIsInIt() throws IOException {
        Selection selection = Selection.of(List.of(), List.of("cache/", "*.tmp"));

        assertThat(told(walk(selection, "a.tmp", "cache/a", "cache/b/c", "keep/cache/x", "keep/y")))
                .containsExactly(
                        "skipped a.tmp: excluded by '*.tmp'",
                        "skipped cache: excluded by 'cache/'",
                        "folder keep",
                        "skipped keep/cache: excluded by 'cache/'",
                        "file keep/y",
                        "end keep",
                        "end .");
    }

    /// What lies below it is left out, so it can be a file: nothing is left out in silence.
    @Test
    void anObjectOfTheNameOfAFolderThatIsExcludedIsAFile() throws IOException {
        Selection selection = Selection.of(List.of(), List.of("cache/"));

        assertThat(told(walk(selection, "cache", "cache/x", "d/cache", "d/cache-1", "d/cache/y")))
                .containsExactly(
                        "skipped cache: excluded by 'cache/'",
                        "file cache",
                        "folder d",
                        "file d/cache-1",
                        "skipped d/cache: excluded by 'cache/'",
                        "file d/cache",
                        "end d",
                        "end .");
    }

    @Test
    void aServerThatListsOutOfOrderIsNotBelieved() {
        assertThatThrownBy(() -> walk(Selection.ALL, "b", "a"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("'a' comes after 'b'");
        assertThatThrownBy(() -> walk(Selection.ALL, "a", "a")).isInstanceOf(IOException.class);
    }

    @Provide
    Arbitrary<Set<String>> keys() {
        return Arbitraries.strings()
                .withChars('a', 'b', '-', '0', '/', '.')
                .ofMinLength(1)
                .ofMaxLength(9)
                .set()
                .ofMaxSize(40);
    }

    /// Whatever keys there are, each is told once; a file only in a folder that was told before and
    /// has not ended; and no path twice.
    @Property(tries = 2_000)
    void everyKeyIsToldOnceAndTheTreeIsWhole(@ForAll("keys") Set<String> keys) throws IOException {
        String[] sorted = keys.toArray(String[]::new);
        Arrays.sort(
                sorted,
                (one, other) ->
                        Arrays.compareUnsigned(
                                one.getBytes(StandardCharsets.UTF_8),
                                other.getBytes(StandardCharsets.UTF_8)));
        Set<ItemPath> open = new HashSet<>(Set.of(ItemPath.ROOT));
        Set<ItemPath> known = new HashSet<>();
        long files = 0;
        long told = 0;
        for (Sighting sighting : walk(Selection.ALL, sorted)) {
            ItemPath path = sighting.path();
            switch (sighting) {
                case FolderEnd _ -> assertThat(open.remove(path)).as("%s ends", path).isTrue();
                case Seen(var _, var metadata, var _) -> {
                    assertThat(open).as("around %s", path).contains(path.parent());
                    assertThat(known.add(path)).as("%s once", path).isTrue();
                    if (metadata.kind() == Kind.FOLDER) {
                        open.add(path);
                    } else {
                        files++;
                        assertThat(keys).contains(path.toString());
                    }
                }
                case Unreadable _, Skipped _ -> told++;
            }
        }
        assertThat(open).isEmpty();
        assertThat(files + told).as("each of them has bytes").isEqualTo(keys.size());
        assertThat(files).isEqualTo(keys.stream().filter(key -> isFile(key, keys)).count());
    }

    private static boolean isFile(String key, Set<String> keys) {
        return isPath(key) && keys.stream().noneMatch(other -> isBelow(other, key));
    }

    private static boolean isBelow(String other, String key) {
        String path = other.endsWith("/") ? other.substring(0, other.length() - 1) : other;
        return isPath(path) && other.startsWith(key + "/");
    }

    private static boolean isPath(String key) {
        List<String> parts = List.of(key.split("/", -1));
        return !parts.contains("") && !parts.contains(".") && !parts.contains("..");
    }
}
