package dev.caravan.ledger;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.caravan.item.Sha256;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Signed heads of the event log, and what a head that comes from elsewhere says of this ledger.
/// Thread-safe.
public final class Heads {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// More versions than are registered in the time that a ledger may be behind.
    private static final long LEAP = 10_000_000;

    private static final String COLUMNS =
            "SELECT (SELECT id FROM home), seq, hash, at, public_key, signature, snapshot FROM head"
                    + " ";

    /// Events after which there is something new to export. A failure is told by the next event
    /// that comes of it, and a scan that found nothing gone changes nothing; what the export itself
    /// causes is not exported again.
    private static final String CHANGE =
            "CASE kind WHEN 'failed' THEN 0 WHEN 'head' THEN 0 WHEN 'key' THEN 0 WHEN 'scanned' THEN"
                    + " json_extract(detail, '$.deleted') > 0 AND json_extract(detail, '$.source') <>"
                    + " '"
                    + OwnSource.NAME
                    + "' WHEN 'registered' THEN json_extract(detail, '$.versions') > 0 AND"
                    + " json_extract(detail, '$.source') <> '"
                    + OwnSource.NAME
                    + "' WHEN 'recorded' THEN json_extract(detail, '$.copies') > 0 WHEN 'retire'"
                    + " THEN json_extract(detail, '$.own') IS NULL WHEN 'remove' THEN"
                    + " json_extract(detail, '$.own') IS NULL ELSE 1 END";

    private final Database database;
    private final Clock clock;

