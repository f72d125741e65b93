package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.LibraryInventory.Bay;
import dev.caravan.tape.changer.OperatorDesk.Request;
import dev.caravan.tape.pool.OperatorRequests;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands that look at and move cartridges, on a virtual library of two drives and three
/// cartridges.
class TapeMachineCommandsTest {
    @TempDir Path folder;

    private TestHome home;
    private Path tapes;

    @BeforeEach
    void make() throws IOException {
        home = new TestHome(folder);
        tapes = home.root.resolve("data/tapes");
    }

    private void library() throws IOException {
        TapeLibrary.create(tapes, 3, 1 << 20);
    }

    private void fails(int code, String words, String... args) {
        TestHome.Ended ended = home.run(args);

        assertThat(ended.err()).contains(words);
        assertThat(ended.err().lines()).as("one line").hasSize(1);
        assertThat(ended.code()).isEqualTo(code);
    }

    @Test
    void beforeTheFirstBackupThereIsNoLibrary() {
        for (String command : List.of("drives", "inventory")) {
            fails(1, "no tape library yet: the first backup makes it", "tape", command);
        }
        fails(1, "no tape library yet", "tape", "load", "VT0001L8");
        assertThat(TestHome.program("tape").err())
                .contains("want a command: caravan tape inventory, or another of: list, drives");
    }

    @Test
    void theInventoryShowsEveryPlace() throws IOException {
        library();

        TestHome.Ended text = home.run("tape", "inventory");
        JsonNode json = home.run("tape", "inventory", "--json").json();

        assertThat(text.code()).isZero();
        assertThat(text.out().lines())
                .contains(
                        "  PLACE    BARCODE   STATUS  POOL  USED",
                        "  drive 0  -         empty   -        -",
                        "  slot 1   VT0001L8  blank   -        -",
                        "  3 cartridges");
        assertThat(json.path("simulated").booleanValue()).isTrue();
        assertThat(json.path("drives")).hasSize(2);
        assertThat(json.path("slots").get(2).toString())
                .isEqualTo(
                        "{\"slot\":3,\"mail\":false,\"barcode\":\"VT0003L8\",\"unread\":false,"
                                + "\"pool\":null,\"status\":\"BLANK\",\"bytes\":null}");
        assertThat(json.path("requests")).isEmpty();
    }

    @Test
    void aCartridgeIsLoadedAndUnloaded() throws IOException {
        library();

        assertThat(home.run("tape", "load", "VT0002L8").out())
                .isEqualTo("VT0002L8 is in drive 0\n");
        JsonNode loaded = home.run("tape", "load", "VT0003L8", "--drive", "1", "--json").json();
        assertThat(loaded.toString()).isEqualTo("{\"barcode\":\"VT0003L8\",\"drive\":1}");
        assertThat(home.run("tape", "load", "VT0002L8").out()).contains("is in drive 0");

        fails(1, "no drive is empty: drive 0 holds VT0002L8", "tape", "load", "VT0001L8");
        fails(1, "it is in drive 0; unload it", "tape", "load", "VT0002L8", "--drive", "1");
        fails(2, "name one with --drive", "tape", "unload");
        assertThat(home.run("tape", "unload", "VT0003L8").out()).isEqualTo("drive 1 is empty\n");
        assertThat(home.run("tape", "unload").out()).isEqualTo("drive 0 is empty\n");
        fails(1, "no drive holds a cartridge", "tape", "unload");
        fails(1, "the drive is empty", "tape", "unload", "--drive", "1");
        fails(1, "it is in no drive", "tape", "unload", "VT0003L8");
        fails(1, "no such drive", "tape", "unload", "--drive", "9");
    }

    @Test
    void whatIsNoBarcodeOrNotInTheLibraryIsTold() throws IOException {
        library();

        fails(2, "want a barcode of 6 to 16", "tape", "load", "x");
        fails(1, "no slot holds it", "tape", "load", "NOBODY01");
        fails(2, "not both", "tape", "unload", "VT0001L8", "--drive", "1");
        fails(1, "it is not in the library", "tape", "export", "NOBODY01");
    }

