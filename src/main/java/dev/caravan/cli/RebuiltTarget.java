package dev.caravan.cli;

import dev.caravan.restore.CopyReading;
import dev.caravan.restore.Rebuilt;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one target came to in `rebuild`, as a person and a script read it. Confined to one thread.
final class RebuiltTarget {
    final String name;
    final String rule;
    final List<String> problems = new ArrayList<>();
    @Nullable Rebuilt rebuilt;
    CopyReading.@Nullable Result verified;
    @Nullable TapeRebuilding tape;
    @Nullable String adopted;
    long takenAsDeleted;

    RebuiltTarget(String name, String rule) {
        this.name = name;
        this.rule = rule;
    }

    boolean good() {
        return problems.isEmpty()
                && (rebuilt == null || rebuilt.good())
                && (verified == null || verified.suspect() == 0)
                && (tape == null || tape.good());
    }

    long versions() {
        return (rebuilt == null ? 0 : rebuilt.versions()) + (tape == null ? 0 : tape.versions());
    }

    long copies() {
        return (rebuilt == null ? 0 : rebuilt.copies()) + (tape == null ? 0 : tape.copies());
    }

    long counted() {
        return (verified == null ? 0 : verified.verified()) + (tape == null ? 0 : tape.counted());
    }

    private long deleted() {
        return takenAsDeleted + (rebuilt == null ? 0 : rebuilt.deleted());
    }

    void print(PrintWriter out) {
        if (tape != null) {
            tape.print(out);
        }
        if (rebuilt != null) {
            print(out, rebuilt);
        } else if (tape == null) {
            out.println("%s: not read".formatted(name));
        }
        for (String problem : details()) {
            out.println("  " + Words.shown(problem));
        }
        if (verified != null) {
            out.println(
                    "%s: %s of %s read back: %s good, %s not"
                            .formatted(
                                    name,
                                    Words.count(
                                            verified.verified() + verified.suspect(),
                                            "copy",
                                            "copies"),
                                    Words.bytes(verified.bytes()),
                                    Words.count(verified.verified()),
                                    Words.count(verified.suspect())));
        }
        if (adopted != null) {
            out.println(
                    "%s: this home is %s from now on, the one that it belongs to"
                            .formatted(name, Words.shown(adopted)));
        }
    }

    private void print(PrintWriter out, Rebuilt found) {
        out.println(
                "%s: it names %s; %s and %s new to the ledger, %s known; %s taken as deleted"
                        .formatted(
                                name,
                                Words.count(found.read(), "version", "versions"),
                                Words.count(found.versions(), "version", "versions"),
                                Words.count(found.copies(), "copy", "copies"),
                                Words.count(found.known()),
                                Words.count(deleted(), "item is", "items are")));
        tell(out, found.missing(), "it names and does not have");
        tell(out, found.conflicts(), "contradicting the ledger, or impossible, and left out");
        tell(out, found.unreadable(), "unreadable");
        tell(out, found.unnamed(), "named by nothing: no copies, left where they are");
    }

    private static void tell(PrintWriter out, long number, String what) {
        if (number > 0) {
            out.println("  %s %s".formatted(Words.count(number), what));
        }
    }

    private List<String> details() {
        List<String> details = new ArrayList<>(problems);
        if (rebuilt != null) {
            details.addAll(rebuilt.details());
        }
        if (verified != null) {
            details.addAll(verified.details());
        }
        return details;
    }

    void write(Json json) throws IOException {
        json.text("target", name)
                .flag("good", good())
                .number("named", rebuilt == null ? 0 : rebuilt.read())
                .number("versions", versions())
                .number("copies", copies())
                .number("known", rebuilt == null ? 0 : rebuilt.known())
                .number("verified", counted())
                .number("suspect", verified == null ? 0 : verified.suspect())
                .number("takenAsDeleted", deleted())
                .number("missing", rebuilt == null ? 0 : rebuilt.missing())
                .number("conflicts", rebuilt == null ? 0 : rebuilt.conflicts())
                .number("unreadable", rebuilt == null ? 0 : rebuilt.unreadable())
                .number("unnamed", rebuilt == null ? 0 : rebuilt.unnamed());
        json.array(
                "problems",
                all -> {
                    for (String problem : details()) {
                        all.text(problem);
                    }
                });
        if (tape != null) {
            json.object("tape", tape::write);
        }
    }
}
