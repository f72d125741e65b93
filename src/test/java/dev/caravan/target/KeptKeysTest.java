package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.age.AgeIdentity;
import dev.caravan.item.Version;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class KeptKeysTest {
    private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");
    private final AgeIdentity identity = AgeIdentity.generate();
    private final Encryption encryption = new Encryption(List.of(identity.recipient()));
    private final byte[] content = SftpCopies.bytes(700_000, 1);
    private final KeptKeys keys = new KeptKeys();

    private static Version version(int id) {
        return SftpCopies.version(id, "file " + id, 700_000);
    }

    private static byte[] pass(Encryption.Sealed sealed, byte[] of) throws IOException {
        try (InputStream in = sealed.open(new ByteArrayInputStream(of))) {
            return in.readAllBytes();
        }
    }

    @Test
    void theNextAttemptGivesTheSameBytes() throws IOException {
        Encryption.Sealed first = encryption.begin(true);
        byte[] sent = pass(first, content);
        keys.keep(version(1), first, NOW);

        Encryption.Sealed again = Objects.requireNonNull(keys.take(version(1), encryption, NOW));

        assertThat(pass(again, content)).isEqualTo(sent);
        assertThat(Objects.requireNonNull(again.result()).sha256())
                .isEqualTo(SftpCopies.sha256(sent));
        assertThat(keys.take(version(1), encryption, NOW)).as("for one attempt").isNull();
    }

    /// The first attempt has sent some of it when the line was cut; by the second the file is
    /// another one, and nothing told so.
    @Test
    void anotherContentIsNotSealedWithAKeyThatWasKept() throws IOException {
        Encryption.Sealed first = encryption.begin(true);
        pass(first, content);
        keys.keep(version(1), first, NOW);
        Encryption.Sealed again = Objects.requireNonNull(keys.take(version(1), encryption, NOW));
        byte[] changed = content.clone();
        changed[0] ^= 1;

        assertThatThrownBy(() -> pass(again, changed)).hasMessageContaining("another than");

        assertThat(again.isSpent()).isTrue();
        keys.keep(version(1), again, NOW);
        assertThat(keys.take(version(1), encryption, NOW)).isNull();
    }

    @Test
    void aKeyThatWasForOthersIsForgotten() throws IOException {
        Encryption.Sealed first = encryption.begin(true);
        pass(first, content);
        keys.keep(version(1), first, NOW);
        Encryption rotated = new Encryption(List.of(AgeIdentity.generate().recipient()));

        assertThat(keys.take(version(1), rotated, NOW)).isNull();
        assertThat(keys.take(version(1), encryption, NOW)).isNull();
    }

    @Test
    void anIdThatIsGivenToAnotherFileFindsNothing() throws IOException {
        Encryption.Sealed first = encryption.begin(true);
        pass(first, content);
        keys.keep(version(1), first, NOW);

        assertThat(keys.take(SftpCopies.version(1, "file 1", 700_001), encryption, NOW)).isNull();
    }

    @Test
    void aDayIsCountedFromTheFirstAttempt() throws IOException {
        Encryption.Sealed first = encryption.begin(true);
        pass(first, content);
        keys.keep(version(1), first, NOW);
        Instant later = NOW.plus(Duration.ofHours(23));
        keys.keep(
                version(1),
                Objects.requireNonNull(keys.take(version(1), encryption, later)),
                later);

        assertThat(keys.size()).isEqualTo(1);
        keys.forgetOld(NOW.plus(KeptKeys.LONGEST));
        assertThat(keys.size()).isZero();
    }

    @Test
    void thereAreFewAndTheOldestGo() {
        for (int i = 1; i <= KeptKeys.MOST + 2; i++) {
            keys.keep(version(i), encryption.begin(true), NOW.plusSeconds(i));
        }

        assertThat(keys.size()).isEqualTo(KeptKeys.MOST);
        assertThat(keys.take(version(2), encryption, NOW)).isNull();
        assertThat(keys.take(version(3), encryption, NOW)).isNotNull();
        keys.forgetAll();
        assertThat(keys.size()).isZero();
    }

    @Test
    void whatHasAKeyForEachPassIsNotKept() {
        keys.keep(version(1), encryption.begin(false), NOW);

        assertThat(keys.size()).isZero();
    }
}
