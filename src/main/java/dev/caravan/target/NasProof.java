package dev.caravan.target;

import dev.caravan.item.Kind;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.CopyProof;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Target;
import dev.caravan.posix.Directory;
import dev.caravan.posix.DiskDomain;
import dev.caravan.posix.Errno;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.PosixException;
import dev.caravan.posix.WriteBehind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Durable and proven copies on a mounted folder. The endpoint wrote the bytes to
/// `.caravan/incoming`; a batch is then made durable with one syncfs(2), old versions are kept in
/// the history, the files get their metadata and their names, and a second syncfs makes the names
/// and the manifest durable before anything counts. The sentinel is looked at before and after, so
/// that the local disk below an unmounted NAS is never filled and never counted.
public final class NasProof implements Proof {
    private static final Logger LOG = LoggerFactory.getLogger(NasProof.class);
    private static final String METHOD = "syncfs+rename+syncfs+stat";
    private static final int WITHDRAWN_AT_ONCE = 500;

    private final String target;
    private final Path root;
    private final Ledger ledger;
    private final Clock clock;
    private final String program;
    private @Nullable Directory nas;
    private @Nullable String sentinel;
    private final Map<Long, Sha256> hashes = new HashMap<>();
    private int manifests;

    public NasProof(String target, Path root, Ledger ledger, Clock clock, String program) {
        this.target = target;
        this.root = root;
        this.ledger = ledger;
        this.clock = clock;
        this.program = program;
    }

    @Override
    public synchronized void prepare() throws TargetException {
        close();
        try {
            Directory opened = Directory.open(root);
            nas = opened;
            NasLayout.Sentinel said = NasLayout.readSentinel(opened);
            String found = said.id();
            String known = ledger.targets().find(target).map(Target::identity).orElse(null);
            if (known != null && !known.equals(found)) {
                throw new TargetException(
                        TargetException.Remedy.PERSON,
                        "NAS '%s' has the sentinel of another NAS (%s, expected %s): is the right share mounted?"
                                .formatted(root, found, known));
            }
            if (said.home() == null) {
                NasLayout.claim(opened, ledger.homeId());
            } else if (!said.home().equals(ledger.homeId())) {
                throw new TargetException(
                        TargetException.Remedy.PERSON,
                        "NAS '%s' belongs to another home (%s): every home needs a NAS folder of its own; if that home is gone for good, take the folder over with 'caravan rebuild --from'"
                                .formatted(root, said.home()));
            }
            sentinel = found;
            NasLayout.makeFolder(opened, NasLayout.HISTORY);
            NasLayout.makeFolder(opened, NasLayout.MANIFESTS);
            sweep(opened);
        } catch (TargetException wrong) {
            throw wrong;
        } catch (PosixException failed) {
            throw absent(failed);
        } catch (IOException failed) {
            throw failure(failed);
        }
    }

    @Override
    public synchronized @Nullable String identity() {
        return sentinel;
    }

    @Override
    public synchronized @Nullable String domain() {
        return DiskDomain.of(root);
    }

    private TargetException absent(PosixException failed) {
        if (failed.is(Errno.ENOENT)) {
            return new TargetException(
                    TargetException.Remedy.WAIT,
                    "NAS '%s' has no sentinel '.caravan/sentinel': is it mounted? A new, empty NAS folder is taken into use by 'caravan init'"
                            .formatted(root),
                    failed);
        }
        return failure(failed);
    }

    private TargetException failure(IOException failed) {
        return new TargetException(
                TargetException.Remedy.WAIT,
                "NAS '%s': %s".formatted(root, failed.getMessage()),
                failed);
    }

    /// Removes what dead runs of this home left in `incoming`: nobody else is alive under its lock.
    private void sweep(Directory nas) throws IOException {
        String mark = ledger.homeId().substring(0, 8) + "-";
        try (Directory incoming = nas.openDirectory(NasLayout.INCOMING)) {
            List<byte[]> dead = new ArrayList<>();
            incoming.list((name, folder) -> {
                if (new String(name, java.nio.charset.StandardCharsets.ISO_8859_1)
                        .startsWith(mark)) {
                    dead.add(name);
                }
            });
            for (byte[] name : dead) {
                incoming.removeFile(name);
            }
        }
    }

