package dev.caravan.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArgumentsTest {
    private static final char LOST = '\uFFFD';

    @TempDir Path folder;

    /// The program of the child process: prints the bytes of each argument.
    static final class Echo {
        public static void main(String[] args) {
            for (String argument : Arguments.lossless(args)) {
                System.out.println(HexFormat.of().formatHex(Arguments.bytes(argument)));
            }
        }
    }

    @Test
    void argumentsAreMatchedFromTheEnd() {
        byte[] commandLine = "java\0-cp\0x\0Main\0a\0\0b\u00FF\0".getBytes(ISO_8859_1);

        String[] exact = Arguments.lossless(new String[] {"a", "", "b" + LOST}, commandLine);

        assertThat(exact).containsExactly("a", "", "b\uDCFF");
        assertThat(Arguments.bytes(exact[2])).containsExactly('b', 0xFF);
    }

    @Test
    void whatIsNotLostStaysAsItIs() {
        byte[] text = "grüße 🐫 \\xFF".getBytes(UTF_8);

        assertThat(Arguments.bytes(new String(text, UTF_8))).isEqualTo(text);
        assertThat(Arguments.lossless(new String[] {"x" + LOST}, new byte[0]))
                .containsExactly("x" + LOST);
    }

    /// By way of a shell, because Java can not start a process with such an argument.
    @Test
    void aNewProcessGetsEveryByteOfItsArguments() throws Exception {
        Path script =
                Files.writeString(
                        folder.resolve("run.sh"),
                        "exec \"$1\" -cp \"$2\" '%s' plain \"$(printf 'a\\377\\303\\050b')\" \"$(printf '\\303\\251')\" ''\n"
                                .formatted(Echo.class.getName()));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();

        Process child =
                new ProcessBuilder(
                                "sh",
                                script.toString(),
                                java,
                                System.getProperty("java.class.path"))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String printed = new String(child.getInputStream().readAllBytes(), UTF_8);

        assertThat(child.waitFor()).isZero();
        assertThat(printed).isEqualTo("706c61696e\n61ffc32862\nc3a9\n\n");
    }
}
