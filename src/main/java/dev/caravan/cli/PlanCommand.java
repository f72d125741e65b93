package dev.caravan.cli;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Policies;
import dev.caravan.ledger.Policy;
import dev.caravan.ledger.Reached;
import dev.caravan.ledger.Standings.Explanation;
import dev.caravan.ledger.Standings.Plan;
import dev.caravan.ledger.Standings.PlanOfMany;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan plan`: what will be done about what is below policy.
@Command(
        name = "plan",
        description = {
            "Show what will be done about everything that is below policy: which copy, made from"
                    + " what, on which target, when; and what no target there is can mend.",
            "",
            "The next backup does it, and so does the service."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:nothing is below policy, or the plan mends all of it",
            "1:something stays below policy; or no backup has run, or nothing has this path",
            "2:wrong usage, or the path is in several sources",
            "78:there is no such home"
        })
final class PlanCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(
            arity = "0..1",
            paramLabel = "PATH",
            description = "Only what is at or below it, item by item.")
    private @Nullable String typed;

    @Option(names = "--source", paramLabel = "NAME", description = "The source it is in.")
    private @Nullable String source;

    @Override
    public Integer call() {
        JudgedHome judged = JudgedHome.of(OpenHome.of(home), spec.commandLine().getErr());
        Clock clock = Clock.systemUTC();
        try (Ledger ledger = judged.ledger(clock)) {
            List<PlanOfMany> plans = plans(ledger, judged.policies());
            PrintWriter out = spec.commandLine().getOut();
            if (json.wanted) {
                Json.print(
                        out,
                        object ->
                                object.array(
                                        "plans",
                                        all -> {
                                            for (PlanOfMany plan : plans) {
                                                all.object(each -> write(each, plan));
                                            }
                                        }));
            } else {
                print(out, Style.ofProcess(), judged.policies(), plans, clock.instant());
            }
            boolean enough = plans.stream().allMatch(each -> each.plan().enough());
            return enough && judged.known() ? ExitCode.OK : ExitCode.INCOMPLETE;
        }
    }

    private List<PlanOfMany> plans(Ledger ledger, Policies policies) {
        if (typed == null) {
            return ledger.standings().plan(policies).stream()
                    .filter(plan -> source == null || plan.source().equals(source))
                    .toList();
        }
        NamedItem at = NamedItem.locate(ledger.catalog(), PathArgument.of(typed), source);
        List<PlanOfMany> plans = new ArrayList<>();
        for (Version version : ledger.catalog().tree(at.source(), at.path(), false)) {
            ledger.standings()
                    .explain(policies, at.source(), version.path())
                    .filter(Explanation::judged)
                    .filter(explained -> !explained.met())
                    .ifPresent(explained -> plans.add(ofOne(explained, version)));
        }
        return plans;
    }

    private static PlanOfMany ofOne(Explanation explained, Version version) {
        return new PlanOfMany(
                explained.source(),
                explained.reached(),
                explained.plan(),
                1,
                version.metadata().size(),
                explained.path());
    }

    private static void print(
            PrintWriter out, Style style, Policies policies, List<PlanOfMany> plans, Instant now) {
        if (plans.isEmpty()) {
            out.println("Nothing is below policy.");
            return;
        }
        for (PlanOfMany plan : plans) {
            out.println(style.strong(head(plan)));
            Policy policy = policies.of(plan.source());
            Reached reached = plan.reached();
            line(out, "has " + String.join(", ", PolicyWords.missing(policy, reached)));
            plan.plan().steps().forEach(step -> line(out, PolicyWords.step(step, now)));
            beyond(out, style, policy, plan.plan());
            out.println();
        }
    }

    private static String head(PlanOfMany plan) {
        ItemPath example = plan.example();
        return plan.items() == 1
                ? "%s in source %s, %s".formatted(example, plan.source(), Words.bytes(plan.bytes()))
                : "%s items of source %s, %s, such as %s"
                        .formatted(
                                Words.count(plan.items()),
                                plan.source(),
                                Words.bytes(plan.bytes()),
                                example);
    }

    private static void beyond(PrintWriter out, Style style, Policy policy, Plan plan) {
        if (plan.enough()) {
            line(out, style.good("then in policy"));
            return;
        }
        for (String each : PolicyWords.beyond(policy, plan.then())) {
            line(out, style.bad("no target can mend") + " " + each);
        }
    }

    private static void line(PrintWriter out, String text) {
        List<String> lines = Words.wrap(text, 74);
        out.println("  " + lines.getFirst());
        lines.stream().skip(1).forEach(more -> out.println("    " + more));
    }

    private static void write(Json json, PlanOfMany plan) throws java.io.IOException {
        json.path(plan.example())
                .text("source", plan.source())
                .number("items", plan.items())
                .number("bytes", plan.bytes());
        json.object("reached", reached -> PolicyJson.write(reached, plan.reached()));
        PolicyJson.write(json, plan.plan());
    }
}
