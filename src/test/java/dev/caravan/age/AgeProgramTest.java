package dev.caravan.age;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Caravan seals, the program `age` opens, and the other way round.
class AgeProgramTest {
    private static final int CHUNK = 64 << 10;

    /// Made by age 1.1.1 with the passphrase `a word`; its content is `hello, age`.
    private static final String BY_PASSPHRASE =
            "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBUTWM4R05OdWUvYnp0WTJoRGNYMWFBIDE4"
                    + "CitmYm1EcFVPeDBNVVR0ZUsyQ09OYjBOL00xbVBEUE9jcXg5czhySk93emcKLS0tIE5yQjJaa1Mv"
                    + "VCtjakFhK05TdWIxaVhuUElVUFJCQ0tUZUFIazJreStrdmsKbY6L0+UzaULiTduA1WdNsKFB5raU"
                    + "v7uWq1IyJzDSsm70BD2Jv4TcR3W6CQ==";

    private final AgeIdentity identity = AgeIdentity.generate();

    @TempDir Path dir;

    private Path file;

    @BeforeEach
    void writeIdentity() throws IOException {
        file = dir.resolve("identity");
        Files.writeString(file, identity.file(Instant.EPOCH));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 5 * CHUNK + 7, 40 * CHUNK})
    void ageOpensWhatIsSealed(int length) throws Exception {
        byte[] content = content(length);
        AgeSeal seal = AgeSeal.to(List.of(identity.recipient()));

        byte[] sealed = seal.seal(new ByteArrayInputStream(content)).readAllBytes();

        assertThat(sealed).hasSize((int) seal.sealedLength(length));
        assertThat(AgeProgram.run(dir, sealed, "age", "-d", "-i", file.toString()))
                .isEqualTo(content);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 5 * CHUNK + 7, 40 * CHUNK})
    void whatAgeSealedIsOpened(int length) throws Exception {
        byte[] content = content(length);

        byte[] sealed = AgeProgram.run(dir, content, "age", "-r", identity.recipient().toString());

        AgeOpener opener = AgeOpener.with(List.of(identity));
        assertThat(opener.open(stream(sealed)).readAllBytes()).isEqualTo(content);
        assertThat(opener.open(from(sealed), sealed.length).plainLength()).isEqualTo(length);
        assertThat(opener.open(from(sealed), sealed.length).recipients()).isEmpty();
    }

    @Test
    void eachOfManyRecipientsOpensItAlone() throws Exception {
        AgeIdentity other = AgeIdentity.generate();
        AgeSeal seal =
                AgeSeal.to(
                        List.of(
                                AgeIdentity.generate().recipient(),
                                identity.recipient(),
                                other.recipient()));

        byte[] sealed = seal.seal(stream(content(100))).readAllBytes();

        assertThat(AgeProgram.run(dir, sealed, "age", "-d", "-i", file.toString()))
                .isEqualTo(content(100));
        assertThat(AgeOpener.with(List.of(other)).open(stream(sealed)).readAllBytes())
                .isEqualTo(content(100));
        assertThat(sealed).hasSize((int) seal.sealedLength(100));
        assertThat(AgeOpener.with(List.of(other)).open(from(sealed), sealed.length).recipients())
                .hasSize(3)
                .contains(identity.recipient().toString(), other.recipient().toString());
    }

    @Test
    void keysAreThoseOfAgeKeygen() throws Exception {
        byte[] made = AgeProgram.run(dir, new byte[0], "age-keygen");
        Path theirs = Files.write(dir.resolve("theirs"), made);

        AgeIdentity read = AgeIdentity.readAll(theirs).get(0);

        assertThat(new String(made, StandardCharsets.UTF_8))
                .contains("# public key: " + read.recipient() + "\n", read.secret() + "\n");
        assertThat(
                        new String(
                                AgeProgram.run(
                                        dir, new byte[0], "age-keygen", "-y", file.toString()),
                                StandardCharsets.UTF_8))
                .isEqualTo(identity.recipient() + "\n");
    }

    @Test
    void armouredFilesAreRefusedAsWhatTheyAreNot() throws Exception {
        byte[] sealed =
                AgeProgram.run(dir, content(1), "age", "-a", "-r", identity.recipient().toString());

        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> AgeOpener.with(List.of(identity)).open(stream(sealed)))
                .isInstanceOf(AgeException.NotAge.class)
                .hasMessage("not an age file: its first line is not age-encryption.org/v1");
    }

    @Test
    void aPassphraseOpensWhatAgeSealedWithIt() throws Exception {
        byte[] sealed = Base64.getDecoder().decode(BY_PASSPHRASE);

        InputStream content = AgeOpener.with(AgePassphrase.of("a word")).open(stream(sealed));

        assertThat(new String(content.readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("hello, age\n");
    }

    /// `age` asks a terminal, which `script` is.
    @Test
    void ageOpensWhatAPassphraseSealed() throws Exception {
        AgeSeal seal = AgeSeal.to(new AgePassphrase("a word", 10));
        Path sealed = dir.resolve("sealed");
        Files.write(sealed, seal.seal(stream(content(100))).readAllBytes());
        Path opened = dir.resolve("opened");

        AgeProgram.run(
                dir,
                "a word\n".getBytes(StandardCharsets.UTF_8),
                "script",
                "-qec",
                "age -d -o '" + opened + "' '" + sealed + "'",
                "/dev/null");

        assertThat(opened).hasBinaryContent(content(100));
        assertThat(sealed).hasSize(seal.sealedLength(100));
    }

    private static byte[] content(int length) {
        byte[] content = new byte[length];
        new Random(length).nextBytes(content);
        return content;
    }

    private static InputStream stream(byte[] bytes) {
        return new ByteArrayInputStream(bytes);
    }

    private static Stored from(byte[] bytes) {
        return offset -> new ByteArrayInputStream(bytes, (int) offset, bytes.length - (int) offset);
    }
}
