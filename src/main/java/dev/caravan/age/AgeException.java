package dev.caravan.age;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/// What is wrong with a sealed file, or one that is to be sealed. Sealed itself: whoever opens
/// files decides by the kind.
public abstract sealed class AgeException extends IOException {
    private AgeException(String message) {
        super(message);
    }

    /// It does not begin with a header of age.
    public static final class NotAge extends AgeException {
        NotAge(String found) {
            super("not an age file: " + found);
        }
    }

    /// It was sealed for others.
    public static final class NoIdentity extends AgeException {
        private final List<String> recipients;

        NoIdentity(int identities, List<Stanza> stanzas) {
            super(
                    "none of the identities given (%d) opens this age file: it is sealed for %s"
                            .formatted(identities, others(stanzas)));
            this.recipients = Stanza.named(stanzas);
        }

        private static String others(List<Stanza> stanzas) {
            List<String> named = Stanza.named(stanzas);
            return named.isEmpty()
                    ? stanzas.stream()
                            .map(stanza -> stanza.arguments().get(0))
                            .distinct()
                            .collect(Collectors.joining(", ", "others (", ")"))
                    : String.join(", ", named);
        }

        /// The recipients (`age1…`) that its header names; nobody vouches for them. Empty if
        /// another program wrote it.
        public List<String> recipients() {
            return recipients;
        }
    }

    /// Bytes are not those that were written.
    public static final class Damaged extends AgeException {
        private final long offset;

        Damaged(long offset, String found) {
            super("age file is damaged at byte " + offset + ": " + found);
            this.offset = offset;
        }

        /// Bytes from the start of the file to the header or the chunk that is wrong.
        public long offset() {
            return offset;
        }
    }

    /// It ends before its last chunk does.
    public static final class CutOff extends AgeException {
        CutOff(long length) {
            super("age file is cut off at byte " + length + ": its last chunk is missing");
        }
    }

    /// It goes on after its last chunk.
    public static final class Appended extends AgeException {
        Appended(long offset) {
            super("age file goes on after its last chunk, at byte " + offset);
        }
    }

    /// It was to be sealed with a key that another content was sealed with before.
    public static final class OtherContent extends AgeException {
        OtherContent() {
            super("the content is another than that which was sealed with the same key before");
        }
    }
}
