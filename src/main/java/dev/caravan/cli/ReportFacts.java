package dev.caravan.cli;

import dev.caravan.audit.SigningKey;
import dev.caravan.config.Home;
import dev.caravan.config.Settings;
import dev.caravan.ledger.Counts;
import dev.caravan.ledger.Drills;
import dev.caravan.ledger.EvidenceAges;
import dev.caravan.ledger.Head;
import dev.caravan.ledger.Ledger;
import dev.caravan.ledger.SignedHead;
import dev.caravan.ledger.Target;
import dev.caravan.tape.TapeLibrary;
import dev.caravan.tape.TapeLibrary.TapeCartridge;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// All that a dated report says, gathered at one moment.
///
/// @param head of the log at that moment, signed; null if the home has no key yet
/// @param policy each number of the policy, and how many items reach it
/// @param evidence how old the proofs are
/// @param cartridges that were ever labelled
/// @param drills the last ones, the newest first
/// @param judged whether the policy of the home is known; if not, nothing is called good
/// @param limits of targets
/// @param own where the ledger itself is
record ReportFacts(
        Home home,
        String homeId,
        Instant at,
        String program,
        @Nullable SignedHead head,
        Counts.Report counts,
        List<PolicyNumber> policy,
        List<EvidenceAges.Proven> evidence,
        List<Drills.Drill> drills,
        List<TapeCartridge> cartridges,
        boolean judged,
        TargetLimits limits,
        OwnStatus own) {
    private static final int DRILLS = 12;

    static ReportFacts gather(JudgedHome home, Ledger ledger, Instant at) throws IOException {
        OpenHome open = home.open();
        Counts.Report counts = ledger.counts().report(home.policies());
        Optional<SigningKey> key = SigningKey.read(open.home().keys());
        Optional<Head> head = ledger.heads().current();
        return new ReportFacts(
                open.home(),
                ledger.homeId(),
                at,
                Program.nameAndVersion(),
                head.isPresent() && key.isPresent() ? key.get().sign(head.get(), false) : null,
                counts,
                PolicyNumber.of(counts),
                ledger.evidenceAges().all(),
                ledger.drills().newestFirst(DRILLS),
                cartridges(open),
                home.known(),
                TargetLimits.of(open),
                OwnStatus.of(ledger));
    }

    /// A library that cannot be read now is told by `tape list`; the report is made all the same.
    private static List<TapeCartridge> cartridges(OpenHome open) throws IOException {
        Optional<Settings> settings = open.settingsIfGood();
        if (settings.isEmpty() || TapeDesk.find(settings.get().tape()).isEmpty()) {
            return List.of();
        }
        return TapeLibrary.open(TargetParts.place(settings.get().tape())).cartridges().stream()
                .filter(cartridge -> cartridge.volume().isPresent())
                .toList();
    }

    /// The targets that only stand for what they count as.
    List<String> simulated() {
        return counts.targets().stream()
                .map(Counts.OfTarget::target)
                .filter(Target::simulated)
                .map(Target::name)
                .toList();
    }

    /// The verdict, in a sentence without a full stop.
    String verdict() {
        if (counts.lastScan() == null) {
            return "No backup has run yet";
        }
        if (counts.items() == 0) {
            return "Nothing to protect was found";
        }
        String items = Words.count(counts.items(), "item", "items");
        if (counts.belowPolicy() > 0) {
            return "%s of %s %s below policy"
                    .formatted(
                            Words.count(counts.belowPolicy()),
                            items,
                            counts.belowPolicy() == 1 ? "is" : "are");
        }
        return counts.items() == 1
                ? "The one item is in policy"
                : "All %s are in policy".formatted(items);
    }

    /// Whether that is as it should be.
    boolean good() {
        return judged && StatusCommand.exitCode(counts) == ExitCode.OK;
    }

    /// What a scan saw and could not protect, in words; empty if there is none.
    List<String> leftOut() {
        return java.util.stream.Stream.of(
                        some(counts.unreadable(), "unreadable"),
                        some(counts.unstable(), "unstable"),
                        some(counts.overLong(), "over-long"),
                        some(counts.skipped(), "skipped"),
                        some(counts.deleted(), "deleted, still kept"))
                .filter(text -> !text.isEmpty())
                .toList();
    }

    private static String some(long number, String what) {
        return number == 0 ? "" : Words.count(number) + " " + what;
    }
}
