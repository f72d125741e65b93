package dev.caravan.cli;

import dev.caravan.audit.LedgerExport;
import dev.caravan.config.Asked;
import dev.caravan.config.Home;
import dev.caravan.config.Settings;
import dev.caravan.hook.SourceHooks;
import dev.caravan.item.Contents;
import dev.caravan.item.ItemPath;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.OwnSource;
import dev.caravan.ledger.Policies;
import dev.caravan.pipeline.Drilling;
import dev.caravan.pipeline.Forget;
import dev.caravan.pipeline.Pipeline;
import dev.caravan.pipeline.Scrub;
import dev.caravan.posix.Directory;
import dev.caravan.posix.DiskDomain;
import dev.caravan.posix.PathBytes;
import dev.caravan.scan.FileId;
import dev.caravan.scan.Scanner;
import dev.caravan.scan.Selection;
import dev.caravan.scan.SourceContents;
import dev.caravan.scan.SourceRoot;
import dev.caravan.tape.changer.OperatorDesk.Request;
import dev.caravan.target.CopyContents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A home that is at work: its ledger open to write, its routes running in Camel. The composition
/// root of `backup`, `demo` and `run`. Confined to one thread, but for what it hands out.
final class RunningHome implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunningHome.class);
    private static final long DRAIN_SECONDS = 40;

    /// How long a folder that does not answer is waited for at the end.
    private static final Duration LAST_WAIT = Duration.ofSeconds(30);

    private final HomeLock lock;
    private final Ledger ledger;
    private final DefaultCamelContext camel;
    private final TargetParts parts;
    private final Pipeline pipeline;
    private final Scanner scanner;
    private final Policies policies;
    private final Settings.Tape tape;
    private final Clock clock;
    private final SourceRoots roots;
    private final SourceHooks hooks;
    private boolean repaired;
    private final HomeDrills drills;
    private final HomeScrub scrub;
    private final HomeForget forget;
    private final LedgerExport export;
    private final Scanner.Source exported;

    /// Starts a home.
    ///
    /// @param scheduled whether the pick-up route follows its schedule; otherwise it scans when
    ///   asked
    /// @throws CommandException if the home is in use, or something in it is wrong
    static RunningHome start(Home home, boolean scheduled) throws IOException {
        HomeChecks.Checked checked = HomeChecks.require(home);
        HomeLock lock = HomeLock.take(home);
        try {
            return new RunningHome(home, checked, lock, scheduled);
        } catch (IOException | RuntimeException failed) {
            lock.close();
            throw failed;
        }
    }

    private RunningHome(Home home, HomeChecks.Checked checked, HomeLock lock, boolean scheduled)
            throws IOException {
        Settings settings = checked.settings();
        this.clock = Clock.systemDefaultZone();
        this.policies = HomePolicies.of(settings);
        this.tape = settings.tape();
        this.lock = lock;
        this.ledger = OpenLedger.toWrite(settings);
        this.camel = new DefaultCamelContext(false);
        this.parts = new TargetParts(checked, ledger, camel, clock);
        this.roots = new SourceRoots(settings);
        this.hooks = HomeHooks.of(settings, roots::forget);
        hooks.undoLeftOver();
        declare(checked);
        Contents originals = HomeHooks.originals(hooks, new SourceContents(roots));
        Contents contents = CopyContents.sourceThenCopies(originals, ledger.catalog(), parts);
        this.drills =
                new HomeDrills(
                        settings, ledger, parts, originals, HomeDrills.usualScratch(settings));
        this.pipeline = new Pipeline(ledger, contents, parts, clock, Program.nameAndVersion());
        settings.nas().ifPresent(nas -> pipeline.beginsToWorryAfter(nas.patience()));
        this.export =
                new LedgerExport(ledger, home.export(), home.keys(), settings.ledgerCopy(), clock);
        this.exported =
                new Scanner.Source(
                        OwnSource.NAME,
                        home.export().toString(),
                        roots::openOwn,
                        Selection.ALL,
                        Optional.empty());
        this.scanner =
                new Scanner(
                        ledger,
                        sources(settings, ownData(settings)),
                        pipeline::scanBegins,
                        pipeline::scanEnded);
        this.scrub = new HomeScrub(ledger, parts, policies);
        this.forget =
                new HomeForget(
                        ledger,
                        parts,
                        HomeRetention.of(settings, checked.rules(), false, ZoneId.systemDefault()));
        export.makeFolder();
        try {
            keepBooks();
            startCamel(checked, scheduled);
        } catch (Exception failed) {
            close();
            throw new CommandException(
                    ExitCode.CONFIGURATION,
                    "routes of home '%s' do not start: %s".formatted(home.root(), root(failed)),
                    failed);
        }
    }

    private static String root(Throwable failed) {
        Throwable cause = failed;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    private void declare(HomeChecks.Checked checked) {
        List<Settings.Source> sources = checked.settings().sources();
        SourceRoots.declare(ledger, checked.settings());
        for (Settings.Source source : sources) {
            if (source.commands().before().isEmpty()) {
                source.folder()
                        .flatMap(dir ->
                                Asked.about(dir, () -> Optional.ofNullable(DiskDomain.of(dir))))
                        .flatMap(domain -> domain)
                        .ifPresent(domain -> ledger.sources().liesOn(source.name(), domain));
            }
        }
        Home home = checked.settings().home();
        ledger.sources().declare(OwnSource.NAME, PathBytes.ofPath(home.export()));
        ledger.sources()
                .onlyThese(
                        Stream.concat(
                                        sources.stream().map(Settings.Source::name),
                                        Stream.of(OwnSource.NAME))
                                .toList());
        ledger.targets().declare(checked.targets());
    }

    private void liesOn(Settings.Source source, @Nullable String domain) {
        if (domain != null) {
            ledger.sources().liesOn(source.name(), domain);
        }
    }

    private List<Scanner.Source> sources(Settings settings, Set<FileId> own) {
        return settings.sources().stream()
                .map(s ->
                        new Scanner.Source(
                                s.name(),
                                s.root().shown(),
                                () -> roots.open(s, own),
                                Selection.of(s.include(), s.exclude()),
                                s.sentinel().map(ItemPath::of),
                                () -> prepare(s)))
                .toList();
    }

    private void prepare(Settings.Source source) throws IOException {
        hooks.prepare(source.name());
        if (source.folder().isPresent() && source.commands().before().isEmpty()) {
            return; // it lies where it lay at the start
        }
        try (SourceRoot root = roots.open(source, Set.of())) {
            liesOn(source, root.domain());
        } catch (IOException away) {
            throw new IOException(SourceRoots.told(source, away), away);
        }
    }

    /// Home and targets are never read as a source, wherever a source may lie.
    static Set<FileId> ownData(Settings settings) throws IOException {
        List<Path> own = new ArrayList<>();
        own.add(settings.home().root());
        own.add(settings.tape().library());
        Set<FileId> ids = new HashSet<>();
        for (Path path : own) {
            id(path).ifPresent(ids::add);
        }
        if (settings.nas().isPresent()) {
            ids.addAll(ofNas(settings, settings.nas().get().dir()));
        }
        return ids;
    }

    /// A NAS that does not answer holds up nothing else; but inside a source, where it would be
    /// taken for a part of it once it does.
    private static Set<FileId> ofNas(Settings settings, Path nas) {
        Optional<Optional<FileId>> asked =
                Asked.about(
                        nas,
                        () -> {
                            try {
                                return id(nas);
                            } catch (IOException failed) {
                                throw new UncheckedIOException(failed);
                            }
                        });
        if (asked.isPresent()) {
            return asked.get().map(Set::of).orElse(Set.of());
        }
        for (Settings.Source source : settings.sources()) {
            Path dir = source.folder().orElse(null);
            if (dir != null && (nas.startsWith(dir) || nas.startsWith(real(dir)))) {
                throw new CommandException(
                        ExitCode.INCOMPLETE,
                        "'%s' does not answer and is inside source '%s': is the server of this folder there?"
                                .formatted(nas, source.name()));
            }
        }
        LOG.warn("'{}' does not answer: is the server of this folder there?", nas);
        return Set.of();
    }

    /// The source may be on the same server, and not answer either.
    private static Path real(Path source) {
        return Asked.about(
                        source,
                        () -> {
                            try {
                                return source.toRealPath();
                            } catch (IOException notThere) {
                                return source; // its scan will say so
                            }
                        })
                .orElse(source);
    }

    private static Optional<FileId> id(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return Optional.empty();
        }
        try (Directory directory = Directory.open(path)) {
            return Optional.of(FileId.of(directory.stat(new byte[0])));
        }
    }

    private void startCamel(HomeChecks.Checked checked, boolean scheduled) throws Exception {
        camel.getCamelContextExtension().setName("caravan");
        camel.getRegistry().bind(Pipeline.BEAN, pipeline);
        camel.getRegistry().bind(Scanner.BEAN, scanner);
        camel.getRegistry().bind(Drilling.BEAN, drills);
        camel.getRegistry().bind(Scrub.BEAN, scrub);
        camel.getRegistry().bind(Forget.BEAN, forget);
        Map<String, String> properties = new HashMap<>(checked.settings().properties());
        if (!scheduled) {
            properties.put("caravan.schedule", "manual");
            properties.put("caravan.drill.schedule", "manual");
            properties.put("caravan.scrub.schedule", "manual");
            properties.put("caravan.forget.schedule", "manual");
        }
        camel.getPropertiesComponent().setInitialProperties(camelProperties(properties));
        camel.getShutdownStrategy().setTimeout(DRAIN_SECONDS);
        camel.getShutdownStrategy().setLogInflightExchangesOnTimeout(false);
        // before its first connection JSch tries out every key exchange it knows, a slow one that
        // it never offers among them: these are the ones it offers that may be missing
        System.setProperty("jsch.check_kexes", "mlkem768x25519-sha256,curve25519-sha256");
        parts.makeLibrary();
        parts.configureTape();
        parts.configureServers();
        List<Resource> resources = new ArrayList<>();
        for (Path route : checked.routes()) {
            resources.add(
                    ResourceHelper.resolveMandatoryResource(
                            camel, "file:" + route.toAbsolutePath()));
        }
        PluginHelper.getRoutesLoader(camel).loadRoutes(resources);
        camel.start();
    }

    private static java.util.Properties camelProperties(Map<String, String> properties) {
        java.util.Properties all = new java.util.Properties();
        all.putAll(properties);
        return all;
    }

    /// Wants bad copies anew and keeps the books: what a service does now and then.
    void keepUp() {
        ledger.upkeep().repair();
        keepBooks();
    }

    /// Brings the ledger up to date with time and cartridges.
    void keepBooks() {
        LocatedCartridges.note(ledger, tape, clock);
        ledger.upkeep().age(policies);
        ledger.upkeep().settle();
    }

    /// What the sources are asked for.
    Policies policies() {
        return policies;
    }

    /// What a person is to do with cartridges now.
    List<Request> operatorTasks() {
        return parts.operatorTasks();
    }

    Ledger ledger() {
        return ledger;
    }

    Pipeline pipeline() {
        return pipeline;
    }

    Scanner scanner() {
        return scanner;
    }

    /// Whether there is something of the ledger to export.
    boolean exportDue() throws IOException {
        return export.due();
    }

    /// Writes down what is to be exported of the ledger, and wants copies of it on every target.
    ///
    /// @throws IOException if it can not be written, or picked up
    void export() throws IOException {
        export.make();
        Scanner.Outcome outcome =
                scanner.scanNow(exported)
                        .orElseThrow(() ->
                                new IOException(
                                        "no route picks up '%s': want scan:all, or scan:%s too"
                                                .formatted(OwnSource.NAME, OwnSource.NAME)));
        if (!outcome.good()) {
            throw new IOException(String.valueOf(outcome.error()));
        }
    }

    /// Undoes what the commands of sources made, if nothing more is copied from any, or where it
    /// was there for as long as it may be.
    void releaseIdleSources() {
        if (hooks.anyHeld()) {
            scanner.betweenScans(this::releaseIfIdle);
        } else {
            repaired = false;
        }
    }

    /// Bad copies that can only be made anew from these originals are made before they go.
    private void releaseIfIdle() {
        if (!pipeline.passDone()) {
            hooks.releaseOverdue();
        } else if (!repaired && ledger.upkeep().repair() > 0) {
            repaired = true; // once: what does not work now waits for the next scan
        } else {
            releaseSources();
        }
    }

    /// Undoes what the commands of sources made: the pass is over.
    void releaseSources() {
        hooks.release();
        repaired = false;
    }

    /// What commands failed to undo since the last call, in one line each.
    List<String> notUndone() {
        return hooks.takeFailures();
    }

    /// What is mounted for a source is free to be unmounted once nothing reads it any more.
    @Override
    public void close() throws IOException {
        parts.patience().endsSoon(LAST_WAIT);
        roots.endsSoon(LAST_WAIT);
        scrub.stop();
        forget.stop();
        hooks.stop();
        camel.stop();
        pipeline.close();
        hooks.close();
        notUndone().forEach(LOG::error);
        parts.close();
        roots.close();
        ledger.close();
        lock.close();
    }
}
