package dev.caravan.target;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A folder on an SFTP server, and how to log in there.
///
/// @param directory relative to the folder the login begins in, or empty for that folder; absolute
///   ones are understood here, but Camel's `sftp:` takes them for relative
/// @param privateKey OpenSSH or PEM format, without a passphrase; [#AGENT]: the keys of the SSH
///   agent
/// @param knownHosts host keys in the format of `known_hosts` (sshd(8)), hashed names too
public record SftpAddress(
        String host, int port, String user, String directory, Path privateKey, Path knownHosts) {

    /// Not a file: whatever key the SSH agent of this process has. A key file has an absolute path.
    public static final Path AGENT = Path.of("agent");

    public SftpAddress {
        if (host.isBlank() || user.isBlank() || port < 1 || port > 65535) {
            throw new IllegalArgumentException(
                    "'" + user + "@" + host + ":" + port + "' is no SFTP address");
        }
        while (directory.length() > 1 && directory.endsWith("/")) {
            directory = directory.substring(0, directory.length() - 1);
        }
    }

    /// What of these files would stop the target at its first connection, one line each.
    public List<String> faults() {
        List<String> faults = new ArrayList<>();
        try {
            if (byAgent()) {
                SshAgentClient.requireKeys();
            } else {
                SshKeys.read(privateKey);
            }
        } catch (IOException unusable) {
            faults.add(String.valueOf(unusable.getMessage()));
        }
        try {
            if (PinnedHostKeys.of(this).isEmpty()) {
                faults.add(
                        "no host key of %s in '%s': add it with ssh-keyscan, and compare it with the server's"
                                .formatted(server(), knownHosts));
            }
        } catch (TargetException unreadable) {
            faults.add(String.valueOf(unreadable.getMessage()));
        }
        return faults;
    }

    boolean byAgent() {
        return privateKey.equals(AGENT);
    }

    /// Whether the host keys that are pinned for both have one in common: then both are one server,
    /// whatever its names.
    public boolean sharesHostKey(SftpAddress other) {
        try {
            return PinnedHostKeys.of(this).shares(PinnedHostKeys.of(other));
        } catch (TargetException unreadable) {
            return false; // which is told when it is used
        }
    }

    /// A path in that folder, as the server is to be asked for it.
    String path(String name) {
        if (directory.isEmpty()) {
            return name;
        }
        return directory.equals("/") ? "/" + name : directory + "/" + name;
    }

    /// The folder itself, as the server is to be asked for it.
    String folder() {
        return directory.isEmpty() ? "." : directory;
    }

    /// `host:port`, as messages name the server.
    String server() {
        return host + ":" + port;
    }

    /// A path in that folder, for a person.
    String uri(String name) {
        String path = path(name);
        return "sftp://" + server() + (path.startsWith("/") ? "" : "/") + path;
    }
}
