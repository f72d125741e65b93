package dev.caravan.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.caravan.ledger.Events.Event;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Runs.Run;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan log`: what runs did.
@Command(
        name = "log",
        description = "Show the runs, newest first; with RUN, what happened in that one.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:shown",
            "1:there is no such run",
            "2:wrong usage",
            "78:there is no such home"
        })
final class LogCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(arity = "0..1", paramLabel = "RUN", description = "The number of a run.")
    private @Nullable Long number;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "How many runs at most (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Override
    public Integer call() {
        if (limit < 1) {
            throw new CommandException(ExitCode.USAGE, "--limit " + limit + ": want 1 or more");
        }
        Optional<Ledger> ledger = OpenHome.of(home).ledger(Clock.systemUTC());
        PrintWriter out = spec.commandLine().getOut();
        if (ledger.isEmpty()) {
            return number == null ? runs(out, List.of()) : unknown();
        }
        try (Ledger opened = ledger.get()) {
            if (number == null) {
                return runs(out, opened.runs().newestFirst(limit));
            }
            Optional<Run> run = opened.runs().find(number);
            return run.isEmpty() ? unknown() : run(out, run.get(), opened.events().ofRun(number));
        }
    }

    private Integer unknown() {
        throw new CommandException(
                ExitCode.INCOMPLETE, "no run " + number + ": `caravan log` shows those there are");
    }

    private int runs(PrintWriter out, List<Run> runs) {
        if (json.wanted) {
            Json.print(
                    out,
                    object ->
                            object.array(
                                    "runs",
                                    all -> {
                                        for (Run run : runs) {
                                            all.object(each -> write(each, run));
                                        }
                                    }));
        } else if (runs.isEmpty()) {
            out.println("No backup has run yet. Start with: caravan backup");
        } else {
            runs.forEach(run -> print(out, Style.ofProcess(), run));
        }
        return ExitCode.OK;
    }

    private int run(PrintWriter out, Run run, List<Event> events) {
        if (json.wanted) {
            Json.print(
                    out,
                    object -> {
                        write(object, run);
                        object.array(
                                "events",
                                all -> {
                                    for (Event event : events) {
                                        all.object(each -> write(each, event));
                                    }
                                });
                    });
            return ExitCode.OK;
        }
        print(out, Style.ofProcess(), run);
        for (Event event : events) {
            out.println("  %s  %s".formatted(Words.local(event.at()).substring(11), words(event)));
        }
        return ExitCode.OK;
    }

    private static void write(Json json, Run run) throws IOException {
        json.number("run", run.id())
                .text("kind", run.kind())
                .time("started", run.started())
                .time("ended", run.ended())
                .text("outcome", run.outcome())
                .number("items", run.items())
                .number("versions", run.versions())
                .number("copies", run.copies())
                .number("bytes", run.bytes())
                .number("failures", run.failures());
    }

    private static void write(Json json, Event event) throws IOException {
        json.number("seq", event.seq()).time("at", event.at()).text("kind", event.kind());
        if (parsed(event.detail()).isMissingNode()) {
            json.text("detail", event.detail());
        } else {
            json.raw("detail", event.detail());
        }
    }

    private static void print(PrintWriter out, Style style, Run run) {
        String took =
                run.ended() == null
                        ? "not ended"
                        : "took " + Words.duration(Duration.between(run.started(), run.ended()));
        String outcome = run.outcome() == null ? "" : ", " + Words.shown(run.outcome());
        out.println(
                "%s  %s  %s, %s%s"
                        .formatted(
                                style.strong("Run " + run.id()),
                                Words.local(run.started()),
                                run.kind(),
                                took,
                                outcome));
        String failures =
                run.failures() == 0
                        ? ""
                        : ", " + style.bad(Words.count(run.failures(), "failure", "failures"));
        if (run.kind().equals("drill")) {
            out.println(
                    "  %s drilled, %s brought back%s"
                            .formatted(
                                    Words.count(run.items(), "copy", "copies"),
                                    Words.bytes(run.bytes()),
                                    failures));
            return;
        }
        if (run.kind().equals("forget")) {
            out.println(
                    "  %s retired, %s of content%s"
                            .formatted(
                                    Words.count(run.copies(), "copy", "copies"),
                                    Words.bytes(run.bytes()),
                                    failures));
            return;
        }
        if (run.kind().equals("verify") || run.kind().equals("scrub")) {
            out.println(
                    "  %s verified, %s read%s"
                            .formatted(
                                    Words.count(run.copies(), "copy", "copies"),
                                    Words.bytes(run.bytes()),
                                    failures));
            return;
        }
        out.println(
                "  %s seen, %s, %s made, %s written%s"
                        .formatted(
                                Words.count(run.items(), "item", "items"),
                                Words.count(run.versions(), "new version", "new versions"),
                                Words.count(run.copies(), "copy", "copies"),
                                Words.bytes(run.bytes()),
                                failures));
    }

    /// Events of kinds this program does not know are shown as they stand.
    private static String words(Event event) {
        JsonNode detail = parsed(event.detail());
        String source = detail.path("source").asText();
        return switch (event.kind()) {
            case "registered" ->
                    "registered %s of source %s"
                            .formatted(
                                    Words.count(
                                            detail.path("versions").asLong(),
                                            "new version",
                                            "new versions"),
                                    source);
            case "scanned" ->
                    "scanned source %s: %s, %s deleted"
                            .formatted(
                                    source,
                                    Words.count(detail.path("items").asLong(), "item", "items"),
                                    Words.count(detail.path("deleted").asLong()));
            case "recorded" -> recorded(detail);
            case "part" ->
                    "recorded part %s of %s of version %s on %s"
                            .formatted(
                                    detail.path("part").asText(),
                                    detail.path("parts").asText(),
                                    detail.path("version").asText(),
                                    detail.path("target").asText());
            case "voided" ->
                    "%s of version %s void: the copy is made anew"
                            .formatted(
                                    Words.count(detail.path("parts").asLong(), "part", "parts"),
                                    detail.path("version").asText());
            case "failed" ->
                    "%s failed: %s"
                            .formatted(
                                    detail.path("target").asText(),
                                    Words.shown(detail.path("error").asText()));
            case "lost" ->
                    "%s on %s taken away or written over by somebody"
                            .formatted(
                                    Words.count(detail.path("versions").size(), "copy", "copies"),
                                    detail.path("target").asText());
            case "retired" ->
                    "gave up %s on cartridge %s"
                            .formatted(
                                    Words.count(detail.path("copies").asLong(), "copy", "copies"),
                                    detail.path("volume").asText());
            case "retire" -> retired(detail);
            case "remove" ->
                    "removed the data of %s from %s, %s"
                            .formatted(
                                    Words.count(
                                            detail.path("copies").asLong(),
                                            "retired copy",
                                            "retired copies"),
                                    detail.path("target").asText(),
                                    Words.bytes(detail.path("bytes").asLong()));
            case "hold" ->
                    "hold '%s' set on %s of %s%s"
                            .formatted(
                                    Words.shown(detail.path("hold").asText()),
                                    detail.path("paths").isEmpty()
                                            ? "all"
                                            : Words.count(
                                                    detail.path("paths").size(), "path", "paths"),
                                    detail.path("source").isTextual()
                                            ? "source " + detail.path("source").asText()
                                            : "all sources",
                                    detail.path("reason").asText().isEmpty()
                                            ? ""
                                            : ": " + Words.shown(detail.path("reason").asText()));
            case "release" ->
                    "hold '%s' released".formatted(Words.shown(detail.path("hold").asText()));
            case "missing" ->
                    "%s on %s not there any more: %s"
                            .formatted(
                                    Words.count(detail.path("copies").asLong(), "copy", "copies"),
                                    detail.path("target").asText(),
                                    Words.shown(detail.path("first").asText()));
            case "verified" -> verified(detail);
            case "suspect" ->
                    "%s on %s %s no more: %s"
                            .formatted(
                                    Words.count(detail.path("copies").asLong(), "copy", "copies"),
                                    detail.path(detail.has("volume") ? "volume" : "target")
                                            .asText(),
                                    detail.path("copies").asLong() == 1 ? "counts" : "count",
                                    Words.shown(detail.path("first").asText()));
            case "stale" ->
                    "the last proof of %s on %s is too old: a verify is due"
                            .formatted(
                                    Words.count(detail.path("copies").asLong(), "copy", "copies"),
                                    detail.path("target").asText());
            case "fresh" ->
                    "the last proof of %s on %s is not too old any more"
                            .formatted(
                                    Words.count(detail.path("copies").asLong(), "copy", "copies"),
                                    detail.path("target").asText());
            case "repair" ->
                    "%s on %s to be made anew: %s suspect, %s missing"
                            .formatted(
                                    Words.count(detail.path("copies").asLong(), "copy", "copies"),
                                    detail.path("target").asText(),
                                    Words.count(detail.path("suspect").asLong()),
                                    Words.count(detail.path("lost").asLong()));
            case "located" ->
                    "cartridge %s is %s%s"
                            .formatted(
                                    detail.path("volume").asText(),
                                    detail.path("offline").asBoolean()
                                            ? "out of the library"
                                            : "in the library",
                                    detail.path("immutable").asBoolean()
                                            ? ", and cannot be written over"
                                            : "");
            case "drilled" ->
                    "drilled %s: %s, %s brought back in %s, %s"
                            .formatted(
                                    detail.path("target").asText(),
                                    Words.count(detail.path("items").asLong(), "copy", "copies"),
                                    Words.bytes(detail.path("bytes").asLong()),
                                    Words.duration(
                                            Duration.ofMillis(detail.path("millis").asLong())),
                                    detail.path("failures").asLong() == 0
                                            ? "all right"
                                            : Words.count(detail.path("failures").asLong())
                                                    + " not right");
            case "rebuilt" -> rebuilt(detail);
            case "adopted" ->
                    "goes on as home %s, which %s belongs to"
                            .formatted(
                                    Words.shown(detail.path("home").asText()),
                                    detail.path("target").asText());
            case "key" ->
                    "heads of the log are signed with key %s from now on"
                            .formatted(detail.path("key").asText());
            case "head" ->
                    "signed the head of the log, event %s%s"
                            .formatted(
                                    detail.path("seq").asText(),
                                    detail.path("snapshot").asBoolean()
                                            ? ", and exported it with a snapshot of the ledger"
                                            : ", and exported it");
            case "accepted" ->
                    "a person accepted that %s not in this ledger; %s to be verified"
                            .formatted(
                                    Words.count(
                                            detail.path("heads").size(),
                                            "exported head is",
                                            "exported heads are"),
                                    Words.count(
                                            detail.path("copies").asLong(),
                                            "copy is",
                                            "copies are"));
            default -> event.kind() + " " + Words.shown(event.detail());
        };
    }

    private static String rebuilt(JsonNode detail) {
        String target = detail.path("target").asText();
        return detail.has("deleted")
                ? "%s taken as deleted, as %s shows"
                        .formatted(
                                Words.count(detail.path("deleted").asLong(), "item", "items"),
                                target)
                : "found %s and %s on %s again"
                        .formatted(
                                Words.count(
                                        detail.path("versions").asLong(), "version", "versions"),
                                Words.count(detail.path("copies").asLong(), "copy", "copies"),
                                target);
    }

    private static String verified(JsonNode detail) {
        String copies = Words.count(detail.path("copies").asLong(), "copy", "copies");
        return detail.has("file")
                ? "read back %s in tape file %d of %s: good"
                        .formatted(
                                copies, detail.path("file").asInt(), detail.path("volume").asText())
                : "verified %s on %s%s, proof %s"
                        .formatted(
                                copies,
                                detail.path("target").asText(),
                                detail.has("object")
                                        ? " in object " + detail.path("object").asText()
                                        : "",
                                detail.path("method").asText());
    }

    /// Copies of the ledger itself are told where there are no others.
    private static String retired(JsonNode detail) {
        List<String> targets = new ArrayList<>();
        detail.path("targets")
                .forEach(of ->
                        targets.add(
                                "%s on %s"
                                        .formatted(
                                                Words.count(
                                                        of.path("copies").asLong(),
                                                        "copy",
                                                        "copies"),
                                                of.path("target").asText())));
        return "retired %s, %s; %s of old versions expired"
                .formatted(
                        String.join(", ", targets),
                        Words.bytes(detail.path("bytes").asLong()),
                        Words.count(detail.path("expired").asLong()));
    }

    private static String recorded(JsonNode detail) {
        long copies = detail.path("copies").asLong();
        long own = detail.path("own").asLong();
        return copies == 0 && own > 0
                ? "recorded %s of the ledger itself on %s, proof %s"
                        .formatted(
                                Words.count(own, "copy", "copies"),
                                detail.path("target").asText(),
                                detail.path("method").asText())
                : "recorded %s on %s, %s, proof %s"
                        .formatted(
                                Words.count(copies, "copy", "copies"),
                                detail.path("target").asText(),
                                Words.bytes(detail.path("bytes").asLong()),
                                detail.path("method").asText());
    }

    private static JsonNode parsed(String detail) {
        try {
            JsonNode node = JSON.readTree(detail);
            return node.isObject() ? node : MissingNode.getInstance();
        } catch (JsonProcessingException plainText) {
            return MissingNode.getInstance();
        }
    }
}