    @Test
    void aDriveThatIsInUseRefusesAtOnce() throws Exception {
        library();
        home.run("tape", "load", "VT0001L8");
        try (var _ = VirtualLibrary.open(tapes).open(0)) {
            JsonNode json = home.run("tape", "drives", "--json").json();

            assertThat(json.path("drives").get(0).path("state").textValue()).isEqualTo("IN_USE");
            assertThat(json.path("drives").get(1).path("state").textValue()).isEqualTo("EMPTY");
            fails(1, "the drive is in use", "tape", "unload", "--drive", "0");
        }
    }

    @Test
    void drivesTellWhoTheyAreAndWhatIsInThem() throws IOException {
        library();
        home.run("tape", "load", "VT0001L8");

        TestHome.Ended text = home.run("tape", "drives");
        JsonNode drive = home.run("tape", "drives", "--json").json().path("drives").get(0);

        assertThat(text.code()).isZero();
        assertThat(text.out()).contains("SERIAL").contains("VT0001L8");
        assertThat(drive.path("state").textValue()).isEqualTo("READY");
        assertThat(drive.path("barcode").textValue()).isEqualTo("VT0001L8");
        assertThat(drive.path("serial").textValue()).isNotEmpty();
        assertThat(drive.path("alerts")).isEmpty();
    }

    @Test
    void aCartridgeGoesOutOfTheLibraryAndComesBack() throws IOException {
        library();

        TestHome.Ended out = home.run("tape", "export", "VT0002L8");
        assertThat(out.out())
                .isEqualTo("VT0002L8 is on the shelf " + tapes.resolve("shelf") + "\n");
        assertThat(tapes.resolve("shelf/VT0002L8")).isDirectory();
        assertThat(home.run("tape", "inventory").out())
                .doesNotContain("VT0002L8")
                .contains("mail slot 4");
        fails(1, "it is not in the library", "tape", "export", "VT0002L8");
        assertThat(home.run("tape", "import").code()).isEqualTo(1);
        fails(1, "slot 1 is no mail slot; the mail slots are 4", "tape", "import", "--slot", "1");

        JsonNode moved = home.run("tape", "import", "VT0002L8", "--json").json();

        assertThat(moved.path("moved").get(0).toString())
                .isEqualTo("{\"barcode\":\"VT0002L8\",\"fromSlot\":4,\"toSlot\":2}");
        fails(1, "it is in the library already", "tape", "import", "VT0002L8");
        home.run("tape", "load", "VT0002L8");
        try (var _ = VirtualLibrary.open(tapes).open(0)) {
            fails(1, "the drive is in use", "tape", "export", "VT0002L8");
        }
        assertThat(home.run("tape", "export", "VT0002L8").out())
                .as("it is unloaded first")
                .isEqualTo("VT0002L8 is on the shelf " + tapes.resolve("shelf") + "\n");
        assertThat(VirtualLibrary.open(tapes).inventory().drives()).allMatch(Bay::empty);
    }

    @Test
    void whatLiesInAMailSlotIsImported() throws IOException {
        library();
        VirtualLibrary machine = VirtualLibrary.open(tapes);
        machine.addMailSlots(2);
        machine.transfer(3, 5);

        assertThat(home.run("tape", "import", "--slot", "5").out())
                .isEqualTo("VT0003L8 is in slot 3\n");
    }

    @Test
    void whatAPersonIsToLoadIsShownByStatusAndInventory() throws IOException {
        library();
        Request request =
                new Request(
                        new Barcode("ABC001L8"),
                        0,
                        "/dev/nst0",
                        Instant.parse("2026-11-24T18:00:00Z"),
                        Optional.empty());
        new OperatorRequests(tapes, List.of()).ask(request);
        String task = "load cartridge ABC001L8 into drive 0 (/dev/nst0)";

        assertThat(home.run("status").out()).contains("TO DO  " + task);
        assertThat(home.run("tape", "inventory").out()).contains("TO DO  " + task);
        assertThat(
                        home.run("status", "--json")
                                .json()
                                .path("operatorTasks")
                                .get(0)
                                .path("task")
                                .textValue())
                .isEqualTo(task);

        new OperatorRequests(tapes, List.of()).withdraw(0);

        assertThat(home.run("status").out()).doesNotContain("TO DO");
        assertThat(tapes.resolve("requests.json")).doesNotExist();
    }

