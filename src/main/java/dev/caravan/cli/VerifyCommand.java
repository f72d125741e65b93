package dev.caravan.cli;

import dev.caravan.config.Durations;
import dev.caravan.item.DataSize;
import dev.caravan.item.ItemPath;
import dev.caravan.ledger.DueCopies.At;
import dev.caravan.ledger.DueCopies.Scope;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Runs;
import dev.caravan.ledger.Target;
import dev.caravan.restore.Verified;
import dev.caravan.restore.Verifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan verify`: prove copies again, now.
@Command(
        name = "verify",
        description = {
            "Prove copies again, the oldest proof first: read them back from the medium itself and"
                    + " compare every hash.",
            "What is good counts as verified; what is wrong or missing counts no more. A target that"
                    + " can not be reached says nothing of its copies: they stay what they are."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all that was looked at is good; cartridges outside the library are told",
            "1:a copy is wrong, missing or can not be read; a target can not be reached; or the home"
                    + " is in use",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class VerifyCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(
            arity = "0..*",
            paramLabel = "PATH",
            description = "Only items at or below these, as in the source (default: all).")
    private List<String> paths = List.of();

    @Option(
            names = "--target",
            paramLabel = "TARGET",
            description = "Only copies on this target (default: all).")
    private @Nullable String target;

    @Option(names = "--source", paramLabel = "SOURCE", description = "Only items of this source.")
    private @Nullable String source;

    @Option(
            names = "--at-least",
            paramLabel = "LEVEL",
            defaultValue = "V3",
            description =
                    "V3: read all bytes back. V2: take the target's own word for the hash where it"
                            + " gives one, as some SFTP servers do (default: ${DEFAULT-VALUE}).")
    private String atLeast = "V3";

    @Option(
            names = "--older-than",
            paramLabel = "AGE",
            description =
                    "Only copies whose last proof is older than this, such as 30d, and those without"
                            + " any.")
    private @Nullable String olderThan;

    @Option(
            names = "--bytes",
            paramLabel = "SIZE",
            description = "Enough with so many on each target, such as 50GiB.")
    private @Nullable String bytes;

    @Override
    public Integer call() throws IOException {
        Evidence.Level level = level();
        long most = mostBytes();
        Instant before = before();
        Optional<VerifyingHome> opened = VerifyingHome.open(home.home());
        if (opened.isEmpty()) {
            throw new CommandException(
                    ExitCode.INCOMPLETE,
                    "nothing was backed up from this home yet: there is nothing to verify");
        }
        try (VerifyingHome verifying = opened.get()) {
            Verifier.Request request =
                    new Verifier.Request(
                            new Scope(where(verifying.ledger()), before, true),
                            level,
                            most,
                            Instant.MIN);
            HomeLegalHolds.apply(verifying.ledger(), verifying.parts())
                    .forEach(line ->
                            spec.commandLine().getErr().println("caravan: " + Words.shown(line)));
            List<Verified> results = verify(verifying, request);
            report(verifying.ledger(), results);
            return results.stream().allMatch(Verified::good) ? ExitCode.OK : ExitCode.INCOMPLETE;
        }
    }

    private Evidence.Level level() {
        return switch (atLeast) {
            case "V2" -> Evidence.Level.V2;
            case "V3" -> Evidence.Level.V3;
            default ->
                    throw new CommandException(
                            ExitCode.USAGE, "--at-least '%s': want V2 or V3".formatted(atLeast));
        };
    }

    private long mostBytes() {
        try {
            return bytes == null ? Long.MAX_VALUE : DataSize.parse(bytes).bytes();
        } catch (IllegalArgumentException wrong) {
            throw new CommandException(ExitCode.USAGE, "--bytes: " + wrong.getMessage(), wrong);
        }
    }

    /// A copy that is proven while this command runs is not looked at twice.
    private Instant before() {
        Instant now = Clock.systemUTC().instant();
        try {
            return olderThan == null ? now : now.minus(Durations.parse(olderThan));
        } catch (IllegalArgumentException wrong) {
            throw new CommandException(
                    ExitCode.USAGE, "--older-than: " + wrong.getMessage(), wrong);
        }
    }

    private List<At> where(Ledger ledger) {
        List<At> where = new ArrayList<>();
        for (String path : paths) {
            NamedItem item = NamedItem.locate(ledger.catalog(), PathArgument.of(path), source);
            where.add(new At(item.source(), item.path()));
        }
        if (where.isEmpty() && source != null) {
            List<String> known = ledger.catalog().sourcesOf(ItemPath.ROOT);
            if (!known.contains(source)) {
                throw new CommandException(
                        ExitCode.USAGE,
                        "no source '%s'; there are %s".formatted(Words.shown(source), known));
            }
            where.add(new At(source, ItemPath.ROOT));
        }
        return where;
    }

    private List<Target> targets(Ledger ledger) {
        String only = target;
        if (only == null) {
            return ledger.targets().active();
        }
        return List.of(
                ledger.targets()
                        .find(only)
                        .orElseThrow(() ->
                                new CommandException(
                                        ExitCode.USAGE,
                                        "no target '%s'; there are %s"
                                                .formatted(
                                                        Words.shown(only),
                                                        ledger.targets().all().stream()
                                                                .map(Target::name)
                                                                .toList()))));
    }

    private List<Verified> verify(VerifyingHome verifying, Verifier.Request request) {
        Ledger ledger = verifying.ledger();
        List<Target> targets = targets(ledger);
        long run = ledger.runs().begin("verify");
        List<Verified> results = new ArrayList<>();
        try (ReadingLine line = new ReadingLine(spec.commandLine().getErr())) {
            Verifier verifier =
                    new Verifier(ledger, Program.nameAndVersion(), verifying.media(), line::at);
            for (Target each : targets) {
                results.add(verifier.verify(each, request));
            }
        }
        ledger.runs().end(run, VerifyText.outcome(results), numbers(results));
        return results;
    }

    /// As the log keeps it.
    static Runs.Numbers numbers(List<Verified> results) {
        long verified = results.stream().mapToLong(Verified::verified).sum();
        long bad = results.stream().mapToLong(Verified::bad).sum();
        long read = results.stream().mapToLong(Verified::bytesRead).sum();
        return new Runs.Numbers(verified + bad, 0, verified, read, bad);
    }

    private void report(Ledger ledger, List<Verified> results) {
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(out, object -> VerifyText.write(object, ledger, results));
        } else {
            VerifyText.print(out, spec.commandLine().getErr(), ledger, results);
        }
    }
}
