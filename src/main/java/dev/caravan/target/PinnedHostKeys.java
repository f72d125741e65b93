package dev.caravan.target;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.sshd.client.config.hosts.KnownHostEntry;
import org.apache.sshd.client.keyverifier.ServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.common.signature.Signature;
import org.jspecify.annotations.Nullable;

/// The host keys a person has pinned for one server. Never trust on first use: a server whose key
/// is not here is refused before anything of ours is offered to it. For one connection: it keeps
/// what it found, because a session forgets its attributes as soon as it is closed.
///
/// Lines marked `@cert-authority` are not understood and count as absent; `@revoked` is honoured.
final class PinnedHostKeys implements ServerKeyVerifier {

    private final SftpAddress address;
    private final List<PublicKey> pinned = new ArrayList<>();
    private final List<PublicKey> revoked = new ArrayList<>();
    private volatile @Nullable String refusal;
    private volatile String fingerprint = "";

    private PinnedHostKeys(SftpAddress address) {
        this.address = address;
    }

    /// @throws TargetException for a person if the file cannot be read or understood
    static PinnedHostKeys of(SftpAddress address) throws TargetException {
        PinnedHostKeys keys = new PinnedHostKeys(address);
        Path file = address.knownHosts();
        try {
            for (KnownHostEntry entry : KnownHostEntry.readKnownHostEntries(file)) {
                if (entry.isHostMatch(address.host(), address.port())) {
                    keys.add(entry);
                }
            }
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            throw new TargetException(
                    TargetException.Remedy.PERSON,
                    "known hosts " + file + " cannot be read: " + e,
                    e);
        }
        return keys;
    }

    boolean shares(PinnedHostKeys other) {
        return pinned.stream().anyMatch(key -> isIn(other.pinned, key));
    }

    private void add(KnownHostEntry entry) throws IOException, GeneralSecurityException {
        PublicKey key = entry.getKeyEntry().resolvePublicKey(null, PublicKeyEntryResolver.IGNORING);
        if (key == null) {
            return;
        }
        String marker = entry.getMarker();
        if (marker == null || marker.isEmpty()) {
            pinned.add(key);
        } else if (marker.equals("revoked")) {
            revoked.add(key);
        }
    }

    /// Of the signature algorithms, those a pinned key can answer with: a server that has several
    /// host keys then shows the pinned one. All of them if nothing is pinned, so that the message
    /// can say what was found.
    List<NamedFactory<Signature>> algorithms(List<NamedFactory<Signature>> all) {
        Set<String> types = new LinkedHashSet<>();
        for (PublicKey key : pinned) {
            types.add(KeyUtils.getKeyType(key));
        }
        List<NamedFactory<Signature>> usable = new ArrayList<>();
        for (NamedFactory<Signature> factory : all) {
            if (factory.getName().equals(KeyPairProvider.SSH_RSA)) {
                continue; // signs with SHA-1; the same key answers rsa-sha2-512
            }
            if (types.contains(KeyUtils.getCanonicalKeyType(factory.getName()))) {
                usable.add(factory);
            }
        }
        return usable.isEmpty() ? all : usable;
    }

    @Override
    public boolean verifyServerKey(ClientSession session, SocketAddress remote, PublicKey found) {
        String print = KeyUtils.getFingerPrint(found);
        if (isIn(revoked, found)) {
            refusal =
                    ("host key of %s is revoked: %s (%s) is marked @revoked in %s; nothing was"
                                    + " sent")
                            .formatted(
                                    address.server(),
                                    print,
                                    KeyUtils.getKeyType(found),
                                    address.knownHosts());
            return false;
        }
        if (isIn(pinned, found)) {
            fingerprint = print;
            return true;
        }
        refusal = refusal(found, print);
        return false;
    }

    boolean isEmpty() {
        return pinned.isEmpty();
    }

    /// Why the server was refused, in one line; null if it was not.
    @Nullable String refusal() {
        return refusal;
    }

    /// Of the key that was accepted, as `SHA256:…`.
    String fingerprint() {
        return fingerprint;
    }

    private String refusal(PublicKey found, String fingerprint) {
        String type = KeyUtils.getKeyType(found);
        if (pinned.isEmpty()) {
            return ("host key of %s is not known: found %s (%s), nothing is pinned in %s; if the"
                            + " server's operator confirms this fingerprint, add the key there")
                    .formatted(address.server(), fingerprint, type, address.knownHosts());
        }
        return ("host key of %s has changed: found %s (%s), pinned is %s in %s; nothing was sent;"
                        + " ask the server's operator, and only if the change is confirmed replace"
                        + " the line")
                .formatted(
                        address.server(),
                        fingerprint,
                        type,
                        KeyUtils.getFingerPrint(pinned.getFirst()),
                        address.knownHosts());
    }

    private static boolean isIn(List<PublicKey> keys, PublicKey key) {
        return keys.stream().anyMatch(k -> KeyUtils.compareKeys(k, key));
    }
}
