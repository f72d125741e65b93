package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a running program does for the ledger beside its work: settles how items stand, gives
/// proofs that are too old their state, notes where cartridges are, and wants bad copies anew.
/// Every piece may be left out or done twice; what is counted is right before and after.
/// Thread-safe.
public final class Upkeep {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Database database;
    private final Clock clock;

    Upkeep(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// Settles how items stand that were touched since: a report is quick when few are not.
    ///
    /// @return how many were settled
    public long settle() {
        long settled = 0;
        boolean any =
                database.read(s -> s.first("SELECT 1 FROM unsettled LIMIT 1", r -> 1)) != null;
        int some = any ? 1 : 0;
        while (some > 0) {
            some = database.write(StandingRows::settleSome);
            settled += some;
        }
        return settled;
    }

    /// Gives copies whose proofs are too old the state STALE, and back where the policy asks for
    /// less now.
    ///
    /// @return how many changed
    public long age(Policies policies) {
        long changed = 0;
        int some = 1;
        while (some > 0) {
            some =
                    database.write(s -> {
                        Instant now = clock.instant();
                        return Ageing.at(s, policies, now).sweepSome(s, now);
                    });
            changed += some;
        }
        return changed;
    }

    /// Wants copies anew that were found bad or missing, where a good one is to be made from: the
    /// unchanged original, or another copy that counts.
    ///
    /// @return how many are wanted now
    public int repair() {
        boolean any =
                database.read(s ->
                        s.first(
                                "SELECT 1 FROM copy INDEXED BY copy_bad WHERE state IN"
                                        + " ('SUSPECT', 'LOST') LIMIT 1",
                                r -> 1))
                        != null;
        return any ? database.write(s -> Repair.want(s, clock.instant())) : 0;
    }

    /// Where a cartridge is, and of what kind, as the inventory of the library has it.
    ///
    /// @param awaySince since when it is not in the library; null while it is
    /// @param immutable whether what is on it can never be written over
    public record Cartridge(@Nullable Instant awaySince, boolean immutable) {}

    /// Notes where cartridges are.
    ///
    /// @param cartridges by the id in their labels; one that is missing is taken to be within reach
    /// @return how many are elsewhere than before
    public int located(Map<String, Cartridge> cartridges) {
        return database.write(s -> {
            int changed = 0;
            record Row(long id, String name, String uuid) {}
            for (Row row :
                    s.list(
                            "SELECT id, name, uuid FROM volume ORDER BY id",
                            r -> new Row(r.getLong(1), r.getString(2), r.getString(3)))) {
                Cartridge found = cartridges.getOrDefault(row.uuid, new Cartridge(null, false));
                changed += locate(s, row.id, row.name, found);
            }
            return changed;
        });
    }

    private int locate(Session s, long volume, String barcode, Cartridge found)
            throws SQLException {
        Instant since = found.awaySince;
        int changed =
                s.run(
                        "UPDATE volume SET offline_since = ?1, immutable = ?2 WHERE id = ?3 AND"
                                + " (offline_since IS NOT ?1 OR immutable <> ?2)",
                        since == null ? null : Instants.nanos(since),
                        found.immutable,
                        volume);
        if (changed > 0) {
            Events.append(
                    s,
                    clock.instant(),
                    "located",
                    JSON.createObjectNode()
                            .put("volume", barcode)
                            .put("offline", since != null)
                            .put("immutable", found.immutable)
                            .toString());
        }
        return changed;
    }
}
