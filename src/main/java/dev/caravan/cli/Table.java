package dev.caravan.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Rows whose columns line up, for a terminal. Small by nature: it holds all rows. Confined to one
/// thread.
final class Table {
    private static final String GAP = "  ";

    private final String indent;
    private final List<Column> columns = new ArrayList<>();
    private final List<List<Cell>> rows = new ArrayList<>();

    private record Column(String head, boolean right) {}

    /// @param paint puts the finished, padded text into colour
    record Cell(String text, UnaryOperator<String> paint) {
        static Cell of(String text) {
            return new Cell(text, UnaryOperator.identity());
        }

        int width() {
            return text.codePointCount(0, text.length());
        }
    }

    Table(String indent) {
        this.indent = indent;
    }

    Table left(String head) {
        columns.add(new Column(head, false));
        return this;
    }

    Table right(String head) {
        columns.add(new Column(head, true));
        return this;
    }

    void row(String... texts) {
        row(List.of(texts).stream().map(Cell::of).toList());
    }

    void row(List<Cell> cells) {
        if (cells.size() != columns.size()) {
            throw new IllegalArgumentException(
                    "%d cells for %d columns".formatted(cells.size(), columns.size()));
        }
        rows.add(List.copyOf(cells));
    }

    /// Prints the heads, if there are any, and the rows.
    void print(PrintWriter out, Style style) {
        int[] widths = new int[columns.size()];
        List<List<Cell>> all = new ArrayList<>();
        if (columns.stream().anyMatch(column -> !column.head.isEmpty())) {
            all.add(columns.stream().map(c -> new Cell(c.head, style::faint)).toList());
        }
        all.addAll(rows);
        for (List<Cell> row : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).width());
            }
        }
        for (List<Cell> row : all) {
            out.println(line(row, widths));
        }
    }

    private String line(List<Cell> row, int[] widths) {
        StringBuilder line = new StringBuilder(indent);
        for (int i = 0; i < widths.length; i++) {
            Cell cell = row.get(i);
            boolean last = i == widths.length - 1;
            String pad = " ".repeat(widths[i] - cell.width());
            String painted = cell.paint.apply(cell.text);
            line.append(columns.get(i).right ? pad + painted : painted + (last ? "" : pad));
            line.append(last ? "" : GAP);
        }
        return line.toString().stripTrailing();
    }
}
