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

class KeptUploadsTest {
    private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");
    private final AgeIdentity identity = AgeIdentity.generate();
    private final Encryption encryption = new Encryption(List.of(identity.recipient()));
    private final byte[] content = SftpCopies.bytes(700_000, 1);
    private final KeptUploads uploads = new KeptUploads();

    private static Version version(int id) {
        return SftpCopies.version(id, "file " + id, 700_000);
    }

    private static byte[] pass(Encryption.Sealed sealed, byte[] of) throws IOException {
        try (InputStream in = sealed.open(new ByteArrayInputStream(of))) {
            return in.readAllBytes();
        }
    }

    private Encryption.Sealed again(Instant at) {
        KeptUploads.Again again = Objects.requireNonNull(uploads.take(version(1), encryption, at));
        return Objects.requireNonNull(again.sealed());
    }

    @Test
    void aPlainOneHasItsNameAndNoKey() {
        assertThat(uploads.keep(version(1), "a1", null, NOW)).isTrue();

        assertThat(uploads.take(version(1), null, NOW))
                .isEqualTo(new KeptUploads.Again("a1", null, NOW));
        assertThat(uploads.take(version(1), null, NOW)).isNull();
        uploads.keep(version(1), "a2", null, NOW);
        assertThat(uploads.take(version(1), encryption, NOW)).as("as it was sent").isNull();
        assertThat(uploads.forgetOld(NOW)).as("what may lie there").containsExactly("a2");
    }

    @Test
    void theNextAttemptGivesTheSameBytes() throws IOException {
        Encryption.Sealed first = encryption.begin(true);
        byte[] sent = pass(first, content);
        uploads.keep(version(1), "a1", first, NOW);

        Encryption.Sealed again = again(NOW);

        assertThat(pass(again, content)).isEqualTo(sent);
        assertThat(Objects.requireNonNull(again.result()).sha256())
                .isEqualTo(SftpCopies.sha256(sent));
        assertThat(uploads.take(version(1), encryption, NOW)).as("for one attempt").isNull();
    }

    /// The first attempt has sent some of it when the line was cut; by the second the file is
    /// another one, and nothing told so.
    @Test
    void anotherContentIsNotSealedWithAKeyThatWasKept() throws IOException {
        Encryption.Sealed first = encryption.begin(true);
        pass(first, content);
        uploads.keep(version(1), "a1", first, NOW);
        Encryption.Sealed again = again(NOW);
        byte[] changed = content.clone();
        changed[0] ^= 1;

        assertThatThrownBy(() -> pass(again, changed)).hasMessageContaining("another than");

        assertThat(again.isSpent()).isTrue();
        uploads.keep(version(1), "a1", again, NOW);
        assertThat(uploads.take(version(1), encryption, NOW)).isNull();
    }

    @Test
    void aKeyThatWasForOthersIsOfNoUse() throws IOException {
        Encryption.Sealed first = encryption.begin(true);
        pass(first, content);
        uploads.keep(version(1), "a1", first, NOW);
        Encryption rotated = new Encryption(List.of(AgeIdentity.generate().recipient()));

        assertThat(uploads.take(version(1), rotated, NOW)).isNull();
        assertThat(uploads.take(version(1), null, NOW)).isNull();
    }

    @Test
    void anIdThatIsGivenToAnotherFileFindsNothing() throws IOException {
        Encryption.Sealed first = encryption.begin(true);
        pass(first, content);
        uploads.keep(version(1), "a1", first, NOW);

        assertThat(uploads.take(SftpCopies.version(1, "file 1", 700_001), encryption, NOW))
                .isNull();
    }

    @Test
    void aDayIsCountedFromTheFirstAttempt() throws IOException {
        Encryption.Sealed first = encryption.begin(true);
        pass(first, content);
        uploads.keep(version(1), "a1", first, NOW);
        KeptUploads.Again again =
                Objects.requireNonNull(
                        uploads.take(version(1), encryption, NOW.plus(Duration.ofHours(23))));
        uploads.keep(version(1), again.copyName(), again.sealed(), again.since());

        assertThat(uploads.size()).isEqualTo(1);
        assertThat(uploads.take(version(1), encryption, NOW.plus(KeptUploads.LONGEST))).isNull();
        assertThat(uploads.forgetOld(NOW.plus(KeptUploads.LONGEST))).containsExactly("a1");
        assertThat(uploads.size()).isZero();
    }

    @Test
    void thereAreFewAndTheOldestGo() {
        for (int i = 1; i <= KeptUploads.MOST + 2; i++) {
            uploads.keep(version(i), "a" + i, encryption.begin(true), NOW.plusSeconds(i));
        }

        assertThat(uploads.forgetOld(NOW)).as("what may lie there").containsExactly("a1", "a2");
        assertThat(uploads.size()).isEqualTo(KeptUploads.MOST);
        assertThat(uploads.take(version(2), encryption, NOW)).isNull();
        assertThat(uploads.take(version(3), encryption, NOW)).isNotNull();
        uploads.forgetAll();
        assertThat(uploads.size()).isZero();
    }

    @Test
    void whatHasAKeyForEachPassIsNotKept() {
        uploads.keep(version(1), "a1", encryption.begin(false), NOW);

        assertThat(uploads.size()).isZero();
    }
}
