package dev.caravan.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.ledger.LedgerFixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A home in a folder, and the program run on it as `main` would.
final class TestHome {
    final Path root;
    final Path docs;
    final Path nas;

    /// @param code how the program ended
    record Ended(int code, String out, String err) {
        JsonNode json() throws IOException {
            return new ObjectMapper().readTree(out);
        }
    }

    TestHome(Path folder, String... more) throws IOException {
        root = folder.resolve("home");
        docs = Files.createDirectory(folder.resolve("docs"));
        nas = Files.createDirectory(folder.resolve("nas"));
        Files.createDirectories(root.resolve("config"));
        Files.createDirectories(root.resolve("data"));
        List<String> lines = new ArrayList<>();
        lines.add("caravan.source.docs.dir=" + docs);
        lines.add("caravan.nas.dir=" + nas);
        lines.add("caravan.nas.simulated=true");
        for (String kind : List.of("disk", "tape", "object-store", "optical")) {
            // its proofs are of a day that gets ever longer ago
            lines.add("caravan.policy.verified." + kind + "=never");
        }
        lines.addAll(List.of(more));
        Files.write(root.resolve("config/caravan.properties"), lines);
    }

    /// The ledger of this home, to be filled and closed before the program is run.
    LedgerFixture ledger() {
        return new LedgerFixture(root.resolve("data/ledger.db")).usual();
    }

    Ended run(String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.add("--home");
        all.add(root.toString());
        return program(all.toArray(String[]::new));
    }

    static synchronized Ended program(String... args) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        var printed = new ByteArrayOutputStream();
        var complained = new ByteArrayOutputStream();
        try (PrintStream newOut = new PrintStream(printed, true, StandardCharsets.UTF_8);
                PrintStream newErr = new PrintStream(complained, true, StandardCharsets.UTF_8)) {
            System.setOut(newOut);
            System.setErr(newErr);
            int code = Caravan.run(args);
            return new Ended(
                    code,
                    printed.toString(StandardCharsets.UTF_8),
                    complained.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }
}
