package dev.caravan.cli;

import java.util.List;

/// HTML as it is made. Text from anywhere goes through [#text]: nothing else is escaped. Confined.
final class Html {
    private final StringBuilder html = new StringBuilder();

    /// @param raw markup of ours
    Html add(String raw) {
        html.append(raw);
        return this;
    }

    /// Text from anywhere, which is never markup.
    Html text(String text) {
        html.append(escaped(text));
        return this;
    }

    /// An element that has only text in it.
    ///
    /// @param start its start tag, which is markup of ours
    Html element(String start, String text) {
        String name = start.substring(1).split("[ >]", 2)[0];
        return add(start).text(text).add("</" + name + ">\n");
    }

    /// A table whose cells are markup already.
    ///
    /// @param heads of the columns; one that begins with `>` is of numbers
    /// @param rows of as many cells
    Html table(List<String> heads, List<List<String>> rows) {
        add("<div class=\"scroll\"><table>\n<thead><tr>");
        for (String head : heads) {
            boolean number = head.startsWith(">");
            add(number ? "<th class=\"n\" scope=\"col\">" : "<th scope=\"col\">");
            text(number ? head.substring(1) : head).add("</th>");
        }
        add("</tr></thead>\n<tbody>\n");
        for (List<String> row : rows) {
            add("<tr>");
            for (int i = 0; i < row.size(); i++) {
                boolean number = heads.get(i).startsWith(">");
                add(number ? "<td class=\"n\">" : "<td>").add(row.get(i)).add("</td>");
            }
            add("</tr>\n");
        }
        return add("</tbody></table></div>\n");
    }

    static String escaped(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> {
                    switch (c) {
                        case '&' -> safe.append("&amp;");
                        case '<' -> safe.append("&lt;");
                        case '>' -> safe.append("&gt;");
                        case '"' -> safe.append("&quot;");
                        case '\'' -> safe.append("&#39;");
                        default -> safe.appendCodePoint(c);
                    }
                });
        return safe.toString();
    }

    @Override
    public String toString() {
        return html.toString();
    }
}
