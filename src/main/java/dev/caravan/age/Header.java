package dev.caravan.age;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What a sealed file begins with: lines of text, in which each recipient finds the file's key.
///
/// @param covered its bytes up to the MAC
/// @param length of the whole
record Header(List<Stanza> stanzas, byte[] covered, byte[] mac, int length) {
    private static final String FIRST = "age-encryption.org/v1";
    private static final String LAST = "---";

    /// Room for some 600 recipients; what is no age file may have no line end at all.
    private static final int MOST_BYTES = 64 << 10;

    static byte[] write(List<Stanza> stanzas, byte[] fileKey) {
        StringBuilder text = new StringBuilder(FIRST).append('\n');
        stanzas.forEach(stanza -> text.append(stanza.text()));
        text.append(LAST);
        byte[] covered = text.toString().getBytes(StandardCharsets.US_ASCII);
        text.append(' ').append(Stanza.encode(Keys.mac(fileKey, covered))).append('\n');
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /// Reads no byte beyond it.
    static Header read(InputStream in) throws IOException {
        return new Reader(in).header();
    }

    /// @throws AgeException.Damaged if it was changed since it was written
    void check(byte[] fileKey) throws AgeException {
        if (!MessageDigest.isEqual(mac, Keys.mac(fileKey, covered))) {
            throw new AgeException.Damaged(0, "the MAC of the header is wrong");
        }
    }

    /// Confined to one thread, used once.
    private static final class Reader {
        private final InputStream in;
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();

        Reader(InputStream in) {
            this.in = in;
        }

        Header header() throws IOException {
            if (!line().equals(FIRST)) {
                throw new AgeException.NotAge("its first line is not " + FIRST);
            }
            List<Stanza> stanzas = new ArrayList<>();
            String line;
            try {
                while (!(line = line()).startsWith(LAST)) {
                    stanzas.add(stanza(line));
                }
                byte[] mac = Stanza.decode(afterMark(line, LAST));
                if (stanzas.isEmpty() || mac.length != 32) {
                    throw new IllegalArgumentException("has no stanza, or a MAC of a wrong length");
                }
                byte[] all = read.toByteArray();
                int covered = all.length - line.length() - 1 + LAST.length();
                return new Header(
                        List.copyOf(stanzas), Arrays.copyOf(all, covered), mac, all.length);
            } catch (IllegalArgumentException e) {
                throw new AgeException.NotAge("its header " + e.getMessage());
            }
        }

        private Stanza stanza(String first) throws IOException {
            List<String> arguments = List.of(afterMark(first, "->").split(" ", -1));
            for (String argument : arguments) {
                if (argument.isEmpty() || argument.chars().anyMatch(c -> c < '!' || c > '~')) {
                    throw new IllegalArgumentException("has a stanza without a proper first line");
                }
            }
            StringBuilder body = new StringBuilder();
            String line;
            do {
                line = line();
                body.append(line);
            } while (line.length() == Stanza.COLUMNS);
            if (line.length() > Stanza.COLUMNS) {
                throw new IllegalArgumentException("has a line that is too long");
            }
            return new Stanza(arguments, Stanza.decode(body.toString()));
        }

        private static String afterMark(String line, String mark) {
            if (!line.startsWith(mark + " ")) {
                throw new IllegalArgumentException("has a line that is none of age");
            }
            return line.substring(mark.length() + 1);
        }

        private String line() throws IOException {
            int start = read.size();
            int next;
            while ((next = in.read()) != '\n') {
                if (next < 0) {
                    throw new AgeException.NotAge("it ends within its header");
                }
                if (read.size() == MOST_BYTES) {
                    throw new AgeException.NotAge(
                            "its header does not end within " + MOST_BYTES + " bytes");
                }
                read.write(next);
            }
            read.write(next);
            byte[] all = read.toByteArray();
            return new String(all, start, all.length - start - 1, StandardCharsets.ISO_8859_1);
        }
    }
}
