package dev.caravan.cli;

import dev.caravan.audit.HeadDocument;
import dev.caravan.ledger.Drills;
import dev.caravan.ledger.EvidenceAges;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.SignedHead;
import dev.caravan.tape.TapeLibrary.TapeCartridge;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `caravan report`: a dated proof of what is protected and how.
@Command(
        name = "report",
        description =
                "Write a dated report: the policy and what reaches it, targets, the age of their"
                        + " proofs, cartridges and where they are, what is simulated, and the signed"
                        + " head of the ledger's log at its foot.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:every item is in policy",
            "1:some item is below policy, unreadable, unstable or over-long; or no backup has run",
            "2:wrong usage",
            "78:there is no such home"
        })
final class ReportCommand implements Callable<Integer> {
    private static final String STDOUT = "-";

    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Write it for a browser and for A4 paper: one file, no scripts.")
    private @Nullable Path html;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            arity = "0..1",
            fallbackValue = STDOUT,
            description = "Write it as JSON; without FILE to the standard output.")
    private @Nullable String json;

    @Override
    public Integer call() throws IOException {
        OpenHome open = OpenHome.of(home);
        Clock clock = Clock.systemUTC();
        JudgedHome judged = JudgedHome.of(open, spec.commandLine().getErr());
        Optional<Ledger> ledger = open.ledger(clock);
        if (ledger.isEmpty()) {
            throw new CommandException(
                    ExitCode.INCOMPLETE,
                    "no backup has run yet, so there is nothing to report; start with: caravan backup");
        }
        try (Ledger opened = ledger.get()) {
            ReportFacts facts = ReportFacts.gather(judged, opened, clock.instant());
            if (html != null) {
                write(html, new ReportHtml(facts, ZoneId.systemDefault()).page());
            }
            if (json != null && !json.equals(STDOUT)) {
                writeJson(Path.of(json), facts);
            }
            PrintWriter out = spec.commandLine().getOut();
            if (STDOUT.equals(json)) {
                Json.print(out, object -> write(object, facts));
            } else if (html == null && json == null) {
                new ReportText(facts, out).print();
            }
            return facts.good() ? ExitCode.OK : ExitCode.INCOMPLETE;
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException failed) {
            throw unable(file, failed);
        }
    }

    private static void writeJson(Path file, ReportFacts facts) {
        try (PrintWriter out =
                new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8))) {
            Json.print(out, object -> write(object, facts));
            if (out.checkError()) {
                throw new IOException("not all of it could be written");
            }
        } catch (IOException failed) {
            throw unable(file, failed);
        }
    }

    private static CommandException unable(Path file, IOException failed) {
        return new CommandException(
                ExitCode.INCOMPLETE,
                "unable to write the report to '%s': %s"
                        .formatted(
                                file,
                                failed instanceof java.nio.file.NoSuchFileException
                                        ? "there is no such folder"
                                        : failed.getMessage()),
                failed);
    }

    private static void write(Json json, ReportFacts facts) throws IOException {
        json.text("format", "caravan-report-1")
                .time("at", facts.at())
                .text("home", facts.homeId())
                .text("folder", facts.home().root().toString())
                .text("program", facts.program())
                .text("verdict", facts.verdict());
        json.array(
                "policy",
                all -> {
                    for (PolicyNumber number : facts.policy()) {
                        all.object(each ->
                                each.text("rule", number.rule())
                                        .number("wanted", number.wanted())
                                        .number("met", number.met())
                                        .number("items", number.items()));
                    }
                });
        json.object(
                "status", status -> StatusCommand.write(status, facts.counts(), facts.limits()));
        json.array(
                "evidence",
                all -> {
                    for (EvidenceAges.Proven proven : facts.evidence()) {
                        all.object(each ->
                                each.text("target", proven.target())
                                        .text("level", proven.level().name())
                                        .number("copies", proven.copies())
                                        .time("oldest", proven.oldest())
                                        .time("newest", proven.newest()));
                    }
                });
        json.array(
                "drills",
                all -> {
                    for (Drills.Drill drill : facts.drills()) {
                        all.object(each -> DrillCommand.write(each, drill));
                    }
                });
        json.array(
                "cartridges",
                all -> {
                    for (TapeCartridge cartridge : facts.cartridges()) {
                        all.object(each -> TapeListCommand.write(each, cartridge));
                    }
                });
        facts.own().write(json);
        SignedHead signed = facts.head();
        if (signed == null) {
            json.nothing("head");
        } else {
            json.raw(
                    "head", new String(HeadDocument.write(signed), StandardCharsets.UTF_8).strip());
        }
    }
}
