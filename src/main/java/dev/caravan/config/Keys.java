package dev.caravan.config;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Every key there is, its form and its default.
final class Keys {
    /// @param fallback the value where none is set; null if there is none
    record Key(Form form, @Nullable String fallback) {}

    static final String SCHEDULE = "caravan.schedule";
    static final String NAS_DIR = "caravan.nas.dir";
    static final String NAS_SITE = "caravan.nas.site";
    static final String NAS_SIMULATED = "caravan.nas.simulated";
    static final String TAPE_POOL = "caravan.tape.pool";
    static final String TAPE_SITE = "caravan.tape.site";
    static final String TAPE_LIBRARY = "caravan.tape.library";
    static final String TAPE_DRIVES = "caravan.tape.drives";
    static final String TAPE_CHANGER = "caravan.tape.changer";
    static final String TAPE_SHELF = "caravan.tape.shelf";
    static final String TAPE_CARTRIDGES = "caravan.tape.cartridges";
    static final String TAPE_CAPACITY = "caravan.tape.capacity";
    static final String TAPE_SEGMENT = "caravan.tape.segment";
    static final String TAPE_ALLOCATION = "caravan.tape.allocation";
    static final String TAPE_SUPPLY = "caravan.tape.supply";
    static final String TAPE_RETENTION = "caravan.tape.retention";
    static final String TAPE_SIMULATED = "caravan.tape.simulated";
    static final String OFFSITE_HOST = "caravan.offsite.host";
    static final String OFFSITE_PORT = "caravan.offsite.port";
    static final String OFFSITE_USER = "caravan.offsite.user";
    static final String OFFSITE_DIR = "caravan.offsite.dir";
    static final String OFFSITE_KEY = "caravan.offsite.key";
    static final String OFFSITE_KNOWN_HOSTS = "caravan.offsite.known-hosts";
    static final String OFFSITE_SITE = "caravan.offsite.site";
    static final String OFFSITE_EMBEDDED = "caravan.offsite.embedded";
    static final String OFFSITE_SIMULATED = "caravan.offsite.simulated";
    static final String S3_BUCKET = "caravan.s3.bucket";
    static final String S3_REGION = "caravan.s3.region";
    static final String S3_SITE = "caravan.s3.site";
    static final String S3_SIMULATED = "caravan.s3.simulated";
    static final String ROUTES_ALLOW = "caravan.routes.allow";

    private static final String SOURCE = "caravan.source.";
    private static final Pattern SOURCE_KEY =
            Pattern.compile(Pattern.quote(SOURCE) + "(.*)\\.([^.]*)");

    /// The keys that stand once, in the order of the template.
    static final Map<String, Key> PLAIN = plain();

    /// The keys of one source, by their last word.
    static final Map<String, Key> OF_SOURCE = ofSource();

    private Keys() {}

    private static Map<String, Key> plain() {
        Map<String, Key> keys = new LinkedHashMap<>();
        keys.put(SCHEDULE, new Key(Form.SCHEDULE, "15m"));
        keys.put(NAS_DIR, new Key(Form.ENDPOINT_PATH, null));
        keys.put(NAS_SITE, new Key(Form.NAME, "here"));
        keys.put(NAS_SIMULATED, new Key(Form.BOOLEAN, "false"));
        keys.put(TAPE_POOL, new Key(Form.NAME, "weekly"));
        keys.put(TAPE_SITE, new Key(Form.NAME, "here"));
        keys.put(TAPE_LIBRARY, new Key(Form.PATH, "data/tapes"));
        keys.put(TAPE_DRIVES, new Key(Form.DEVICES, null));
        keys.put(TAPE_CHANGER, new Key(Form.DEVICE, null));
        keys.put(TAPE_SHELF, new Key(Form.BARCODES, null));
        keys.put(TAPE_CARTRIDGES, new Key(Form.COUNT, "20"));
        keys.put(TAPE_CAPACITY, new Key(Form.SIZE, "100GB"));
        keys.put(TAPE_SEGMENT, new Key(Form.SIZE, "1GiB"));
        keys.put(TAPE_ALLOCATION, new Key(Form.ALLOCATION, "continue"));
        keys.put(TAPE_SUPPLY, new Key(Form.BARCODE_GLOBS, "*"));
        keys.put(TAPE_RETENTION, new Key(Form.RETENTION, "never"));
        keys.put(TAPE_SIMULATED, new Key(Form.BOOLEAN, "true"));
        keys.put(OFFSITE_HOST, new Key(Form.HOST, null));
        keys.put(OFFSITE_PORT, new Key(Form.PORT, "22"));
        keys.put(OFFSITE_USER, new Key(Form.USER, "caravan"));
        keys.put(OFFSITE_DIR, new Key(Form.LOGIN_PATH, "caravan"));
        keys.put(OFFSITE_KEY, new Key(Form.ENDPOINT_PATH, "data/keys/offsite"));
        keys.put(OFFSITE_KNOWN_HOSTS, new Key(Form.ENDPOINT_PATH, "data/keys/known_hosts"));
        keys.put(OFFSITE_SITE, new Key(Form.NAME, "offsite"));
        keys.put(OFFSITE_EMBEDDED, new Key(Form.BOOLEAN, "false"));
        keys.put(OFFSITE_SIMULATED, new Key(Form.BOOLEAN, "false"));
        keys.put(S3_BUCKET, new Key(Form.BUCKET, null));
        keys.put(S3_REGION, new Key(Form.REGION, null));
        keys.put(S3_SITE, new Key(Form.NAME, "cloud"));
        keys.put(S3_SIMULATED, new Key(Form.BOOLEAN, "false"));
        keys.put(ROUTES_ALLOW, new Key(Form.COMPONENTS, ""));
        return keys;
    }

    private static Map<String, Key> ofSource() {
        Map<String, Key> keys = new LinkedHashMap<>();
        keys.put("dir", new Key(Form.PATH, null));
        keys.put("include", new Key(Form.GLOBS, null));
        keys.put("exclude", new Key(Form.GLOBS, null));
        keys.put("sentinel", new Key(Form.PATH_WITHIN, null));
        keys.put("site", new Key(Form.NAME, "here"));
        return keys;
    }

    static boolean isOurs(String key) {
        return key.startsWith("caravan.");
    }

    static String ofSource(String source, String word) {
        return SOURCE + source + "." + word;
    }

    /// The source a key belongs to, or null.
    static @Nullable String sourceOf(String key) {
        Matcher matcher = SOURCE_KEY.matcher(key);
        return matcher.matches() ? matcher.group(1) : null;
    }

    static String lastWord(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }

    /// The key's definition, or null if it is not known.
    static @Nullable Key find(String key) {
        Key plain = PLAIN.get(key);
        return plain != null || sourceOf(key) == null ? plain : OF_SOURCE.get(lastWord(key));
    }

    /// The environment variable that overrides a key, as Camel derives it too.
    static String variable(String key) {
        return key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
