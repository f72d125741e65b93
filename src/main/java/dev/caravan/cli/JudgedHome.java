package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Policies;
import dev.caravan.ledger.Policy;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.Optional;

/// What a home asks for, as a command that only reports needs it.
///
/// @param known whether it could be read; if not, the 3-2-1 rule stands in, and nothing may be
///   called in policy by it
record JudgedHome(OpenHome open, Policies policies, boolean known) {

    static JudgedHome of(OpenHome open, PrintWriter err) {
        Optional<Settings> settings = open.settingsIfGood();
        if (settings.isEmpty()) {
            err.println(
                    "caravan: the settings are wrong (`caravan check` lists all): judged by 3-2-1 instead of the policy of this home");
        }
        return new JudgedHome(
                open,
                settings.map(HomePolicies::of).orElse(Policies.of(Policy.THREE_TWO_ONE)),
                settings.isPresent());
    }

    /// @throws CommandException before the first backup
    Ledger ledger(Clock clock) {
        return open.ledger(clock)
                .orElseThrow(() ->
                        new CommandException(
                                ExitCode.INCOMPLETE,
                                "no backup has run yet, so no copies are known"));
    }
}
