package dev.caravan.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The command line, with no byte lost. Java decodes arguments before anybody is asked, and puts
/// U+FFFD where a name is not valid in the locale's charset; the kernel still has the bytes
/// (`/proc/self/cmdline`, proc(5)). They go through the option parser as text in which U+DC80 to
/// U+DCFF, which no decoder ever gives, stand for the bytes 80 to FF that are not UTF-8.
final class Arguments {
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final char LOST = '\uFFFD';
    private static final int ESCAPED = 0xDC00;

    private Arguments() {}

    /// The arguments of this process, with those put right in which Java lost something.
    static String[] lossless(String[] given) {
        for (String argument : given) {
            if (argument.indexOf(LOST) >= 0) {
                return lossless(given, commandLine());
            }
        }
        return given;
    }

    /// @param commandLine of the whole process: the program's own arguments are its last ones
    static String[] lossless(String[] given, byte[] commandLine) {
        List<byte[]> all = split(commandLine);
        int before = all.size() - given.length;
        if (before < 0) {
            return given;
        }
        String[] exact = given.clone();
        for (int i = 0; i < given.length; i++) {
            if (given[i].indexOf(LOST) >= 0) {
                exact[i] = text(all.get(before + i));
            }
        }
        return exact;
    }

    private static byte[] commandLine() {
        try {
            return Files.readAllBytes(COMMAND_LINE);
        } catch (IOException noProc) {
            return new byte[0];
        }
    }

    private static List<byte[]> split(byte[] commandLine) {
        List<byte[]> all = new ArrayList<>();
        ByteArrayOutputStream one = new ByteArrayOutputStream();
        for (byte b : commandLine) {
            if (b == 0) {
                all.add(one.toByteArray());
                one.reset();
            } else {
                one.write(b);
            }
        }
        return all;
    }

    /// An argument with these bytes, as the option parser sees it.
    static String text(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length + 1);
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            text.append(out.flip());
            out.clear();
            if (!result.isMalformed()) {
                return text.toString();
            }
            for (int i = 0; i < result.length(); i++) {
                text.append((char) (ESCAPED + (in.get() & 0xFF)));
            }
            decoder.reset();
        }
    }

    /// The bytes of an argument as the shell gave it.
    static byte[] bytes(String argument) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(argument.length());
        argument.codePoints()
                .forEach(point -> {
                    if (point >= ESCAPED + 0x80 && point <= ESCAPED + 0xFF) {
                        bytes.write(point - ESCAPED);
                    } else {
                        bytes.writeBytes(
                                Character.toString(point).getBytes(StandardCharsets.UTF_8));
                    }
                });
        return bytes.toByteArray();
    }
}
