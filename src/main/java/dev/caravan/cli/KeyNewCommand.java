package dev.caravan.cli;

import dev.caravan.cli.AgeKeys.Key;
import dev.caravan.config.Home;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan key new`: make a key.
@Command(
        name = "new",
        description = {
            "Make a key, or take the recipient of somebody else.",
            "",
            "Nothing is encrypted for it before caravan.encrypt.TARGET names it."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:it is made",
            "1:there is one of this name, or such a file, or the home is in use",
            "2:wrong usage",
            "78:there is no such home"
        })
final class KeyNewCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;
    @Mixin private KeyOrigin origin;

    @Parameters(paramLabel = "NAME", description = "What the key is called in the settings.")
    private String name;

    @Override
    public Integer call() throws IOException {
        if (!name.matches("[a-z0-9-]{1,28}")) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "key '%s': want up to 28 of a-z, 0-9 and '-'".formatted(Words.shown(name)));
        }
        KeyOrigin.Planned planned = origin.plan();
        Home at = HomeChecks.existing(home.home());
        AgeKeys keys = new AgeKeys(at);
        Key made;
        try (HomeLock _ = HomeLock.take(at)) {
            if (keys.find(name).isPresent()) {
                throw new CommandException(
                        ExitCode.INCOMPLETE,
                        "key '%1$s' is there already: choose another name, or caravan key rotate %1$s"
                                .formatted(name));
            }
            made = planned.make(keys, name);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(out, object -> KeyOrigin.write(object, made));
        } else {
            origin.print(out, keys, made);
        }
        return ExitCode.OK;
    }
}
