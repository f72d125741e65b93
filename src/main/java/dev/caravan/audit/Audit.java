package dev.caravan.audit;

import dev.caravan.ledger.Events;
import dev.caravan.ledger.Head;
import dev.caravan.ledger.Heads;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.SignedHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Whether the ledger is what it was: its chain, the heads it has signed, and the heads that were
/// taken out of its reach. Confined to one thread.
public final class Audit {
    private final Ledger ledger;
    private final List<String> findings = new ArrayList<>();
    private final List<String> accepted = new ArrayList<>();
    private final List<Compared> compared = new ArrayList<>();

    public Audit(Ledger ledger) {
        this.ledger = ledger;
    }

    /// A head from outside the ledger.
    ///
    /// @param from where it lies, for a person
    public record Exported(String from, SignedHead head) {}

    /// What became of one.
    public record Compared(Exported exported, boolean good) {}

    /// What was found.
    ///
    /// @param head of the log now; null if nothing has happened yet
    /// @param bad the first bad event; null if the chain is whole
    /// @param heads signed ones in the ledger
    /// @param compared heads from elsewhere, in their order
    /// @param accepted heads that are not in the log, of which a person has said so
    /// @param findings all that is wrong, in words; empty if nothing is
    public record Result(
            long events,
            @Nullable Head head,
            Events.@Nullable Bad bad,
            long heads,
            List<Compared> compared,
            List<String> accepted,
            List<String> findings) {
        public boolean good() {
            return findings.isEmpty();
        }
    }

    /// Walks the whole chain and compares all heads.
    public Result verify(List<Exported> exported) {
        Events.Chain chain = ledger.events().walk();
        Events.Bad bad = chain.bad();
        if (bad != null) {
            findings.add("event %d is the first bad one: %s".formatted(bad.seq(), bad.why()));
        }
        Set<String> announced = ledger.heads().announcedKeys();
        List<SignedHead> own = ledger.heads().all();
        for (SignedHead head : own) {
            judge("the ledger's own head", head, announced);
        }
        for (Exported each : exported) {
            compared.add(new Compared(each, judge(each.from(), each.head(), announced)));
        }
        return new Result(
                chain.events(),
                ledger.heads().current().orElse(null),
                bad,
                own.size(),
                List.copyOf(compared),
                List.copyOf(accepted),
                List.copyOf(findings));
    }

    private boolean judge(String from, SignedHead signed, Set<String> announced) {
        Head head = signed.head();
        String what = "%s: head of event %d, signed %s, ".formatted(from, head.seq(), head.at());
        if (!HeadDocument.isGenuine(signed)) {
            findings.add(what + "has a wrong signature: it was changed");
            return false;
        }
        Heads.Verdict verdict = ledger.heads().compare(head);
        if (verdict != Heads.Verdict.OTHER_HOME
                && !announced.contains(HeadDocument.keyId(signed.publicKey()))) {
            findings.add(
                    what
                            + "is signed with key %s, which this ledger has never announced"
                                    .formatted(HeadDocument.keyId(signed.publicKey())));
            return false;
        }
        switch (verdict) {
            case AGREES -> {}
            case ACCEPTED ->
                    accepted.add(what + "is not in this ledger; a person has accepted that");
            case OTHER_HOME ->
                    findings.add(
                            what
                                    + "is of home %s, and this ledger of another: it was made anew, or the head is somebody else's"
                                            .formatted(head.home()));
            case AHEAD -> findings.add(what + ahead(ledger));
            case DIFFERS ->
                    findings.add(
                            what
                                    + "has another hash than event %d of the ledger: the log was written anew, or goes on from an older state"
                                            .formatted(head.seq()));
        }
        return verdict == Heads.Verdict.AGREES || verdict == Heads.Verdict.ACCEPTED;
    }

    static String ahead(Ledger ledger) {
        return "is ahead of the ledger, which ends at event %d: it was put back to an older state"
                .formatted(ledger.heads().current().map(Head::seq).orElse(0L));
    }
}
