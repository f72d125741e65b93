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

/// `caravan key rotate`: another key under the same name.
@Command(
        name = "rotate",
        description = {
            "Make a new key under the name of an old one, for what is written from now on.",
            "",
            "The old one is kept as NAME-1, NAME-2 …: what is there is not encrypted again."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:it is made",
            "1:there is none of this name, or there is such a file, or the home is in use",
            "2:wrong usage",
            "78:there is no such home"
        })
final class KeyRotateCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;
    @Mixin private KeyOrigin origin;

    @Parameters(paramLabel = "NAME", description = "The key.")
    private String name;

    @Override
    public Integer call() throws IOException {
        KeyOrigin.Planned planned = origin.plan();
        Home at = HomeChecks.existing(home.home());
        AgeKeys keys = new AgeKeys(at);
        String aside;
        Key made;
        try (HomeLock _ = HomeLock.take(at)) {
            Key old =
                    keys.find(name)
                            .orElseThrow(() ->
                                    new CommandException(
                                            ExitCode.INCOMPLETE,
                                            "no key '%s': caravan key list shows those there are"
                                                    .formatted(Words.shown(name))));
            if (!old.hasIdentity() && origin.isOwn()) {
                throw new CommandException(
                        ExitCode.USAGE,
                        "the identity of key '%s' is not in this home: say where the new one is, by --escrow or --recipient"
                                .formatted(name));
            }
            aside = keys.keepAside(name);
            made = planned.make(keys, name);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(
                    out,
                    object -> {
                        KeyOrigin.write(object, made);
                        object.text("oldKey", aside);
                    });
        } else {
            origin.print(out, keys, made);
            out.println(
                    "The old one is kept as %s: what was written before is encrypted for it, and read with it."
                            .formatted(aside));
        }
        return ExitCode.OK;
    }
}
