package dev.caravan.cli;

import dev.caravan.ledger.Counts;
import dev.caravan.ledger.Ledger;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// How old the oldest proof on each target is: not when the last verify was, but what is the
/// longest that any counted copy went unproven.
final class ProofAges {
    private ProofAges() {}

    /// By target, of those that hold counted copies.
    static Map<String, Instant> of(Ledger ledger, Counts.Report report) {
        Map<String, Instant> proofs = new LinkedHashMap<>();
        for (Counts.OfTarget numbers : report.targets()) {
            String name = numbers.target().name();
            ledger.dueCopies().oldestProof(name).ifPresent(then -> proofs.put(name, then));
        }
        return proofs;
    }

    static void print(PrintWriter out, Style style, Map<String, Instant> proofs, Instant now) {
        proofs.forEach((target, then) ->
                out.println(
                        "  "
                                + style.faint(
                                        "Oldest proof on %s: %s"
                                                .formatted(target, Words.ago(then, now)))));
    }

    static void write(Json json, Map<String, Instant> proofs) throws IOException {
        json.array(
                "oldestProofs",
                all -> {
                    for (Map.Entry<String, Instant> proof : proofs.entrySet()) {
                        all.object(each ->
                                each.text("target", proof.getKey()).time("at", proof.getValue()));
                    }
                });
    }
}
