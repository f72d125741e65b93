package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.age.AgeIdentity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class EncryptionTest {
    private final AgeIdentity identity = AgeIdentity.generate();
    private final Encryption encryption = new Encryption(List.of(identity.recipient()));
    private final byte[] content = SftpCopies.bytes(200_000, 1);

    private byte[] pass(Encryption.Sealed sealed, byte[] of) throws IOException {
        try (InputStream in = sealed.open(new ByteArrayInputStream(of))) {
            return in.readAllBytes();
        }
    }

    /// A segment that did not fit goes to the next cartridge, and a file in it may have changed:
    /// with one key for both, whoever has both cartridges reads what differs.
    @Test
    void everyPassThatMayLeaveTheHouseHasAKeyOfItsOwn() throws IOException {
        Encryption.Sealed sealed = encryption.begin(false);
        byte[] first = pass(sealed, content);
        byte[] second = pass(sealed, content);

        assertThat(second).hasSameSizeAs(first).isNotEqualTo(first);
        int payload = first.length - 200_000 - 4 * 16;
        long same = 0;
        for (int at = payload; at < first.length; at++) {
            same += first[at] == second[at] ? 1 : 0;
        }
        assertThat(same).as("equal bytes").isLessThan(2_000); // one of 256
    }

    @Test
    void aPassThatIsOnlyHashedGivesTheBytesThatAreSentThen() throws IOException {
        Encryption.Sealed sealed = encryption.begin(true);
        byte[] hashed = pass(sealed, content);
        Encryption.Encrypted said = Objects.requireNonNull(sealed.result());

        assertThat(pass(sealed, content)).isEqualTo(hashed);
        assertThat(said.sha256()).isEqualTo(SftpCopies.sha256(hashed));
        assertThat(said.bytes()).isEqualTo(hashed.length).isEqualTo(sealed.length(200_000));
    }

    @Test
    void thereIsAResultOnlyOnceAllWasReadAndItIsThatOfTheLastPass() throws IOException {
        Encryption.Sealed sealed = encryption.begin(false);
        byte[] other = Arrays.copyOf(content, 100);
        pass(sealed, content);
        InputStream in = sealed.open(new ByteArrayInputStream(other));
        in.readNBytes(50);
        assertThat(sealed.result()).isNull();

        byte[] last = pass(sealed, other);

        assertThat(Objects.requireNonNull(sealed.result()).sha256())
                .isEqualTo(SftpCopies.sha256(last));
        try (InputStream plain =
                new Decryption(List.of(identity)).through(new ByteArrayInputStream(last))) {
            assertThat(plain.readAllBytes()).isEqualTo(other);
        }
    }
}
