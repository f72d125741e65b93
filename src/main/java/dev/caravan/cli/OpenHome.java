package dev.caravan.cli;

import dev.caravan.config.Finding;
import dev.caravan.config.Home;
import dev.caravan.config.Settings;
import dev.caravan.ledger.Ledger;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/// An existing home as the reporting commands see it: beside its writer, changing nothing.
record OpenHome(Home home) {

    /// @throws CommandException with exit 78, because which home is meant is configuration
    static OpenHome of(HomeOption option) {
        return new OpenHome(HomeChecks.existing(option.home()));
    }

    /// @throws CommandException if something in it is wrong
    Settings settings() {
        return good(Settings.readAsWritten(home));
    }

    /// @throws CommandException if something in it is wrong, or a source is not there
    Settings settingsToScan() {
        return good(Settings.read(home));
    }

    private static Settings good(Settings.Reading reading) {
        return switch (reading) {
            case Settings.Reading.Ok(Settings settings, List<Finding> _) -> settings;
            case Settings.Reading.Refused(List<Finding> findings) ->
                    throw new CommandException(
                            ExitCode.CONFIGURATION,
                            findings.stream()
                                            .filter(Finding::isError)
                                            .findFirst()
                                            .map(Finding::toString)
                                            .orElse("the configuration is wrong")
                                    + (findings.size() > 1 ? " (`caravan check` lists all)" : ""));
        };
    }

    /// The settings, where they are of some help and nothing hangs on them.
    Optional<Settings> settingsIfGood() {
        return Settings.readAsWritten(home)
                        instanceof Settings.Reading.Ok(Settings settings, List<Finding> _)
                ? Optional.of(settings)
                : Optional.empty();
    }

    /// The ledger; empty before the first backup.
    Optional<Ledger> ledger(Clock clock) {
        return Files.exists(home.ledger())
                ? Optional.of(Ledger.openReadOnly(home.ledger(), clock))
                : Optional.empty();
    }
}
