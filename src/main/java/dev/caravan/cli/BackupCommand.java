package dev.caravan.cli;

import dev.caravan.item.DataSize;
import dev.caravan.ledger.Counts;
import java.io.IOException;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `caravan backup`: one pass.
@Command(
        name = "backup",
        description =
                "Scan all sources and copy until nothing is wanted, or all that is left waits for a"
                        + " retry, or for the window of its target.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:everything is in policy",
            "1:something failed, was unreadable or unstable, or is below policy",
            "78:the configuration or a route is wrong; nothing was started"
        })
final class BackupCommand implements Callable<Integer> {
    @Mixin private HomeOption home;

    @Option(
            names = "--dry-run",
            description =
                    "Only show what would be picked up; write nothing, run no command of a source.")
    private boolean dryRun;

    @Option(
            names = "--accept-deletions",
            description =
                    "Mark what is gone as deleted, even if more than 30 %% of a source vanished"
                            + " since its last scan. Its copies stay.")
    private boolean acceptDeletions;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (dryRun) {
            return new DryRun(home.home(), spec.commandLine().getOut(), acceptDeletions).run();
        }
        try (RunningHome running = RunningHome.start(home.home(), false)) {
            if (acceptDeletions) {
                running.scanner().acceptDeletions();
            }
            Pass.Result result = new Pass(running, spec.commandLine().getErr()).run("backup");
            spec.commandLine().getOut().println(sentence(result));
            return result.good() ? ExitCode.OK : ExitCode.INCOMPLETE;
        }
    }

    /// What a pass came to, in a few lines.
    static String sentence(Pass.Result result) {
        Counts.Report report = result.report();
        String first =
                "%s, %s, %s copied: "
                        .formatted(
                                Words.count(report.items(), "item", "items"),
                                Words.count(result.versions(), "new version", "new versions"),
                                new DataSize(result.bytes()));
        String policy =
                report.belowPolicy() == 0
                        ? "all in policy" + asked(report)
                        : String.format(
                                Locale.ROOT,
                                "%,d below policy; see 'caravan status'",
                                report.belowPolicy());
        return first + policy + leftOut(report) + closed(result);
    }

    /// What got nothing, because it is not its time.
    private static String closed(Pass.Result result) {
        StringBuilder said = new StringBuilder();
        for (Counts.OfTarget numbers : result.report().targets()) {
            Instant opens = result.closed().get(numbers.target().name());
            if (opens != null) {
                said.append(
                        "\nTarget '%s' is %s: %s"
                                .formatted(
                                        numbers.target().name(),
                                        TargetLimits.outside(opens),
                                        Words.count(
                                                numbers.wanted(), "copy waits", "copies wait")));
            }
        }
        return said.toString();
    }

    /// What was asked for, where it is the same for all.
    private static String asked(Counts.Report report) {
        return report.sources().size() > 0 && report.onePolicy()
                ? " (" + HomePolicies.words(report.sources().getFirst().policy()) + ")"
                : "";
    }

    /// What makes a pass incomplete although all items it has are in policy.
    private static String leftOut(Counts.Report report) {
        String what =
                Stream.of(
                                numbered(report.unreadable(), "unreadable"),
                                numbered(report.unstable(), "unstable"),
                                numbered(report.overLong(), "over-long"))
                        .filter(text -> !text.isEmpty())
                        .collect(Collectors.joining(", "));
        return what.isEmpty() ? "" : "\nLeft out: " + what + "; see 'caravan status --list'";
    }

    private static String numbered(long count, String what) {
        return count == 0 ? "" : String.format(Locale.ROOT, "%,d %s", count, what);
    }
}
