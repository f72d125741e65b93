package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.age.AgeIdentity;
import dev.caravan.age.AgeRecipient;
import dev.caravan.config.Finding;
import dev.caravan.config.Home;
import dev.caravan.item.Version;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.LedgerFixture;
import dev.caravan.ledger.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `key` and the settings of encryption, on a home that was initialised as a user does it.
class KeyCommandsTest {
    @TempDir Path folder;
    private Home home = new Home(Path.of(""));
    private Path keys = Path.of("");

    @BeforeEach
    void aHome() throws IOException {
        home = new Home(folder.resolve("home"));
        keys = home.keys().resolve("age");
        Path source = Files.createDirectories(folder.resolve("docs"));
        TestHome.Ended made =
                run(
                        "init",
                        "--source=" + source,
                        "--nas=" + folder.resolve("nas"),
                        "--offsite=embedded");
        assertThat(made.code()).as(made.err()).isZero();
    }

    @Test
    void aNewKeyIsMadeForTheOwnerOnlyAndItsRecipientShown() throws IOException {
        TestHome.Ended made = run("key", "new", "main");

        AgeIdentity identity = AgeIdentity.readAll(keys.resolve("main.key")).getFirst();
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(made.out())
                .contains("Key main: " + identity.recipient())
                .contains("Keep a copy of '" + keys.resolve("main.key") + "' elsewhere: without it")
                .doesNotContain(identity.secret());
        assertThat(mode(keys)).isEqualTo("rwx------");
        assertThat(mode(keys.resolve("main.key"))).isEqualTo("rw-------");
        assertThat(keys.resolve("main.pub")).content().contains(identity.recipient().toString());
    }

    @Test
    void aKeyIsNeverMadeTwice() throws IOException {
        run("key", "new", "main");
        byte[] before = Files.readAllBytes(keys.resolve("main.key"));

        TestHome.Ended again = run("key", "new", "main");

        assertThat(again.code()).isEqualTo(ExitCode.INCOMPLETE);
        assertThat(again.err()).contains("key 'main' is there already");
        assertThat(keys.resolve("main.key")).hasBinaryContent(before);
    }

    @Test
    void theIdentityOfAnEscrowKeyIsOnlyElsewhere() throws IOException {
        Path elsewhere = folder.resolve("escrow.txt");

        TestHome.Ended made = run("key", "new", "escrow", "--escrow=" + elsewhere);
        TestHome.Ended again = run("key", "new", "second", "--escrow=" + elsewhere);

        AgeRecipient recipient = AgeIdentity.readAll(elsewhere).getFirst().recipient();
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(made.out()).contains(recipient.toString(), "'" + elsewhere + "' only");
        assertThat(mode(elsewhere)).isEqualTo("rw-------");
        assertThat(keys.resolve("escrow.key")).doesNotExist();
        assertThat(keys.resolve("escrow.pub")).content().contains(recipient.toString());
        assertThat(again.code()).isEqualTo(ExitCode.INCOMPLETE);
        assertThat(again.err()).contains("is there already and may be an identity");
        assertThat(AgeIdentity.readAll(elsewhere).getFirst().recipient()).isEqualTo(recipient);
        assertThat(keys.resolve("second.pub")).doesNotExist();
    }

    @Test
    void theRecipientOfSomebodyElseIsTaken() {
        String recipient = AgeIdentity.generate().recipient().toString();

        TestHome.Ended taken = run("key", "new", "bob", "--recipient=" + recipient);
        TestHome.Ended mistyped = run("key", "new", "eve", "--recipient=" + recipient + "x");
        TestHome.Ended both =
                run("key", "new", "eve", "--recipient=" + recipient, "--escrow=" + folder);
        TestHome.Ended badName = run("key", "new", "../eve");

        assertThat(taken.code()).as(taken.err()).isZero();
        assertThat(taken.out()).contains("Key bob: " + recipient);
        assertThat(mistyped.code()).isEqualTo(ExitCode.USAGE);
        assertThat(mistyped.err()).contains("its checksum is wrong");
        assertThat(both.code()).isEqualTo(ExitCode.USAGE);
        assertThat(badName.code()).isEqualTo(ExitCode.USAGE);
        assertThat(keys.resolve("eve.pub")).doesNotExist();
    }

    @Test
    void aRotatedKeyIsKeptAside() throws IOException {
        run("key", "new", "main");
        AgeIdentity first = AgeIdentity.readAll(keys.resolve("main.key")).getFirst();

        TestHome.Ended rotated = run("key", "rotate", "main");
        AgeIdentity second = AgeIdentity.readAll(keys.resolve("main.key")).getFirst();
        JsonNode again = run("key", "rotate", "main", "--json").json();
        TestHome.Ended unknown = run("key", "rotate", "other");

        assertThat(rotated.code()).as(rotated.err()).isZero();
        assertThat(rotated.out())
                .contains("Key main: " + second.recipient())
                .contains("The old one is kept as main-1");
        assertThat(again.get("oldKey").textValue()).isEqualTo("main-2");
        assertThat(AgeIdentity.readAll(keys.resolve("main-1.key")).getFirst().recipient())
                .isEqualTo(first.recipient());
        assertThat(mode(keys.resolve("main-1.key"))).isEqualTo("rw-------");
        assertThat(new AgeKeys(home).identities())
                .extracting(AgeIdentity::recipient)
                .contains(first.recipient(), second.recipient())
                .hasSize(3);
        assertThat(unknown.code()).isEqualTo(ExitCode.INCOMPLETE);
        assertThat(unknown.err()).contains("no key 'other'");
    }

