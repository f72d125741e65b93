package dev.caravan.cli;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.CopyState;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.MediaKind;
import dev.caravan.ledger.Problem;
import dev.caravan.ledger.StoredPart;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// All that is known of one item: its versions, and the copies of each.
///
/// @param versions newest first
record Whereabouts(String source, ItemPath path, List<Known> versions, List<Problem> problems) {

    /// One version with its copies, the original first.
    record Known(Version version, boolean current, List<Held> copies) {}

    /// One copy.
    ///
    /// @param note why there is none yet, or why it does not count; null otherwise
    record Held(
            String target,
            MediaKind mediaKind,
            CopyState state,
            CopyPlaces.@Nullable Place place,
            List<StoredPart> parts,
            @Nullable Evidence evidence,
            @Nullable Sha256 hash,
            @Nullable Long bytesRead,
            @Nullable Instant recordedAt,
            @Nullable Instant verifiedAt,
            @Nullable String note) {}

    static Whereabouts of(Ledger ledger, String source, ItemPath path, CopyPlaces places) {
        Catalog catalog = ledger.catalog();
        List<Version> versions = catalog.versions(source, path);
        List<List<Catalog.Copy>> copies = catalog.copies(versions);
        List<Known> known = new ArrayList<>();
        List<Problem> problems = List.of();
        for (int i = 0; i < versions.size(); i++) {
            Version version = versions.get(i);
            Catalog.Original original = catalog.original(version);
            problems = original.problems();
            List<Held> held = new ArrayList<>();
            held.add(original(version, original, places));
            for (Catalog.Copy copy : copies.get(i)) {
                held.add(held(version, copy, places));
            }
            known.add(new Known(version, original.current(), held));
        }
        return new Whereabouts(source, path, known, problems);
    }

    /// The hash of an original is that of the first complete read; the scan saw it unchanged since.
    private static Held original(Version version, Catalog.Original original, CopyPlaces places) {
        Instant scan = original.lastScan();
        Instant registered = original.registeredAt();
        Instant seen = scan == null || scan.isBefore(registered) ? registered : scan;
        CopyState state =
                original.counts()
                        ? CopyState.DURABLE
                        : original.current() ? CopyState.SUSPECT : CopyState.LOST;
        return new Held(
                "original",
                original.mediaKind(),
                state,
                places.original(version, original),
                List.of(),
                original.counts()
                        ? new Evidence("seen-unchanged", Evidence.Level.V1, seen, "")
                        : null,
                version.sha256(),
                version.sha256() == null ? null : Long.valueOf(version.metadata().size()),
                registered,
                null,
                original.current() && !original.seen() ? "not looked at in the last scan" : null);
    }

    private static Held held(Version version, Catalog.Copy copy, CopyPlaces places) {
        String error = copy.lastError();
        return new Held(
                copy.target().name(),
                copy.target().mediaKind(),
                copy.state(),
                places.of(version, copy),
                copy.parts(),
                copy.evidence(),
                copy.sha256(),
                copy.bytesRead(),
                copy.recordedAt(),
                copy.verifiedAt(),
                error == null || copy.state() == CopyState.RETIRED || copy.attempts() == 0
                        ? error
                        : Words.count(copy.attempts(), "attempt", "attempts") + ": " + error);
    }

    void write(Json json) throws IOException {
        json.path(path).text("source", source);
        json.array(
                "versions",
                all -> {
                    for (Known known : versions) {
                        all.object(object -> write(object, known));
                    }
                });
    }

    private static void write(Json json, Known known) throws IOException {
        Version version = known.version;
        json.number("version", version.number())
                .flag("current", known.current)
                .text("kind", version.metadata().kind().name())
                .hash("sha256", version.sha256())
                .number("size", version.metadata().size())
                .time("modified", version.metadata().modified());
        json.array(
                "copies",
                all -> {
                    for (Held held : known.copies) {
                        all.object(object -> write(object, held));
                    }
                });
    }

    private static void write(Json json, Held held) throws IOException {
        json.text("target", held.target)
                .text("mediaKind", held.mediaKind.toString())
                .text("medium", held.place == null ? null : held.place.medium())
                .text("location", held.place == null ? null : held.place.text())
                .text("carriedTo", held.place == null ? null : held.place.carriedTo())
                .text("state", held.state.name());
        if (!held.parts.isEmpty()) {
            PartPlaces.write(json, held.parts);
        }
        Evidence evidence = held.evidence;
        if (evidence == null) {
            json.nothing("evidence");
        } else {
            json.object(
                    "evidence",
                    object ->
                            object.text("method", evidence.method())
                                    .text("level", evidence.level().name())
                                    .hash("hash", held.hash)
                                    .number("bytesRead", held.bytesRead)
                                    .time("at", evidence.at())
                                    .text(
                                            "program",
                                            evidence.program().isEmpty()
                                                    ? null
                                                    : evidence.program()));
        }
        json.time("recordedAt", held.recordedAt).time("verifiedAt", held.verifiedAt);
    }

    void print(PrintWriter out, Style style, Instant now) {
        out.println(style.strong(path.toString()) + style.faint("  in source " + source));
        for (Problem problem : problems) {
            out.println(
                    style.warning(
                            "%s: %s"
                                    .formatted(
                                            problem.kind().name().replace('_', '-'),
                                            Words.shown(problem.reason()))));
        }
        for (Known known : versions) {
            print(out, style, now, known);
        }
    }

    private static void print(PrintWriter out, Style style, Instant now, Known known) {
        Version version = known.version;
        out.println();
        out.println(
                "%s%s, %s, modified %s"
                        .formatted(
                                style.strong("Version " + version.number()),
                                known.current ? ", current" : "",
                                what(version),
                                Words.local(version.metadata().modified())));
        if (version.sha256() != null) {
            out.println(style.faint("sha256 " + version.sha256().hex()));
        }
        for (Held held : known.copies) {
            out.println();
            out.println(
                    "  %s  %s, %s"
                            .formatted(
                                    style.strong(held.target), held.mediaKind, state(style, held)));
            if (held.place != null && isThere(held.state)) {
                out.println("    " + held.place.shown());
                PartPlaces.print(out, held.parts);
            }
            if (held.evidence != null) {
                out.println("    " + style.faint(proof(held, held.evidence, now)));
            }
            if (held.note != null) {
                Words.wrap(Words.shown(held.note), 74).forEach(l -> out.println("    " + l));
            }
        }
    }

    private static boolean isThere(CopyState state) {
        return state != CopyState.LOST && state != CopyState.RETIRED;
    }

    private static String proof(Held held, Evidence evidence, Instant now) {
        boolean original = evidence.program().isEmpty();
        return original
                ? "seen unchanged " + Words.ago(evidence.at(), now)
                : "proof %s (%s), %s, by %s"
                        .formatted(
                                evidence.method(),
                                evidence.level(),
                                Words.ago(evidence.at(), now),
                                evidence.program());
    }

    private static String state(Style style, Held held) {
        String said = held.state.name().toLowerCase(Locale.ROOT);
        if (held.state.counts()) {
            return style.good(said);
        }
        return switch (held.state) {
            case WANTED, WRITING, ACKED -> style.warning(said);
            case LOST -> style.faint(held.target.equals("original") ? "no longer there" : said);
            default -> style.bad(said);
        };
    }

    private static String what(Version version) {
        return switch (version.metadata().kind()) {
            case FILE -> "file of " + Words.bytes(version.metadata().size());
            case FOLDER -> "folder";
            case SYMLINK -> "symlink to " + ItemPath.show(version.metadata().linkTarget());
        };
    }
}
