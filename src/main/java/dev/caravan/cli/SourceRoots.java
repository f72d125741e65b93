package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.config.Settings.Root;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.MediaKind;
import dev.caravan.ledger.OwnSource;
import dev.caravan.posix.NoAnswerException;
import dev.caravan.posix.PathBytes;
import dev.caravan.posix.Patience;
import dev.caravan.scan.FileId;
import dev.caravan.scan.FolderRoot;
import dev.caravan.scan.SourceContents;
import dev.caravan.scan.SourceRoot;
import dev.caravan.source.BucketRoot;
import dev.caravan.source.SftpRoot;
import dev.caravan.target.S3Address;
import dev.caravan.target.SftpAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The open roots of a home's sources, each opened when it is first needed. Thread-safe, but for
/// [#close].
final class SourceRoots implements SourceContents.Roots, AutoCloseable {

    /// Nothing is brought back from an archive for a source.
    private static final S3Address.Thaw NO_THAW = new S3Address.Thaw(1, "Standard");

    private final Settings settings;
    private final Map<String, SourceRoot> roots = new ConcurrentHashMap<>();

    /// By source, and kept: a folder that does not answer keeps one thread, however often its
    /// source is scanned.
    private final Map<String, Patience> patience = new ConcurrentHashMap<>();

    SourceRoots(Settings settings) {
        this.settings = settings;
    }

    /// Makes the sources of a home known to its ledger.
    static void declare(Ledger ledger, Settings settings) {
        for (Settings.Source source : settings.sources()) {
            byte[] place =
                    switch (source.root()) {
                        case Root.Folder(var dir) -> PathBytes.ofPath(dir);
                        case Root.SftpFolder _, Root.Bucket _ ->
                                source.root().shown().getBytes(StandardCharsets.UTF_8);
                    };
            boolean bucket = source.root() instanceof Root.Bucket;
            ledger.sources()
                    .declare(
                            source.name(), place, bucket ? MediaKind.OBJECT_STORE : MediaKind.DISK);
        }
    }

    /// That a source could not be looked at, in one line.
    static String told(Settings.Source source, IOException why) {
        return why instanceof NoAnswerException hangs
                ? hangs.getMessage()
                : "source '%s' at '%s': %s"
                        .formatted(source.name(), source.root().shown(), why.getMessage());
    }

    /// Opens the root of a source for a command that does so once.
    ///
    /// @param excluded Caravan's own folders on this machine
    static SourceRoot openOnce(Settings.Source source, Set<FileId> excluded) throws IOException {
        return open(source.root(), patience(source), excluded);
    }

    private static Patience patience(Settings.Source source) {
        return new Patience(
                "source '%s' at '%s'".formatted(source.name(), source.root().shown()),
                source.patience());
    }

    /// Opens the root of a source.
    ///
    /// @param excluded Caravan's own folders on this machine
    SourceRoot open(Settings.Source source, Set<FileId> excluded) throws IOException {
        return open(
                source.root(),
                patience.computeIfAbsent(source.name(), _ -> patience(source)),
                excluded);
    }

    /// Opens what the home exports of its own ledger.
    SourceRoot openOwn() throws IOException {
        Path export = settings.home().export();
        return FolderRoot.open(
                export,
                patience.computeIfAbsent(
                        OwnSource.NAME,
                        _ -> new Patience("'%s'".formatted(export), Duration.ofMinutes(3))),
                Set.of());
    }

    private static SourceRoot open(Root root, Patience patience, Set<FileId> excluded)
            throws IOException {
        return switch (root) {
            case Root.Folder(var dir) -> FolderRoot.open(dir, patience, excluded);
            case Root.SftpFolder sftp -> new SftpRoot(address(sftp), Clock.systemUTC());
            case Root.Bucket bucket -> new BucketRoot(address(bucket));
        };
    }

    static SftpAddress address(Root.SftpFolder sftp) {
        return new SftpAddress(
                sftp.host(), sftp.port(), sftp.user(), sftp.dir(), sftp.key(), sftp.knownHosts());
    }

    private static S3Address address(Root.Bucket bucket) {
        return new S3Address(
                bucket.bucket(),
                bucket.region(),
                bucket.endpoint().orElse(null),
                bucket.prefix(),
                bucket.credentials().orElse(null),
                null,
                null,
                null,
                NO_THAW);
    }

    @Override
    public SourceRoot of(String source) throws IOException {
        SourceRoot open = roots.get(source);
        if (open != null) {
            return open;
        }
        SourceRoot opened =
                source.equals(OwnSource.NAME) ? openOwn() : open(configured(source), Set.of());
        SourceRoot first = roots.putIfAbsent(source, opened);
        if (first != null) {
            opened.close();
            return first;
        }
        return opened;
    }

    /// Closes the root of a source; nobody may be opening anything in it. It is opened anew when it
    /// is needed: something else may be mounted there by then.
    void forget(String source) {
        SourceRoot open = roots.remove(source);
        if (open != null) {
            open.close();
        }
    }

    private Settings.Source configured(String source) throws IOException {
        return settings.sources().stream()
                .filter(configured -> configured.name().equals(source))
                .findFirst()
                .orElseThrow(() ->
                        new IOException("source '" + source + "' is not configured any more"));
    }

    /// The program is about to end: nobody is to wait for a folder any longer than this.
    void endsSoon(Duration most) {
        patience.values().forEach(each -> each.endsSoon(most));
    }

    @Override
    public void close() {
        roots.values().forEach(SourceRoot::close);
    }
}
