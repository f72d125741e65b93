package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Target;
import dev.caravan.pipeline.Proofs;
import dev.caravan.pipeline.RoutedEndpoint;
import dev.caravan.pipeline.TapeStore;
import dev.caravan.pipeline.TargetSftpComponent;
import dev.caravan.pipeline.check.CopyRoute;
import dev.caravan.pipeline.check.RouteChecks;
import dev.caravan.posix.Patience;
import dev.caravan.restore.Medium;
import dev.caravan.restore.Readers;
import dev.caravan.tape.LibraryPlace;
import dev.caravan.tape.TapeComponent;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.tape.changer.Barcode;
import dev.caravan.tape.changer.OperatorDesk.Request;
import dev.caravan.target.CopyStore;
import dev.caravan.target.CopyStores;
import dev.caravan.target.Decryption;
import dev.caravan.target.EmbeddedSftpServer;
import dev.caravan.target.Encryption;
import dev.caravan.target.Endpoint;
import dev.caravan.target.EndpointProof;
import dev.caravan.target.EndpointReader;
import dev.caravan.target.EndpointStore;
import dev.caravan.target.NasProof;
import dev.caravan.target.NasReader;
import dev.caravan.target.NasStore;
import dev.caravan.target.Proof;
import dev.caravan.target.S3Address;
import dev.caravan.target.S3Proof;
import dev.caravan.target.S3Reader;
import dev.caravan.target.S3Store;
import dev.caravan.target.S3Uploads;
import dev.caravan.target.SftpAddress;
import dev.caravan.target.SftpProof;
import dev.caravan.target.SftpReader;
import dev.caravan.target.SftpStore;
import dev.caravan.target.TapeProof;
import dev.caravan.target.TargetException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/// The proofs and stores of a home's targets, made from its settings when they are first needed: a
/// pass with nothing to copy opens no connection. Thread-safe.
final class TargetParts implements Proofs, CopyStores, AutoCloseable {
    private static final int NAS_READERS = 4;
    private static final int SFTP_READERS = 3;
    private static final int S3_READERS = 4;
    private static final int ENDPOINT_READERS = 4;

    /// A restore is done by then.
    private static final int THAWED_DAYS = 7;

    private final Settings settings;
    private final Map<String, String> rules;
    private final List<CopyRoute> copyRoutes;
    private final Ledger ledger;
    private final CamelContext camel;
    private final Clock clock;
    private final Patience patience;
    private final Map<String, CopyStore> stores = new ConcurrentHashMap<>();

    /// By target: one that is slow to be reached holds up no other.
    private final Map<String, Object> openings = new ConcurrentHashMap<>();

    private final Map<String, RoutedEndpoint> endpoints = new HashMap<>();
    private @Nullable EmbeddedSftpServer embedded;
    private @Nullable S3Uploads uploads;
    private @Nullable Path onlyIdentities;

    /// @param checked says by which rule each target's copies are proven: it tells their kind
    TargetParts(HomeChecks.Checked checked, Ledger ledger, CamelContext camel, Clock clock) {
        this.settings = checked.settings();
        this.rules = Map.copyOf(checked.rules());
        this.copyRoutes = checked.copyRoutes();
        this.ledger = ledger;
        this.camel = camel;
        this.clock = clock;
        this.patience =
                settings.nas()
                        .map(nas -> new Patience("NAS '%s'".formatted(nas.dir()), nas.patience()))
                        .orElseGet(() -> new Patience("NAS", Duration.ofMinutes(3)));
    }

    /// Makes the virtual library at its first use, and puts more cartridges in when the settings
    /// say so. One that is missing while the ledger knows volumes in it is not mounted, or lost: a
    /// new one in its place would be written on as if it were the old.
    ///
    /// The inventory of a real library is made at its first use too. One that is missing while the
    /// ledger knows volumes is made anew from the cartridges, which takes long.
    void makeLibrary() throws IOException {
        Settings.Tape tape = settings.tape();
        boolean unused =
                ledger.targets().all().stream()
                        .allMatch(target -> ledger.targets().volumes(target.name()).isEmpty());
        if (!tape.virtual()) {
            if (!unused) {
                Files.createDirectories(tape.library());
            }
            TapeLibrary _ = TapeLibrary.open(place(tape));
        } else if (Files.exists(tape.library().resolve("library.json"))) {
            TapeLibrary.open(place(tape)).fillUp(tape.cartridges(), tape.capacity().bytes());
        } else if (unused) {
            TapeLibrary.create(tape.library(), tape.cartridges(), tape.capacity().bytes());
        }
    }