    /// By the path, as the endpoint writes.
    @Override
    public void given(String copyName, long bytes) throws IOException {
        OpenFile written;
        try (Directory now = Directory.open(root)) {
            written = now.openFile(NasLayout.incoming(copyName));
        } catch (PosixException notThere) {
            // its proof tells it, if that is wrong
            LOG.debug("{}: not written behind: {}", target, notThere.getMessage());
            return;
        }
        try (written) {
            WriteBehind.windowFull(written, bytes);
        }
    }

    @Override
    public synchronized Proven prove(List<Carried> batch) throws TargetException {
        List<CopyProof> proofs = new ArrayList<>();
        List<Refused> refused = new ArrayList<>();
        hashes.clear();
        prove(singles(batch), proofs, refused);
        return new Proven(
                new Evidence(
                        METHOD, Evidence.Level.V1, clock.instant(), program, 0L, root.toString()),
                proofs,
                refused);
    }

    /// In the order of their versions, whichever thread carried them first.
    private static List<Carried.Single> singles(List<Carried> batch) {
        List<Carried.Single> singles = new ArrayList<>();
        for (Carried carried : batch) {
            if (!(carried instanceof Carried.Single single)) {
                throw new IllegalStateException(
                        "proof 'nas' takes single items: take 'segment' out of the copy route");
            }
            singles.add(single);
        }
        singles.sort(Comparator.comparing(single -> single.version().id()));
        return singles;
    }

    private void prove(List<Carried.Single> batch, List<CopyProof> proofs, List<Refused> refused)
            throws TargetException {
        Directory nas = this.nas;
        if (nas == null) {
            throw new TargetException(
                    TargetException.Remedy.WAIT, "NAS '%s' is closed".formatted(root));
        }
        List<Carried.Single> staged = new ArrayList<>();
        List<Carried.Single> published = new ArrayList<>();
        try (NasPublisher publisher = new NasPublisher(nas, target, ledger, batch)) {
            for (Carried.Single single : batch) {
                attempt(single, publisher::stage, staged, refused);
            }
            noteLost(publisher);
            nas.syncFileSystem();
            for (Carried.Single single : staged) {
                attempt(single, publisher::publish, published, refused);
            }
            noteApart(publisher.apart());
            publisher.finishFolders();
            writeManifest(nas, published);
            nas.syncFileSystem();
            publisher.lookAgain();
            for (Carried.Single single : published) {
                attempt(single, publisher::check, new ArrayList<>(), refused);
            }
            checkSentinel();
        } catch (TargetException failed) {
            throw failed;
        } catch (IOException failed) {
            throw failure(failed);
        }
        Set<Long> bad = new HashSet<>();
        refused.forEach(r -> bad.add(r.version().id()));
        for (Carried.Single single : published) {
            if (!bad.contains(single.version().id())) {
                proofs.add(proof(single));
            }
        }
    }

    private interface Step {
        void run(Carried.Single single) throws IOException;
    }

    /// One item's failure is its own; a failure of the file system is everybody's.
    private void attempt(
            Carried.Single single, Step step, List<Carried.Single> done, List<Refused> refused)
            throws IOException {
        try {
            step.run(single);
            done.add(single);
        } catch (PosixException failed) {
            if (ofTheFileSystem(failed)) {
                throw failed;
            }
            refuse(single, failed, refused);
        } catch (NasPublisher.NotAsSentException failed) {
            refuse(single, cause(single, failed), refused);
        }
    }

    private void noteApart(List<String> apart) {
        if (!apart.isEmpty()) {
            LOG.warn(
                    "{}: {} items are in the history, for the tree on the NAS can not have them; the first: {}",
                    target,
                    apart.size(),
                    apart.getFirst());
        }
    }

    private void noteLost(NasPublisher publisher) {
        if (!publisher.lost().isEmpty()) {
            ledger.plainTree().lost(target, publisher.lost());
            LOG.warn(
                    "{}: {} copies were taken away or written over by somebody: they count no more",
                    target,
                    publisher.lost().size());
        }
    }

    /// Why a file arrived short: where there is no room, its endpoint may not have been told (a
    /// write that fits in part is no error).
    private IOException cause(Carried.Single single, NasPublisher.NotAsSentException failed)
            throws IOException {
        long free = Files.getFileStore(root).getUsableSpace();
        return free >= single.bytes()
                ? failed
                : new IOException("NAS '%s' is full".formatted(root), failed);
    }

