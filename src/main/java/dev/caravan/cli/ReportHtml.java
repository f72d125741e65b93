package dev.caravan.cli;

import dev.caravan.audit.HeadDocument;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Sha256;
import dev.caravan.ledger.Counts;
import dev.caravan.ledger.Drills;
import dev.caravan.ledger.EvidenceAges;
import dev.caravan.ledger.MediaKind;
import dev.caravan.ledger.OwnCopies.OnTarget;
import dev.caravan.ledger.Reached;
import dev.caravan.ledger.SignedHead;
import dev.caravan.ledger.Target;
import dev.caravan.tape.TapeLibrary.TapeCartridge;
import dev.caravan.tape.pool.Volume;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A report as one file for a browser and for paper: nothing is loaded, nothing runs. Confined.
final class ReportHtml {
    private static final DateTimeFormatter WHEN =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT);
    private static final DateTimeFormatter DATED =
            DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm:ss zzz", Locale.ENGLISH);

    private final ReportFacts facts;
    private final Html html = new Html();
    private final ZoneId zone;

    ReportHtml(ReportFacts facts, ZoneId zone) {
        this.facts = facts;
        this.zone = zone;
    }

    String page() throws IOException {
        String css = css();
        String hash = Base64.getEncoder().encodeToString(sha256(css));
        html.add("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .add("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ")
                .add("style-src 'sha256-" + hash + "'; base-uri 'none'; form-action 'none'\">\n")
                .add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
                .add("<meta name=\"referrer\" content=\"no-referrer\">\n")
                .element("<title>", "Backup report, " + when(facts.at()))
                .add("<style>" + css + "</style>\n</head>\n<body>\n");
        head();
        figures();
        reached();
        belowPolicy();
        targets();
        evidence();
        drills();
        cartridges();
        ledger();
        foot();
        return html.add("</body>\n</html>\n").toString();
    }

    private static String css() throws IOException {
        try (InputStream in =
                ReportHtml.class.getResourceAsStream("/dev/caravan/report/report.css")) {
            if (in == null) {
                throw new IllegalStateException("'report.css' is missing in the program");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static byte[] sha256(String text) {
        return Sha256.digest().digest(text.getBytes(StandardCharsets.UTF_8));
    }

    private void head() {
        Counts.Report counts = facts.counts();
        html.add("<header>\n")
                .element("<p class=\"kicker\">", "Caravan backup report")
                .element(counts.belowPolicy() == 0 ? "<h1>" : "<h1 class=\"bad\">", facts.verdict())
                .add("<p class=\"lead\">")
                .text(DATED.format(facts.at().atZone(zone)))
                .add(". Last scan ")
                .text(when(counts.lastScan()))
                .add(", last backup ")
                .text(when(counts.lastBackup()))
                .add(". Home ")
                .add(code(Words.shown(facts.home().root().toString())))
                .add(".</p>\n</header>\n");
        List<String> simulated = facts.simulated();
        if (!simulated.isEmpty()) {
            html.add("<p class=\"simulated\"><strong>Simulated: ")
                    .text(String.join(", ", simulated))
                    .add(".</strong> Counted as the real thing, and lost with this machine.</p>\n");
        }
    }

    private void figures() {
        html.add("<dl class=\"figures\">\n");
        for (PolicyNumber number : facts.policy()) {
            html.add("<div><dt><b>" + number.wanted() + "</b> ")
                    .text(number.rule())
                    .add("</dt><dd>")
                    .add(number.isMet() ? "<span class=\"met\">" : "<span class=\"missed\">")
                    .text(Words.count(number.met()))
                    .add("</span> of ")
                    .text(Words.count(number.items(), "item", "items"))
                    .add("</dd></div>\n");
        }
        html.add("</dl>\n");
    }

    private void reached() {
        section("Copies", "The original in its source counts as one copy.");
        List<List<String>> rows = new ArrayList<>();
        for (Map.Entry<Reached, Long> each : facts.counts().reached().entrySet()) {
            long below = facts.counts().reachedBelow().getOrDefault(each.getKey(), 0L);
            if (below > 0) {
                rows.add(reached(each.getKey(), below, false));
            }
            if (each.getValue() > below) {
                rows.add(reached(each.getKey(), each.getValue() - below, true));
            }
        }
        html.table(
                List.of(
                        "Policy",
                        ">Items",
                        ">Copies",
                        ">Media kinds",
                        ">Offsite",
                        ">Offline or immutable",
                        ">Errors"),
                rows);
        html.element(
                "<p class=\"note\">",
                "%s kept, %s. Of what was seen and is not among these items: %s."
                        .formatted(
                                Words.count(
                                        facts.counts().versions(), "version is", "versions are"),
                                Words.bytes(facts.counts().bytes()),
                                facts.leftOut().isEmpty()
                                        ? "nothing"
                                        : String.join(", ", facts.leftOut())));
    }

    private static List<String> reached(Reached reached, long items, boolean inPolicy) {
        return List.of(
                inPolicy
                        ? "<span class=\"met\">in policy</span>"
                        : "<span class=\"missed\">below policy</span>",
                Words.count(items),
                Integer.toString(reached.copies()),
                Integer.toString(reached.mediaKinds()),
                Integer.toString(reached.offsite()),
                Integer.toString(reached.offline()),
                Integer.toString(reached.errors()));
    }

    private void belowPolicy() {
        List<ItemPath> paths = facts.counts().belowPolicyPaths();
        if (paths.isEmpty()) {
            return;
        }
        long more = facts.counts().belowPolicy() - paths.size();
        section(
                "Below policy",
                more == 0
                        ? "All of them."
                        : "The first %d; there are %s more."
                                .formatted(paths.size(), Words.count(more)));
        html.add("<ul class=\"names\">\n");
        paths.forEach(path -> html.add("<li>").add(code(path.toString())).add("</li>\n"));
        html.add("</ul>\n");
    }

    private void targets() {
        section("Targets", "Offsite is another site than that of the sources.");
        List<List<String>> rows = new ArrayList<>();
        for (Counts.OfTarget numbers : facts.counts().targets()) {
            Target target = numbers.target();
            String state =
                    !target.active() ? "no route" : target.state().name().toLowerCase(Locale.ROOT);
            rows.add(
                    List.of(
                            named(target),
                            Html.escaped(target.mediaKind().toString()),
                            Html.escaped(StatusText.site(target)),
                            Html.escaped(state),
                            Words.count(numbers.copies()),
                            Words.bytes(numbers.bytes()),
                            Words.count(numbers.wanted() + numbers.failed())));
        }
        html.table(
                List.of("Target", "Media", "Site", "State", ">Copies", ">Bytes", ">Not made"),
                rows);
        for (Counts.OfTarget numbers : facts.counts().targets()) {
            if (numbers.lastError() != null) {
                html.element(
                        "<p class=\"note\">",
                        numbers.target().name() + ": " + Words.shown(numbers.lastError()));
            }
        }
    }

    private void evidence() {
        section(
                "Evidence",
                "V1: durable by the rule of its target. V2: the target compared the hash. V3: read back cold, hash equal. V4: restored and compared.");
        List<List<String>> rows = new ArrayList<>();
        for (EvidenceAges.Proven proven : facts.evidence()) {
            rows.add(
                    List.of(
                            Html.escaped(proven.target()) + simulatedMark(proven.target()),
                            proven.level().name(),
                            Words.count(proven.copies()),
                            dated(proven.oldest()),
                            dated(proven.newest())));
        }
        html.table(List.of("Target", "Level", ">Copies", "Oldest proof", "Newest proof"), rows);
    }

    private void drills() {
        if (facts.drills().isEmpty()) {
            section("Restore drills", "None is recorded.");
            return;
        }
        section(
                "Restore drills",
                "A random sample of files, restored from this target alone and compared.");
        List<List<String>> rows = new ArrayList<>();
        for (Drills.Drill drill : facts.drills()) {
            rows.add(
                    List.of(
                            Html.escaped(drill.target()) + simulatedMark(drill.target()),
                            dated(drill.started()),
                            Words.count(drill.items()),
                            Words.bytes(drill.bytes()),
                            drill.failures() == 0
                                    ? "<span class=\"met\">0</span>"
                                    : "<span class=\"missed\">"
                                            + Words.count(drill.failures())
                                            + "</span>",
                            Html.escaped(Words.duration(drill.took()))));
        }
        html.table(
                List.of("Target", "Started", ">Items", ">Bytes", ">Wrong", ">Restored in"), rows);
    }

    private void cartridges() {
        boolean onTape =
                facts.counts().targets().stream()
                        .anyMatch(each -> each.target().mediaKind() == MediaKind.TAPE);
        if (facts.cartridges().isEmpty()) {
            if (onTape) {
                section("Where the cartridges are", "No tape library can be looked at now.");
            }
            return;
        }
        section("Where the cartridges are", "");
        List<List<String>> rows = new ArrayList<>();
        for (TapeCartridge cartridge : facts.cartridges()) {
            Volume volume = cartridge.volume().orElseThrow();
            rows.add(
                    List.of(
                            code(cartridge.barcode().text()),
                            Html.escaped(cartridge.place()),
                            Html.escaped(volume.pool()),
                            Html.escaped(volume.status().name().toLowerCase(Locale.ROOT)),
                            Words.bytes(volume.bytes()),
                            dated(volume.labelled())));
        }
        html.table(List.of("Cartridge", "Place", "Pool", "Status", ">Used", "Labelled"), rows);
    }

    private void ledger() {
        section(
                "The ledger itself",
                "It is copied to the targets as well, with the signed heads of its log.");
        List<List<String>> rows = new ArrayList<>();
        for (OnTarget head : facts.own().heads()) {
            Instant snapshot = facts.own().snapshotOn(head.target().name());
            rows.add(List.of(named(head.target()), dated(snapshot), dated(head.made())));
        }
        html.table(List.of("Target", "Newest snapshot", "Newest head"), rows);
    }

    private void foot() {
        html.add("<footer>\n<h2>Seal</h2>\n");
        SignedHead signed = facts.head();
        if (signed == null) {
            html.element(
                    "<p>",
                    "Not signed: this home has no key yet. The first backup that copies something makes it.");
        } else {
            html.element(
                    "<p>",
                    "The state above is what the events of the ledger's log came to, up to this one. Its hash covers all events before it.");
            html.add("<dl class=\"seal\">\n");
            seal("Event", Long.toString(signed.head().seq()));
            seal("Hash", signed.head().hash().hex());
            seal("Signed", Words.rfc3339(signed.head().at()));
            seal("Home", signed.head().home());
            seal("Key", HeadDocument.keyId(signed.publicKey()));
            seal("Signature", signed.signature());
            html.add(
                            "</dl>\n<h2>How to check it</h2>\n<p>The ledger must have this event with this hash:</p>\n<pre>")
                    .text("caravan audit verify --head HEAD.json")
                    .add("</pre>\n<p>where HEAD.json is this text:</p>\n<pre>")
                    .text(new String(HeadDocument.write(signed), StandardCharsets.UTF_8).strip())
                    .add("</pre>\n");
        }
        html.element("<p class=\"note\">", "Made by " + facts.program() + ".").add("</footer>\n");
    }

    private void seal(String name, String value) {
        html.add("<dt>").text(name).add("</dt><dd>").add(code(value)).add("</dd>\n");
    }

    private void section(String title, String note) {
        html.element("<h2>", title);
        if (!note.isEmpty()) {
            html.element("<p class=\"note\">", note);
        }
    }

    private static String code(String text) {
        return "<code><bdi>" + Html.escaped(text) + "</bdi></code>";
    }

    private static String named(Target target) {
        return Html.escaped(target.name()) + (target.simulated() ? SIMULATED : "");
    }

    private String simulatedMark(String target) {
        return facts.simulated().contains(target) ? SIMULATED : "";
    }

    private static final String SIMULATED = " <span class=\"sim\">simulated</span>";

    /// A time in a table, and how long ago that was.
    private String dated(@Nullable Instant then) {
        return then == null
                ? "-"
                : "<span class=\"t\">"
                        + when(then)
                        + "</span>, "
                        + Html.escaped(Words.ago(then, facts.at()));
    }

    private String when(@Nullable Instant then) {
        return then == null ? "never" : WHEN.format(then.atZone(zone));
    }
}
