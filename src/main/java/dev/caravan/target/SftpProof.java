package dev.caravan.target;

import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.Evidence;
import dev.caravan.target.TargetException.Remedy;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Durable and proven copies on an SFTP server. The endpoint has uploaded objects to
/// `.caravan/incoming`; nothing of that counts. Over connections of its own, each object is synced
/// by `fsync@openssh.com`, its size is compared, and its SHA-256 too: the one the server computes
/// where it offers `check-file` (level V2), else that of all bytes read back (level V3). Then it is
/// renamed into `objects/` and synced once more, which makes the name durable; the large plain
/// objects of a batch are described by a manifest, written in the same way.
///
/// A server without the fsync extension is taken at its word that a file which can be read back
/// over a new connection is on its disk (`nofsync+…`). That is weaker: the bytes may come from the
/// server's memory, and a power cut there shortly after may lose copies that count. A later scrub
/// finds it; only the fsync extension rules it out.
///
/// A crash between a rename and the ledger's commit leaves objects that no ledger row names. They
/// are harmless: the copies are wanted still, the next attempt has new names, and nothing is ever
/// replaced.
///
/// Thread-safe; calls are taken one at a time.
public final class SftpProof implements Proof {

    private static final int CONNECTIONS = 2;
    private static final long WORTH_GOING_ON = 8 << 20;

    private final String target;
    private final SftpAddress address;
    private final String prefix;
    private final String program;
    private final @Nullable Encryption encryption;
    private final SftpConnector connector;
    private final Set<String> folders = ConcurrentHashMap.newKeySet();
    private @Nullable String sentinel;
    private String fingerprint = "";
    private boolean swept;

    /// @param homeId of this home; names of objects begin with its first 8 characters
    /// @param program name and version, for the evidence
    /// @param encryption of what describes large files; null where all is plain
    /// @param knownIdentity what [#identity] said when the ledger came to know this target; null
    ///   before first use
    public SftpProof(
            String target,
            SftpAddress address,
            String homeId,
            String program,
            @Nullable Encryption encryption,
            @Nullable String knownIdentity) {
        this.target = target;
        this.encryption = encryption;
        this.address = address;
        this.prefix = homeId.substring(0, 8) + "-";
        this.program = program;
        this.connector = new SftpConnector(address);
        this.sentinel = knownIdentity == null ? null : sentinelOf(knownIdentity);
    }

    private static String sentinelOf(String identity) {
        return identity.substring(identity.indexOf(' ') + 1);
    }

    /// The fingerprint of the server's host key and the id in the folder's sentinel, with a space
    /// between: targets whose first words are equal are on one server. A host key that a person
    /// replaced in the known hosts changes the first word only, and is accepted.
    ///
    /// @throws IllegalStateException before [#prepare] has succeeded
    @Override
    public synchronized String identity() {
        if (fingerprint.isEmpty()) {
            throw new IllegalStateException("target '" + target + "' is not prepared");
        }
        return fingerprint + " " + sentinel;
    }

    /// All folders on one server fail together.
    @Override
    public synchronized String domain() {
        return "host " + fingerprint;
    }

    /// What is smaller is sent anew as fast.
    @Override
    public boolean goesOn(long bytes) {
        return bytes >= WORTH_GOING_ON;
    }

    @Override
    public boolean goesOnByName() {
        return true;
    }

