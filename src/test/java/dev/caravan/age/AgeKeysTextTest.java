package dev.caravan.age;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Keys as text.
class AgeKeysTextTest {
    private final AgeIdentity identity = AgeIdentity.generate();

    @TempDir Path dir;

    @Test
    void aRecipientIsReadAsItIsPrinted() {
        AgeRecipient recipient = identity.recipient();

        assertThat(AgeRecipient.parse(recipient.toString())).isEqualTo(recipient);
        assertThat(AgeRecipient.parse(recipient.toString().toUpperCase(Locale.ROOT)))
                .hasSameHashCodeAs(recipient);
    }

    @Test
    void everyMistypedCharacterOfARecipientIsFound() {
        String text = identity.recipient().toString();

        for (int i = 0; i < text.length(); i++) {
            String mistyped =
                    text.substring(0, i)
                            + (text.charAt(i) == 'q' ? 'p' : 'q')
                            + text.substring(i + 1);
            assertThatThrownBy(() -> AgeRecipient.parse(mistyped))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("recipient '" + mistyped + "' ")
                    .hasMessageEndingWith(": want age1…");
        }
    }

    @Test
    void whatIsNoRecipientIsRefused() {
        for (String text :
                List.of(
                        "",
                        "age1",
                        identity.secret(),
                        identity.recipient().toString().substring(1),
                        identity.recipient().toString().replace("age1", "Age1"),
                        "ssh-ed25519 AAAA",
                        Bech32.encode("age", new byte[31]),
                        Bech32.encode("age", new byte[32]))) {
            assertThatThrownBy(() -> AgeRecipient.parse(text))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void anIdentityIsReadAsItIsWritten() throws IOException {
        Path file = dir.resolve("key");
        AgeIdentity second = AgeIdentity.generate();
        Files.writeString(
                file, identity.file(Instant.EPOCH) + "\n# another\n" + second.secret() + "\n");

        List<AgeIdentity> read = AgeIdentity.readAll(file);

        assertThat(read)
                .extracting(AgeIdentity::recipient)
                .containsExactly(identity.recipient(), second.recipient());
        assertThat(identity.file(Instant.EPOCH))
                .isEqualTo(
                        "# created: 1970-01-01T00:00:00Z\n# public key: "
                                + identity.recipient()
                                + "\n"
                                + identity.secret()
                                + "\n");
    }

    @Test
    void aSecretIsShownNowhere() throws IOException {
        String mistyped = identity.secret().replaceAll("..$", "ZZ");
        Path file = dir.resolve("key");
        Files.writeString(file, "# a comment\n" + mistyped + "\n");

        assertThat(identity.toString()).isEqualTo("identity of " + identity.recipient());
        assertThat(AgePassphrase.of("a word").toString()).doesNotContain("word");
        assertThatThrownBy(() -> AgeIdentity.readAll(file))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "identity file '"
                                + file
                                + "', line 2: identity is mistyped: its checksum is wrong: want"
                                + " AGE-SECRET-KEY-1…");
    }

    @Test
    void aFileWithoutIdentityIsRefused() throws IOException {
        Path file = Files.writeString(dir.resolve("key"), "# nothing here\n");

        assertThatThrownBy(() -> AgeIdentity.readAll(file))
                .hasMessage("identity file '" + file + "' has no identity in it");
    }
}
