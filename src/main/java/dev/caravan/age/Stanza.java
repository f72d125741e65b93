package dev.caravan.age;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// The part of a header that one recipient can read.
///
/// @param arguments its type first
/// @param body mostly the wrapped key of the file
record Stanza(List<String> arguments, byte[] body) {
    private static final Base64.Encoder ENCODER = Base64.getEncoder().withoutPadding();

    /// Characters of a full line of the body.
    static final int COLUMNS = 64;

    /// Ours: the recipients by name. Those of age are anonymous, and whoever has only the file
    /// would not know which key to look for. Programs pass over stanzas they do not know.
    private static final String NAMES = "caravan-recipients";

    Stanza {
        arguments = List.copyOf(arguments);
    }

    static Stanza naming(List<String> recipients) {
        List<String> arguments = new ArrayList<>(recipients);
        arguments.addFirst(NAMES);
        return new Stanza(arguments, new byte[0]);
    }

    /// The recipients that a header names, if it does.
    static List<String> named(List<Stanza> stanzas) {
        return stanzas.stream()
                .filter(stanza -> stanza.isOf(NAMES))
                .flatMap(stanza -> stanza.arguments.stream().skip(1))
                .toList();
    }

    boolean isOf(String type) {
        return arguments.get(0).equals(type);
    }

    /// @param count of the arguments that there must be
    /// @throws IllegalArgumentException if there are not so many
    String argument(int index, int count) {
        if (arguments.size() != count) {
            throw new IllegalArgumentException("has not " + count + " arguments");
        }
        return arguments.get(index);
    }

    String text() {
        StringBuilder text = new StringBuilder("-> ").append(String.join(" ", arguments));
        String encoded = encode(body);
        // The last line is shorter than a full one: empty where nothing is left.
        for (int at = 0; at <= encoded.length(); at += COLUMNS) {
            text.append('\n').append(encoded, at, Math.min(encoded.length(), at + COLUMNS));
        }
        return text.append('\n').toString();
    }

    static String encode(byte[] bytes) {
        return ENCODER.encodeToString(bytes);
    }

    /// @throws IllegalArgumentException if it is not what [#encode] gives
    static byte[] decode(String text) {
        byte[] bytes = Base64.getDecoder().decode(text);
        if (!encode(bytes).equals(text)) {
            throw new IllegalArgumentException("is not in canonical form");
        }
        return bytes;
    }
}