    @Test
    void aKeyWithoutIdentityIsRotatedToAnotherPlace() throws IOException {
        run("key", "new", "escrow", "--escrow=" + folder.resolve("first"));

        TestHome.Ended nowhere = run("key", "rotate", "escrow");
        TestHome.Ended rotated =
                run("key", "rotate", "escrow", "--escrow=" + folder.resolve("second"));

        assertThat(nowhere.code()).isEqualTo(ExitCode.USAGE);
        assertThat(nowhere.err()).contains("say where the new one is");
        assertThat(rotated.code()).as(rotated.err()).isZero();
        assertThat(keys.resolve("escrow.pub"))
                .content()
                .contains(
                        AgeIdentity.readAll(folder.resolve("second"))
                                .getFirst()
                                .recipient()
                                .toString());
        assertThat(keys.resolve("escrow-1.pub")).exists();
        assertThat(keys.resolve("escrow-1.key")).doesNotExist();
    }

    @Test
    void theListSaysWhatEachKeyIsForAndWhatNobodyHereCanRead() throws IOException {
        run("key", "new", "main");
        run("key", "new", "escrow", "--escrow=" + folder.resolve("escrow"));
        set("caravan.encrypt.offsite=main,escrow");
        List<AgeRecipient> both = new AgeKeys(home).recipients(List.of("main", "escrow"));
        record(both.stream().map(AgeRecipient::toString).toList());

        TestHome.Ended text = run("key", "list");
        JsonNode json = run("key", "list", "--json").json();
        Files.move(keys.resolve("main.key"), folder.resolve("taken"));
        TestHome.Ended away = run("key", "list");

        assertThat(text.code()).as(text.err()).isZero();
        assertThat(text.out()).containsPattern("main +identity +.* offsite +1 +age1");
        assertThat(text.out()).containsPattern("escrow +recipient only +.* offsite +1 +age1");
        assertThat(json.get("keys").get(1).get("key").textValue()).isEqualTo("main");
        assertThat(json.get("keys").get(1).get("objects").longValue()).isOne();
        assertThat(json.get("keys").get(1).get("bytes").longValue()).isEqualTo(4096);
        assertThat(json.get("keys").get(1).get("targets").get(0).textValue()).isEqualTo("offsite");
        assertThat(json.get("unreadable").longValue()).isZero();
        assertThat(away.code()).isEqualTo(ExitCode.INCOMPLETE);
        assertThat(away.out())
                .contains("No identity in this home reads 1 encrypted object: bring it back");
    }

    @Test
    void anIdentityThatOthersCanReadIsRefused() throws IOException {
        run("key", "new", "main");
        Files.setPosixFilePermissions(
                keys.resolve("main.key"), PosixFilePermissions.fromString("rw-r-----"));

        TestHome.Ended list = run("key", "list");

        assertThat(list.code()).isEqualTo(ExitCode.INCOMPLETE);
        assertThat(list.err()).contains("can be used by others: chmod 600 it");
    }

    @Test
    void settingsThatCannotBeDoneAreAllSaid() throws IOException {
        run("key", "new", "main");
        run("key", "new", "escrow", "--escrow=" + folder.resolve("escrow"));
        set(
                "caravan.encrypt.offsite=mian",
                "caravan.encrypt.tape=escrow",
                "caravan.encrypt.nas=main",
                "caravan.encrypt.cloud=main");

        List<String> said =
                HomeChecks.findings(home).stream()
                        .filter(Finding::isError)
                        .map(Finding::what)
                        .toList();
        TestHome.Ended backup = run("backup");

        assertThat(said)
                .containsExactly(
                        "caravan.encrypt.cloud: no copy route has target 'cloud'; there are [nas,"
                                + " offsite, tape]",
                        "caravan.encrypt.nas: 'nas' keeps plain files, which are read without"
                                + " Caravan: encrypt its file system instead",
                        "caravan.encrypt.offsite: no key 'mian' in this home: did you mean 'main'?",
                        "caravan.encrypt.tape: of [escrow] this home has the recipient only, and"
                                + " could neither verify nor restore what it writes: add a key made"
                                + " by caravan key new");
        assertThat(backup.code()).isEqualTo(ExitCode.CONFIGURATION);
    }

    @Test
    void settingsThatAreGoodPassAlsoWhenNothingElseChanged() throws IOException {
        run("key", "new", "main");
        set("caravan.encrypt.offsite=main");

        assertThat(HomeChecks.findings(home)).noneMatch(Finding::isError);
        assertThat(HomeChecks.require(home).settings().encryption())
                .containsEntry("offsite", List.of("main"));
        Files.delete(keys.resolve("main.key"));
        Files.delete(keys.resolve("main.pub"));
        assertThat(run("backup").code()).isEqualTo(ExitCode.CONFIGURATION);
        assertThat(HomeChecks.requireToRestore(home).settings().encryption()).hasSize(1);
    }

    private void record(List<String> recipients) {
        try (LedgerFixture fixture = new LedgerFixture(home.ledger()).usual()) {
            fixture.scan("docs", LedgerFixture.file("a", 10, 1));
            long lease = fixture.lease();
            StoredObject object = new StoredObject("object-1", 4096, true, null, null, recipients);
            List<CopyProof> proofs = new ArrayList<>();
            for (Version version : fixture.claim("offsite", lease)) {
                proofs.add(new CopyProof(version, LedgerFixture.hash(version), 10, object, 512));
            }
            fixture.ledger()
                    .copies()
                    .record("offsite", lease, fixture.evidence(Evidence.Level.V1), proofs);
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private void set(String... lines) throws IOException {
        Files.write(home.config(), List.of(lines), StandardOpenOption.APPEND);
    }

    private TestHome.Ended run(String... args) {
        String[] all = java.util.Arrays.copyOf(args, args.length + 1);
        all[args.length] = "--home=" + home.root();
        return TestHome.program(all);
    }
}
