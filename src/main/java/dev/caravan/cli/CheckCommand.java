package dev.caravan.cli;

import dev.caravan.config.Finding;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `caravan check`: every problem of settings and routes at once.
@Command(
        name = "check",
        description = "Check settings and routes; list every problem with its file and line.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:nothing is wrong",
            "1:the settings are good, but a NAS, tape drive or changer that they name is not there now",
            "78:something is wrong; each problem is one line"
        })
final class CheckCommand implements Callable<Integer> {
    @Mixin private HomeOption home;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        List<Finding> findings = HomeChecks.findings(home.home());
        long errors = findings.stream().filter(Finding::isError).count();
        for (Finding finding : findings) {
            spec.commandLine().getErr().println(finding.seenFrom(home.home().root()));
        }
        if (errors > 0) {
            return ExitCode.CONFIGURATION;
        }
        if (findings.stream().anyMatch(f -> f.severity() == Finding.Severity.FAULT)) {
            return ExitCode.INCOMPLETE;
        }
        spec.commandLine()
                .getOut()
                .println("Settings and routes of " + home.home().root() + " are good.");
        return ExitCode.OK;
    }
}
