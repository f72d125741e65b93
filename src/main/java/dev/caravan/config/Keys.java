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
    static final String DRILL_SCHEDULE = "caravan.drill.schedule";
    static final String DRILL_SAMPLE = "caravan.drill.sample";
    static final String NAS_DIR = "caravan.nas.dir";
    static final String NAS_SITE = "caravan.nas.site";
    static final String NAS_RATE = "caravan.nas.rate";
    static final String NAS_WINDOW = "caravan.nas.window";
    static final String NAS_PATIENCE = "caravan.nas.patience";
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
    static final String TAPE_RATE = "caravan.tape.rate";
    static final String TAPE_WINDOW = "caravan.tape.window";
    static final String TAPE_SIMULATED = "caravan.tape.simulated";
    static final String OFFSITE_HOST = "caravan.offsite.host";
    static final String OFFSITE_PORT = "caravan.offsite.port";
    static final String OFFSITE_USER = "caravan.offsite.user";
    static final String OFFSITE_DIR = "caravan.offsite.dir";
    static final String OFFSITE_KEY = "caravan.offsite.key";
    static final String OFFSITE_KNOWN_HOSTS = "caravan.offsite.known-hosts";
    static final String OFFSITE_SITE = "caravan.offsite.site";
    static final String OFFSITE_EMBEDDED = "caravan.offsite.embedded";
    static final String OFFSITE_RATE = "caravan.offsite.rate";
    static final String OFFSITE_WINDOW = "caravan.offsite.window";
    static final String OFFSITE_SIMULATED = "caravan.offsite.simulated";
    static final String S3_BUCKET = "caravan.s3.bucket";
    static final String S3_REGION = "caravan.s3.region";
    static final String S3_ENDPOINT = "caravan.s3.endpoint";
    static final String S3_PREFIX = "caravan.s3.prefix";
    static final String S3_CREDENTIALS = "caravan.s3.credentials";
    static final String S3_LOCK = "caravan.s3.lock";
    static final String S3_LOCK_PERIOD = "caravan.s3.lock-period";
    static final String S3_STORAGE_CLASS = "caravan.s3.storage-class";
    static final String S3_ENCRYPTION = "caravan.s3.server-encryption";
    static final String S3_THAW = "caravan.s3.thaw";
    static final String S3_SITE = "caravan.s3.site";
    static final String S3_RATE = "caravan.s3.rate";
    static final String S3_WINDOW = "caravan.s3.window";
    static final String S3_SIMULATED = "caravan.s3.simulated";
    static final String SCRUB_SCHEDULE = "caravan.scrub.schedule";
    static final String FORGET_SCHEDULE = "caravan.forget.schedule";
    static final String SCRUB_BYTES = "caravan.scrub.bytes";
    static final String RETENTION_GRACE = "caravan.retention.grace";
    static final String LEDGER_COPY = "caravan.ledger.copy";
    static final String ROUTES_ALLOW = "caravan.routes.allow";

    /// Before the words of a policy, in a key that holds for the whole home.
    static final String POLICY = "caravan.policy.";

    private static final String SOURCE = "caravan.source.";
    private static final String SITE = "caravan.site.";
    private static final String RETENTION = "caravan.retention.";

    /// Before the name of a target, in the key that says what its copies are encrypted for.
    static final String ENCRYPT = "caravan.encrypt.";

    private static final Key OF_ENCRYPT = new Key(Form.KEY_NAMES, null);

    /// The words after the name may have dots in them, names have none.
    private static final Pattern SOURCE_KEY =
            Pattern.compile(
                    Pattern.quote(SOURCE) + "(.*?)\\.(policy(?:\\.verified)?\\.[^.]*|[^.]*)");

    private static final Pattern SITE_KEY = Pattern.compile(Pattern.quote(SITE) + "(.*)\\.([^.]*)");

    private static final Pattern RETENTION_KEY =
            Pattern.compile(Pattern.quote(RETENTION) + "(.*)\\.([^.]*)");

    /// The keys that stand once, in the order of the template.
    static final Map<String, Key> PLAIN = plain();

    /// The keys of one source, by their last word.
    static final Map<String, Key> OF_SOURCE = ofSource();

    /// The keys of one site, by their last word.
    static final Map<String, Key> OF_SITE = Map.of("coordinates", new Key(Form.COORDINATES, null));

    /// The keys of the retention on one target, by their last word. None of them has a default: a
    /// target without any keeps everything.
    static final Map<String, Key> OF_RETENTION = ofRetention();

    private Keys() {}

    private static Map<String, Key> ofRetention() {
        Map<String, Key> keys = new LinkedHashMap<>();
        for (String word : new String[] {"last", "daily", "weekly", "monthly", "yearly"}) {
            keys.put(word, new Key(Form.COUNT, null));
        }
        return keys;
    }

    private static Map<String, Key> plain() {
        Map<String, Key> keys = new LinkedHashMap<>();
        keys.put(SCHEDULE, new Key(Form.SCHEDULE, "15m"));
        keys.put(NAS_DIR, new Key(Form.ENDPOINT_PATH, null));
        keys.put(NAS_SITE, new Key(Form.NAME, "here"));
        keys.put(NAS_RATE, new Key(Form.RATE, "unlimited"));
        keys.put(NAS_WINDOW, new Key(Form.WINDOW, "always"));
        keys.put(NAS_PATIENCE, new Key(Form.DURATION, "3m"));
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
        keys.put(TAPE_RATE, new Key(Form.RATE, "unlimited"));
        keys.put(TAPE_WINDOW, new Key(Form.WINDOW, "always"));
        keys.put(TAPE_SIMULATED, new Key(Form.BOOLEAN, "true"));
        keys.put(OFFSITE_HOST, new Key(Form.HOST, null));
        keys.put(OFFSITE_PORT, new Key(Form.PORT, "22"));
        keys.put(OFFSITE_USER, new Key(Form.USER, "caravan"));
        keys.put(OFFSITE_DIR, new Key(Form.LOGIN_PATH, "caravan"));
        keys.put(OFFSITE_KEY, new Key(Form.ENDPOINT_SSH_KEY, "data/keys/offsite"));
        keys.put(OFFSITE_KNOWN_HOSTS, new Key(Form.ENDPOINT_PATH, "data/keys/known_hosts"));
        keys.put(OFFSITE_SITE, new Key(Form.NAME, "offsite"));
        keys.put(OFFSITE_EMBEDDED, new Key(Form.BOOLEAN, "false"));
        keys.put(OFFSITE_RATE, new Key(Form.RATE, "unlimited"));
        keys.put(OFFSITE_WINDOW, new Key(Form.WINDOW, "always"));
        keys.put(OFFSITE_SIMULATED, new Key(Form.BOOLEAN, "false"));
        keys.put(S3_BUCKET, new Key(Form.BUCKET, null));
        keys.put(S3_REGION, new Key(Form.REGION, null));
        keys.put(S3_ENDPOINT, new Key(Form.HTTP_URL, null));
        keys.put(S3_PREFIX, new Key(Form.KEY_PREFIX, null));
        keys.put(S3_CREDENTIALS, new Key(Form.PATH, null));
        keys.put(S3_LOCK, new Key(Form.LOCK, "none"));
        keys.put(S3_LOCK_PERIOD, new Key(Form.DAYS, "30d"));
        keys.put(S3_STORAGE_CLASS, new Key(Form.STORAGE_CLASS, null));
        keys.put(S3_ENCRYPTION, new Key(Form.SERVER_ENCRYPTION, "default"));
        keys.put(S3_THAW, new Key(Form.THAW, "standard"));
        keys.put(S3_SITE, new Key(Form.NAME, "cloud"));
        keys.put(S3_RATE, new Key(Form.RATE, "unlimited"));
        keys.put(S3_WINDOW, new Key(Form.WINDOW, "always"));
        keys.put(S3_SIMULATED, new Key(Form.BOOLEAN, "false"));
        keys.put(DRILL_SCHEDULE, new Key(Form.SCHEDULE, "0 0 4 ? * SUN"));
        keys.put(DRILL_SAMPLE, new Key(Form.SAMPLE, "20"));
        keys.put(SCRUB_SCHEDULE, new Key(Form.SCHEDULE, "0 30 3 * * ?"));
        keys.put(SCRUB_BYTES, new Key(Form.SIZE, "50GiB"));
        keys.put(FORGET_SCHEDULE, new Key(Form.SCHEDULE, "0 0 5 * * ?"));
        keys.put(RETENTION_GRACE, new Key(Form.DURATION, "7d"));
        keys.put(LEDGER_COPY, new Key(Form.PAUSE, "24h"));
        keys.put(ROUTES_ALLOW, new Key(Form.COMPONENTS, ""));
        policy().forEach((word, key) -> keys.put(POLICY + word, key));
        return keys;
    }

    /// The words of a policy, and what is asked for where nothing is set.
    private static Map<String, Key> policy() {
        Map<String, Key> keys = new LinkedHashMap<>();
        keys.put("copies", new Key(Form.COUNT, "3"));
        keys.put("media-kinds", new Key(Form.MEDIA_KINDS, "2"));
        keys.put("offsite", new Key(Form.NUMBER, "1"));
        keys.put("offline", new Key(Form.NUMBER, "0"));
        keys.put("verified.disk", new Key(Form.RETENTION, "30d"));
        keys.put("verified.tape", new Key(Form.RETENTION, "180d"));
        keys.put("verified.object-store", new Key(Form.RETENTION, "30d"));
        keys.put("verified.optical", new Key(Form.RETENTION, "365d"));
        keys.put("distance", new Key(Form.DISTANCE, "0km"));
        return keys;
    }

    private static Map<String, Key> ofSource() {
        Map<String, Key> keys = new LinkedHashMap<>();
        keys.put("dir", new Key(Form.SOURCE_ROOT, null));
        keys.put("key", new Key(Form.SSH_KEY, null));
        keys.put("known-hosts", new Key(Form.PATH, "data/keys/known_hosts"));
        keys.put("region", new Key(Form.REGION, null));
        keys.put("endpoint", new Key(Form.HTTP_URL, null));
        keys.put("credentials", new Key(Form.PATH, null));
        keys.put("include", new Key(Form.GLOBS, null));
        keys.put("exclude", new Key(Form.GLOBS, null));
        keys.put("sentinel", new Key(Form.PATH_WITHIN, null));
        keys.put("patience", new Key(Form.WAIT, "3m"));
        keys.put("site", new Key(Form.NAME, "here"));
        keys.put("before", new Key(Form.COMMAND, null));
        keys.put("after", new Key(Form.COMMAND, null));
        keys.put("command-timeout", new Key(Form.WAIT, "10m"));
        keys.put("command-hold", new Key(Form.WAIT, "6h"));
        policy().forEach((word, key) -> keys.put("policy." + word, new Key(key.form(), null)));
        return keys;
    }

    /// The source that a home has of its own, which the ledger knows by this name too.
    static final String OWN_SOURCE = "caravan-ledger";

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

    /// The site a key belongs to, or null.
    static @Nullable String siteOf(String key) {
        Matcher matcher = SITE_KEY.matcher(key);
        return matcher.matches() ? matcher.group(1) : null;
    }

    static String ofSite(String site, String word) {
        return SITE + site + "." + word;
    }

    /// The target whose retention a key belongs to, or null.
    static @Nullable String retentionOf(String key) {
        Matcher matcher = RETENTION_KEY.matcher(key);
        return matcher.matches() ? matcher.group(1) : null;
    }

    /// The target whose encryption a key is about, or null.
    static @Nullable String encryptOf(String key) {
        return key.startsWith(ENCRYPT) ? key.substring(ENCRYPT.length()) : null;
    }

    static String ofRetention(String target, String word) {
        return RETENTION + target + "." + word;
    }

    /// The key's definition, or null if it is not known.
    static @Nullable Key find(String key) {
        Key plain = PLAIN.get(key);
        if (plain != null) {
            return plain;
        }
        if (encryptOf(key) != null) {
            return OF_ENCRYPT;
        }
        Matcher source = SOURCE_KEY.matcher(key);
        Matcher site = SITE_KEY.matcher(key);
        Matcher retention = RETENTION_KEY.matcher(key);
        if (source.matches()) {
            return OF_SOURCE.get(source.group(2));
        }
        if (site.matches()) {
            return OF_SITE.get(site.group(2));
        }
        return retention.matches() ? OF_RETENTION.get(retention.group(2)) : null;
    }

    /// The environment variable that overrides a key, as Camel derives it too.
    static String variable(String key) {
        return key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
    }
}
