package dev.caravan.config;

import java.util.ArrayList;
import java.util.List;

/// The words of a command as a shell would separate them, without a shell: quotes and backslashes
/// keep words together, and nothing is expanded. What only a shell understands is refused, so that
/// no command does another thing than it seems to.
final class CommandWords {
    private static final String OF_A_SHELL = "|&;<>()$`*?";
    private static final String OF_A_SHELL_IN_QUOTES = "$`";

    private final String command;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean inWord;
    private int at;

    private CommandWords(String command) {
        this.command = command;
    }

    /// @throws IllegalArgumentException with one line for the operator
    static List<String> split(String command) {
        return new CommandWords(command).split();
    }

    private List<String> split() {
        while (at < command.length()) {
            char c = command.charAt(at++);
            switch (c) {
                case ' ', '\t' -> endWord();
                case '\'' -> quoted();
                case '"' -> doublyQuoted();
                case '\\' -> add(next("a character after the last '\\'"));
                default -> {
                    refuse(c, OF_A_SHELL);
                    add(c);
                }
            }
        }
        endWord();
        if (words.isEmpty() || !words.getFirst().startsWith("/")) {
            throw wrong("want a program by its whole path, such as /usr/local/bin/snapshot");
        }
        return List.copyOf(words);
    }

    private void quoted() {
        inWord = true;
        for (char c = next("another '"); c != '\''; c = next("another '")) {
            add(c);
        }
    }

    private void doublyQuoted() {
        inWord = true;
        for (char c = next("another \""); c != '"'; c = next("another \"")) {
            refuse(c, OF_A_SHELL_IN_QUOTES);
            boolean escapes =
                    c == '\\' && at < command.length() && "\\\"$`".indexOf(command.charAt(at)) >= 0;
            add(escapes ? command.charAt(at++) : c);
        }
    }

    private void refuse(char c, String special) {
        if (special.indexOf(c) >= 0) {
            throw wrong(
                    "%c is for a shell, and there is none: put it in '…', or write /bin/sh -c '…'"
                            .formatted(c));
        }
    }

    private char next(String wanted) {
        if (at == command.length()) {
            throw wrong("want " + wanted);
        }
        return command.charAt(at++);
    }

    private void add(char c) {
        if (Character.isISOControl(c)) {
            throw wrong("want no control characters");
        }
        word.append(c);
        inWord = true;
    }

    private void endWord() {
        if (inWord) {
            words.add(word.toString());
            word.setLength(0);
            inWord = false;
        }
    }

    private IllegalArgumentException wrong(String want) {
        return new IllegalArgumentException("'" + command + "': " + want);
    }
}
