package dev.caravan.cli;

import dev.caravan.audit.HeadDocument;
import dev.caravan.ledger.Counts;
import dev.caravan.ledger.Drills;
import dev.caravan.ledger.EvidenceAges;
import dev.caravan.ledger.SignedHead;
import dev.caravan.ledger.Target;
import dev.caravan.tape.TapeLibrary.TapeCartridge;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/// A report as plain text.
final class ReportText {
    private final ReportFacts facts;
    private final PrintWriter out;

    ReportText(ReportFacts facts, PrintWriter out) {
        this.facts = facts;
        this.out = out;
    }

    void print() {
        out.println("Caravan backup report of " + Words.local(facts.at()));
        out.println(
                "Home " + Words.shown(facts.home().root().toString()) + ", id " + facts.homeId());
        out.println();
        out.println("  " + facts.verdict());
        if (!facts.simulated().isEmpty()) {
            out.println(
                    "  SIMULATED  %s: counted as the real thing, lost with this machine"
                            .formatted(String.join(", ", facts.simulated())));
        }
        policy();
        targets();
        evidence();
        drills();
        cartridges();
        out.println();
        out.println("  " + facts.own().words(facts.at()));
        seal();
    }

    private void policy() {
        out.println();
        for (PolicyNumber number : facts.policy()) {
            out.println(
                    "  %d %s: %s of %s"
                            .formatted(
                                    number.wanted(),
                                    number.rule(),
                                    Words.count(number.met()),
                                    Words.count(number.items(), "item", "items")));
        }
        facts.counts().belowPolicyPaths().forEach(path -> out.println("  below policy: " + path));
        if (!facts.leftOut().isEmpty()) {
            out.println("  " + String.join(", ", facts.leftOut()));
        }
    }

    private void targets() {
        Table table =
                new Table("  ")
                        .left("TARGET")
                        .left("MEDIA")
                        .left("SITE")
                        .left("STATE")
                        .right("COPIES")
                        .right("BYTES");
        for (Counts.OfTarget numbers : facts.counts().targets()) {
            Target target = numbers.target();
            table.row(
                    target.name() + (target.simulated() ? "*" : ""),
                    target.mediaKind().toString(),
                    StatusText.site(target),
                    target.active() ? target.state().name().toLowerCase(Locale.ROOT) : "no route",
                    Words.count(numbers.copies()),
                    Words.bytes(numbers.bytes()));
        }
        print(table);
    }

    private void evidence() {
        Table table =
                new Table("  ")
                        .left("PROOF ON")
                        .left("LEVEL")
                        .right("COPIES")
                        .left("OLDEST")
                        .left("NEWEST");
        for (EvidenceAges.Proven proven : facts.evidence()) {
            table.row(
                    proven.target() + (facts.simulated().contains(proven.target()) ? "*" : ""),
                    proven.level().name(),
                    Words.count(proven.copies()),
                    Words.ago(proven.oldest(), facts.at()),
                    Words.ago(proven.newest(), facts.at()));
        }
        print(table);
    }

    private void drills() {
        if (facts.drills().isEmpty()) {
            out.println();
            out.println("  Restore drills: none is recorded");
            return;
        }
        Table table =
                new Table("  ")
                        .left("DRILL OF")
                        .left("STARTED")
                        .right("ITEMS")
                        .right("BYTES")
                        .right("WRONG")
                        .right("RESTORED IN");
        for (Drills.Drill drill : facts.drills()) {
            table.row(
                    drill.target() + (facts.simulated().contains(drill.target()) ? "*" : ""),
                    Words.local(drill.started()),
                    Words.count(drill.items()),
                    Words.bytes(drill.bytes()),
                    Words.count(drill.failures()),
                    Words.duration(drill.took()));
        }
        print(table);
    }

    private void cartridges() {
        Table table = new Table("  ").left("CARTRIDGE").left("PLACE").left("STATUS").right("USED");
        for (TapeCartridge cartridge : facts.cartridges()) {
            cartridge
                    .volume()
                    .ifPresent(volume ->
                            table.row(
                                    cartridge.barcode().text(),
                                    Words.shown(cartridge.place()),
                                    volume.status().name().toLowerCase(Locale.ROOT),
                                    Words.bytes(volume.bytes())));
        }
        if (!facts.cartridges().isEmpty()) {
            print(table);
        }
    }

    private void print(Table table) {
        out.println();
        table.print(out, Style.PLAIN);
    }

    private void seal() {
        SignedHead signed = facts.head();
        out.println();
        if (signed == null) {
            out.println("  Not signed: the first backup that copies something makes the key");
            return;
        }
        for (List<String> line :
                List.of(
                        List.of("event", Long.toString(signed.head().seq())),
                        List.of("hash", signed.head().hash().hex()),
                        List.of("signed", Words.rfc3339(signed.head().at())),
                        List.of("home", signed.head().home()),
                        List.of("key", HeadDocument.keyId(signed.publicKey())),
                        List.of("signature", signed.signature()))) {
            out.println("  %-9s  %s".formatted(line.getFirst(), line.getLast()));
        }
        out.println("  Check it with: caravan audit verify, and --html or --json for the document");
    }
}
