package dev.caravan.cli;

/// Emphasis on a terminal; plain text everywhere else. Meaning never hangs on it alone.
///
/// @param on whether escape sequences (ECMA-48 SGR) are written
record Style(boolean on) {
    static final Style PLAIN = new Style(false);

    /// As this process's terminal and its user want it (no-color.org).
    static Style ofProcess() {
        String no = System.getenv("NO_COLOR");
        var console = System.console();
        return new Style(
                console != null
                        && console.isTerminal()
                        && (no == null || no.isEmpty())
                        && !"dumb".equals(System.getenv("TERM")));
    }

    String strong(String text) {
        return sgr("1", text);
    }

    String faint(String text) {
        return sgr("2", text);
    }

    String good(String text) {
        return sgr("32", text);
    }

    String warning(String text) {
        return sgr("33", text);
    }

    String bad(String text) {
        return sgr("31", text);
    }

    private String sgr(String code, String text) {
        return on && !text.isBlank() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
