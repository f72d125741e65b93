package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.RetentionRules;
import dev.caravan.restore.Verifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan safe-to-delete`: may the original go?
@Command(
        name = "safe-to-delete",
        description = {
            "Say whether the original of an item, or of all below a folder, may be deleted: yes or no,"
                    + " with the reasons.",
            "",
            "Yes only if what is in the source is what the ledger has, and at least 2 copies on media that"
                    + " do not fail together, one of them offsite, were read just now and found good."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:yes",
            "1:no; or the home is in use",
            "2:wrong usage, or the path is in several sources",
            "78:there is no such home, or its configuration is wrong"
        })
final class SafeToDeleteCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(paramLabel = "PATH", description = "As seen from the source's root.")
    private String typed;

    @Option(names = "--source", paramLabel = "SOURCE", description = "The source it is in.")
    private @Nullable String source;

    @Option(
            names = "--with-tape",
            description = "Read copies on tape too: cartridges are loaded for it.")
    private boolean withTape;

    @Override
    public Integer call() throws IOException {
        PathArgument path = PathArgument.of(typed);
        Optional<VerifyingHome> opened = VerifyingHome.open(home.home());
        if (opened.isEmpty()) {
            throw new CommandException(
                    ExitCode.INCOMPLETE, "no: nothing was backed up from this home yet");
        }
        try (VerifyingHome verifying = opened.get()) {
            Ledger ledger = verifying.ledger();
            NamedItem item = NamedItem.locate(ledger.catalog(), path, source);
            SafeToDelete.Answer answer = answer(verifying, item);
            PrintWriter out = spec.commandLine().getOut();
            if (json.wanted) {
                Json.print(out, object -> write(object, item, answer));
            } else {
                print(out, Style.ofProcess(), answer);
            }
            return answer.yes() ? ExitCode.OK : ExitCode.INCOMPLETE;
        }
    }

    private SafeToDelete.Answer answer(VerifyingHome verifying, NamedItem item) throws IOException {
        Settings settings = verifying.checked().settings();
        Settings.Source from =
                settings.sources().stream()
                        .filter(each -> each.name().equals(item.source()))
                        .findFirst()
                        .orElseThrow(() ->
                                new CommandException(
                                        ExitCode.INCOMPLETE,
                                        "no: source '%s' is not in the settings, so nobody looks at its originals"
                                                .formatted(item.source())));
        RetentionRules rules =
                HomeRetention.of(
                        settings, verifying.checked().rules(), withTape, ZoneId.systemDefault());
        try (OriginalCheck originals = new OriginalCheck(SourceRoots.openOnce(from, Set.of()));
                ReadingLine line = new ReadingLine(spec.commandLine().getErr())) {
            Verifier verifier =
                    new Verifier(
                            verifying.ledger(),
                            Program.nameAndVersion(),
                            verifying.media(),
                            line::at);
            return new SafeToDelete(
                            verifying.ledger(), rules, verifier, originals, Clock.systemUTC())
                    .of(item.source(), item.path());
        } catch (IOException away) {
            throw new CommandException(
                    ExitCode.INCOMPLETE, "no: " + SourceRoots.told(from, away), away);
        }
    }

    private static void print(PrintWriter out, Style style, SafeToDelete.Answer answer) {
        String what =
                "%s, %s"
                        .formatted(
                                Words.count(answer.items(), "item", "items"),
                                Words.bytes(answer.bytes()));
        if (answer.yes()) {
            out.println(
                    style.good("yes")
                            + ": %s, as the ledger has it; enough copies of each were read just now"
                                    .formatted(what));
            return;
        }
        out.println(style.bad("no") + ": " + what);
        answer.reasons().forEach(reason -> out.println("  " + Words.shown(reason)));
        if (answer.no() > answer.reasons().size()) {
            out.println(
                    "  and %s more".formatted(Words.count(answer.no() - answer.reasons().size())));
        }
    }

    private static void write(Json json, NamedItem item, SafeToDelete.Answer answer)
            throws IOException {
        json.text("source", item.source())
                .path(item.path())
                .flag("safe", answer.yes())
                .number("items", answer.items())
                .number("bytes", answer.bytes())
                .number("against", answer.no());
        json.array(
                "reasons",
                all -> {
                    for (String reason : answer.reasons()) {
                        all.text(reason);
                    }
                });
    }
}
