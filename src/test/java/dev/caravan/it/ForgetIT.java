package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Retention on all three kinds of targets, in processes of its own, from settings to disks.
final class ForgetIT {
    private static final int LARGE = 3 << 20;

    @Test
    void oldVersionsGoFromLedgerAndTargetsAndWhatIsThereStays() throws Exception {
        try (Site site = Site.create()) {
            for (int i = 0; i < 10; i++) {
                Files.writeString(site.source.resolve("steady-" + i), "steady");
            }
            for (int state = 1; state <= 3; state++) {
                Files.writeString(site.source.resolve("letter"), "state " + state);
                Files.write(site.source.resolve("large"), large(state));
                (state == 1 ? site.demo() : site.backup()).exits(0);
            }
            int history = count(site.nas().resolve(".caravan/history"));
            int objects = count(site.offsite().resolve("objects"));
            for (String target : Site.TARGETS) {
                site.set("caravan.retention." + target + ".last", "1");
            }
            site.set("caravan.retention.grace", "0s");

            JsonNode plan = site.run("forget", "--dry-run", "--json").exits(0).json();
            CaravanProcess.Outcome forgot = site.run("forget").exits(0);

            assertThat(plan.get("targets")).hasSize(3);
            for (JsonNode target : plan.get("targets")) {
                assertThat(target.get("retires").longValue()).as("%s", target).isEqualTo(2);
            }
            assertThat(forgot.out())
                    .contains("6 copies retired, data of")
                    .contains("nas: data of 2 retired copies removed");
            assertThat(count(site.nas().resolve(".caravan/history"))).isEqualTo(history - 2);
            assertThat(count(site.offsite().resolve("objects"))).isLessThan(objects);
            JsonNode versions = site.whereis("letter").get("versions");
            assertThat(versions).hasSize(3);
            for (JsonNode copy : versions.get(2).get("copies")) {
                if (!copy.get("target").asText().equals("original")) {
                    assertThat(copy.get("state").asText()).isEqualTo("RETIRED");
                }
            }
            assertThat(site.run("whereis", "letter").out()).contains("data removed");
            site.assertInPolicy();
            site.run("verify").exits(0);
            Path back = site.restored("offsite");
            assertThat(back.resolve("letter")).hasContent("state 3");
            site.run("forget").exits(0);
            String log = site.run("log", "--json").json().get("runs").get(2).get("run").asText();
            assertThat(site.run("log", log).out())
                    .contains("retired 2 copies on nas")
                    .contains("removed the data of 2 retired copies from nas");
        }
    }

    /// Where only two copies are left beside the one that goes, and one of them is on tape.
    @Test
    void aCopyOnTapeIsReliedOnOnceItIsReadAndFoundGood() throws Exception {
        try (Site site = Site.create()) {
            for (int i = 0; i < 10; i++) {
                Files.writeString(site.source.resolve("steady-" + i), "steady");
            }
            for (int state = 1; state <= 3; state++) {
                Files.writeString(site.source.resolve("letter"), "this is state " + state);
                (state == 1 ? site.demo() : site.backup()).exits(0);
            }
            site.set("caravan.retention.nas.last", "1");
            site.set("caravan.retention.grace", "0s");

            CaravanProcess.Outcome without = site.run("forget").exits(0);
            assertThat(without.out()).contains("0 copies retired").contains("tape: --with-tape");
            overwrite(site, "this is state 1", "this is STATE 1");
            CaravanProcess.Outcome damaged = site.run("forget", "--with-tape");
            assertThat(copies(site, 2)).as(damaged.out()).contains("nas VERIFIED", "tape SUSPECT");

            site.backup().exits(0); // makes the bad copy again, from a good one
            site.run("forget", "--with-tape").exits(0);

            assertThat(copies(site, 2)).contains("nas RETIRED", "tape VERIFIED");
            Path back = Files.createDirectory(site.root.resolve("back"));
            site.run("restore", "letter", "--version=1", "--from=tape", "--to=" + back).exits(0);
            assertThat(back.resolve("letter")).hasContent("this is state 1");
        }
    }

    private static void overwrite(Site site, String was, String is) throws IOException {
        try (Stream<Path> volumes = Files.walk(site.tapes())) {
            for (Path volume : volumes.filter(each -> each.toString().endsWith(".tap")).toList()) {
                String bytes = Files.readString(volume, StandardCharsets.ISO_8859_1);
                Files.writeString(volume, bytes.replace(was, is), StandardCharsets.ISO_8859_1);
            }
        }
    }

    /// Of one version of the letter, the newest first: where they are and how they are.
    private static List<String> copies(Site site, int version) throws Exception {
        List<String> copies = new ArrayList<>();
        for (JsonNode copy : site.whereis("letter").get("versions").get(version).get("copies")) {
            copies.add(copy.get("target").asText() + " " + copy.get("state").asText());
        }
        return copies;
    }

    @Test
    void anOriginalMayGoOnlyIfItIsWhatWasCopiedAndTheCopiesAreRight() throws Exception {
        try (Site site = Site.create()) {
            Files.createDirectory(site.source.resolve("d"));
            Files.writeString(site.source.resolve("d/a"), "words of a");
            Files.writeString(site.source.resolve("b"), "words of b");
            site.demo().exits(0);

            site.run("safe-to-delete", "d").exits(0);
            JsonNode all = site.run("safe-to-delete", ".", "--json").exits(0).json();
            Files.writeString(site.source.resolve("d/new"), "nobody has this");
            CaravanProcess.Outcome unknown = site.run("safe-to-delete", "d").exits(1);
            Path copy = site.nasTree().resolve("b");
            FileTime time = Files.getLastModifiedTime(copy);
            Files.writeString(copy, "WORDS OF B");
            Files.setLastModifiedTime(copy, time);
            CaravanProcess.Outcome damaged = site.run("safe-to-delete", "b").exits(1);
            Files.writeString(site.source.resolve("b"), "other words of b");
            CaravanProcess.Outcome changed = site.run("safe-to-delete", "b").exits(1);

            assertThat(all.get("safe").booleanValue()).isTrue();
            assertThat(all.get("items").longValue()).isEqualTo(3);
            assertThat(unknown.out())
                    .contains("'d/new' is in the source, and not among what was backed up");
            assertThat(damaged.out()).startsWith("no").contains("nas is suspect");
            assertThat(changed.out()).startsWith("no").contains("'b': it changed in the source");
        }
    }

    private static byte[] large(int state) {
        byte[] bytes = new byte[LARGE];
        new java.util.Random(state).nextBytes(bytes);
        return bytes;
    }

    private static int count(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return (int) files.filter(Files::isRegularFile).count();
        }
    }
}
