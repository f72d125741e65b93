package dev.caravan.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A Markdown page of the project, as its readers use it: sections, and blocks to copy.
record Page(Path file, String text) {

    /// @param language after the three backticks
    /// @param text without them
    record Block(String language, String text) {}

    static Page of(String file) throws IOException {
        return new Page(Path.of(file), Files.readString(Path.of(file)));
    }

    /// All pages of the project.
    static List<Page> all() throws IOException {
        List<Page> pages =
                new ArrayList<>(
                        List.of(of("README.md"), of("CHANGELOG.md"), of("docker/README.md")));
        try (Stream<Path> docs = Files.walk(Path.of("src/main/docs"))) {
            for (Path file : docs.filter(f -> f.toString().endsWith(".md")).sorted().toList()) {
                pages.add(of(file.toString()));
            }
        }
        return pages;
    }

    /// The part below a heading, to the next one of its kind.
    Page section(String heading) {
        int begin = text.indexOf("\n" + heading + "\n");
        if (begin < 0) {
            throw new IllegalArgumentException(file + " has no section '" + heading + "'");
        }
        String rest = text.substring(begin + heading.length() + 2);
        String mark = "\n" + heading.substring(0, heading.indexOf(' ') + 1);
        int end = rest.indexOf(mark);
        return new Page(file, end < 0 ? rest : rest.substring(0, end));
    }

    List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        String language = null;
        StringBuilder block = new StringBuilder();
        for (String line : text.lines().toList()) {
            if (!line.startsWith("```")) {
                block.append(line).append('\n');
            } else if (language == null) {
                language = line.substring(3);
                block.setLength(0);
            } else {
                blocks.add(new Block(language, block.toString()));
                language = null;
            }
        }
        return blocks;
    }

    List<String> blocks(String language) {
        return blocks().stream()
                .filter(b -> b.language().equals(language))
                .map(Block::text)
                .toList();
    }
}
