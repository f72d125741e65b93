package dev.caravan.cli;

import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.RetentionPlan;
import dev.caravan.ledger.RetentionRules;
import dev.caravan.ledger.Target;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `caravan forget`: retire copies of old versions that no retention keeps.
@Command(
        name = "forget",
        description = {
            "Retire copies of old versions that the retention of their target does not keep, and"
                    + " remove the data of those that were retired long enough ago.",
            "",
            "The current version of what is there is never touched. Where other targets keep a"
                    + " version, a copy is dropped only after 2 others were read back and found good;"
                    + " holds, WORM and the policy are respected. Without caravan.retention.… in the"
                    + " settings everything is kept."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done, or nothing was to be done",
            "1:something could not be retired or removed, too much would go at once, or the home is in use",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class ForgetCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Option(
            names = "--dry-run",
            description = "Show what would be retired, and why; change nothing.")
    private boolean dryRun;

    @Option(
            names = "--target",
            paramLabel = "TARGET",
            description = "Only copies on this target (default: all).")
    private @Nullable String target;

    @Option(
            names = "--allow-many",
            description = "Also if more than 30 %% of the copies of a target are retired at once.")
    private boolean allowMany;

    @Option(
            names = "--with-tape",
            description =
                    "Rely on copies on tape too: cartridges are loaded, and all that is relied on is"
                            + " read.")
    private boolean withTape;

    @Override
    public Integer call() throws IOException {
        return dryRun ? show() : forget();
    }

    private Integer show() throws IOException {
        HomeChecks.Checked checked = HomeChecks.requireToRestore(home.home());
        RetentionRules rules = rules(checked);
        try (Ledger ledger =
                OpenHome.of(home).ledger(Clock.systemUTC()).orElseThrow(ForgetCommand::none)) {
            RetentionPlan plan = plan(ledger, rules);
            print(new ForgetText(plan, rules, null, List.of(), tooMany(plan)));
            return tooMany(plan) == null ? ExitCode.OK : ExitCode.INCOMPLETE;
        }
    }

    private Integer forget() throws IOException {
        Optional<VerifyingHome> opened = VerifyingHome.open(home.home());
        try (VerifyingHome verifying = opened.orElseThrow(ForgetCommand::none)) {
            Ledger ledger = verifying.ledger();
            RetentionRules rules = rules(verifying.checked());
            RetentionPlan plan = plan(ledger, rules);
            String many = tooMany(plan);
            if (many != null) {
                print(new ForgetText(plan, rules, null, List.of(), many));
                throw new CommandException(ExitCode.INCOMPLETE, many);
            }
            long run = ledger.runs().begin("forget");
            ForgetText text = forget(verifying, rules, plan, run);
            print(text);
            return text.good() ? ExitCode.OK : ExitCode.INCOMPLETE;
        }
    }

    private ForgetText forget(
            VerifyingHome verifying, RetentionRules rules, RetentionPlan plan, long run) {
        try (ReadingLine line = new ReadingLine(spec.commandLine().getErr())) {
            return new HomeForget(verifying.ledger(), verifying.parts(), rules)
                    .run(run, target, plan, line::at);
        }
    }

    private RetentionPlan plan(Ledger ledger, RetentionRules rules) {
        String only = target;
        if (only != null && ledger.targets().find(only).isEmpty()) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "no target '%s'; there are %s"
                            .formatted(
                                    Words.shown(only),
                                    ledger.targets().all().stream().map(Target::name).toList()));
        }
        return ledger.retention().plan(rules, only);
    }

    private RetentionRules rules(HomeChecks.Checked checked) {
        return HomeRetention.of(
                checked.settings(), checked.rules(), withTape, ZoneId.systemDefault());
    }

    private @Nullable String tooMany(RetentionPlan plan) {
        String many = allowMany ? null : HomeRetention.tooMany(plan);
        return many == null ? null : many + "; if that is meant, say --allow-many";
    }

    private static CommandException none() {
        return new CommandException(
                ExitCode.INCOMPLETE,
                "nothing was backed up from this home yet: there is nothing to forget");
    }

    private void print(ForgetText text) {
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(out, text::write);
        } else {
            text.print(out, Style.ofProcess());
        }
    }
}
