package dev.caravan.cli;

import dev.caravan.audit.Audit.Exported;
import dev.caravan.audit.HeadDocument;
import dev.caravan.config.Home;
import dev.caravan.config.Settings;
import dev.caravan.ledger.Head;
import dev.caravan.ledger.Heads;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.SignedHead;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `caravan audit accept`: go on with a ledger that is not what exported heads say.
@Command(
        name = "accept",
        description = {
            "Go on with a ledger that is older than what was exported of it, or another. An event"
                    + " says so for ever.",
            "",
            "What happened behind it is unknown to it, so every copy that counts becomes STALE:"
                    + " it counts on, and is to be verified. A newer ledger is better, and so is one"
                    + " that is made anew from the media."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:accepted, or nothing was to be accepted",
            "1:a head could not be read, or another caravan is at work",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class AuditAcceptCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;

    @Option(
            names = "--head",
            paramLabel = "FILE",
            description =
                    "The exported head that is not in the ledger; may be given more than once"
                            + " (default: those in the home and on a mounted NAS).")
    private List<String> heads = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        Home at = HomeChecks.existing(home.home());
        Settings settings = HomeChecks.requireToRestore(at).settings();
        try (HomeLock _ = HomeLock.take(at);
                Ledger ledger = Ledger.open(at.ledger(), Clock.systemUTC())) {
            List<Head> refused = refused(settings, ledger);
            if (refused.isEmpty()) {
                spec.commandLine()
                        .getOut()
                        .println("The ledger is what these heads say: there is nothing to accept.");
                return ExitCode.OK;
            }
            int stale = ledger.heads().accept(refused);
            spec.commandLine()
                    .getOut()
                    .println(
                            "Accepted: %s not in this ledger, and it goes on. %s to be verified."
                                    .formatted(
                                            Words.count(
                                                    refused.size(),
                                                    "exported head is",
                                                    "exported heads are"),
                                            Words.count(stale, "copy is", "copies are")));
            return ExitCode.OK;
        }
    }

    /// The genuine heads of a home that are in this one and on a mounted NAS.
    static List<Head> atHandOf(Settings settings, Ledger ledger, String home) {
        ExportedHeads exported = files(settings, ledger);
        exported.atHand();
        return genuine(exported).filter(head -> head.home().equals(home)).distinct().toList();
    }

    private static ExportedHeads files(Settings settings, Ledger ledger) {
        return new ExportedHeads(
                settings,
                ledger,
                target -> {
                    throw new IOException("only files are looked at");
                },
                Map.of());
    }

    private List<Head> refused(Settings settings, Ledger ledger) {
        ExportedHeads exported = files(settings, ledger);
        if (heads.isEmpty()) {
            exported.atHand();
        } else {
            heads.forEach(exported::file);
            if (!exported.missing().isEmpty()) {
                throw new CommandException(
                        ExitCode.INCOMPLETE, "--head " + exported.missing().getFirst());
            }
        }
        return refused(exported, ledger);
    }

    private static Stream<Head> genuine(ExportedHeads exported) {
        return exported.found().stream()
                .map(Exported::head)
                .filter(HeadDocument::isGenuine)
                .map(SignedHead::head);
    }

    private static List<Head> refused(ExportedHeads exported, Ledger ledger) {
        return genuine(exported)
                .filter(head -> isRefused(ledger.heads().compare(head)))
                .distinct()
                .toList();
    }

    private static boolean isRefused(Heads.Verdict verdict) {
        return verdict == Heads.Verdict.AHEAD || verdict == Heads.Verdict.DIFFERS;
    }
}
