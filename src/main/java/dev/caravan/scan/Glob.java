package dev.caravan.scan;

import dev.caravan.item.ItemPath;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// A pattern over item paths; [Selection] says how it is written. Immutable.
///
/// Names are compared as symbols: a code point where the bytes are UTF-8, and a value of its own
/// for every byte that is not, so that `?` stands for one character and `*` for any bytes.
public final class Glob {

    /// What a byte is added to that is not UTF-8, in text that a person typed.
    private static final int LOST = 0xDC00;

    private static final int FIRST_NON_CHARACTER = Character.MAX_CODE_POINT + 1;

    /// One element of a part.
    private sealed interface Token {
        record Literal(int symbol) implements Token {}

        record One() implements Token {}

        record Run() implements Token {}

        /// @param bounds first and last symbol of each range
        record OneOf(List<Integer> bounds, boolean negated) implements Token {
            boolean holds(int symbol) {
                for (int i = 0; i < bounds.size(); i += 2) {
                    if (bounds.get(i) <= symbol && symbol <= bounds.get(i + 1)) {
                        return !negated;
                    }
                }
                return negated;
            }
        }
    }

    /// One part of the path; `any` is `**`, any number of parts.
    private record Part(List<Token> tokens, boolean any) {
        /// The one name it stands for; empty if there may be others.
        byte[] literal() {
            ByteArrayOutputStream name = new ByteArrayOutputStream();
            for (Token token : tokens) {
                if (!(token instanceof Token.Literal(int symbol))) {
                    return new byte[0];
                }
                if (symbol >= FIRST_NON_CHARACTER) {
                    name.write(symbol - FIRST_NON_CHARACTER);
                } else {
                    name.writeBytes(Character.toString(symbol).getBytes(StandardCharsets.UTF_8));
                }
            }
            return name.toByteArray();
        }
    }

    private final String text;
    private final boolean foldersOnly;
    private final boolean anchored;
    private final boolean anyCase;
    private final List<Part> parts;

    private Glob(
            String text, boolean foldersOnly, boolean anchored, boolean anyCase, List<Part> parts) {
        this.text = text;
        this.foldersOnly = foldersOnly;
        this.anchored = anchored;
        this.anyCase = anyCase;
        this.parts = parts;
    }

    /// A pattern as a person typed it: U+DC80 to U+DCFF stand for bytes that are not UTF-8.
    ///
    /// @param anyCase whether `A` and `a` are the same
    /// @throws IllegalArgumentException if it is malformed
    public static Glob typed(String text, boolean anyCase) {
        Glob glob = of(text.startsWith("./") ? text.substring(1) : text);
        return new Glob(text, glob.foldersOnly, glob.anchored, anyCase, glob.parts);
    }

    /// Whether an item is meant.
    public boolean matches(ItemPath path, boolean folder) {
        if (path.isRoot()) {
            return false;
        }
        int[][] symbols = split(path);
        return matches(symbols, symbols.length, folder);
    }

    /// A folder below which all lies that is meant; the root where the pattern does not tell.
    public ItemPath folder() {
        ItemPath folder = ItemPath.ROOT;
        for (Part part : anchored && !anyCase ? parts.subList(0, parts.size() - 1) : parts) {
            byte[] name = part.literal();
            if (anyCase || !anchored || name.length == 0) {
                return folder;
            }
            folder = folder.child(name);
        }
        return folder;
    }

    /// @throws IllegalArgumentException if it is empty, or a `[` has no `]`
    static Glob of(String text) {
        boolean foldersOnly = text.endsWith("/");
        String body = foldersOnly ? text.substring(0, text.length() - 1) : text;
        boolean anchored = body.contains("/");
        String relative = body.startsWith("/") ? body.substring(1) : body;
        List<Part> parts = new ArrayList<>();
        for (String part : relative.split("/", -1)) {
            if (part.isEmpty()) {
                throw new IllegalArgumentException("pattern '" + text + "' has an empty part");
            }
            boolean any = anchored && part.equals("**");
            parts.add(new Part(any ? List.of() : tokens(part, text), any));
        }
        return new Glob(text, foldersOnly, anchored, false, List.copyOf(parts));
    }

    private static List<Token> tokens(String part, String text) {
        int[] symbols =
                part.codePoints()
                        .map(point ->
                                point >= LOST + 0x80 && point <= LOST + 0xFF
                                        ? FIRST_NON_CHARACTER + point - LOST
                                        : point)
                        .toArray();
        List<Token> tokens = new ArrayList<>();
        for (int i = 0; i < symbols.length; i++) {
            switch (symbols[i]) {
                case '*' -> tokens.add(new Token.Run());
                case '?' -> tokens.add(new Token.One());
                case '[' -> {
                    int end = closing(symbols, i, text);
                    tokens.add(oneOf(symbols, i + 1, end));
                    i = end;
                }
                case '\\' -> {
                    i = Math.min(i + 1, symbols.length - 1);
                    tokens.add(new Token.Literal(symbols[i]));
                }
                default -> tokens.add(new Token.Literal(symbols[i]));
            }
        }
        return List.copyOf(tokens);
    }

