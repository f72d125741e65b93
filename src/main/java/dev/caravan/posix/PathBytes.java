package dev.caravan.posix;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;

/// Between the bytes of a path and [Path], exact for any bytes and in any locale. `Path.toString`
/// and `java.io.File` are not: they replace what the locale's charset can not show.
public final class PathBytes {

    private static final Path ROOT = Path.of("/");
    private static final Charset NAMES =
            Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    private PathBytes() {}

    /// The path with these bytes; the empty one is the current folder.
    ///
    /// @throws IllegalArgumentException if there is a NUL byte
    public static Path toPath(byte[] bytes) {
        if (bytes.length == 0) {
            return Path.of("");
        }
        boolean absolute = bytes[0] == '/';
        StringBuilder uri = new StringBuilder("file://");
        if (!absolute) {
            uri.append('/');
        }
        for (byte b : bytes) {
            if (b == '/') {
                uri.append('/');
            } else {
                uri.append('%').append(HexFormat.of().toHexDigits(b));
            }
        }
        Path path = Path.of(URI.create(squeeze(uri)));
        return absolute ? path : ROOT.relativize(path);
    }

    /// `//` after the authority would start another one.
    private static String squeeze(StringBuilder uri) {
        return "file://" + uri.substring("file://".length()).replaceAll("/{2,}", "/");
    }

    /// The bytes of a path of the default file system.
    public static byte[] ofPath(Path path) {
        String text = path.toString();
        try {
            // equals() of Unix paths compares the bytes, so this is exact where it holds
            if (Path.of(text).equals(path)) {
                return text.getBytes(NAMES);
            }
        } catch (InvalidPathException notInThisCharset) {
            // the URI has it
        }
        return fromUri(path);
    }

    /// The only exact form the JDK gives for other names. Not for every path, because it looks at
    /// the file (a stat, which may hang on a dead mount) to decide on a slash at its end.
    private static byte[] fromUri(Path path) {
        String raw = ROOT.resolve(path).toUri().getRawPath();
        ByteArrayOutputStream out = new ByteArrayOutputStream(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) == '%') {
                out.write(HexFormat.fromHexDigits(raw, i + 1, i + 3));
                i += 2;
            } else {
                out.write(raw.charAt(i));
            }
        }
        byte[] bytes = out.toByteArray();
        int to = bytes[bytes.length - 1] == '/' ? bytes.length - 1 : bytes.length;
        return Arrays.copyOfRange(bytes, path.isAbsolute() ? 0 : 1, to);
    }
}
