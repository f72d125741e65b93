package dev.caravan.pipeline.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each case of `bad-routes.txt` is the shipped routes with one mistake, and all that is then
/// found.
class BadRoutesTest {
    /// @param file the route file that is changed, or `properties`
    /// @param old its lines to replace; none = the new ones make a file
    record Case(String name, String file, String old, String replacement, List<String> expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    @TempDir Path folder;

    static Stream<Case> cases() throws IOException {
        Path table = ShippedRoutes.resource("bad-routes.txt");
        return Stream.of(Files.readString(table).split("\n\n"))
                .filter(block -> block.startsWith("# "))
                .map(BadRoutesTest::parse);
    }

    private static Case parse(String block) {
        List<String> lines = block.lines().toList();
        List<String> heads =
                lines.stream()
                        .filter(line -> line.startsWith("@ "))
                        .map(l -> l.substring(2))
                        .toList();
        return new Case(
                lines.getFirst().substring(2),
                heads.getFirst(),
                marked(lines, '-'),
                marked(lines, '+'),
                lines.stream()
                        .filter(line -> line.startsWith("! "))
                        .map(l -> l.substring(2))
                        .toList());
    }

    private static String marked(List<String> lines, char mark) {
        StringBuilder text = new StringBuilder();
        lines.stream()
                .filter(line -> !line.isEmpty() && line.charAt(0) == mark)
                .forEach(line -> text.append(line.substring(1)).append('\n'));
        return text.toString();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void everyMistakeIsFoundWhereItIs(Case bad) throws IOException {
        Map<String, String> properties = ShippedRoutes.properties();
        ShippedRoutes.copyTo(folder);
        apply(bad, properties);

        RouteChecks.Result result = RouteChecks.check(RouteChecks.files(folder), properties);

        assertThat(result.findings().stream().map(finding -> shown(finding)).toList())
                .isEqualTo(bad.expected());
        assertThat(bad.expected()).isNotEmpty();
    }

    private String shown(Finding finding) {
        Finding seen = finding.seenFrom(folder);
        return seen.file().toString().isEmpty() ? "routes" + seen : seen.toString();
    }

    private void apply(Case bad, Map<String, String> properties) throws IOException {
        if (bad.file().equals("properties")) {
            bad.old().lines().forEach(properties::remove);
            bad.replacement()
                    .lines()
                    .forEach(line -> {
                        String[] pair = line.split("=", 2);
                        properties.put(pair[0], pair[1]);
                    });
            return;
        }
        Path file = folder.resolve(bad.file());
        if (!Files.exists(file)) {
            Files.writeString(file, bad.replacement());
            return;
        }
        if (bad.old().equals("all\n")) {
            Files.delete(file);
            if (!bad.replacement().isEmpty()) {
                Files.writeString(file, bad.replacement());
            }
            return;
        }
        String text = Files.readString(file);
        List<String> lines = new ArrayList<>(text.lines().toList());
        List<String> old = bad.old().lines().map(String::strip).toList();
        int at = find(lines, old);
        String indent =
                Objects.requireNonNull(lines.get(at))
                        .substring(
                                0, lines.get(at).length() - lines.get(at).stripLeading().length());
        lines.subList(at, at + old.size()).clear();
        lines.addAll(at, bad.replacement().lines().map(line -> indent + line).toList());
        Files.writeString(file, String.join("\n", lines) + "\n");
    }

    private static int find(List<String> lines, List<String> old) {
        for (int i = 0; i + old.size() <= lines.size(); i++) {
            if (lines.subList(i, i + old.size()).stream().map(String::strip).toList().equals(old)) {
                return i;
            }
        }
        throw new IllegalArgumentException("not in the shipped file: " + old);
    }
}