    /// A `]` right after the opening or its `!` is a member, as in glob(7).
    private static int closing(int[] symbols, int open, String text) {
        int at = open + 1;
        if (at < symbols.length && (symbols[at] == '!' || symbols[at] == '^')) {
            at++;
        }
        for (int i = at + 1; i < symbols.length; i++) {
            if (symbols[i] == ']') {
                return i;
            }
        }
        throw new IllegalArgumentException("pattern '" + text + "': a '[' has no ']'");
    }

    private static Token oneOf(int[] symbols, int from, int to) {
        boolean negated = symbols[from] == '!' || symbols[from] == '^';
        List<Integer> bounds = new ArrayList<>();
        for (int i = negated ? from + 1 : from; i < to; i++) {
            boolean range = i + 2 < to && symbols[i + 1] == '-';
            bounds.add(symbols[i]);
            bounds.add(symbols[range ? i + 2 : i]);
            i += range ? 2 : 0;
        }
        return new Token.OneOf(List.copyOf(bounds), negated);
    }

    String text() {
        return text;
    }

    /// @param path the symbols of each part, as [#split] gives them
    /// @param length how many of the parts count: a folder's path is the beginning of its items'
    boolean matches(int[][] path, int length, boolean folder) {
        if (foldersOnly && !folder) {
            return false;
        }
        return anchored
                ? matches(0, path, 0, length)
                : matches(parts.getFirst().tokens(), path[length - 1]);
    }

    private boolean matches(int part, int[][] path, int at, int length) {
        if (part == parts.size()) {
            return at == length;
        }
        if (parts.get(part).any()) {
            // `a/**` is what is in a, and not a itself
            int least = part == parts.size() - 1 ? at + 1 : at;
            return IntStream.rangeClosed(least, length)
                    .anyMatch(next -> matches(part + 1, path, next, length));
        }
        return at < length
                && matches(parts.get(part).tokens(), path[at])
                && matches(part + 1, path, at + 1, length);
    }

    /// Whether something in this folder could match.
    boolean mayMatchBelow(int[][] folder) {
        if (!anchored) {
            return true;
        }
        for (int at = 0; at < parts.size(); at++) {
            if (at == folder.length || parts.get(at).any()) {
                return true;
            }
            if (!matches(parts.get(at).tokens(), folder[at])) {
                return false;
            }
        }
        return false;
    }

    /// Goes back to the last `*` only, so it takes no more than tokens × symbols steps.
    private boolean matches(List<Token> tokens, int[] name) {
        int token = 0;
        int at = 0;
        int run = -1;
        int runEnd = 0;
        while (at < name.length) {
            if (token < tokens.size() && tokens.get(token) instanceof Token.Run) {
                run = token++;
                runEnd = at;
            } else if (token < tokens.size() && takes(tokens.get(token), name[at])) {
                token++;
                at++;
            } else if (run >= 0) {
                token = run + 1;
                at = ++runEnd;
            } else {
                return false;
            }
        }
        while (token < tokens.size() && tokens.get(token) instanceof Token.Run) {
            token++;
        }
        return token == tokens.size();
    }

    private boolean takes(Token token, int symbol) {
        if (!anyCase || symbol >= FIRST_NON_CHARACTER) {
            return takesExactly(token, symbol);
        }
        int upper = Character.toUpperCase(symbol);
        return takesExactly(token, symbol)
                || takesExactly(token, upper)
                || takesExactly(token, Character.toLowerCase(upper));
    }

    private static boolean takesExactly(Token token, int symbol) {
        return switch (token) {
            case Token.Literal(int literal) -> literal == symbol;
            case Token.One _ -> true;
            case Token.OneOf set -> set.holds(symbol);
            case Token.Run _ -> false;
        };
    }

    /// The symbols of each part of a path that is not the root.
    static int[][] split(ItemPath path) {
        byte[] bytes = path.bytes();
        List<int[]> parts = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= bytes.length; i++) {
            if (i == bytes.length || bytes[i] == '/') {
                parts.add(symbols(ByteBuffer.wrap(bytes, start, i - start)));
                start = i + 1;
            }
        }
        return parts.toArray(new int[0][]);
    }

    private static int[] symbols(ByteBuffer name) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        IntStream.Builder symbols = IntStream.builder();
        while (true) {
            CharBuffer text = CharBuffer.allocate(name.remaining());
            CoderResult result = decoder.decode(name, text, true);
            text.flip().codePoints().forEach(symbols);
            if (!result.isMalformed()) {
                return symbols.build().toArray();
            }
            for (int i = 0; i < result.length(); i++) {
                symbols.add(FIRST_NON_CHARACTER + (name.get() & 0xFF));
            }
            decoder.reset();
        }
    }
}
