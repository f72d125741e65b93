package dev.caravan.config;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which key an environment variable sets, of those that have a name in them: the name may have
/// dashes, which a variable has not.
final class Variables {
    private static final String ENCRYPT_VARIABLE = Keys.variable(Keys.ENCRYPT);

    private Variables() {}

    /// The key with a name in it that a variable sets.
    static @Nullable String key(String variable) {
        if (variable.startsWith("CARAVAN_SITE_")) {
            return siteKey(variable);
        }
        if (variable.startsWith("CARAVAN_RETENTION_")) {
            return retentionKey(variable);
        }
        if (variable.startsWith(ENCRYPT_VARIABLE)) {
            return encryptKey(variable);
        }
        return sourceKey(variable);
    }

    /// `CARAVAN_SOURCE_MY_DOCS_DIR` sets `caravan.source.my-docs.dir`, in the file or not.
    private static @Nullable String sourceKey(String variable) {
        String name = name(variable, "CARAVAN_SOURCE_", Keys.OF_SOURCE.keySet());
        return name == null
                ? null
                : Keys.ofSource(
                        name.substring(0, name.indexOf('.')),
                        name.substring(name.indexOf('.') + 1));
    }

    private static @Nullable String siteKey(String variable) {
        String name = name(variable, "CARAVAN_SITE_", Keys.OF_SITE.keySet());
        return name == null
                ? null
                : Keys.ofSite(
                        name.substring(0, name.indexOf('.')),
                        name.substring(name.indexOf('.') + 1));
    }

    private static @Nullable String retentionKey(String variable) {
        String name = name(variable, "CARAVAN_RETENTION_", Keys.OF_RETENTION.keySet());
        return name == null
                ? null
                : Keys.ofRetention(
                        name.substring(0, name.indexOf('.')),
                        name.substring(name.indexOf('.') + 1));
    }

    private static String encryptKey(String variable) {
        String target = variable.substring(ENCRYPT_VARIABLE.length());
        return Keys.ENCRYPT + target.replace('_', '-').toLowerCase(Locale.ROOT);
    }

    /// The name and the word a variable is about, with a dot between: of the words that fit the
    /// longest.
    private static @Nullable String name(String variable, String prefix, Set<String> words) {
        String best = null;
        for (String word : words) {
            String end = "_" + Keys.variable(word);
            boolean fits =
                    variable.startsWith(prefix)
                            && variable.endsWith(end)
                            && variable.length() > prefix.length() + end.length();
            if (fits && (best == null || word.length() > best.length())) {
                best = word;
            }
        }
        if (best == null) {
            return null;
        }
        String name =
                variable.substring(
                        prefix.length(), variable.length() - Keys.variable(best).length() - 1);
        return name.replace('_', '-').toLowerCase(Locale.ROOT) + "." + best;
    }
}
