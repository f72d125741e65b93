package dev.caravan.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandWordsTest {
    @Test
    void wordsAreSeparatedAsAShellWould() {
        assertThat(CommandWords.split("/bin/a  b\tc")).containsExactly("/bin/a", "b", "c");
        assertThat(CommandWords.split("/bin/sh -c 'echo \"$HOME\" | cat > x; exit 3'"))
                .containsExactly("/bin/sh", "-c", "echo \"$HOME\" | cat > x; exit 3");
        assertThat(CommandWords.split("/bin/a \"b \\\" \\\\ \\n c\" '' d\\ e f'g'\"h\""))
                .containsExactly("/bin/a", "b \" \\ \\n c", "", "d e", "fgh");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/bin/a | /bin/b",
                "/bin/a > x",
                "/bin/a; /bin/b",
                "/bin/a &",
                "/bin/a $HOME",
                "/bin/a \"$HOME\"",
                "/bin/a `id`",
                "/bin/a *.sql"
            })
    void whatOnlyAShellUnderstandsIsRefused(String command) {
        assertThatThrownBy(() -> CommandWords.split(command))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is for a shell")
                .hasMessageContaining("/bin/sh -c '…'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "  ", "snapshot make", "./snapshot", "'/bin/a", "/bin/a \"b", "/a \\"})
    void aCommandWithoutAWholePathOrAnEndIsRefused(String command) {
        assertThatThrownBy(() -> CommandWords.split(command))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("'" + command + "': want ");
    }
}
