package dev.caravan.cli;

import dev.caravan.ledger.Ledger;
import dev.caravan.restore.Verified;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/// What verifying came to, as text and as JSON.
final class VerifyText {
    private VerifyText() {}

    static void print(PrintWriter out, PrintWriter err, Ledger ledger, List<Verified> results) {
        Instant now = Clock.systemUTC().instant();
        Table table =
                new Table("  ")
                        .left("TARGET")
                        .right("VERIFIED")
                        .right("BAD")
                        .right("NOT TOLD")
                        .right("READ")
                        .right("LEFT")
                        .left("OLDEST PROOF");
        for (Verified result : results) {
            table.row(
                    result.target(),
                    Words.count(result.verified()),
                    Words.count(result.bad()),
                    Words.count(result.untold()),
                    Words.bytes(result.bytesRead()),
                    Words.count(result.left()),
                    ledger.dueCopies()
                            .oldestProof(result.target())
                            .map(then -> Words.ago(then, now))
                            .orElse("-"));
        }
        table.print(out, Style.ofProcess());
        for (Verified result : results) {
            result.details()
                    .forEach(detail ->
                            out.println("  " + result.target() + ": " + Words.shown(detail)));
            result.away()
                    .forEach(
                            away -> out.println("  " + result.target() + ": " + Words.shown(away)));
        }
        out.println(outcome(results));
        for (Verified result : results) {
            if (result.trouble() != null) {
                err.println(
                        "caravan: target '%s': %s"
                                .formatted(result.target(), Words.shown(result.trouble())));
            }
        }
    }

    /// In one line, as the log keeps it too.
    static String outcome(List<Verified> results) {
        long verified = results.stream().mapToLong(Verified::verified).sum();
        long bad = results.stream().mapToLong(Verified::bad).sum();
        long fell = results.stream().mapToLong(Verified::fell).sum();
        long untold = results.stream().mapToLong(Verified::untold).sum();
        long differing = results.stream().mapToLong(Verified::differing).sum();
        long away = results.stream().mapToLong(result -> result.away().size()).sum();
        StringBuilder said =
                new StringBuilder(Words.count(verified, "copy", "copies") + " verified");
        said.append(
                bad == 0
                        ? ", none bad"
                        : ", %s bad, of which %s counted until now"
                                .formatted(Words.count(bad), Words.count(fell)));
        if (untold > 0) {
            said.append(", nothing can be said of ").append(Words.count(untold));
        }
        if (differing > 0) {
            said.append(", metadata of ").append(Words.count(differing)).append(" differs");
        }
        if (away > 0) {
            said.append(
                    ", %s not in the library"
                            .formatted(Words.count(away, "cartridge", "cartridges")));
        }
        List<String> unreached =
                results.stream().filter(r -> r.trouble() != null).map(Verified::target).toList();
        if (!unreached.isEmpty()) {
            said.append("; not to its end: ").append(String.join(", ", unreached));
        }
        return said.toString();
    }

    static void write(Json json, Ledger ledger, List<Verified> results) throws IOException {
        json.flag("good", results.stream().allMatch(Verified::good));
        json.array(
                "targets",
                all -> {
                    for (Verified result : results) {
                        all.object(each -> write(each, ledger, result));
                    }
                });
    }

    private static void write(Json json, Ledger ledger, Verified result) throws IOException {
        json.text("target", result.target())
                .flag("good", result.good())
                .number("verified", result.verified())
                .number("bad", result.bad())
                .number("countNoMore", result.fell())
                .number("notTold", result.untold())
                .number("metadataDiffers", result.differing())
                .number("bytesRead", result.bytesRead())
                .number("left", result.left())
                .time("oldestProof", ledger.dueCopies().oldestProof(result.target()).orElse(null))
                .text("trouble", result.trouble());
        texts(json, "details", result.details());
        texts(json, "notInLibrary", result.away());
    }

    private static void texts(Json json, String name, List<String> texts) throws IOException {
        json.array(
                name,
                all -> {
                    for (String text : texts) {
                        all.text(text);
                    }
                });
    }
}