    @Test
    void theRequestOfAProcessThatIsGoneIsNotShown() throws IOException {
        library();
        Files.writeString(
                tapes.resolve("requests.json"),
                """
                {"format":1,"requests":[{"barcode":"ABC001L8","drive":0,"device":"/dev/nst0",
                "since":"2026-11-24T18:00:00Z","pid":2147483646}]}
                """);

        assertThat(home.run("tape", "inventory").out()).doesNotContain("TO DO");
    }

    @Test
    void realDrivesThatAreNotThereAreToldByCheckAndByEveryCommandInOneLine() throws IOException {
        Files.writeString(
                home.root.resolve("config/caravan.properties"),
                "caravan.tape.drives=/dev/no-such-nst\ncaravan.tape.changer=/dev/null\n",
                java.nio.file.StandardOpenOption.APPEND);

        fails(1, "changer /dev/null", "tape", "inventory");
        fails(1, "changer /dev/null", "tape", "list");
        fails(1, "changer /dev/null", "tape", "pools");
        fails(1, "changer /dev/null", "tape", "show", "ABC001L8");
        fails(1, "changer /dev/null", "tape", "label", "ABC001L8");
        fails(1, "changer /dev/null", "tape", "vault", "out", "ABC001L8", "--to", "BANK");
        assertThat(tapes.resolve("library.json")).doesNotExist();
        assertThat(tapes.resolve("inventory.json")).exists();
    }

    @Test
    void initWritesTheDrivesAndNeedsThemForAChanger() throws IOException {
        Path made = folder.resolve("made");
        String[] common = {
            "init",
            "--home",
            made.toString(),
            "--source",
            home.docs.toString(),
            "--nas",
            folder.resolve("nas").toString()
        };

        TestHome.Ended wrong = with(common, "--tape-changer", "/dev/sg3");
        TestHome.Ended right =
                with(
                        common,
                        "--tape-drive",
                        "/dev/tape/by-id/a-nst",
                        "--tape-drive",
                        "/dev/tape/by-id/b-nst",
                        "--tape-changer",
                        "/dev/sg3");

        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("need --tape-drive");
        assertThat(right.code()).as(right.err()).isZero();
        assertThat(Files.readAllLines(made.resolve("config/caravan.properties")))
                .contains(
                        "caravan.tape.drives=/dev/tape/by-id/a-nst,/dev/tape/by-id/b-nst",
                        "caravan.tape.changer=/dev/sg3");
    }

    @Test
    void initForASingleDriveAsksForTheNamesOfItsCartridges() throws IOException {
        Path made = folder.resolve("made");
        String[] common = {
            "init",
            "--home",
            made.toString(),
            "--source",
            home.docs.toString(),
            "--nas",
            folder.resolve("nas").toString(),
            "--tape-drive",
            "/dev/nst0"
        };

        TestHome.Ended wrong = with(common, "--tape-cartridge", "x");
        TestHome.Ended right = with(common, "--tape-cartridge", "ABC001L8,ABC002L8");

        assertThat(wrong.err()).contains("--tape-cartridge 'x': want a barcode");
        assertThat(right.code()).as(right.err()).isZero();
        assertThat(Files.readAllLines(made.resolve("config/caravan.properties")))
                .contains("caravan.tape.drives=/dev/nst0", "caravan.tape.shelf=ABC001L8,ABC002L8");
    }

    private static TestHome.Ended with(String[] common, String... more) {
        List<String> all = new java.util.ArrayList<>(List.of(common));
        all.addAll(List.of(more));
        return TestHome.program(all.toArray(String[]::new));
    }
}
