package dev.caravan.tape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.tape.drive.LtoGeneration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The examples and numbers of the component's page are true.
class TapePageTest {
    @TempDir Path directory;

    private static String page() throws IOException {
        return Files.readString(Path.of("src/main/docs/tape-component.adoc"));
    }

    @Test
    void theYamlExamplesAreRoutesThatRun() throws Exception {
        List<String> examples =
                Pattern.compile(
                                "^\\[source,yaml\\]\n----\n(.*?)^----$",
                                Pattern.MULTILINE | Pattern.DOTALL)
                        .matcher(page())
                        .results()
                        .map((MatchResult m) -> m.group(1))
                        .map(yaml ->
                                yaml.replace("/srv/restored", directory.resolve("out").toString()))
                        .toList();
        Path tapes = directory.resolve("tapes");
        TapeLibrary.create(tapes, 1, 1 << 20);
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getComponent("tape", TapeComponent.class).setLibrary(tapes.toString());
            for (String example : examples) {
                PluginHelper.getRoutesLoader(context)
                        .loadRoutes(ResourceHelper.fromString("example.yaml", example));
            }
            context.start();
            assertThat(context.getRoutes())
                    .extracting(route -> route.getRouteId())
                    .containsExactly("copy-tape", "restore");

            Exchange written =
                    context.createProducerTemplate()
                            .send("direct:copy", e -> e.getMessage().setBody("the bytes"));
            assertThat(written.getException()).isNull();
            Exchange restored = context.createProducerTemplate().send("direct:restore", _ -> {});

            assertThat(restored.getException()).isNull();
            assertThat(directory.resolve("out/weekly.tar")).hasContent("the bytes");
        }
    }

    @Test
    void theTableOfGenerationsIsThatOfTheProgram() throws IOException {
        String page = page();
        for (LtoGeneration generation : LtoGeneration.values()) {
            if (generation == LtoGeneration.LTO10_PREMIUM) {
                continue; // in the row of LTO-10
            }
            String row =
                    page.lines()
                            .filter(line -> line.startsWith("| " + generation + " |"))
                            .findFirst()
                            .orElseThrow();
            String[] cells =
                    Arrays.stream(row.split("\\|")).map(String::strip).toArray(String[]::new);
            for (String type : cells[2].split("[^A-Z0-9]+")) {
                if (type.length() == 2 && !type.equals("PA")) {
                    assertThat(LtoGeneration.ofBarcode("VT0001" + type))
                            .as(row)
                            .contains(generation);
                }
            }
            double terabytes = Double.parseDouble(cells[3].split(",")[0]);
            assertThat(terabytes * 1e12).as(row).isEqualTo(generation.capacityBytes());
            assertThat(Double.parseDouble(cells[4]) * 1e6)
                    .as(row)
                    .isEqualTo(generation.bytesPerSecond());
            assertThat(Double.parseDouble(cells[5]) * 1e6)
                    .as(row)
                    .isEqualTo(generation.floorBytesPerSecond());
        }
    }
}
