package dev.caravan.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each case of `bad-settings.txt` is a configuration with one mistake, and all that is found.
class BadSettingsTest {
    record Case(String name, String config, List<String> expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    @TempDir Path folder;

    static Stream<Case> cases() throws IOException {
        try (InputStream in =
                Objects.requireNonNull(
                        BadSettingsTest.class.getResourceAsStream("bad-settings.txt"))) {
            return Stream.of(new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n\n"))
                    .filter(block -> block.startsWith("# "))
                    .map(block ->
                            new Case(
                                    block.lines().findFirst().orElseThrow().substring(2),
                                    block.lines()
                                            .filter(line -> line.startsWith("+"))
                                            .map(line -> line.substring(1))
                                            .collect(Collectors.joining("\n")),
                                    block.lines()
                                            .filter(line -> line.startsWith("! "))
                                            .map(line -> line.substring(2))
                                            .toList()));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void everyMistakeIsFoundWhereItIs(Case bad) throws IOException {
        Path real = folder.toRealPath();
        Home home = HomeFolder.make(real, bad.config());

        Settings.Reading reading = Settings.read(home, Map.of());

        assertThat(reading).isInstanceOf(Settings.Reading.Refused.class);
        assertThat(
                        ((Settings.Reading.Refused) reading)
                                .findings().stream()
                                        .map(f -> f.toString().replace(real.toString(), "@"))
                                        .toList())
                .isEqualTo(bad.expected());
    }
}
