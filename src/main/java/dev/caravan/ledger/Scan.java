package dev.caravan.ledger;

import dev.caravan.item.ItemPath;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/// One scan of one source: compares what is seen with what is known, and at the end finds what is
/// gone. Memory: one bit per known item. Confined to the scanning thread.
public final class Scan {
    /// A scan in which a larger share of the source vanished marks nothing deleted.
    private static final double MOST_VANISHED = 0.30;

    /// Below this number of items a share says nothing, unless it is all of them.
    private static final int FEW = 10;

    private final Database database;
    private final Clock clock;
    private final String source;
    private final int sourceId;
    private final long newestKnown;
    private final Instant began;
    private final BitSet seen = new BitSet();
    private final List<ItemPath> unseen = new ArrayList<>();
    private long items;

    Scan(Database database, Clock clock, String source, int sourceId, long newestKnown) {
        this.database = database;
        this.clock = clock;
        this.source = source;
        this.sourceId = sourceId;
        this.newestKnown = newestKnown;
        this.began = clock.instant();
    }

    public String source() {
        return source;
    }

    /// Items seen so far.
    public long items() {
        return items;
    }

    /// Those of the batch that are new or not in the state of their last version.
    public List<Sighted> changed(List<Sighted> batch) {
        items += batch.size();
        List<Sighted> changed = new ArrayList<>();
        List<Moved> moved = new ArrayList<>();
        database.read(s -> {
            Map<Integer, KnownItem> all = KnownItem.find(s, sourceId, batch);
            for (int i = 0; i < batch.size(); i++) {
                Sighted sighted = batch.get(i);
                KnownItem known = all.get(i);
                if (known != null) {
                    seen.set(Math.toIntExact(known.item()));
                }
                if (known == null || !known.sameAs(sighted)) {
                    changed.add(sighted);
                } else if (known.device() != sighted.fingerprint().device()) {
                    moved.add(new Moved(known.version(), sighted.fingerprint().device()));
                }
            }
            return batch.size();
        });
        if (!moved.isEmpty() && !database.isReadOnly()) {
            followDevice(moved);
        }
        return changed;
    }

    /// A file system mounted again may have another device number: the files are the same.
    private void followDevice(List<Moved> moved) {
        database.write(s -> {
            for (Moved m : moved) {
                s.run("UPDATE version SET device = ? WHERE id = ?", m.device, m.version);
            }
            return moved.size();
        });
    }

    private record Moved(long version, long device) {}

    /// Notes what could not be protected.
    public void problems(List<Problem> problems) {
        if (problems.isEmpty()) {
            return;
        }
        database.write(s -> {
            for (Problem problem : problems) {
                ProblemRows.note(s, sourceId, problem, ProblemRows.By.SCAN, clock.instant());
            }
            return problems.size();
        });
    }

    /// This could not be looked at, or not all that is in it: neither may count as deleted.
    public void unseen(ItemPath path) {
        unseen.add(path);
    }

    /// Ends a complete walk: items not seen are marked deleted, unless too many vanished at once.
    ///
    /// @param acceptDeletions a person says that however many are gone are meant to be
    public Summary finish(boolean acceptDeletions) {
        Compared compared = compare();
        boolean tooMany = !acceptDeletions && compared.tooManyGone();
        database.write(s -> {
            mark(s, compared.notSeen, 0);
            mark(s, tooMany ? compared.gone : List.of(), 0);
            mark(s, compared.seenAgain, 1);
            return end(s, tooMany ? List.of() : compared.gone);
        });
        return summary(compared, tooMany);
    }

    /// What ending the walk now would come to; writes nothing.
    ///
    /// @param acceptDeletions as of [#finish]
    public Summary outlook(boolean acceptDeletions) {
        Compared compared = compare();
        return summary(compared, !acceptDeletions && compared.tooManyGone());
    }

    private Summary summary(Compared compared, boolean tooMany) {
        int gone = compared.gone.size();
        return new Summary(items, tooMany ? 0 : gone, tooMany ? gone : 0);
    }

    /// What became of the items that were there before.
    private record Compared(long known, List<Long> gone, List<Long> notSeen, List<Long> seenAgain) {
        boolean tooManyGone() {
            return gone.size() > known * MOST_VANISHED && (known >= FEW || gone.size() == known);
        }
    }

    private Compared compare() {
        List<Long> gone = new ArrayList<>();
        List<Long> notSeen = new ArrayList<>();
        List<Long> seenAgain = new ArrayList<>();
        long[] known = {0};
        database.read(s -> {
            s.each(
                    "SELECT id, path, seen FROM item WHERE source_id = ? AND present = 1 AND id"
                            + " <= ?",
                    r -> {
                        known[0]++;
                        long item = r.getLong(1);
                        if (seen.get(Math.toIntExact(item))) {
                            if (r.getInt(3) == 0) {
                                seenAgain.add(item);
                            }
                        } else if (mayBeGone(ItemPath.of(r.getBytes(2)))) {
                            gone.add(item);
                        } else {
                            notSeen.add(item);
                        }
                    },
                    sourceId,
                    newestKnown);
            return gone.size();
        });
        return new Compared(known[0], gone, notSeen, seenAgain);
    }

    /// An original that was not looked at is no copy that counts.
    private static void mark(Session s, List<Long> items, int seen) throws SQLException {
        for (Long item : items) {
            s.run("UPDATE item SET seen = ? WHERE id = ?", seen, item);
        }
    }

    private boolean mayBeGone(ItemPath path) {
        for (ItemPath each : unseen) {
            if (path.isAtOrBelow(each)) {
                return false;
            }
        }
        return true;
    }

    private int end(Session s, List<Long> gone) throws SQLException {
        for (Long item : gone) {
            s.run("UPDATE item SET present = 0 WHERE id = ?", item);
            History.gone(s, item, clock.instant());
            dropUnmade(s, item, clock.instant());
        }
        ProblemRows.scanned(s, sourceId, began);
        s.run(
                "UPDATE source SET last_scan_at = ? WHERE id = ?",
                Instants.nanos(clock.instant()),
                sourceId);
        Events.append(
                s,
                clock.instant(),
                "scanned",
                "{\"source\":\"%s\",\"items\":%d,\"deleted\":%d}"
                        .formatted(source, items, gone.size()));
        return gone.size();
    }

    /// A version of a deleted item of which no copy was ever made can never be made any more.
    private static void dropUnmade(Session s, long item, Instant now) throws SQLException {
        List<Long> unmade =
                s.list(
                        "SELECT v.id FROM version v WHERE v.item_id = ? AND NOT EXISTS (SELECT 1"
                                + " FROM target t CROSS JOIN copy c ON c.target_id = t.id AND"
                                + " c.version_id = v.id WHERE c.state <> 'WANTED' OR c.replaces IS NOT"
                                + " NULL)",
                        r -> r.getLong(1),
                        item);
        for (Long version : unmade) {
            Copies.deleteVersion(s, item, version, now);
        }
    }

    /// How a scan ended.
    ///
    /// @param vanished more than the allowed share was gone, so nothing was marked deleted: this
    ///   many
    public record Summary(long items, long deleted, long vanished) {}
}