    @Override
    public synchronized void prepare() throws TargetException {
        try {
            with(
                    connector.connection(),
                    sftp -> {
                        look(sftp);
                        return null;
                    });
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private void look(SftpConnection sftp) throws IOException {
        if (!sftp.isDirectory(address.folder())) {
            throw new TargetException(
                    Remedy.PERSON,
                    "folder %s is not there: make it, or is this the wrong server?"
                            .formatted(address.uri("")));
        }
        String found = SftpLayout.sentinel(sftp, address);
        if (sentinel != null && !sentinel.equals(found)) {
            throw new TargetException(
                    Remedy.PERSON,
                    ("%s is not the folder that target '%s' is known by: its sentinel %s, expected"
                                    + " %s; is this the right server and directory?")
                            .formatted(
                                    address.uri(SftpLayout.OWN),
                                    target,
                                    found == null ? "is missing" : "says " + found,
                                    sentinel));
        }
        if (found == null) {
            found = SftpLayout.create(sftp, address);
        }
        SftpLayout.sweep(sftp, address, prefix, !swept);
        swept = true;
        sentinel = found;
        fingerprint = sftp.fingerprint();
    }

    @Override
    public synchronized void discard(String copyName) throws TargetException {
        try {
            with(
                    connector.connection(),
                    sftp -> {
                        sftp.removeIfThere(address.path(SftpLayout.incoming(copyName)));
                        return null;
                    });
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public synchronized Proven prove(List<Carried> batch) throws TargetException {
        Map<Carried, IOException> unproven = new ConcurrentHashMap<>();
        ObjectProof.Rule rule;
        try {
            long largest = batch.stream().mapToLong(Carried::storedBytes).max().orElse(0);
            rule = with(connector.connection(), sftp -> ObjectProof.Rule.of(sftp, largest));
            proveAll(batch, rule, unproven);
            describe(batch, unproven.keySet());
        } catch (IOException e) {
            throw failure(e);
        }
        List<CopyProof> proofs = new ArrayList<>();
        List<Refused> refused = new ArrayList<>();
        for (Carried carried : batch) {
            IOException why = unproven.get(carried);
            for (CopyProof proof : carried.proofs(carried.copyName())) {
                if (why == null) {
                    proofs.add(proof);
                } else {
                    refused.add(new Refused(proof.version(), why));
                }
            }
        }
        return new Proven(
                new Evidence(
                        rule.method(),
                        rule.level(),
                        Instant.now(),
                        program,
                        rule.hashedAtServer()
                                ? 0L
                                : batch.stream().mapToLong(Carried::storedBytes).sum(),
                        address.uri("")),
                proofs,
                refused);
    }

    /// Two connections at most, because one is bounded by what a processor core decrypts, and
    /// servers allow few. Where nothing is synced they are new ones: what is read over them cannot
    /// come from something the server kept for an older one.
    private void proveAll(
            List<Carried> batch, ObjectProof.Rule rule, Map<Carried, IOException> unproven)
            throws IOException {
        Queue<Carried> open = new ConcurrentLinkedQueue<>(batch);
        Callable<@Nullable Void> worker =
                () -> {
                    try {
                        return with(
                                rule.synced() ? connector.connection() : connector.connect(),
                                sftp -> {
                                    proveFrom(open, sftp, rule, unproven);
                                    return null;
                                });
                    } finally {
                        open.clear(); // it is empty, or the batch has failed
                    }
                };
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            int workers = Math.min(CONNECTIONS, batch.size());
            for (Future<@Nullable Void> one :
                    threads.invokeAll(Collections.nCopies(workers, worker))) {
                one.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TargetException(
                    Remedy.WAIT, "target '" + target + "': interrupted while proving", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failed) {
                throw failed;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private void proveFrom(
            Queue<Carried> open,
            SftpConnection sftp,
            ObjectProof.Rule rule,
            Map<Carried, IOException> unproven)
            throws IOException {
        ObjectProof proof = new ObjectProof(sftp, address, rule, folders);
        for (Carried carried = open.poll(); carried != null; carried = open.poll()) {
            try {
                proof.prove(carried);
            } catch (ObjectProof.Unproven e) {
                unproven.put(carried, new IOException(e.getMessage(), e.getCause()));
            }
        }
    }

    /// Writes what describes the large files; segments describe themselves. Plain ones of a batch
    /// share a manifest; an encrypted one has its own, which goes when it goes, for nobody who has
    /// no identity could take a line out.
    private void describe(List<Carried> batch, Set<Carried> unproven) throws IOException {
        List<Carried.Single> large = new ArrayList<>();
        for (Carried carried : batch) {
            if (carried instanceof Carried.Single single && !unproven.contains(carried)) {
                large.add(single);
            }
        }
        if (encryption == null && !large.isEmpty()) {
            describe(large);
        } else {
            for (Carried.Single single : large) {
                describe(List.of(single));
            }
        }
    }

    private void describe(List<Carried.Single> large) throws IOException {
        Manifest manifest = new Manifest();
        large.forEach(single -> manifest.add(single, SftpLayout.object(single.copyName())));
        byte[] text = encryption == null ? manifest.bytes() : encryption.seal(manifest.bytes());
        String name = large.getFirst().copyName();
        with(
                connector.connection(),
                sftp -> {
                    sftp.writeDurably(
                            address.path(SftpLayout.incoming(name + ".manifest")),
                            address.path(SftpLayout.manifest(name)),
                            text);
                    return null;
                });
    }

    private interface Work<T extends @Nullable Object> {
        T on(SftpConnection sftp) throws IOException;
    }

    /// Keeps the connection for the next use unless something was wrong with it.
    private <T extends @Nullable Object> T with(SftpConnection sftp, Work<T> work)
            throws IOException {
        boolean done = false;
        try {
            T result = work.on(sftp);
            done = true;
            return result;
        } finally {
            if (done) {
                connector.keep(sftp);
            } else {
                sftp.close();
            }
        }
    }

    private TargetException failure(IOException e) {
        return SftpConnection.failure("target '" + target + "' at " + address.uri(""), e);
    }

    @Override
    public void close() {
        connector.close();
    }
}
