package dev.caravan.cli;

import dev.caravan.age.AgeRecipient;
import dev.caravan.cli.AgeKeys.Key;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a new key comes from, and who can read what is encrypted for it.
final class KeyOrigin {
    @Option(
            names = "--escrow",
            paramLabel = "FILE",
            description =
                    "Write the identity to this new file only, and keep just the recipient in the"
                            + " home.")
    private @Nullable Path escrow;

    @Option(
            names = "--recipient",
            paramLabel = "age1…",
            description = "Take the recipient of somebody else, who has the identity.")
    private @Nullable String recipient;

    /// Whether the home itself gets the identity.
    boolean isOwn() {
        return escrow == null && recipient == null;
    }

    /// What is wrong with the options is said before anything is written.
    Planned plan() {
        if (escrow != null && recipient != null) {
            throw new CommandException(
                    ExitCode.USAGE, "--escrow and --recipient: want one of them at most");
        }
        if (recipient == null) {
            return this::make;
        }
        try {
            AgeRecipient parsed = AgeRecipient.parse(recipient);
            return (keys, name) -> keys.add(name, parsed);
        } catch (IllegalArgumentException e) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--recipient: " + Words.shown(String.valueOf(e.getMessage())),
                    e);
        }
    }

    /// Makes the key of a name, in place of the one there is.
    @FunctionalInterface
    interface Planned {
        Key make(AgeKeys keys, String name) throws IOException;
    }

    private Key make(AgeKeys keys, String name) throws IOException {
        if (escrow == null) {
            return keys.generate(name);
        }
        try {
            return keys.escrow(name, escrow);
        } catch (FileAlreadyExistsException there) {
            throw new CommandException(
                    ExitCode.INCOMPLETE,
                    "--escrow: '%s' is there already and may be an identity: name a new file"
                            .formatted(Words.shown(escrow.toString())),
                    there);
        }
    }

    /// One line for the recipient, and one that says who must keep what.
    void print(PrintWriter out, AgeKeys keys, Key key) {
        out.println("Key " + key.name() + ": " + key.recipient());
        if (escrow != null) {
            out.println(
                    "Its identity is in '%s' only: keep it elsewhere, for this home cannot read what is encrypted for it alone."
                            .formatted(Words.shown(escrow.toString())));
        } else if (recipient != null) {
            out.println(
                    "Whoever has its identity can read what is encrypted for it; this home cannot.");
        } else {
            out.println(
                    "Keep a copy of '%s' elsewhere: without it nothing that is encrypted for it can ever be read."
                            .formatted(keys.identityFile(key.name())));
        }
    }

    static void write(Json json, Key key) throws IOException {
        json.text("key", key.name())
                .text("recipient", key.recipient().toString())
                .text("kind", key.hasIdentity() ? "identity" : "recipient")
                .time("madeAt", key.made());
    }
}
