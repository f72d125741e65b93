package dev.caravan.cli;

import dev.caravan.config.Home;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `--home`, on every command.
final class HomeOption {
    @Option(
            names = "--home",
            paramLabel = "DIR",
            description =
                    "The home: configuration, routes and ledger (default: $CARAVAN_HOME, else"
                            + " ./caravan-home).")
    @Nullable Path dir;

    Home home() {
        if (dir != null) {
            return new Home(dir);
        }
        String set = System.getenv("CARAVAN_HOME");
        return new Home(Path.of(set == null || set.isBlank() ? "caravan-home" : set));
    }
}
