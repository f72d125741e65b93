package dev.caravan.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.item.ItemPath;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectionTest {

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "*.tmp, a.tmp, true",
                "*.tmp, deep/down/a.tmp, true",
                "*.tmp, a.tmpx, false",
                "*.tmp, .tmp, true",
                "a*b*c, axxbxxbyc, true",
                "a*b*c, axxbxxby, false",
                "?, é, true",
                "?, ab, false",
                "[a-c]x, bx, true",
                "[a-c]x, dx, false",
                "[!a-c]x, dx, true",
                "[!a-c]x, ax, false",
                "[]]x, ]x, true",
                "[à-ü]x, éx, true",
                "a\\*b, a*b, true",
                "a\\*b, axb, false",
                "/top, top, true",
                "/top, sub/top, false",
                "sub/top, sub/top, true",
                "sub/top, x/sub/top, false",
                "**/top, top, true",
                "**/top, x/y/top, true",
                "a/**, a, false",
                "a/**, a/b/c, true",
                "a/**/z, a/z, true",
                "a/**/z, a/b/c/z, true",
                "a/**/z, a/b/c/y, false",
                "a/*/z, a/b/c/z, false",
                "**, anything, true",
                "${x}, ${x}, true"
            })
    void aPatternMatches(String pattern, String path, boolean matches) {
        Selection selection = Selection.of(List.of(), List.of(pattern));

        assertThat(selection.whyNot(ItemPath.of(path), false) != null).isEqualTo(matches);
    }

    @Test
    void aQuestionMarkAlsoStandsForAByteThatIsNoCharacter() {
        ItemPath name = ItemPath.of(new byte[] {'a', (byte) 0xFF, (byte) 0xC3, (byte) 0xA9, 'b'});

        assertThat(Selection.of(List.of(), List.of("a?éb")).whyNot(name, false)).isNotNull();
        assertThat(Selection.of(List.of(), List.of("a*b")).whyNot(name, false)).isNotNull();
        assertThat(Selection.of(List.of(), List.of("a?b")).whyNot(name, false)).isNull();
    }

    @Test
    void aSlashAtTheEndMeansFoldersOnly() {
        Selection selection = Selection.of(List.of(), List.of("build/"));

        assertThat(selection.whyNot(ItemPath.of("x/build"), true))
                .isEqualTo("excluded by 'build/'");
        assertThat(selection.whyNot(ItemPath.of("x/build"), false)).isNull();
    }

    @Test
    void foldersThatMayLeadToSomethingIncludedAreKept() {
        Selection selection = Selection.of(List.of("docs/**/*.txt", "/photos/2026/"), List.of());

        assertThat(selection.whyNot(ItemPath.of("docs"), true)).isNull();
        assertThat(selection.whyNot(ItemPath.of("docs/a/b"), true)).isNull();
        assertThat(selection.whyNot(ItemPath.of("docs/a/b/c.txt"), false)).isNull();
        assertThat(selection.whyNot(ItemPath.of("photos"), true)).isNull();
        assertThat(selection.whyNot(ItemPath.of("photos/2026/may/x.jpg"), false)).isNull();
        assertThat(selection.whyNot(ItemPath.of("photos/2025"), true))
                .isEqualTo("matches no include pattern");
        assertThat(selection.whyNot(ItemPath.of("docs/a/x.jpg"), false)).isNotNull();
        assertThat(selection.whyNot(ItemPath.of("other"), true)).isNotNull();
    }

    @Test
    void excludeWinsOverInclude() {
        Selection selection = Selection.of(List.of("*.txt"), List.of("secret*"));

        assertThat(selection.whyNot(ItemPath.of("a/b.txt"), false)).isNull();
        assertThat(selection.whyNot(ItemPath.of("a/secret.txt"), false))
                .isEqualTo("excluded by 'secret*'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "a//b", "[a", "x/[!]"})
    void aMalformedPatternIsRefused(String pattern) {
        assertThatThrownBy(() -> Selection.of(List.of(pattern), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pattern '" + pattern + "'");
    }

    @Test
    void manyStarsTakeNoLongTime() {
        byte[] name = new byte[250];
        Arrays.fill(name, (byte) 'a');
        Selection selection = Selection.of(List.of(), List.of("*a".repeat(60) + "b"));

        assertThat(selection.whyNot(ItemPath.of(name), false)).isNull();
    }
}
