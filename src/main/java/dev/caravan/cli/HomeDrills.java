package dev.caravan.cli;

import dev.caravan.config.Sample;
import dev.caravan.config.Settings;
import dev.caravan.item.Contents;
import dev.caravan.item.Version;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Target;
import dev.caravan.pipeline.Drilling;
import dev.caravan.posix.Directory;
import dev.caravan.restore.Drill;
import dev.caravan.restore.DrillScratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The drills of a home whose lock is held: of the command, and of the route. One at a time.
/// Thread-safe.
final class HomeDrills implements Drilling {
    private static final Logger LOG = LoggerFactory.getLogger(HomeDrills.class);

    private final Settings settings;
    private final Ledger ledger;
    private final TargetParts parts;
    private final Contents originals;
    private final Path scratch;

    /// @param scratch the folder in which what comes back is kept for a moment
    HomeDrills(
            Settings settings, Ledger ledger, TargetParts parts, Contents originals, Path scratch) {
        this.settings = settings;
        this.ledger = ledger;
        this.parts = parts;
        this.originals = originals;
        this.scratch = scratch;
    }

    static Path usualScratch(Settings settings) {
        return settings.home().data().resolve("drill");
    }

    @Override
    public List<String> targets() {
        return ledger.targets().active().stream().map(Target::name).toList();
    }

    @Override
    public void drill(String target, String sample) throws IOException {
        Drill.Result result = drill(target, Sample.parse(sample));
        LOG.info(
                "drill of {}: {} items, {} bytes in {} ms, {} failures",
                target,
                result.drill().items(),
                result.drill().bytes(),
                result.drill().took().toMillis(),
                result.drill().failures());
        result.failures()
                .forEach((version, why) ->
                        LOG.error("drill of {}: '{}': {}", target, version.path(), why));
        if (result.away() != null) {
            LOG.error("drill of {}: its copies can not be read: {}", target, result.away());
        }
        result.otherOriginals()
                .forEach(version ->
                        LOG.error(
                                "drill of {}: the original of '{}' is unchanged by size and times, and has other bytes",
                                target,
                                version.path()));
    }

    /// @throws IOException if the scratch folder fails
    synchronized Drill.Result drill(String target, Sample sample) throws IOException {
        List<Version> drawn =
                ledger.drills()
                        .sample(
                                target,
                                sample.items(),
                                sample.bytes(),
                                RandomGenerator.getDefault());
        if (scratch.equals(usualScratch(settings))) {
            Files.createDirectories(scratch);
        }
        try (Directory in = Directory.open(scratch);
                DrillScratch folder = DrillScratch.create(in, ledger.homeId().substring(0, 8))) {
            return new Drill(
                            ledger,
                            parts,
                            parts.readers(),
                            originals,
                            Clock.systemUTC(),
                            Program.nameAndVersion())
                    .run(target, drawn, folder);
        }
    }
}
