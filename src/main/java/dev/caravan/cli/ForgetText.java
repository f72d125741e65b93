package dev.caravan.cli;

import dev.caravan.ledger.RetentionPlan;
import dev.caravan.ledger.RetentionPlan.Example;
import dev.caravan.ledger.RetentionPlan.OfTarget;
import dev.caravan.ledger.RetentionPlan.Reason;
import dev.caravan.ledger.RetentionRules;
import dev.caravan.restore.Forgetting.Forgotten;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a `forget` would do, or did, as text and as JSON.
///
/// @param forgotten null where nothing was done
/// @param many that too much would go at once; null if that is not so
record ForgetText(
        RetentionPlan plan,
        RetentionRules rules,
        @Nullable Forgotten forgotten,
        List<RetiredData.OfTarget> removed,
        @Nullable String many) {

    /// Whether all that was to be done is.
    boolean good() {
        return many == null
                && (forgotten == null || forgotten.left() == 0 && forgotten.troubles().isEmpty())
                && removed.stream().allMatch(each -> each.left().isEmpty());
    }

    /// In one line, as the log keeps it too.
    String outcome() {
        long retired =
                forgotten == null
                        ? plan.targets().stream().mapToLong(OfTarget::retires).sum()
                        : forgotten.copies().values().stream().mapToLong(Long::longValue).sum();
        long data = removed.stream().mapToLong(RetiredData.OfTarget::copies).sum();
        long bytes = removed.stream().mapToLong(RetiredData.OfTarget::bytes).sum();
        String done =
                "%s %s"
                        .formatted(
                                Words.count(retired, "copy", "copies"),
                                forgotten == null ? "would be retired" : "retired");
        return data == 0
                ? done
                : done
                        + ", data of %s removed, %s"
                                .formatted(Words.count(data, "copy", "copies"), Words.bytes(bytes));
    }

    /// What a person should look at, in words.
    List<String> troubles() {
        List<String> all = new ArrayList<>();
        removed.forEach(each -> each.left().forEach(left -> all.add(each.target() + ": " + left)));
        if (forgotten != null) {
            all.addAll(forgotten.troubles());
            if (forgotten.left() > 0) {
                all.add(
                        "%s after all: %s"
                                .formatted(
                                        Words.count(forgotten.left(), "copy stays", "copies stay"),
                                        forgotten.why()));
            }
        }
        return all;
    }

    void print(PrintWriter out, Style style) {
        for (OfTarget each : plan.targets()) {
            print(out, style, each);
        }
        for (RetiredData.OfTarget each : removed) {
            if (each.copies() > 0) {
                out.println(
                        "%s: data of %s removed, %s"
                                .formatted(
                                        style.strong(each.target()),
                                        Words.count(
                                                each.copies(), "retired copy", "retired copies"),
                                        Words.bytes(each.bytes())));
            }
            if (each.waiting() > 0) {
                out.println(
                        "%s: data of %s stays with others in the same objects"
                                .formatted(
                                        style.strong(each.target()),
                                        Words.count(
                                                each.waiting(), "retired copy", "retired copies")));
            }
            each.left().forEach(left -> out.println("  " + style.bad(Words.shown(left))));
        }
        if (forgotten != null) {
            forgotten.troubles().forEach(t -> out.println("  " + style.bad(Words.shown(t))));
            if (forgotten.left() > 0) {
                out.println(
                        style.warning(
                                "%s after all: %s"
                                        .formatted(
                                                Words.count(
                                                        forgotten.left(),
                                                        "copy stays",
                                                        "copies stay"),
                                                Words.shown(String.valueOf(forgotten.why())))));
            }
        }
        if (many != null) {
            out.println(style.bad(many));
        }
        out.println(outcome());
    }

    private void print(PrintWriter out, Style style, OfTarget each) {
        String name = each.target().name();
        if (!rules.keep().containsKey(name)) {
            out.println(
                    "%s: no retention is set, everything is kept%s"
                            .formatted(
                                    style.strong(name),
                                    each.retires() == 0
                                            ? ""
                                            : " but %s of the ledger's own to be retired"
                                                    .formatted(
                                                            Words.count(
                                                                    each.retires(),
                                                                    "old copy",
                                                                    "old copies"))));
            return;
        }
        if (!rules.removable().contains(name)) {
            out.println(
                    style.strong(name)
                            + ": its data could not be removed by this program, so everything is kept");
            return;
        }
        out.println(
                "%s: %s of old versions kept by its retention, %s to be retired, %s"
                        .formatted(
                                style.strong(name),
                                Words.count(
                                        each.kept().getOrDefault(Reason.RULE, 0L),
                                        "copy",
                                        "copies"),
                                Words.count(each.retires()),
                                Words.bytes(each.bytes())));
        print(out, each.examples(), each.retires());
        for (Reason reason : Reason.values()) {
            long kept = each.kept().getOrDefault(reason, 0L);
            if (reason != Reason.RULE && kept > 0) {
                out.println("  %s kept: %s".formatted(Words.count(kept), words(reason)));
            }
        }
        for (Example example : each.keptExamples()) {
            out.println("    " + shown(example));
        }
    }

    private static void print(PrintWriter out, List<Example> some, long all) {
        some.forEach(example -> out.println("    " + shown(example)));
        if (all > some.size()) {
            out.println("    and " + Words.count(all - some.size()) + " more");
        }
    }

    private static String shown(Example example) {
        return "%s, version %d: %s".formatted(example.path(), example.version(), example.why());
    }

    private static String words(Reason reason) {
        return switch (reason) {
            case RULE -> "its retention";
            case HOLD -> "a hold is on them";
            case UNFINISHED -> "another copy is still to be made";
            case WORM -> "they lie on WORM volumes";
            case IN_TREE -> "they lie in the plain tree until the next backup";
            case POLICY -> "what would be left does not meet the policy";
            case FLOOR -> "fewer than 2 others can be read again at once (tape: --with-tape)";
        };
    }

    void write(Json json) throws IOException {
        json.flag("done", forgotten != null).flag("good", good()).text("tooMany", many);
        json.array(
                "targets",
                all -> {
                    for (OfTarget each : plan.targets()) {
                        all.object(object -> write(object, each));
                    }
                });
        json.array(
                "removed",
                all -> {
                    for (RetiredData.OfTarget each : removed) {
                        all.object(object -> {
                            object.text("target", each.target())
                                    .number("copies", each.copies())
                                    .number("bytes", each.bytes())
                                    .number("waiting", each.waiting());
                            texts(object, "left", each.left());
                        });
                    }
                });
        json.number("stay", forgotten == null ? 0 : forgotten.left())
                .text("why", forgotten == null ? null : forgotten.why());
        texts(json, "troubles", forgotten == null ? List.of() : forgotten.troubles());
    }

    private void write(Json json, OfTarget each) throws IOException {
        String name = each.target().name();
        json.text("target", name)
                .flag("retention", rules.keep().containsKey(name))
                .flag("removable", rules.removable().contains(name))
                .number("counted", each.counted())
                .number("retires", each.retires())
                .number("bytes", each.bytes())
                .number(
                        "retired",
                        forgotten == null ? 0 : forgotten.copies().getOrDefault(name, 0L));
        json.object(
                "kept",
                kept -> {
                    for (Reason reason : Reason.values()) {
                        kept.number(name(reason), (long) each.kept().getOrDefault(reason, 0L));
                    }
                });
        examples(json, "examples", each.examples());
        examples(json, "keptExamples", each.keptExamples());
    }

    /// `inTree` for IN_TREE.
    private static String name(Reason reason) {
        List<String> words =
                new ArrayList<>(
                        List.of(reason.name().toLowerCase(java.util.Locale.ROOT).split("_")));
        StringBuilder name = new StringBuilder(words.removeFirst());
        words.forEach(word ->
                name.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1)));
        return name.toString();
    }

    private static void examples(Json json, String name, List<Example> some) throws IOException {
        json.array(
                name,
                all -> {
                    for (Example example : some) {
                        all.object(object ->
                                object.text("source", example.source())
                                        .path(example.path())
                                        .number("version", example.version())
                                        .text("why", example.why()));
                    }
                });
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
