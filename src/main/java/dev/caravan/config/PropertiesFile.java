package dev.caravan.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/// The entries of a Java properties file in UTF-8, each with its line, duplicates included:
/// [Properties] forgets both.
record PropertiesFile(List<Entry> entries) {
    record Entry(int line, String key, String value) {}

    static PropertiesFile read(Path file, Path shown, List<Finding> findings) {
        try {
            return parse(Files.readString(file), shown, findings);
        } catch (NoSuchFileException e) {
            findings.add(Finding.error(shown, 0, "no such file: make a home with 'caravan init'"));
        } catch (CharacterCodingException e) {
            findings.add(Finding.error(shown, 0, "not UTF-8: save it as UTF-8"));
        } catch (IOException e) {
            findings.add(Finding.error(shown, 0, "cannot be read: " + e.getMessage()));
        }
        return new PropertiesFile(List.of());
    }

    static PropertiesFile parse(String text, Path shown, List<Finding> findings) {
        List<Entry> entries = new ArrayList<>();
        String[] lines = text.split("\r\n|\r|\n", -1);
        for (int i = 0; i < lines.length; i++) {
            int first = i;
            String line = lines[i].stripLeading();
            if (line.isEmpty() || line.startsWith("#") || line.startsWith("!")) {
                continue;
            }
            StringBuilder logical = new StringBuilder(line);
            while (continues(logical) && i + 1 < lines.length) {
                logical.setLength(logical.length() - 1);
                logical.append(lines[++i].stripLeading());
            }
            entry(logical.toString(), first + 1, shown, findings, entries);
        }
        return new PropertiesFile(List.copyOf(entries));
    }

    /// An odd number of backslashes at its end joins a line to the next one.
    private static boolean continues(CharSequence line) {
        int backslashes = 0;
        while (backslashes < line.length()
                && line.charAt(line.length() - 1 - backslashes) == '\\') {
            backslashes++;
        }
        return backslashes % 2 == 1;
    }

    private static void entry(
            String logical, int line, Path shown, List<Finding> findings, List<Entry> entries) {
        Properties one = new Properties();
        try {
            one.load(new StringReader(logical));
        } catch (IOException | IllegalArgumentException e) {
            findings.add(Finding.error(shown, line, "cannot be read: " + e.getMessage()));
        }
        one.stringPropertyNames()
                .forEach(key -> entries.add(new Entry(line, key, one.getProperty(key).strip())));
    }
}
