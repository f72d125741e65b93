package dev.caravan.ledger;

import dev.caravan.item.Version;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Judges what versions would have without their originals. Confined.
final class OriginalGone {
    private final Session s;
    private final RetentionRules rules;
    private final DropProof proof;
    private final Instant now;
    private final Judge judge;

    OriginalGone(Session s, RetentionRules rules, DropProof proof, Instant now)
            throws SQLException {
        this.s = s;
        this.rules = rules;
        this.proof = proof;
        this.now = now;
        this.judge = new Judge(s, rules.policies());
    }

    private record Row(int target, CopyState state, long evidence) {}

    Retention.WithoutOriginal of(Version version) throws SQLException {
        List<String> why = new ArrayList<>();
        Set<Integer> read = new HashSet<>();
        List<String> names = new ArrayList<>();
        for (Row row :
                s.list(
                        "SELECT c.target_id, c.state, coalesce(c.evidence_id, 0) FROM target t CROSS"
                                + " JOIN copy c ON c.target_id = t.id AND c.version_id = ? ORDER BY t.id",
                        r -> new Row(r.getInt(1), CopyState.valueOf(r.getString(2)), r.getLong(3)),
                        version.id())) {
            String name = judge.target(row.target).name();
            if (row.state.counts() && proof.holds(version.id(), row.target, row.evidence, now)) {
                read.add(row.target);
                names.add(name);
            } else {
                why.add(name + " " + reason(row, name));
            }
        }
        int source =
                s.one(
                        "SELECT i.source_id FROM version v JOIN item i ON i.id = v.item_id WHERE v.id ="
                                + " ?",
                        r -> r.getInt(1),
                        version.id());
        String text = s.one("SELECT " + StandingRows.text("?"), r -> r.getString(1), version.id());
        Standing standing =
                Standing.of(source, false, text.replace(',', '+'))
                        .without(true, held -> !read.contains(held.target()));
        Reached reached = judge.of(standing).reached();
        Policy policy = rules.policies().of(version.source());
        int copies = Math.max(Dropping.FLOOR, policy.copies() - 1);
        int offsite = Math.max(1, policy.offsite());
        if (reached.copies() >= copies && reached.offsite() >= offsite) {
            return new Retention.WithoutOriginal(
                    reached.copies(), reached.offsite(), names, List.of());
        }
        why.addFirst(
                "%d copies (%d offsite) were read and found good, %d (%d offsite) are wanted"
                        .formatted(reached.copies(), reached.offsite(), copies, offsite));
        return new Retention.WithoutOriginal(
                reached.copies(), reached.offsite(), names, List.copyOf(why));
    }

    private String reason(Row row, String name) {
        if (!row.state.counts()) {
            return "is " + row.state.name().toLowerCase(Locale.ROOT);
        }
        return rules.proving().contains(name)
                ? "could not be read within %d s".formatted(DropProof.LIFE.toSeconds())
                : "was not read (tape: --with-tape)";
    }
}
