package dev.caravan.cli;

import dev.caravan.audit.Audit;
import dev.caravan.audit.HeadDocument;
import dev.caravan.config.Home;
import dev.caravan.ledger.Head;
import dev.caravan.ledger.Ledger;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `caravan audit verify`: the chain, its signatures, and the heads that were exported.
@Command(
        name = "verify",
        description = {
            "Walk the event log and name its first bad event, check the signatures of its heads, and"
                    + " compare it with the heads that were exported: one that is ahead of the"
                    + " ledger shows that it was put back to an older state, one with another hash"
                    + " that its log was written anew.",
            "",
            "Heads are read in the home, on a mounted NAS, and from the newest copy that the ledger"
                    + " knows on each target. A ledger of yesterday knows those of yesterday only:"
                    + " fetch the newest from tape or offsite by hand, and name it with --head."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:the ledger is what all heads say",
            "1:it is not, it is damaged, or a head that was named could not be read",
            "2:wrong usage",
            "78:there is no such home, or its configuration is wrong"
        })
final class AuditVerifyCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Option(
            names = "--head",
            paramLabel = "FILE|TARGET",
            description =
                    "Compare with this exported head only; may be given more than once (default:"
                            + " all that can be read).")
    private List<String> heads = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        Home at = HomeChecks.existing(home.home());
        if (!Files.exists(at.ledger())) {
            throw new CommandException(
                    ExitCode.INCOMPLETE,
                    "no ledger at '%s': nothing was backed up from this home yet"
                            .formatted(at.ledger()));
        }
        String damage = Ledger.damage(at.ledger());
        if (damage != null) {
            return damaged(at, damage);
        }
        try (ReadingHome reading = new ReadingHome(at)) {
            ExportedHeads exported =
                    new ExportedHeads(
                            reading.settings(),
                            reading.ledger(),
                            reading.stores(),
                            reading.rules());
            if (heads.isEmpty()) {
                exported.all();
            } else {
                heads.forEach(exported::named);
            }
            Audit.Result result = new Audit(reading.ledger()).verify(exported.found());
            tell(result, exported.missing());
            boolean readAll = heads.isEmpty() || exported.missing().isEmpty();
            return result.good() && readAll ? ExitCode.OK : ExitCode.INCOMPLETE;
        }
    }

    private int damaged(Home at, String damage) {
        String said =
                "the ledger '%s' is damaged: %s; put the newest snapshot in its place, or make it anew with 'caravan tape rebuild --all'"
                        .formatted(at.ledger(), Words.shown(damage));
        if (!json.wanted) {
            throw new CommandException(ExitCode.INCOMPLETE, said);
        }
        Json.print(
                spec.commandLine().getOut(),
                object -> {
                    object.flag("good", false);
                    object.array("findings", all -> all.text(said));
                });
        return ExitCode.INCOMPLETE;
    }

    private void tell(Audit.Result result, List<String> missing) {
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(out, object -> write(object, result, missing));
            return;
        }
        @Nullable Head head = result.head();
        if (head == null) {
            out.println("The log has no events yet.");
            return;
        }
        Style style = Style.ofProcess();
        out.println(
                "%s, the last is %d with hash %s"
                        .formatted(
                                Words.count(result.events(), "event", "events"),
                                head.seq(),
                                head.hash().hex()));
        out.println(
                "%s in the ledger"
                        .formatted(Words.count(result.heads(), "signed head", "signed heads")));
        for (Audit.Compared each : result.compared()) {
            Head other = each.exported().head().head();
            if (each.good()) {
                out.println(
                        "%s: head of event %d, signed %s"
                                .formatted(
                                        each.exported().from(),
                                        other.seq(),
                                        Words.local(other.at())));
            }
        }
        result.accepted().forEach(line -> out.println(style.warning("ACCEPTED") + "  " + line));
        missing.forEach(line -> out.println(style.warning("NOT READ") + "  " + line));
        result.findings().forEach(line -> out.println(style.bad("WRONG") + "  " + line));
        out.println(
                result.good()
                        ? style.good("The ledger is what these heads say.")
                        : style.bad("The ledger is not what it was."));
    }

    private static void write(Json json, Audit.Result result, List<String> missing)
            throws IOException {
        @Nullable Head head = result.head();
        var bad = result.bad();
        json.flag("good", result.good())
                .number("events", result.events())
                .number("firstBad", bad == null ? null : bad.seq())
                .hash("hash", head == null ? null : head.hash())
                .number("signedHeads", result.heads());
        json.array(
                "compared",
                all -> {
                    for (Audit.Compared each : result.compared()) {
                        Head other = each.exported().head().head();
                        all.object(object ->
                                object.text("from", each.exported().from())
                                        .number("seq", other.seq())
                                        .hash("hash", other.hash())
                                        .time("signed", other.at())
                                        .text(
                                                "key",
                                                HeadDocument.keyId(
                                                        each.exported().head().publicKey()))
                                        .flag("good", each.good()));
                    }
                });
        lines(json, "accepted", result.accepted());
        lines(json, "notRead", missing);
        lines(json, "findings", result.findings());
    }

    private static void lines(Json json, String name, List<String> lines) throws IOException {
        json.array(
                name,
                all -> {
                    for (String line : lines) {
                        all.text(line);
                    }
                });
    }
}
