package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.ledger.OwnSource;
import dev.caravan.posix.Directory;
import dev.caravan.scan.SourceContents;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The open folders of a home's sources, each opened when it is first needed. Thread-safe, but for
/// [#close].
final class SourceRoots implements SourceContents.Roots, AutoCloseable {
    private final Settings settings;
    private final Map<String, Directory> roots = new ConcurrentHashMap<>();

    SourceRoots(Settings settings) {
        this.settings = settings;
    }

    @Override
    public Directory of(String source) throws IOException {
        Directory open = roots.get(source);
        if (open != null) {
            return open;
        }
        Directory opened = Directory.open(folder(source));
        Directory first = roots.putIfAbsent(source, opened);
        if (first != null) {
            opened.close();
            return first;
        }
        return opened;
    }

    /// Closes the folder of a source; nobody may be opening anything in it. It is opened anew when
    /// it is needed: something else may be mounted there by then.
    void forget(String source) {
        Directory open = roots.remove(source);
        if (open != null) {
            open.close();
        }
    }

    private Path folder(String source) throws IOException {
        if (source.equals(OwnSource.NAME)) {
            return settings.home().export();
        }
        return settings.sources().stream()
                .filter(configured -> configured.name().equals(source))
                .map(Settings.Source::dir)
                .findFirst()
                .orElseThrow(() ->
                        new IOException("source '" + source + "' is not configured any more"));
    }

    @Override
    public void close() {
        roots.values().forEach(Directory::close);
    }
}
