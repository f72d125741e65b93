package dev.caravan.config;

import dev.caravan.item.DataSize;
import java.nio.file.FileSystems;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/// What the value of a key must look like. Each form says so in one line where it does not, and
/// returns the value as routes are to see it: paths absolute, the rest as it was written.
enum Form {
    NAME {
        @Override
        String accept(String value, Home home) {
            return matching(value, NAMES, "want up to 32 of a-z, 0-9 and '-'");
        }
    },
    PATH {
        @Override
        String accept(String value, Home home) {
            if (value.isEmpty() || value.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("want a path");
            }
            return home.resolve(value).toString();
        }
    },
    /// Where a source lies: a path, or the URL of a folder on an SFTP server or of a bucket.
    SOURCE_ROOT {
        @Override
        String accept(String value, Home home) {
            return Settings.Root.isUrl(value) ? value : PATH.accept(value, home);
        }
    },
    /// A path as seen from its source's folder, and nowhere outside.
    PATH_WITHIN {
        @Override
        String accept(String value, Home home) {
            return matching(
                    value,
                    Pattern.compile("(?!/)(?!(.*/)?\\.{0,2}(/.*)?$)[^\\x00]+"),
                    "want a path as seen from the source's folder, without '.', '..' or '/' at an end");
        }
    },
    /// A path that stands in a Camel endpoint, where these characters have a meaning of their own.
    ENDPOINT_PATH {
        @Override
        String accept(String value, Home home) {
            String path = PATH.accept(value, home);
            if (path.chars()
                    .anyMatch(c -> "?#%&+\\".indexOf(c) >= 0 || Character.isISOControl(c))) {
                throw new IllegalArgumentException(
                        "'" + path + "' stands in a Camel endpoint: no ? # % & + \\ in it");
            }
            return path;
        }
    },
    /// A private key of ours, or the SSH agent that has it.
    SSH_KEY {
        @Override
        String accept(String value, Home home) {
            return value.equals(AGENT) ? value : PATH.accept(value, home);
        }
    },
    /// The same in a Camel endpoint.
    ENDPOINT_SSH_KEY {
        @Override
        String accept(String value, Home home) {
            return value.equals(AGENT) ? value : ENDPOINT_PATH.accept(value, home);
        }
    },
    LOGIN_PATH {
        @Override
        String accept(String value, Home home) {
            if (value.startsWith("/")) {
                throw new IllegalArgumentException(
                        "'"
                                + value
                                + "': want a folder as seen from the login folder, without '/'");
            }
            return matching(
                    value,
                    Pattern.compile("(?!.*(^|/)\\.\\.(/|$))[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*"),
                    "want a folder of A-Z, a-z, 0-9 and . _ - without '..'");
        }
    },
    /// The device of a machine, by its path.
    DEVICE {
        @Override
        String accept(String value, Home home) {
            return matching(value, DEVICE_PATH, "want the path of a device, such as /dev/sg3");
        }
    },
    DEVICES {
        @Override
        String accept(String value, Home home) {
            Set<String> devices = new TreeSet<>();
            for (String device : list(value)) {
                matching(
                        device,
                        DEVICE_PATH,
                        "want paths of devices, such as /dev/tape/by-id/scsi-HU1234-nst, separated by commas");
                if (!devices.add(device)) {
                    throw new IllegalArgumentException("'" + device + "' is named twice");
                }
            }
            return value;
        }
    },
    BARCODES {
        @Override
        String accept(String value, Home home) {
            for (String barcode : list(value)) {
                matching(
                        barcode,
                        Pattern.compile("[A-Z0-9]{6,16}"),
                        "want barcodes of 6 to 16 of A-Z 0-9, separated by commas");
            }
            return value;
        }
    },
    HOST {
        @Override
        String accept(String value, Home home) {
            return matching(
                    value,
                    Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,252})"),
                    "want a host name or an IPv4 address");
        }
    },
    USER {
        @Override
        String accept(String value, Home home) {
            return matching(
                    value,
                    Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,31}"),
                    "want a user name (no password: the key logs in)");
        }
    },
    BUCKET {
        @Override
        String accept(String value, Home home) {
            return matching(
                    value,
                    Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
                    "want a bucket name of 3 to 63 of a-z, 0-9, '.' and '-'");
        }
    },
    REGION {
        @Override
        String accept(String value, Home home) {
            return matching(value, NAMES, "want a region such as eu-central-1");
        }
    },
    HTTP_URL {
        @Override
        String accept(String value, Home home) {
            return matching(
                    value,
                    Pattern.compile("https?://[A-Za-z0-9]([A-Za-z0-9.-]*)(:[0-9]{1,5})?"),
                    "want https://HOST or https://HOST:PORT");
        }
    },
    /// The first part of the keys in a bucket.
    KEY_PREFIX {
        @Override
        String accept(String value, Home home) {
            return matching(
                    value,
                    Pattern.compile("([A-Za-z0-9._-]{1,64}/){0,8}"),
                    "want names of A-Z, a-z, 0-9 and . _ - with '/' after each, such as backups/db1/");
        }
    },
    LOCK {
        @Override
        String accept(String value, Home home) {
            return matching(
                    value,
                    Pattern.compile("none|governance|compliance"),
                    "want none, governance or compliance");
        }
    },
    STORAGE_CLASS {
        @Override
        String accept(String value, Home home) {
            return matching(
                    value,
                    Pattern.compile("[A-Z0-9_]{1,32}"),
                    "want a storage class such as STANDARD_IA, GLACIER_IR, GLACIER or DEEP_ARCHIVE");
        }
    },
    SERVER_ENCRYPTION {
        @Override
        String accept(String value, Home home) {
            return matching(
                    value,
                    Pattern.compile("default|s3|kms|kms:[A-Za-z0-9:/_-]{1,200}"),
                    "want default, s3, kms or kms:KEY");
        }
    },
    THAW {
        @Override
        String accept(String value, Home home) {
            return matching(
                    value,
                    Pattern.compile("bulk|standard|expedited"),
                    "want bulk, standard or expedited");
        }
    },
    /// A time of whole days.
    DAYS {
        @Override
        String accept(String value, Home home) {
            Duration period = Durations.parse(value);
            if (period.compareTo(Duration.ofDays(1)) < 0
                    || period.compareTo(Duration.ofDays(36_500)) > 0) {
                throw new IllegalArgumentException("'" + value + "': want 1d to 36500d");
            }
            return value;
        }
    },
    PORT {
        @Override
        String accept(String value, Home home) {
            return whole(value, 0, 65_535, "want a port from 1 to 65535");
        }
    },
    COUNT {
        @Override
        String accept(String value, Home home) {
            return whole(value, 1, 9_999, "want a number from 1 to 9999");
        }
    },
    /// As [#COUNT], with none allowed.
    NUMBER {
        @Override
        String accept(String value, Home home) {
            return whole(value, 0, 9_999, "want a number from 0 to 9999");
        }
    },
    /// There are so many.
    MEDIA_KINDS {
        @Override
        String accept(String value, Home home) {
            return whole(value, 1, 4, "want a number from 1 to 4: there are no more media kinds");
        }
    },
    /// Whole kilometres, on Earth.
    DISTANCE {
        @Override
        String accept(String value, Home home) {
            matching(value, Pattern.compile("\\d{1,5}km"), "want whole kilometres, such as 100km");
            if (kilometres(value) > 20_015) {
                throw new IllegalArgumentException(
                        "'" + value + "': no two places on Earth are more than 20015km apart");
            }
            return value;
        }
    },
    COORDINATES {
        @Override
        String accept(String value, Home home) {
            String want = "want latitude,longitude in degrees, such as 52.52,13.40";
            matching(
                    value,
                    Pattern.compile("-?\\d{1,2}(\\.\\d{1,8})?\\s*,\\s*-?\\d{1,3}(\\.\\d{1,8})?"),
                    want);
            List<String> degrees = list(value);
            if (Math.abs(Double.parseDouble(degrees.get(0))) > 90
                    || Math.abs(Double.parseDouble(degrees.get(1))) > 180) {
                throw new IllegalArgumentException("'" + value + "': " + want);
            }
            return value;
        }
    },
    BOOLEAN {
        @Override
        String accept(String value, Home home) {
            return matching(value, Pattern.compile("true|false"), "want true or false");
        }
    },
    SIZE {
        @Override
        String accept(String value, Home home) {
            if (DataSize.parse(value).bytes() < 1 << 20) {
                throw new IllegalArgumentException("size '" + value + "': want at least 1MiB");
            }
            return value;
        }
    },
    /// Bytes a second.
    RATE {
        @Override
        String accept(String value, Home home) {
            Limits.rate(value);
            return value;
        }
    },
    WINDOW {
        @Override
        String accept(String value, Home home) {
            Window.parse(value);
            return value;
        }
    },
    SCHEDULE {
        @Override
        String accept(String value, Home home) {
            Schedule.parse(value);
            return value;
        }
    },
    /// A program with its arguments, to be run as it stands.
    COMMAND {
        @Override
        String accept(String value, Home home) {
            CommandWords.split(value);
            return value;
        }
    },
    /// A time that somebody waits.
    WAIT {
        @Override
        String accept(String value, Home home) {
            if (Durations.parse(value).isZero()) {
                throw new IllegalArgumentException("'" + value + "': want more than nothing");
            }
            return value;
        }
    },
    SAMPLE {
        @Override
        String accept(String value, Home home) {
            Sample.parse(value);
            return value;
        }
    },
    GLOBS {
        @Override
        String accept(String value, Home home) {
            for (String glob : globs(value)) {
                try {
                    FileSystems.getDefault().getPathMatcher("glob:" + glob);
                } catch (PatternSyntaxException e) {
                    throw new IllegalArgumentException(
                            "glob '" + glob + "': " + e.getDescription(), e);
                }
            }
            return value;
        }
    },
    /// As `tape.pool.Allocation` reads it.
    ALLOCATION {
        @Override
        String accept(String value, Home home) {
            return matching(
                    value,
                    Pattern.compile(
                            "continue|always|daily|weekly|monthly|mon|tue|wed|thu|fri|sat|sun"),
                    "want continue, always, daily, weekly, monthly or a day such as fri");
        }
    },
    BARCODE_GLOBS {
        @Override
        String accept(String value, Home home) {
            return matching(
                    value,
                    Pattern.compile("[A-Z0-9*?]{1,16}(\\s*,\\s*[A-Z0-9*?]{1,16})*"),
                    "want barcodes of A-Z 0-9, * and ?, separated by commas");
        }
    },
    /// Names of keys that copies are encrypted for.
    KEY_NAMES {
        @Override
        String accept(String value, Home home) {
            return matching(
                    value,
                    Pattern.compile("[a-z0-9-]+(\\s*,\\s*[a-z0-9-]+)*"),
                    "want names of keys, separated by commas (caravan key list)");
        }
    },
    RETENTION {
        @Override
        String accept(String value, Home home) {
            if (!value.equals("never")
                    && Durations.parse(value).compareTo(Duration.ofDays(1)) < 0) {
                throw new IllegalArgumentException("'" + value + "': want at least 1d, or never");
            }
            return value;
        }
    },
    DURATION {
        @Override
        String accept(String value, Home home) {
            Durations.parse(value);
            return value;
        }
    },
    PAUSE {
        @Override
        String accept(String value, Home home) {
            if (!value.equals("never")) {
                Durations.parse(value);
            }
            return value;
        }
    },
    COMPONENTS {
        @Override
        String accept(String value, Home home) {
            return matching(
                    value,
                    Pattern.compile("([a-z0-9-]+(\\s*,\\s*[a-z0-9-]+)*)?"),
                    "want names of Camel components, separated by commas");
        }
    };

    private static final Pattern DEVICE_PATH = Pattern.compile("/dev/[^,\\s\\p{Cntrl}]+");

    /// In place of a key file: whatever key the SSH agent has.
    static final String AGENT = "agent";

    private static final Pattern NAMES = Pattern.compile("[a-z0-9-]{1,32}");

    /// @throws IllegalArgumentException with one line for the operator
    abstract String accept(String value, Home home);

    /// Globs are separated by commas, except within `{a,b}`.
    static List<String> globs(String value) {
        List<String> globs = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i <= value.length(); i++) {
            char c = i < value.length() ? value.charAt(i) : ',';
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (c == ',' && (depth <= 0 || i == value.length())) {
                String glob = value.substring(start, i).strip();
                if (!glob.isEmpty()) {
                    globs.add(glob);
                }
                start = i + 1;
            }
        }
        return List.copyOf(globs);
    }

    /// What is separated by commas.
    static List<String> list(String value) {
        return Stream.of(value.split(","))
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
    }

    /// The number in a [#DISTANCE].
    static long kilometres(String value) {
        return Long.parseLong(value.substring(0, value.length() - "km".length()));
    }

    private static String matching(String value, Pattern pattern, String want) {
        if (!pattern.matcher(value).matches()) {
            throw new IllegalArgumentException("'" + value + "': " + want);
        }
        return value;
    }

    private static String whole(String value, int least, int most, String want) {
        if (!value.matches("\\d{1,6}")
                || Integer.parseInt(value) < least
                || Integer.parseInt(value) > most) {
            throw new IllegalArgumentException("'" + value + "': " + want);
        }
        return value;
    }
}
