package dev.caravan.age;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever happens to a sealed file: it is refused, with a line that says what was found.
class AgeDamageTest {
    private static final int CHUNK = Layout.PLAIN;

    private final AgeIdentity identity = AgeIdentity.generate();
    private final AgeSeal seal = AgeSeal.to(List.of(identity.recipient()));
    private final AgeOpener opener = AgeOpener.with(List.of(identity));

    @Test
    void everyFlippedBitIsFound() throws IOException {
        byte[] sealed = seal(100);

        for (int bit = 0; bit < 8 * sealed.length; bit++) {
            byte[] flipped = sealed.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);

            assertThatThrownBy(() -> open(flipped))
                    .as("bit %d", bit)
                    .isInstanceOf(AgeException.class);
        }
    }

    @Test
    void everyCutIsFound() throws IOException {
        byte[] sealed = seal(100);

        for (int length = 0; length < sealed.length; length++) {
            byte[] cut = Arrays.copyOf(sealed, length);

            assertThatThrownBy(() -> open(cut))
                    .as("%d bytes", length)
                    .isInstanceOf(AgeException.class);
        }
    }

    @Test
    void aCutBetweenChunksIsFound() throws IOException {
        byte[] sealed = seal(3 * CHUNK);
        int end = sealed.length - Layout.SEALED;
        byte[] cut = Arrays.copyOf(sealed, end);

        assertThatThrownBy(() -> open(cut))
                .isInstanceOf(AgeException.CutOff.class)
                .hasMessage("age file is cut off at byte " + end + ": its last chunk is missing");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, CHUNK, 3 * CHUNK})
    void appendedBytesAreFound(int length) throws IOException {
        byte[] sealed = seal(length);

        assertThatThrownBy(() -> open(Arrays.copyOf(sealed, sealed.length + 1)))
                .isInstanceOf(
                        length % CHUNK == 0 && length > 0
                                ? AgeException.Appended.class
                                : AgeException.Damaged.class);
        assertThatThrownBy(() -> open(Arrays.copyOf(sealed, sealed.length + 2 * CHUNK)))
                .isInstanceOf(AgeException.class);
    }

    @Test
    void twoFilesBehindEachOtherAreNotOne() throws IOException {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.write(seal(CHUNK));
        both.write(seal(CHUNK));

        assertThatThrownBy(() -> open(both.toByteArray()))
                .isInstanceOf(AgeException.Appended.class)
                .hasMessageStartingWith("age file goes on after its last chunk, at byte ");
    }

    @Test
    void exchangedChunksAreFound() throws IOException {
        byte[] sealed = seal(3 * CHUNK);
        int first = sealed.length - 3 * Layout.SEALED;
        byte[] exchanged = sealed.clone();
        System.arraycopy(sealed, first, exchanged, first + Layout.SEALED, Layout.SEALED);
        System.arraycopy(sealed, first + Layout.SEALED, exchanged, first, Layout.SEALED);

        assertThatThrownBy(() -> open(exchanged))
                .isInstanceOfSatisfying(
                        AgeException.Damaged.class,
                        damaged -> assertThat(damaged.offset()).isEqualTo(first))
                .hasMessage(
                        "age file is damaged at byte " + first + ": the tag of chunk 0 is wrong");
    }

    @Test
    void whatWasGivenBeforeADamagedChunkIsRight() throws IOException {
        byte[] sealed = seal(40 * CHUNK);
        sealed[sealed.length - 10 * Layout.SEALED] ^= 1;
        InputStream content = opener.open(new ByteArrayInputStream(sealed));
        ByteArrayOutputStream given = new ByteArrayOutputStream();

        assertThatThrownBy(() -> content.transferTo(given))
                .isInstanceOf(AgeException.Damaged.class);
        assertThatThrownBy(content::read)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("read after a failure: age file is damaged");

        assertThat(given.size()).isBetween(20 * CHUNK, 30 * CHUNK);
        assertThat(given.toByteArray())
                .isEqualTo(Arrays.copyOf(AgeStreamTest.content(40 * CHUNK), given.size()));
    }

    @Test
    void aFileForOthersIsNotOpenedAndSaysForWhomItIs() throws IOException {
        List<AgeRecipient> others =
                List.of(AgeIdentity.generate().recipient(), AgeIdentity.generate().recipient());
        byte[] sealed =
                AgeSeal.to(others).seal(new ByteArrayInputStream(new byte[1])).readAllBytes();

        assertThatThrownBy(() -> open(sealed))
                .isInstanceOfSatisfying(
                        AgeException.NoIdentity.class,
                        none ->
                                assertThat(none.recipients())
                                        .containsExactly(
                                                others.get(0).toString(), others.get(1).toString()))
                .hasMessage(
                        "none of the identities given (1) opens this age file: it is sealed for "
                                + others.get(0)
                                + ", "
                                + others.get(1));
        assertThatThrownBy(() ->
                        AgeOpener.with(new AgePassphrase("a word", 10))
                                .open(new ByteArrayInputStream(sealed)))
                .isInstanceOf(AgeException.NoIdentity.class);
    }

    @Test
    void anotherPassphraseDoesNotOpen() throws IOException {
        byte[] sealed =
                AgeSeal.to(new AgePassphrase("a word", 10))
                        .seal(new ByteArrayInputStream(new byte[1]))
                        .readAllBytes();

        assertThatThrownBy(() ->
                        AgeOpener.with(AgePassphrase.of("a ward"))
                                .open(new ByteArrayInputStream(sealed)))
                .isInstanceOf(AgeException.NoIdentity.class);
    }

    @Test
    void aHeaderThatAsksForTooMuchWorkIsRefused() throws IOException {
        byte[] header =
                Header.write(
                        List.of(
                                new Stanza(
                                        List.of("scrypt", Stanza.encode(new byte[16]), "30"),
                                        new byte[32])),
                        new byte[16]);

        assertThatThrownBy(() ->
                        AgeOpener.with(AgePassphrase.of("a word"))
                                .open(new ByteArrayInputStream(header)))
                .isInstanceOf(AgeException.NotAge.class)
                .hasMessage(
                        "not an age file: a stanza of type scrypt asks for 2^30 rounds, the most is"
                                + " 2^20");
    }

    @Test
    void aHeaderWithoutEndIsRefused() {
        InputStream endless =
                new InputStream() {
                    @Override
                    public int read() {
                        return 'a';
                    }
                };

        assertThatThrownBy(() -> opener.open(endless))
                .isInstanceOf(AgeException.NotAge.class)
                .hasMessage("not an age file: its header does not end within 65536 bytes");
    }

    @Test
    void stanzasOfOtherKindsArePassedOver() throws IOException {
        byte[] fileKey = Keys.random(Keys.BYTES);
        byte[] header =
                Header.write(
                        List.of(
                                new Stanza(List.of("grease-x", "and", "more"), new byte[96]),
                                new Stanza(List.of("empty"), new byte[0]),
                                identity.recipient().wrap(fileKey)),
                        fileKey);
        byte[] nonce = Keys.random(Layout.NONCE);
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        sealed.write(header);
        sealed.write(nonce);
        new ChunkStream(
                        new byte[0],
                        new ByteArrayInputStream(new byte[5]),
                        ChunkCipher.sealing(Keys.payload(fileKey, nonce)),
                        0)
                .transferTo(sealed);

        assertThat(open(sealed.toByteArray())).isEqualTo(new byte[5]);
    }

    private byte[] seal(int length) throws IOException {
        return seal.seal(new ByteArrayInputStream(AgeStreamTest.content(length))).readAllBytes();
    }

    private byte[] open(byte[] sealed) throws IOException {
        try (InputStream content = opener.open(new ByteArrayInputStream(sealed))) {
            return content.readAllBytes();
        }
    }
}
