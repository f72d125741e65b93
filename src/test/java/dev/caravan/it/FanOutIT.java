package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/// A target is added by one YAML file, and is filled with what was there before it.
final class FanOutIT {
    /// A second media pool in the same library: other cartridges, to be taken to a vault.
    private static final String VAULT =
            """
            - route:
                id: copy-vault
                routeConfigurationId: copy-errors
                from:
                  uri: ledger:wanted
                  parameters:
                    target: vault
                    mediaKind: tape
                    site: mountain
                    simulated: true
                    proof: tape
                    segment: "{{caravan.tape.segment}}"
                  steps:
                    - to:
                        uri: "tape:vault"
                    - to:
                        uri: direct:record
            """;

    @Test
    void aTargetAddedLaterGetsAllItemsAndGivesThemBack() throws Exception {
        try (Site site = Site.create()) {
            Files.createDirectories(site.source.resolve("folder"));
            Files.writeString(site.source.resolve("folder/old"), "there before the target");
            Files.writeString(site.source.resolve("deleted"), "soon gone");
            for (int i = 0; i < 8; i++) {
                Files.writeString(site.source.resolve("file-" + i), "file " + i);
            }
            site.demo().exits(0);
            site.assertInPolicy();

            Files.writeString(site.home.resolve("routes/34-copy-vault.camel.yaml"), VAULT);
            Files.delete(site.source.resolve("deleted"));
            Files.writeString(site.source.resolve("new"), "there after the target");
            site.run("check").exits(0);
            site.backup().exits(0).complainsNot();

            JsonNode status = site.status();
            assertThat(status.get("targets"))
                    .extracting(target -> target.get("name").textValue())
                    .containsExactlyInAnyOrder("nas", "tape", "offsite", "vault");
            JsonNode reached = status.get("reached");
            assertThat(reached).as(reached.toString()).hasSize(1);
            assertThat(reached.get(0).get("copies").intValue()).isEqualTo(5);
            assertThat(reached.get(0).get("offsite").intValue()).isEqualTo(2);
            assertThat(Site.listing(site.restored("vault"))).isEqualTo(Site.listing(site.source));
            assertThat(Site.listing(site.restored("tape"))).isEqualTo(Site.listing(site.source));
        }
    }
}
