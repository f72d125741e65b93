package dev.caravan.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/// `caravan target`: what is asked of a target itself.
@Command(
        name = "target",
        description = "Try a target out.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {TargetTestCommand.class, HelpCommand.class})
final class TargetCommand {}
