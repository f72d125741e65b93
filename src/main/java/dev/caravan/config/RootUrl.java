package dev.caravan.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A source that is no folder of this machine, as it is written: `sftp://USER@HOST[:PORT]/PATH`,
/// where `/~/PATH` begins at the login folder, or `s3://BUCKET[/PREFIX]`. Nothing in it is escaped,
/// and no secret is.
final class RootUrl {
    private static final Pattern SCHEME = Pattern.compile("([a-z][a-z0-9+.-]*)://.*");

    private static final Pattern SFTP =
            Pattern.compile(
                    "sftp://([A-Za-z0-9_][A-Za-z0-9._-]{0,31})@([A-Za-z0-9][A-Za-z0-9.-]{0,252})(?::([0-9]{1,5}))?(/[^\\x00]*)");

    private static final Pattern S3 =
            Pattern.compile("s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([^\\x00]*))?");

    private static final Pattern UP = Pattern.compile("(^|.*/)\\.\\.?(/.*|$)");

    private RootUrl() {}

    static boolean isUrl(String value) {
        return SCHEME.matcher(value).matches();
    }

    static boolean isSftp(String value) {
        return value.startsWith("sftp://");
    }

    static boolean isS3(String value) {
        return value.startsWith("s3://");
    }

    /// @throws IllegalArgumentException with one line for the operator
    static void check(String value) {
        if (isSftp(value)) {
            sftp(value);
        } else if (isS3(value)) {
            s3(value);
        } else {
            throw new IllegalArgumentException(
                    "'%s': want the path of a folder, sftp://USER@HOST/PATH or s3://BUCKET/PREFIX"
                            .formatted(value));
        }
    }

    /// @param dir absolute, or as seen from the login folder, which is empty
    record Sftp(String user, String host, int port, String dir) {}

    static Sftp sftp(String value) {
        Matcher url = SFTP.matcher(value);
        if (!url.matches()) {
            boolean password = value.matches("sftp://[^/@]*:[^/]*@.*");
            throw new IllegalArgumentException(
                    password
                            ? "want no password in it: the key logs in"
                            : "'%s': want sftp://USER@HOST[:PORT]/PATH, or sftp://USER@HOST/~/PATH from the login folder on"
                                    .formatted(value));
        }
        int port = url.group(3) == null ? 22 : Integer.parseInt(url.group(3));
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("'" + value + "': want a port from 1 to 65535");
        }
        String path = url.group(4);
        String dir =
                path.equals("/~") || path.startsWith("/~/")
                        ? path.substring(Math.min(3, path.length()))
                        : path;
        while (dir.length() > 1 && dir.endsWith("/")) {
            dir = dir.substring(0, dir.length() - 1);
        }
        refuseUp(value, dir);
        return new Sftp(url.group(1), url.group(2), port, dir);
    }

    /// @param prefix empty, or ending in `/`
    record S3(String bucket, String prefix) {}

    static S3 s3(String value) {
        Matcher url = S3.matcher(value);
        if (!url.matches()) {
            throw new IllegalArgumentException(
                    "'%s': want s3://BUCKET or s3://BUCKET/PREFIX, the bucket of 3 to 63 of a-z, 0-9, '.' and '-'"
                            .formatted(value));
        }
        String prefix = url.group(2) == null ? "" : url.group(2);
        refuseUp(value, prefix);
        return new S3(
                url.group(1), prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/");
    }

    private static void refuseUp(String value, String path) {
        if (UP.matcher(path).matches()) {
            throw new IllegalArgumentException("'" + value + "': want a path without '.' and '..'");
        }
    }
}