    /// Where the settings say the tape library is.
    static LibraryPlace place(Settings.Tape tape) {
        return new LibraryPlace(
                tape.library(),
                tape.drives(),
                tape.changer(),
                tape.shelf().stream().map(Barcode::new).toList());
    }

    /// What a person is to do with cartridges now.
    List<Request> operatorTasks() {
        return TapeDesk.requests(settings);
    }

    /// Tells the `tape:` component where the library is.
    void configureTape() {
        Settings.Tape tape = settings.tape();
        TapeComponent component = new TapeComponent();
        component.setLibrary(tape.library().toString());
        component.setDrives(String.join(",", tape.drives()));
        component.setChanger(tape.changer().orElse(null));
        component.setShelf(String.join(",", tape.shelf()));
        component.setAllocation(tape.pools().allocation());
        component.setSupply(String.join(",", tape.pools().supply()));
        component.setVolumeUse(
                new LedgerVolumeUse(
                        ledger.volumes(), HomePolicies.of(settings), ChangingTape.retention(tape)));
        component.setRetention(ChangingTape.retention(tape).toMillis());
        camel.addComponent("tape", component);
    }

    @Override
    public Proof of(String target, String rule) throws TargetException {
        return switch (rule) {
            case "nas" ->
                    new NasProof(
                            target, nas(target).dir(), ledger, clock, Program.nameAndVersion());
            case "tape" ->
                    new TapeProof(
                            target,
                            ledger,
                            new LibraryCartridges(settings.tape()),
                            clock,
                            Program.nameAndVersion());
            case "sftp" ->
                    new SftpProof(
                            target,
                            address(target),
                            ledger.homeId(),
                            Program.nameAndVersion(),
                            encryption(target).orElse(null),
                            ledger.targets().find(target).map(Target::identity).orElse(null));
            case "s3" ->
                    new S3Proof(
                            target,
                            uploads(target),
                            ledger.homeId(),
                            Program.nameAndVersion(),
                            encryption(target).orElse(null),
                            ledger.targets().find(target).map(Target::identity).orElse(null));
            case "readback" -> proof(target, ledger.targets().untrusted(target));
            default ->
                    throw new TargetException(
                            TargetException.Remedy.PERSON,
                            "target '%s': no proof called '%s' (nas, tape, sftp, s3, readback)"
                                    .formatted(target, rule));
        };
    }

    private EndpointProof proof(String target, @Nullable String untrusted) throws TargetException {
        return new EndpointProof(
                target,
                endpoint(target),
                Program.nameAndVersion(),
                encryption(target).orElse(null),
                ledger.targets().find(target).map(Target::identity).orElse(null),
                untrusted);
    }

    /// The proof of a target that is being tried out.
    Proof forTest(String target, String rule) throws TargetException {
        return rule.equals("readback") ? proof(target, null) : of(target, rule);
    }

