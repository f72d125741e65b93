package dev.caravan.cli;

import dev.caravan.audit.Audit.Exported;
import dev.caravan.audit.HeadDocument;
import dev.caravan.audit.LedgerExport;
import dev.caravan.config.Asked;
import dev.caravan.config.Settings;
import dev.caravan.item.Content;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.SignedHead;
import dev.caravan.ledger.Target;
import dev.caravan.target.CopyContents;
import dev.caravan.target.CopyStores;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Fetches the heads that were exported: from the home, from a mounted NAS, and the newest that the
/// ledger knows on each target, by the way a restore takes. Confined to one thread.
final class ExportedHeads {
    private static final int LONGEST = 64 << 10;

    private final Settings settings;
    private final Ledger ledger;
    private final CopyStores stores;
    private final Map<String, String> rules;
    private final List<Exported> found = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();

    /// @param rules by which rule each target's copies are proven: it tells their kind
    ExportedHeads(Settings settings, Ledger ledger, CopyStores stores, Map<String, String> rules) {
        this.settings = settings;
        this.ledger = ledger;
        this.stores = stores;
        this.rules = rules;
    }

    /// Those that were read.
    List<Exported> found() {
        return List.copyOf(found);
    }

    /// What could not be read, and why, a line each.
    List<String> missing() {
        return List.copyOf(missing);
    }

    /// All there are. A target that can not be reached now is no sign of anything, so it is only
    /// told.
    void all() {
        file(OpenLedger.inHome(settings.home()));
        for (Target target : ledger.targets().all()) {
            target(target.name());
        }
    }

    /// Those that need no connection and no cartridge.
    void atHand() {
        OpenLedger.headsAtHand(settings).stream().filter(Files::exists).forEach(this::file);
    }

    /// What a person named: a file, else a target.
    void named(String name) {
        if (Files.isRegularFile(Path.of(name))) {
            file(name);
        } else if (ledger.targets().find(name).isPresent()) {
            target(name);
        } else {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--head '%s': no file and no target; the targets are %s"
                            .formatted(
                                    Words.shown(name),
                                    ledger.targets().all().stream().map(Target::name).toList()));
        }
    }

    void file(String name) {
        file(Path.of(name));
    }

    private void file(Path file) {
        try {
            if (Files.size(file) > LONGEST) {
                throw new IOException("'%s' is no head: it is too large".formatted(file));
            }
            found.add(new Exported(Words.shown(file.toString()), read(Files.readAllBytes(file))));
        } catch (IOException unreadable) {
            missing.add(
                    "%s: %s"
                            .formatted(
                                    Words.shown(file.toString()),
                                    Files.exists(file)
                                            ? Words.shown(String.valueOf(unreadable.getMessage()))
                                            : "there is none"));
        }
    }

    private static SignedHead read(byte[] text) throws IOException {
        return HeadDocument.read(text);
    }

    /// A NAS shows its newest head as a plain file, which an older ledger knows nothing of.
    private void target(String name) {
        Optional<Path> plain =
                settings.nas()
                        .map(OpenLedger::onNas)
                        .filter(head ->
                                Asked.about(head, () -> Files.isRegularFile(head)).orElse(false));
        if ("nas".equals(rules.get(name)) && plain.isPresent()) {
            file(plain.get());
            return;
        }
        Optional<Version> version = ledger.ownCopies().version(LedgerExport.HEAD, name);
        if (version.isEmpty()) {
            missing.add("%s: the ledger knows of no head there".formatted(name));
            return;
        }
        try {
            found.add(new Exported(name, read(copy(name, version.get()))));
        } catch (IOException unreadable) {
            missing.add(
                    "%s: %s".formatted(name, Words.shown(String.valueOf(unreadable.getMessage()))));
        }
    }

    private byte[] copy(String target, Version version) throws IOException {
        if (version.metadata().size() > LONGEST) {
            throw new IOException("version %d is no head: it is too large".formatted(version.id()));
        }
        for (Catalog.Copy copy : ledger.catalog().copies(version)) {
            if (copy.target().name().equals(target)) {
                try (Content content = CopyContents.open(stores.of(target), version, copy)) {
                    ByteArrayOutputStream text = new ByteArrayOutputStream();
                    byte[] buffer = new byte[8192];
                    int left = Math.toIntExact(version.metadata().size());
                    while (left > 0) {
                        int length = content.read(buffer, 0, Math.min(left, buffer.length));
                        if (length < 0) {
                            break;
                        }
                        text.write(buffer, 0, length);
                        left -= length;
                    }
                    return text.toByteArray();
                }
            }
        }
        throw new IOException("no copy of version %d".formatted(version.id()));
    }
}
