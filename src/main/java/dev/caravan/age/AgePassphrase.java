package dev.caravan.age;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.crypto.generators.SCrypt;
import org.jspecify.annotations.Nullable;

/// Words that both seal and open. A file that is sealed with them is sealed for nobody else.
/// Immutable; does not show itself.
public final class AgePassphrase {
    static final String TYPE = "scrypt";
    private static final byte[] LABEL =
            "age-encryption.org/v1/scrypt".getBytes(StandardCharsets.US_ASCII);
    private static final int SALT = 16;

    /// What age takes: about a second and 256 MiB.
    private static final int WORK = 18;

    /// Each step doubles time and memory: 1 GiB.
    private static final int MOST_WORK = 20;

    private final byte[] words;
    private final int work;

    AgePassphrase(String words, int work) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException("passphrase is empty");
        }
        this.words = words.getBytes(StandardCharsets.UTF_8);
        this.work = work;
    }

    /// @throws IllegalArgumentException if it is empty
    public static AgePassphrase of(String words) {
        return new AgePassphrase(words, WORK);
    }

    Stanza wrap(byte[] fileKey) {
        byte[] salt = Keys.random(SALT);
        return stanza(salt, Keys.wrap(wrappingKey(salt, work), fileKey));
    }

    /// Of a file's header, for which the work need not be done.
    int headerLength() {
        Stanza stanza = stanza(new byte[SALT], new byte[Keys.WRAPPED]);
        return Header.write(List.of(stanza), new byte[Keys.BYTES]).length;
    }

    private Stanza stanza(byte[] salt, byte[] wrapped) {
        return new Stanza(List.of(TYPE, Stanza.encode(salt), Integer.toString(work)), wrapped);
    }

    /// The file's key, or null if no stanza is for this one.
    ///
    /// @throws AgeException if a stanza is not as its type says
    byte @Nullable [] unwrap(List<Stanza> stanzas) throws AgeException {
        if (stanzas.stream().noneMatch(stanza -> stanza.isOf(TYPE))) {
            return null;
        }
        try {
            Stanza stanza = stanzas.get(0);
            byte[] salt = Stanza.decode(stanza.argument(1, 3));
            String asked = stanza.argument(2, 3);
            if (stanzas.size() != 1
                    || salt.length != SALT
                    || stanza.body().length != Keys.WRAPPED
                    || !asked.matches("[1-9][0-9]?")) {
                throw new IllegalArgumentException("is not alone, or of a wrong length");
            }
            if (Integer.parseInt(asked) > MOST_WORK) {
                throw new IllegalArgumentException(
                        "asks for 2^" + asked + " rounds, the most is 2^" + MOST_WORK);
            }
            return Keys.unwrap(wrappingKey(salt, Integer.parseInt(asked)), stanza.body());
        } catch (IllegalArgumentException e) {
            throw new AgeException.NotAge("a stanza of type scrypt " + e.getMessage());
        }
    }

    private byte[] wrappingKey(byte[] salt, int rounds) {
        byte[] labelled = Arrays.copyOf(LABEL, LABEL.length + salt.length);
        System.arraycopy(salt, 0, labelled, LABEL.length, salt.length);
        return SCrypt.generate(words, labelled, 1 << rounds, 8, 1, 32);
    }

    @Override
    public String toString() {
        return "passphrase";
    }
}
