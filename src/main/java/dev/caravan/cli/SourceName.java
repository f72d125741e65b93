package dev.caravan.cli;

import dev.caravan.ledger.OwnSource;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Collection;
import java.util.Locale;

/// Makes the name of a source from the name of its folder.
final class SourceName {
    private static final int LONGEST = 32;

    private SourceName() {}

    /// Letters, digits and dashes, and none of the `taken` ones, nor the home's own.
    static String of(Path folder, Collection<String> taken) {
        Path last = folder.getFileName();
        String plain =
                Normalizer.normalize(last == null ? "" : last.toString(), Normalizer.Form.NFD)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9]+", "-")
                        .replaceAll("^-+|-+$", "");
        String name = plain.isEmpty() ? "source" : plain;
        name = name.length() > LONGEST - 4 ? name.substring(0, LONGEST - 4) : name;
        name = name.replaceAll("-+$", "");
        String unique = name;
        for (int i = 2; taken.contains(unique) || unique.equals(OwnSource.NAME); i++) {
            unique = name + "-" + i;
        }
        return unique;
    }
}
