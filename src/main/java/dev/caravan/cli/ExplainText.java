package dev.caravan.cli;

import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Standings.Explanation;
import dev.caravan.ledger.Standings.Worth;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Why one item is in policy or not: each copy, what it counts for and why, and what will be done.
record ExplainText(Explanation explained, Catalog.Original original, List<Catalog.Copy> copies) {
    private static final int WIDTH = 78;

    static ExplainText of(Ledger ledger, Explanation explained) {
        Version version =
                ledger.catalog().versions(explained.source(), explained.path()).getFirst();
        return new ExplainText(
                explained, ledger.catalog().original(version), ledger.catalog().copies(version));
    }

    private Optional<Worth> worth(String target) {
        return explained.worths().stream().filter(w -> w.target().equals(target)).findFirst();
    }

    void print(PrintWriter out, Style style, Instant now) {
        out.println(
                style.strong(explained.path().toString())
                        + style.faint("  in source " + explained.source()));
        out.println();
        verdict(out, style);
        out.println();
        copy(out, style, "original", originalWords(now), worth("original"));
        for (Catalog.Copy copy : copies) {
            Optional<Worth> worth = worth(copy.target().name());
            copy(out, style, copy.target().name(), words(copy, worth, now), worth);
        }
        if (explained.met() || !explained.judged()) {
            return;
        }
        List<String> lines = new ArrayList<>();
        explained.plan().steps().stream()
                .map(step -> PolicyWords.step(step, now))
                .forEach(lines::add);
        list(out, style, "What will be done", lines);
        if (!explained.plan().enough()) {
            list(
                    out,
                    style,
                    "What no target can mend",
                    PolicyWords.beyond(explained.policy(), explained.plan().then()));
        }
    }

    private void verdict(PrintWriter out, Style style) {
        String said;
        if (!explained.judged()) {
            said = "Not asked for: it is no longer in its source, or changes while it is read.";
        } else if (explained.met()) {
            said = style.good("In policy: " + PolicyWords.of(explained.reached()));
        } else {
            said =
                    style.bad(
                            "Below policy: "
                                    + String.join(
                                            ", ",
                                            PolicyWords.missing(
                                                    explained.policy(), explained.reached())));
        }
        out.println("  " + style.strong(said));
        out.println(
                "  "
                        + style.faint(
                                "Wanted: "
                                        + HomePolicies.words(explained.policy())
                                        + ", 0 errors"));
    }

    private static void copy(
            PrintWriter out, Style style, String name, List<String> words, Optional<Worth> worth) {
        boolean counts = worth.map(Worth::counts).orElse(false);
        String head = counts ? "counts" : "does not count";
        out.println(
                "  %s  %s"
                        .formatted(
                                style.strong(name), counts ? style.good(head) : style.bad(head)));
        for (String line : words) {
            Words.wrap(line, WIDTH - 4).forEach(part -> out.println("    " + part));
        }
    }

    private List<String> originalWords(Instant now) {
        if (!original.current()) {
            return List.of("it is no longer in its source in this state");
        }
        if (!original.counts()) {
            return List.of(
                    original.seen()
                            ? "it changes while it is read"
                            : "nobody looked at it in the last scan");
        }
        Instant scan = original.lastScan();
        Instant seen =
                scan == null || scan.isBefore(original.registeredAt())
                        ? original.registeredAt()
                        : scan;
        List<String> words = new ArrayList<>();
        words.add(
                "as a copy on %s: seen unchanged %s"
                        .formatted(original.mediaKind(), Words.ago(seen, now)));
        worth("original").ifPresent(worth -> shared(words, worth));
        return words;
    }

    private static void shared(List<String> words, Worth worth) {
        if (!worth.sharedWith().isEmpty()) {
            words.add(
                    "fails together with %s: all of them are one copy"
                            .formatted(String.join(", ", worth.sharedWith())));
        }
    }

    private static List<String> words(Catalog.Copy copy, Optional<Worth> worth, Instant now) {
        List<String> words = new ArrayList<>();
        String state = copy.state().name().toLowerCase(Locale.ROOT);
        if (worth.isEmpty() || !worth.get().counts()) {
            String error = copy.lastError();
            String was =
                    copy.replaces() == null
                            ? ""
                            : ", because it was " + copy.replaces().name().toLowerCase(Locale.ROOT);
            words.add(state + was + (error == null ? "" : ": " + Words.shown(error)));
            return words;
        }
        Worth counted = worth.get();
        words.add(
                "as a copy on %s at %s%s%s%s"
                        .formatted(
                                copy.target().mediaKind(),
                                copy.target().site(),
                                counted.offsite() ? ", offsite" : "",
                                counted.offline() ? ", offline or immutable" : "",
                                copy.target().simulated() ? ", simulated" : ""));
        shared(words, counted);
        Evidence evidence = copy.evidence();
        if (evidence != null) {
            words.add(
                    "%s by %s (%s), %s"
                            .formatted(
                                    state.equals("stale") ? "proven" : state,
                                    evidence.method(),
                                    evidence.level(),
                                    Words.ago(evidence.at(), now)));
        }
        if (counted.error()) {
            words.add("an error: its proof is older than the policy allows");
        }
        return words;
    }

    private static void list(PrintWriter out, Style style, String head, List<String> lines) {
        if (lines.isEmpty()) {
            return;
        }
        out.println();
        out.println("  " + style.strong(head));
        for (String line : lines) {
            Words.wrap(line, WIDTH - 4).forEach(part -> out.println("    " + part));
        }
    }

    void write(Json json) throws IOException {
        json.path(explained.path()).text("source", explained.source());
        json.flag("judged", explained.judged()).flag("inPolicy", explained.met());
        json.object("policy", policy -> PolicyJson.write(policy, explained.policy()));
        json.object("reached", reached -> PolicyJson.write(reached, explained.reached()));
        json.array(
                "copies",
                all -> {
                    all.object(each -> write(each, "original", worth("original")));
                    for (Catalog.Copy copy : copies) {
                        all.object(each -> {
                            write(each, copy.target().name(), worth(copy.target().name()));
                            each.text("state", copy.state().name())
                                    .text(
                                            "replaces",
                                            copy.replaces() == null ? null : copy.replaces().name())
                                    .flag("simulated", copy.target().simulated())
                                    .text("lastError", copy.lastError())
                                    .time(
                                            "provenAt",
                                            copy.evidence() == null ? null : copy.evidence().at());
                        });
                    }
                });
        json.object("plan", plan -> PolicyJson.write(plan, explained.plan()));
    }

    private static void write(Json json, String target, Optional<Worth> worth) throws IOException {
        json.text("target", target)
                .flag("counts", worth.map(Worth::counts).orElse(false))
                .flag("error", worth.map(Worth::error).orElse(false))
                .flag("offsite", worth.map(Worth::offsite).orElse(false))
                .flag("offline", worth.map(Worth::offline).orElse(false));
        json.array(
                "sharedWith",
                all -> {
                    for (String name : worth.map(Worth::sharedWith).orElse(List.of())) {
                        all.text(name);
                    }
                });
    }
}
