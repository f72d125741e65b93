package dev.caravan.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `caravan tape`: what has to do with cartridges.
@Command(
        name = "tape",
        description = "Cartridges of the tape library.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:done", "2:wrong usage", "78:there is no such home"},
        subcommands = {
            TapeListCommand.class,
            TapeDrivesCommand.class,
            TapeInventoryCommand.class,
            TapeLoadCommand.class,
            TapeUnloadCommand.class,
            TapeImportCommand.class,
            TapeExportCommand.class,
            TapeShowCommand.class,
            TapePoolsCommand.class,
            TapeLabelCommand.class,
            TapeVaultCommand.class,
            TapeNeededCommand.class,
            TapeRetireCommand.class,
            TapeVerifyCommand.class,
            TapeRebuildCommand.class
        })
final class TapeCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "want a command: caravan tape inventory, or another of: "
                        + String.join(", ", spec.subcommands().keySet()));
    }
}