    Heads(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /// The head of the log as it is now; empty if nothing has happened yet.
    public Optional<Head> current() {
        return Optional.ofNullable(database.read(this::current));
    }

    private @Nullable Head current(Session s) throws SQLException {
        String home = s.one("SELECT id FROM home", r -> r.getString(1));
        Instant now = clock.instant();
        return s.first(
                "SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1",
                r -> new Head(home, r.getLong(1), Sha256.of(r.getBytes(2)), now));
    }

    /// Signs the head of the log, in one transaction with an event that says so. A key that signs
    /// for the first time is told by an event of its own, which the signed chain then covers.
    ///
    /// @param publicKey of the signer, as in [SignedHead]
    public SignedHead sign(String publicKey, SignedHead.Signer signer, boolean snapshot) {
        byte[] key = Base64.getDecoder().decode(publicKey);
        return database.write(s -> {
            String known =
                    s.first(
                            "SELECT 1 FROM head WHERE public_key = ? LIMIT 1",
                            r -> r.getString(1),
                            (Object) key);
            String fingerprint = fingerprint(key);
            if (known == null) {
                Events.append(
                        s,
                        clock.instant(),
                        "key",
                        JSON.createObjectNode()
                                .put("key", fingerprint)
                                .put("publicKey", publicKey)
                                .toString());
            }
            Head head = current(s);
            if (head == null) {
                throw new IllegalStateException("a log that has just got an event has none");
            }
            SignedHead signed = signer.sign(head, snapshot);
            s.run(
                    "INSERT INTO head (seq, hash, at, public_key, signature, snapshot) VALUES (?, ?,"
                            + " ?, ?, ?, ?)",
                    head.seq(),
                    head.hash().bytes(),
                    Instants.nanos(head.at()),
                    key,
                    Base64.getDecoder().decode(signed.signature()),
                    snapshot);
            Events.append(
                    s,
                    clock.instant(),
                    "head",
                    JSON.createObjectNode()
                            .put("seq", head.seq())
                            .put("hash", head.hash().hex())
                            .put("key", fingerprint)
                            .put("snapshot", snapshot)
                            .toString());
            return signed;
        });
    }

    /// A key's id: SHA-256 of its X.509 encoding, in hexadecimal digits.
    static String fingerprint(byte[] publicKey) {
        return Sha256.of(Sha256.digest().digest(publicKey)).hex();
    }

    /// The newest signed head.
    public Optional<SignedHead> last() {
        return Optional.ofNullable(
                database.read(
                        s -> s.first(COLUMNS + "ORDER BY seq DESC LIMIT 1", Heads::signedHead)));
    }

    /// The newest one that a snapshot was to go with.
    public Optional<SignedHead> lastWithSnapshot() {
        return Optional.ofNullable(
                database.read(s ->
                        s.first(
                                COLUMNS + "WHERE snapshot = 1 ORDER BY seq DESC LIMIT 1",
                                Heads::signedHead)));
    }

    /// All signed heads, oldest first.
    public List<SignedHead> all() {
        return database.read(s -> s.list(COLUMNS + "ORDER BY seq", Heads::signedHead));
    }

    private static SignedHead signedHead(ResultSet row) throws SQLException {
        Base64.Encoder base64 = Base64.getEncoder();
        return new SignedHead(
                new Head(
                        row.getString(1),
                        row.getLong(2),
                        Sha256.of(row.getBytes(3)),
                        Instants.of(row.getLong(4))),
                base64.encodeToString(row.getBytes(5)),
                base64.encodeToString(row.getBytes(6)),
                row.getInt(7) == 1);
    }

    /// Whether anything happened behind an event that is worth an export.
    public boolean changedSince(long seq) {
        return database.read(s ->
                s.one(
                        "SELECT EXISTS (SELECT 1 FROM event WHERE seq > ? AND " + CHANGE + ")",
                        r -> r.getBoolean(1),
                        seq));
    }

    /// The ids of all keys that the log has announced.
    public Set<String> announcedKeys() {
        return new HashSet<>(details("key", "$.key"));
    }

    private List<String> details(String kind, String path) {
        return database.read(s ->
                s.list(
                        "SELECT json_extract(detail, ?) FROM event WHERE kind = ?",
                        r -> r.getString(1),
                        path,
                        kind));
    }

    /// What a head from elsewhere says of this ledger.
    public enum Verdict {
        /// The ledger has the event, with this hash.
        AGREES,
        /// It is of another home.
        OTHER_HOME,
        /// The ledger ends before the event: an older state of it was put in its place.
        AHEAD,
        /// The ledger has another event there: its log was written anew.
        DIFFERS,
        /// As the two before, but a person has said that it shall go on so.
        ACCEPTED
    }

    /// Compares a head from elsewhere with the log. Takes no time: one row is looked at.
    public Verdict compare(Head head) {
        return database.read(s -> {
            if (!head.home().equals(s.one("SELECT id FROM home", r -> r.getString(1)))) {
                return Verdict.OTHER_HOME;
            }
            Sha256 found =
                    s.first(
                            "SELECT hash FROM event WHERE seq = ?",
                            r -> Sha256.of(r.getBytes(1)),
                            head.seq());
            if (found != null && found.equals(head.hash())) {
                return Verdict.AGREES;
            }
            boolean accepted =
                    s.one(
                            "SELECT EXISTS (SELECT 1 FROM event e, json_each(e.detail, '$.heads') h"
                                    + " WHERE e.kind = 'accepted' AND h.value ->> 'hash' = ?)",
                            r -> r.getBoolean(1),
                            head.hash().hex());
            if (accepted) {
                return Verdict.ACCEPTED;
            }
            return found == null ? Verdict.AHEAD : Verdict.DIFFERS;
        });
    }

    /// A person says that the ledger goes on although these heads are not in it. What happened
    /// behind it is unknown to it, so no proof it has is believed to be fresh: every copy that
    /// counts is STALE until it is verified. Ids of versions go on far behind those that were given
    /// in what is lost: media carry them.
    ///
    /// @return how many copies are to be verified
    public int accept(List<Head> heads) {
        return database.write(s -> {
            int stale =
                    s.run("UPDATE copy SET state = 'STALE' WHERE state IN ('DURABLE', 'VERIFIED')");
            Instant now = clock.instant();
            s.run("UPDATE home SET doubted_at = ?", Instants.nanos(now) + 1);
            goOn(s, now, heads, stale);
            return stale;
        });
    }

    /// Since when no proof that was made before is believed; empty if all are.
    public Optional<Instant> doubtedAt() {
        return Optional.ofNullable(
                database.read(
                        s -> s.first("SELECT doubted_at FROM home", r -> Instants.nullable(r, 1))));
    }

    static void goOn(Session s, Instant now, List<Head> heads, int stale) throws SQLException {
        s.run("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'version'", LEAP);
        ArrayNode list = JSON.createArrayNode();
        heads.forEach(
                head -> list.addObject().put("seq", head.seq()).put("hash", head.hash().hex()));
        var detail = JSON.createObjectNode().put("copies", stale);
        detail.set("heads", list);
        Events.append(s, now, "accepted", detail.toString());
    }
}
