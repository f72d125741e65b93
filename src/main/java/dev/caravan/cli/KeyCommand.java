package dev.caravan.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `caravan key`: what copies are encrypted for.
@Command(
        name = "key",
        description = {
            "Keys: what copies on a target are encrypted for (caravan.encrypt.TARGET).",
            "",
            "They are keys of age: age -d -i NAME.key opens what is encrypted, without Caravan."
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:done", "2:wrong usage", "78:there is no such home"},
        subcommands = {KeyNewCommand.class, KeyListCommand.class, KeyRotateCommand.class})
final class KeyCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "want a command: caravan key list, or another of: "
                        + String.join(", ", spec.subcommands().keySet()));
    }
}
