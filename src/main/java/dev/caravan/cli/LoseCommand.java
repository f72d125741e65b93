package dev.caravan.cli;

import dev.caravan.ledger.Counts;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.Policies;
import dev.caravan.ledger.Standings.Loss;
import dev.caravan.ledger.Standings.Lost;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `caravan lose`: what would be gone if this were.
@Command(
        name = "lose",
        description = {
            "Show what would be lost for good, and what would fall below policy, if a site, a"
                    + " target or a cartridge were lost.",
            "",
            "It only asks the ledger, and changes nothing."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:nothing would be lost for good",
            "1:something would; or no backup has run",
            "2:wrong usage, or there is no such site, target or cartridge",
            "78:there is no such home"
        })
final class LoseCommand implements Callable<Integer> {
    private enum Kind {
        SITE,
        TARGET,
        VOLUME
    }

    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Parameters(
            paramLabel = "SITE|TARGET|VOLUME",
            description = "The name of a site or a target, or the barcode of a cartridge.")
    private String name;

    @Option(
            names = "--as",
            paramLabel = "KIND",
            description = "What is meant where a name is two things: site, target or volume.")
    private @Nullable String as;

    @Override
    public Integer call() {
        Kind kind = kind();
        JudgedHome judged = JudgedHome.of(OpenHome.of(home), spec.commandLine().getErr());
        try (Ledger ledger = judged.ledger(Clock.systemUTC())) {
            Lost lost = lost(ledger, judged.policies(), kind);
            Loss loss = ledger.standings().lose(judged.policies(), lost);
            PrintWriter out = spec.commandLine().getOut();
            if (json.wanted) {
                Json.print(out, object -> write(object, lost, loss));
            } else {
                print(out, Style.ofProcess(), lost, loss);
            }
            return loss.lostItems() + loss.lostVersions() == 0 ? ExitCode.OK : ExitCode.INCOMPLETE;
        }
    }

    private @Nullable Kind kind() {
        if (as == null) {
            return null;
        }
        try {
            return Kind.valueOf(as.toUpperCase(java.util.Locale.ROOT));
        } catch (IllegalArgumentException none) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "--as '%s': want site, target or volume".formatted(Words.shown(as)),
                    none);
        }
    }

    private Lost lost(Ledger ledger, Policies policies, @Nullable Kind kind) {
        Map<String, List<Lost>> all = ledger.standings().losable(policies);
        List<Lost> meant =
                all.getOrDefault(name, List.of()).stream()
                        .filter(each -> kind == null || kindOf(each) == kind)
                        .toList();
        if (meant.isEmpty()) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "no site, target or cartridge '%s': there are %s"
                            .formatted(
                                    Words.shown(name),
                                    String.join(", ", new TreeSet<>(all.keySet()))));
        }
        if (meant.size() > 1) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "'%s' is several things: choose one with --as %s"
                            .formatted(
                                    Words.shown(name),
                                    meant.stream()
                                            .map(each ->
                                                    kindOf(each)
                                                            .name()
                                                            .toLowerCase(java.util.Locale.ROOT))
                                            .collect(Collectors.joining(" or --as "))));
        }
        return meant.getFirst();
    }

    private static Kind kindOf(Lost lost) {
        return switch (lost) {
            case Lost.Site(String _) -> Kind.SITE;
            case Lost.OfTarget(String _) -> Kind.TARGET;
            case Lost.Volume(String _) -> Kind.VOLUME;
        };
    }

    private static String words(Lost lost) {
        return switch (lost) {
            case Lost.Site(String site) -> "site " + site + " (its targets, its originals)";
            case Lost.OfTarget(String target) -> "target " + target;
            case Lost.Volume(String barcode) -> "cartridge " + barcode;
        };
    }

    private static void print(PrintWriter out, Style style, Lost lost, Loss loss) {
        out.println("If " + style.strong(words(lost)) + " were lost:");
        out.println();
        boolean nothing = loss.lostItems() == 0;
        String gone =
                nothing
                        ? "No item would be lost for good"
                        : "%s lost for good, %s"
                                .formatted(
                                        Words.count(loss.lostItems(), "item", "items"),
                                        Words.bytes(loss.lostBytes()));
        out.println("  " + style.strong(nothing ? style.good(gone) : style.bad(gone)));
        offenders(out, loss.worstLost(), loss.lostItems());
        if (loss.lostVersions() > 0) {
            out.println(
                    "  %s of what was overwritten or deleted lost, %s"
                            .formatted(
                                    Words.count(loss.lostVersions(), "version", "versions"),
                                    Words.bytes(loss.lostVersionBytes())));
        }
        out.println(
                "  %s of %s would fall below policy%s"
                        .formatted(
                                Words.count(loss.fallen()),
                                Words.count(loss.items(), "item", "items"),
                                loss.fallen() == 0 ? "" : ", " + Words.bytes(loss.fallenBytes())));
        offenders(out, loss.worstFallen(), loss.fallen());
        if (loss.already() > 0) {
            out.println("  %s below policy already".formatted(Words.count(loss.already())));
        }
    }

    private static void offenders(PrintWriter out, List<Counts.Offender> some, long all) {
        for (Counts.Offender each : some) {
            out.println("    %s: left %s".formatted(each.path(), PolicyWords.of(each.reached())));
        }
        if (all > some.size()) {
            out.println("    and " + Words.count(all - some.size()) + " more");
        }
    }

    private static void write(Json json, Lost lost, Loss loss) throws IOException {
        json.text("kind", kindOf(lost).name())
                .text(
                        "name",
                        switch (lost) {
                            case Lost.Site(String site) -> site;
                            case Lost.OfTarget(String target) -> target;
                            case Lost.Volume(String barcode) -> barcode;
                        })
                .number("items", loss.items())
                .number("lostItems", loss.lostItems())
                .number("lostBytes", loss.lostBytes())
                .number("lostVersions", loss.lostVersions())
                .number("lostVersionBytes", loss.lostVersionBytes())
                .number("fallBelowPolicy", loss.fallen())
                .number("fallBelowPolicyBytes", loss.fallenBytes())
                .number("alreadyBelowPolicy", loss.already());
        PolicyJson.write(json, "worstLost", loss.worstLost());
        PolicyJson.write(json, "worstFallen", loss.worstFallen());
    }
}