    private void refuse(Carried.Single single, IOException why, List<Refused> refused)
            throws IOException {
        discard(single.copyName());
        refused.add(new Refused(single.version(), why));
    }

    private static boolean ofTheFileSystem(PosixException failed) {
        return switch (failed.errno()) {
            case Errno.ENOSPC, Errno.EDQUOT, Errno.EIO, Errno.EROFS, Errno.ESTALE, Errno.ENODEV ->
                    true;
            default -> false;
        };
    }

    private CopyProof proof(Carried.Single single) {
        Version version = single.version();
        boolean file = version.metadata().kind() == Kind.FILE;
        if (single.sha256() != null) {
            hashes.put(version.id(), single.sha256());
        }
        Sha256 sha256 =
                !file
                        ? null
                        : single.linkTo() != null
                                ? linkedHash(single.linkTo())
                                : single.sha256() != null ? single.sha256() : Sha256.OF_NOTHING;
        return new CopyProof(version, sha256, single.bytes(), null, 0);
    }

    /// A hard link is its leader's bytes; its leader was recorded before it, or is in this batch.
    private @Nullable Sha256 linkedHash(Version leader) {
        Sha256 inBatch = hashes.get(leader.id());
        return inBatch != null
                ? inBatch
                : ledger.catalog().versions(leader.source(), leader.path()).stream()
                        .filter(v -> v.id() == leader.id())
                        .findFirst()
                        .map(Version::sha256)
                        .orElse(null);
    }

    private void writeManifest(Directory nas, List<Carried.Single> published) throws IOException {
        if (published.isEmpty()) {
            return;
        }
        Manifest manifest = new Manifest();
        for (Carried.Single single : published) {
            CopyProof proof = proof(single);
            manifest.add(proof.version(), proof.sha256(), null);
        }
        String name =
                "%s-%d-%d.jsonl"
                        .formatted(ledger.homeId().substring(0, 8), clock.millis(), ++manifests);
        byte[] text = manifest.bytes();
        byte[] temporary = NasLayout.incoming(name);
        try (var file = nas.createFile(temporary, 0644)) {
            file.write(text, 0, text.length);
            file.sync();
        }
        nas.rename(temporary, nas, NasLayout.bytes(".caravan/manifests/" + name), false);
    }

    /// The path must still lead to the directory that was written, and it to the same sentinel.
    private void checkSentinel() throws IOException {
        try (Directory now = Directory.open(root)) {
            String found = NasLayout.readSentinel(now).id();
            if (!found.equals(sentinel)) {
                throw new TargetException(
                        TargetException.Remedy.PERSON,
                        "NAS '%s' became another one while it was written (sentinel %s, was %s)"
                                .formatted(root, found, sentinel));
            }
        }
    }

    @Override
    public synchronized void discard(String copyName) throws TargetException {
        Directory nas = this.nas;
        if (nas == null) {
            return;
        }
        try {
            nas.removeFile(NasLayout.incoming(copyName));
        } catch (PosixException failed) {
            if (!failed.is(Errno.ENOENT)) {
                throw failure(failed);
            }
        }
        discardByPath(copyName);
    }

    /// The endpoint writes by the path, which may lead to another share by now: what it left there
    /// is ours by its name, and nobody else would take it away.
    private void discardByPath(String copyName) {
        try (Directory now = Directory.open(root)) {
            now.removeFile(NasLayout.incoming(copyName));
        } catch (PosixException notThere) {
            LOG.debug("{}: nothing of {} by its path: {}", target, copyName, notThere.getMessage());
        }
    }

    @Override
    public synchronized void withdraw() throws TargetException {
        Directory nas = this.nas;
        if (nas == null) {
            return;
        }
        try {
            while (true) {
                List<Version> gone = ledger.plainTree().toWithdraw(target, WITHDRAWN_AT_ONCE);
                if (gone.isEmpty()) {
                    return;
                }
                try (NasPublisher publisher = new NasPublisher(nas, target, ledger, List.of())) {
                    for (Version version : gone) {
                        publisher.withdraw(version);
                    }
                    noteLost(publisher);
                    publisher.finishFolders();
                }
                nas.syncFileSystem();
                ledger.plainTree().withdrawn(target, gone);
            }
        } catch (IOException failed) {
            throw failure(failed);
        }
    }

    @Override
    public synchronized void close() {
        if (nas != null) {
            nas.close();
            nas = null;
        }
    }
}
