package dev.caravan.target;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.util.io.resource.PathResource;
import org.apache.sshd.common.util.security.SecurityUtils;

/// Private keys in files, in OpenSSH or PEM format, without a passphrase.
final class SshKeys {

    private SshKeys() {}

    /// @throws IOException if there is no key in it that can be used
    static List<KeyPair> read(Path file) throws IOException {
        List<KeyPair> keys = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file)) {
            Iterable<KeyPair> found =
                    SecurityUtils.loadKeyPairIdentities(
                            null, new PathResource(file), in, FilePasswordProvider.EMPTY);
            if (found != null) {
                found.forEach(keys::add);
            }
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new IOException("private key '%s' cannot be used: %s".formatted(file, e), e);
        }
        if (keys.isEmpty()) {
            throw new IOException("private key '%s' cannot be used: no key in it".formatted(file));
        }
        return keys;
    }
}
