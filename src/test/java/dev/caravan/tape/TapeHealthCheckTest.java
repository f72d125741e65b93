package dev.caravan.tape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.health.HealthCheckRepository;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TapeHealthCheckTest {
    @TempDir Path directory;
    private Path tapes;
    private CamelContext context;
    private ProducerTemplate template;

    @BeforeEach
    void startCamel() throws Exception {
        tapes = directory.resolve("tapes");
        TapeLibrary.create(tapes, 2, 1 << 20);
        context = new DefaultCamelContext();
        context.getComponent("tape", TapeComponent.class).setLibrary(tapes.toString());
        HealthCheckRegistry registry = HealthCheckRegistry.get(context);
        HealthCheckRepository producers = (HealthCheckRepository) registry.resolveById("producers");
        producers.setEnabled(true); // as camel.health.producers-enabled=true does
        registry.register(producers);
        context.start();
        template = context.createProducerTemplate();
    }

    @AfterEach
    void stopCamel() throws Exception {
        context.close();
    }

    private HealthCheck.Result readiness() {
        Collection<HealthCheck.Result> results = HealthCheckHelper.invokeReadiness(context);
        return results.stream()
                .filter(r -> r.getCheck().getId().startsWith("producer:tape-weekly"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aPoolIsReadyAsLongAsACartridgeTakesMore() {
        template.sendBody("tape:weekly", "one");

        HealthCheck.Result ready = readiness();

        assertThat(ready.getState()).isEqualTo(HealthCheck.State.UP);
        assertThat(ready.getDetails())
                .containsAllEntriesOf(
                        Map.of(
                                "tape.drives", 2,
                                "tape.cartridges", 2,
                                "tape.blank", 1L,
                                "tape.writable", 1L,
                                "tape.full", 0L,
                                "tape.damaged", 0L,
                                "tape.outside", 0L));
    }

    @Test
    void aFullLibraryIsDownAndSaysWhatToDo() throws IOException {
        for (int i = 0; i < 6; i++) {
            template.send("tape:weekly", e -> e.getMessage().setBody(new byte[400_000]));
        }

        HealthCheck.Result down = readiness();

        assertThat(down.getState()).isEqualTo(HealthCheck.State.DOWN);
        assertThat(down.getMessage())
                .hasValue(
                        "no cartridge for pool weekly: of 2 in the library, 2 of the pool are full and"
                                + " 0 damaged; add cartridges");

        VirtualLibrary.open(tapes).addCartridges(1, 1 << 20);
        assertThat(readiness().getState()).isEqualTo(HealthCheck.State.UP);
    }

    @Test
    void aLibraryThatIsNotThereIsDown() throws IOException {
        template.sendBody("tape:weekly", "one");
        Files.move(tapes.resolve("library.json"), directory.resolve("away"));

        HealthCheck.Result down = readiness();

        assertThat(down.getState()).isEqualTo(HealthCheck.State.DOWN);
        assertThat(down.getMessage().orElseThrow()).contains("library.json");
    }

    @Test
    void onlyWritersAreCheckedAndTheCheckEndsWithItsProducer() throws Exception {
        context.getEndpoint("tape:daily?operation=inventory").createProducer().start();
        template.sendBody("tape:weekly", "one");
        assertThat(HealthCheckHelper.invokeReadiness(context))
                .extracting(r -> r.getCheck().getId())
                .filteredOn(id -> id.startsWith("producer:tape-"))
                .hasSize(1);

        template.stop();

        assertThat(HealthCheckHelper.invokeReadiness(context))
                .extracting(r -> r.getCheck().getId())
                .noneMatch(id -> id.startsWith("producer:tape-"));
    }
}
