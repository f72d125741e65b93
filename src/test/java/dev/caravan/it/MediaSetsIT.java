package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Cartridges by the program itself: a media set for each backup, one of them in a vault.
final class MediaSetsIT {
    @Test
    void eachBackupHasACartridgeOfItsOwnAndTheOneInTheVaultIsAskedFor() throws Exception {
        try (Site site = Site.create()) {
            Files.writeString(site.source.resolve("one"), "first");
            site.demo().exits(0);
            Files.writeString(
                    site.home.resolve("config/caravan.properties"),
                    "\ncaravan.tape.allocation=always\n",
                    StandardOpenOption.APPEND);
            Files.writeString(site.source.resolve("two"), "second");
            site.backup().exits(0);

            JsonNode pools = tape(site, "pools", "--json").exits(0).json();
            assertThat(pools.path("pools").get(0).path("mediaSet").intValue()).isEqualTo(2);
            String first = cartridge(site, "one");
            String second = cartridge(site, "two");
            assertThat(first).isNotEqualTo(second);
            tape(site, "label", first, "--force")
                    .exits(1)
                    .complainsOnce(first, "copies on it are needed");

            takeOut(site.home.resolve("data/tapes/library.json"), first);
            tape(site, "vault", "out", first, "--to", "BANK").exits(0);
            tape(site, "needed", ".").exits(1);
            tape(site, "needed", "two").exits(0);
            Path to = site.root.resolve("restored");
            String error =
                    site.run("restore", ".", "--to", to.toString(), "--from", "tape")
                            .exits(1)
                            .err();

            assertThat(error)
                    .contains(
                            "cartridge %s is in vault BANK: bring it back and import it"
                                    .formatted(first));
            assertThat(to.resolve("two")).hasContent("second");
            assertThat(to.resolve("one")).doesNotExist();
            site.backup().exits(0);
            JsonNode status = site.status();
            assertThat(status.get("belowPolicy").longValue()).isZero();
            assertThat(status.get("reached").findValuesAsText("offline"))
                    .as("the vault is offline")
                    .containsExactly("0", "1");
        }
    }

    private static CaravanProcess.Outcome tape(Site site, String... words) throws Exception {
        List<String> all = new ArrayList<>(List.of("tape"));
        all.addAll(List.of(words));
        return site.run(all.toArray(String[]::new));
    }

    private static String cartridge(Site site, String path) throws Exception {
        return tape(site, "needed", path, "--json")
                .exits(0)
                .json()
                .path("cartridges")
                .get(0)
                .path("barcode")
                .textValue();
    }

    /// Takes the cartridge out of whatever slot or drive it is in, as a person at the door does.
    private static void takeOut(Path library, String barcode) throws Exception {
        String text = Files.readString(library);
        String name = "\"barcode\":\\s*\"" + barcode + "\"";
        Files.writeString(
                library,
                text.replaceAll(name + ",\\s*\"homeSlot\":\\s*\\d+", "\"was\":0")
                        .replaceAll("\"homeSlot\":\\s*\\d+,\\s*" + name, "\"was\":0")
                        .replaceAll(name, "\"was\":0"));
    }
}
