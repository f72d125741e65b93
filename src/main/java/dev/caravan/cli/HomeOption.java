package dev.caravan.cli;

import dev.caravan.config.Home;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `--home`, on every command.
final class HomeOption {
    @Option(
            names = "--home",
            paramLabel = "DIR",
            description =
                    "The home: configuration, routes and ledger (default: $CARAVAN_HOME, else"
                            + " ./caravan-home).")
    @Nullable Path dir;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /// The home that was named after the command or before it, or the default.
    Home home() {
        if (dir != null) {
            return new Home(dir);
        }
        if (command.root().userObject() instanceof Caravan caravan && caravan.home != null) {
            return new Home(caravan.home);
        }
        String set = System.getenv("CARAVAN_HOME");
        return new Home(Path.of(set == null || set.isBlank() ? "caravan-home" : set));
    }
}