    @Override
    public Optional<Encryption> encryption(String target) throws TargetException {
        List<String> names = settings.encryption().getOrDefault(target, List.of());
        if (names.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Encryption(new AgeKeys(settings.home()).recipients(names)));
        } catch (IOException absent) {
            throw new TargetException(
                    TargetException.Remedy.PERSON,
                    "target '%s': %s".formatted(target, absent.getMessage()),
                    absent);
        }
    }

    /// From here on encrypted copies are opened with what is in this file, and with nothing of the
    /// home's own.
    void openOnlyWith(Path identities) {
        this.onlyIdentities = identities;
    }

    /// What opens copies that are encrypted, with all identities of the home.
    ///
    /// @throws IOException if one cannot be read
    Decryption decryption() throws IOException {
        Path only = onlyIdentities;
        return new Decryption(
                only == null
                        ? new AgeKeys(settings.home()).identities()
                        : AgeKeys.identitiesIn(only));
    }

    private Settings.Nas nas(String target) throws TargetException {
        return settings.nas()
                .orElseThrow(() ->
                        new TargetException(
                                TargetException.Remedy.PERSON,
                                "target '%s': caravan.nas.dir is not set".formatted(target)));
    }

    /// Whether a target locks the objects on it.
    boolean locks(String target) {
        return rule(target).equals("s3")
                && settings.s3().filter(s3 -> !s3.lock().equals("none")).isPresent();
    }

    /// By which rule the copies on a target are proven; `none` where no loaded route serves it.
    String rule(String target) {
        return rules.getOrDefault(target, "none");
    }

    /// With the NAS, whoever reads it.
    Patience patience() {
        return patience;
    }

    Path nasFolder(String target) throws TargetException {
        return nas(target).dir();
    }

    /// Where a target on an SFTP server is; the embedded server runs from then on.
    SftpAddress address(String target) throws TargetException {
        Settings.Offsite offsite =
                settings.offsite()
                        .orElseThrow(() ->
                                new TargetException(
                                        TargetException.Remedy.PERSON,
                                        "target '%s': caravan.offsite.host is not set"
                                                .formatted(target)));
        if (offsite.embedded()) {
            startEmbedded(offsite);
        }
        return address(offsite);
    }

    static SftpAddress address(Settings.Offsite offsite) {
        return new SftpAddress(
                offsite.host(),
                offsite.port(),
                offsite.user(),
                offsite.dir(),
                offsite.key(),
                offsite.knownHosts());
    }

    /// Tells Camel's own components how to reach the servers, in what their options cannot say.
    void configureServers() throws TargetException {
        configureServers(camel);
    }

    void configureServers(CamelContext camel) throws TargetException {
        if (rules.containsValue("sftp")) {
            camel.addComponent("sftp", new TargetSftpComponent());
        }
        for (Map.Entry<String, String> target : rules.entrySet()) {
            if (target.getValue().equals("s3")) {
                camel.getRegistry().bind(S3Uploads.BEAN, uploads(target.getKey()));
            }
        }
    }

    private synchronized S3Uploads uploads(String target) throws TargetException {
        if (uploads == null) {
            uploads =
                    new S3Uploads(
                            target, bucket(target), settings.home().data().resolve("uploads"));
        }
        return uploads;
    }

    /// Where a target in a bucket is.
    S3Address bucket(String target) throws TargetException {
        return address(
                settings.s3()
                        .orElseThrow(() ->
                                new TargetException(
                                        TargetException.Remedy.PERSON,
                                        "target '%s': caravan.s3.bucket is not set"
                                                .formatted(target))));
    }

    static S3Address address(Settings.S3 s3) {
        return new S3Address(
                s3.bucket(),
                s3.region(),
                s3.endpoint().orElse(null),
                s3.prefix(),
                s3.credentials().orElse(null),
                s3.lock().equals("none")
                        ? null
                        : new S3Address.Lock(s3.lock().toUpperCase(Locale.ROOT), s3.lockPeriod()),
                s3.storageClass().orElse(null),
                s3.encryption().equals("default")
                        ? null
                        : new S3Address.Sse(
                                s3.encryption().equals("s3")
                                        ? S3Address.Keys.OF_THE_SERVER
                                        : S3Address.Keys.OF_KMS,
                                s3.encryption().startsWith("kms:")
                                        ? s3.encryption().substring("kms:".length())
                                        : null),
                new S3Address.Thaw(
                        THAWED_DAYS,
                        s3.thaw().substring(0, 1).toUpperCase(Locale.ROOT)
                                + s3.thaw().substring(1)));
    }

    /// A target of another kind, through its routes, which run from then on.
    synchronized Endpoint endpoint(String target) throws TargetException {
        RoutedEndpoint known = endpoints.get(target);
        if (known != null) {
            return known;
        }
        CopyRoute route =
                copyRoutes.stream()
                        .filter(one -> one.target().equals(target))
                        .findFirst()
                        .orElseThrow(() ->
                                new TargetException(
                                        TargetException.Remedy.PERSON,
                                        "no loaded copy route serves target '%s'"
                                                .formatted(target)));
        RoutedEndpoint started =
                RoutedEndpoint.start(
                        target,
                        RouteChecks.place(route.file(), settings.properties(), target),
                        RouteChecks.endpointRoutes(route.file(), target),
                        settings.properties());
        endpoints.put(target, started);
        return started;
    }

    private synchronized void startEmbedded(Settings.Offsite offsite) throws TargetException {
        if (embedded != null) {
            return;
        }
        Path keys = settings.home().keys();
        Path root = settings.home().embeddedOffsite();
        try {
            Files.createDirectories(root.resolve(offsite.dir()));
            embedded =
                    EmbeddedSftpServer.start(
                            root,
                            offsite.port(),
                            keys.resolve(EmbeddedSftpServer.HOST_KEY),
                            keys.resolve(EmbeddedSftpServer.CLIENT_KEY + ".pub"));
        } catch (IOException failed) {
            throw new TargetException(
                    TargetException.Remedy.WAIT,
                    "the embedded offsite server does not start on port %d: %s"
                            .formatted(offsite.port(), failed.getMessage()),
                    failed);
        }
    }

    /// How many copies of each target are read at the same time: a few files of a NAS, because its
    /// network has a way to go, a few connections to a server, one for each drive.
    Readers readers() {
        return target ->
                switch (rules.getOrDefault(target.name(), "none")) {
                    case "nas" -> NAS_READERS;
                    case "sftp" -> SFTP_READERS;
                    case "s3" -> S3_READERS;
                    case "readback" -> ENDPOINT_READERS;
                    case "tape" -> Math.max(1, settings.tape().drives().size());
                    default -> 1;
                };
    }

    @Override
    public CopyStore of(String target) throws IOException {
        synchronized (openings.computeIfAbsent(target, _ -> new Object())) {
            CopyStore known = stores.get(target);
            if (known != null) {
                return known;
            }
            CopyStore opened = open(target);
            stores.put(target, opened);
            return opened;
        }
    }

    private CopyStore open(String target) throws IOException {
        return switch (rules.getOrDefault(target, "none")) {
            case "nas" -> new NasStore(nas(target).dir(), patience);
            case "tape" ->
                    new TapeStore(
                            camel.createProducerTemplate(), settings.tape().pool(), decryption());
            case "sftp" -> new SftpStore(address(target), decryption());
            case "s3" -> new S3Store(target, bucket(target), decryption());
            case "readback" -> new EndpointStore(endpoint(target), decryption());
            default ->
                    throw new IOException(
                            "no loaded copy route serves target '%s': its copies can not be read back"
                                    .formatted(target));
        };
    }

    /// What reads the copies of a target back cold, newly opened.
    Medium medium(String target) throws IOException {
        return switch (rules.getOrDefault(target, "none")) {
            case "nas" -> new Medium.Nas(new NasReader(nas(target).dir(), patience));
            case "tape" ->
                    new Medium.Tapes(
                            new HomeCartridges(place(settings.tape()), camel), decryption());
            case "sftp" -> new Medium.Server(new SftpReader(target, address(target)), decryption());
            case "s3" -> new Medium.Server(new S3Reader(target, bucket(target)), decryption());
            case "readback" ->
                    new Medium.Server(new EndpointReader(target, endpoint(target)), decryption());
            default ->
                    throw new IOException(
                            "no loaded copy route serves target '%s' by a rule that can be verified (nas, tape, sftp, s3, readback)"
                                    .formatted(target));
        };
    }

    @Override
    public synchronized void close() throws IOException {
        stores.values().forEach(CopyStore::close);
        stores.clear();
        endpoints.values().forEach(RoutedEndpoint::close);
        endpoints.clear();
        if (uploads != null) {
            uploads.close();
            uploads = null;
        }
        if (embedded != null) {
            embedded.close();
            embedded = null;
        }
    }
}
