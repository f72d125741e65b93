package dev.caravan.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `caravan audit`: whether the ledger is what it was.
@Command(
        name = "audit",
        description = "Whether the ledger is what it was.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:done", "2:wrong usage", "78:there is no such home"},
        subcommands = {AuditVerifyCommand.class, AuditAcceptCommand.class})
final class AuditCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "want a command: caravan audit verify, or another of: "
                        + String.join(", ", spec.subcommands().keySet()));
    }
}
