package dev.caravan.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// The known name a mistyped one was most likely meant to be.
public final class Nearest {
    private Nearest() {}

    /// `: did you mean 'x'?`, or nothing if no name is near.
    public static String hint(String mistyped, Collection<String> known) {
        return of(mistyped, known).map(name -> ": did you mean '" + name + "'?").orElse("");
    }

    static Optional<String> of(String mistyped, Collection<String> known) {
        int farthest = Math.max(2, mistyped.length() / 4);
        return known.stream()
                .filter(name -> distance(mistyped, name) <= farthest)
                .min(
                        Comparator.<String>comparingInt(name -> distance(mistyped, name))
                                .thenComparing(Comparator.naturalOrder()));
    }

    /// Levenshtein's, one row at a time; upper and lower case are the same letter here.
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                boolean same =
                        Character.toLowerCase(a.charAt(i - 1))
                                == Character.toLowerCase(b.charAt(j - 1));
                int replaced = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
