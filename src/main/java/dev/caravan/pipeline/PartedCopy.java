package dev.caravan.pipeline;

import dev.caravan.item.Content;
import dev.caravan.item.Sha256;
import dev.caravan.item.Version;
import dev.caravan.ledger.LedgerException;
import dev.caravan.ledger.PartOfCopy;
import dev.caravan.ledger.Parts;
import dev.caravan.ledger.StoredPart;
import dev.caravan.segment.Part;
import dev.caravan.segment.PartBody;
import dev.caravan.segment.PartNames;
import dev.caravan.segment.PartResult;
import dev.caravan.segment.PartSource;
import dev.caravan.segment.RunningSha256;
import dev.caravan.segment.SegmentId;
import dev.caravan.target.TargetException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One version on its way to tape in parts: cut, sent one part after the other, each recorded
/// before the next begins. Parts that another program had recorded before it died are read again
/// from the source, for the hash of the whole, and not written again. Confined to one thread at a
/// time.
final class PartedCopy {
    private static final Logger LOG = LoggerFactory.getLogger(PartedCopy.class);

    /// More than the headers and the index of a part take, but for very many extended attributes.
    private static final long OVERHEAD = 16 << 10;

    private final TargetLane lane;
    private final Version version;
    private final PartedCopies.Sender sender;
    private final List<Content.Extent> data;
    private List<Part> parts;
    private long mostStored;
    private boolean prepared;

    /// What is on tape already, by number.
    private final Map<Integer, StoredPart> recorded = new HashMap<>();

    private boolean hidden;
    private @Nullable String set;

    /// What is done: parts before this one, and the digest of their bytes.
    private int next;

    private RunningSha256 soFar = new RunningSha256();
    private @Nullable Sha256 whole;

    /// @param data where data lies in the file
    PartedCopy(
            TargetLane lane,
            Version version,
            List<Content.Extent> data,
            PartedCopies.Sender sender) {
        this.lane = lane;
        this.version = version;
        this.sender = sender;
        this.data = data;
        this.mostStored = lane.options().segmentBytes();
        this.parts = Part.cut(data, version.metadata().size(), mostStored);
    }

    /// Cuts the version as the parts of it were cut that are on tape already; if that can not be,
    /// they are void.
    private void prepare() {
        Parts ledger = lane.pipeline().ledger().parts();
        List<StoredPart> known = ledger.of(lane.target(), version);
        if (!known.isEmpty() && !takeUp(known)) {
            LOG.warn(
                    "{}: '{}' is cut otherwise now: its {} parts on tape are void",
                    lane.target(),
                    version.path(),
                    known.size());
            ledger.giveUp(lane.target(), version);
        }
        if (recorded.isEmpty()) {
            hidden =
                    PartNames.tooLong(version, parts.size())
                            || ledger.nameTaken(version.source(), PartNames.stem(version));
        }
        prepared = true;
    }

    private boolean takeUp(List<StoredPart> known) {
        PartOfCopy first = known.getFirst().part();
        if (first.mostStored() > mostStored) {
            return false; // there was a reason to make segments smaller
        }
        List<Part> cut = Part.cut(data, version.metadata().size(), first.mostStored());
        if (!areOf(cut, known)) {
            return false;
        }
        parts = cut;
        mostStored = first.mostStored();
        hidden = first.hidden();
        set = first.set();
        known.forEach(part -> recorded.put(part.part().number(), part));
        LOG.info(
                "{}: '{}' has {} of {} parts on tape from before: the source is read again for its hash",
                lane.target(),
                version.path(),
                known.size(),
                cut.size());
        return true;
    }

    private static boolean areOf(List<Part> cut, List<StoredPart> recorded) {
        String set = recorded.getFirst().part().set();
        return recorded.stream()
                .allMatch(stored -> {
                    PartOfCopy part = stored.part();
                    Part planned = part.number() <= cut.size() ? cut.get(part.number() - 1) : null;
                    return planned != null
                            && part.set().equals(set)
                            && part.count() == planned.count()
                            && part.contentOffset() == planned.offset()
                            && part.size() == planned.size();
                });
    }

    Version version() {
        return version;
    }

    /// Whether there is more than one; one is a segment like any other.
    boolean inParts() {
        return parts.size() > 1;
    }

    /// Carries what is left, and settles the version.
    ///
    /// @return false if the target failed and what was done is still good
    boolean carry() throws InterruptedException {
        try (PartSource source = new PartSource(version, lane.pipeline().contents())) {
            if (!prepared) {
                prepare();
            }
            checkRoom();
            while (next < parts.size()) {
                if (!lane.stillOpen()) {
                    lane.claims().giveBack(List.of(version));
                    return false;
                }
                Part part = parts.get(next);
                StoredPart there = recorded.get(part.number());
                if (there != null && passedOver(part, there, source)) {
                    continue;
                }
                Parts.Outcome outcome = write(part, source);
                if (outcome == null) {
                    return false;
                }
                if (outcome != Parts.Outcome.RECORDED) {
                    return true;
                }
            }
            complete();
            return true;
        } catch (TargetException failed) {
            lane.failedUncarried(version, failed);
            return false;
        } catch (LedgerException failed) {
            lane.claims().itemFailed(version, new IOException(failed.getMessage(), failed));
            return true;
        } catch (IOException failed) {
            lane.claims().itemFailed(version, failed);
            return true;
        }
    }

    /// A file that can not fit as a whole is not begun: it would fill what others still fit on.
    private void checkRoom() throws IOException {
        List<Part> left =
                parts.subList(next, parts.size()).stream()
                        .filter(part -> !recorded.containsKey(part.number()))
                        .toList();
        Optional<List<Long>> room = lane.proof().get().room();
        long largest = left.stream().mapToLong(Part::stored).max().orElse(0) + OVERHEAD;
        if (room.isPresent()) {
            long fit = room.get().stream().mapToLong(free -> free / largest).sum();
            if (fit < left.size()) {
                throw new IOException(
                        "library full: '%s' does not fit: it needs room for %d more parts of %d bytes, and the cartridges take %d; add cartridges"
                                .formatted(version.path(), left.size(), mostStored, fit));
            }
        }
    }

    /// Reads what is on tape already.
    ///
    /// @return false if it is something else there: then it is written again
    private boolean passedOver(Part part, StoredPart there, PartSource source) throws IOException {
        Optional<RunningSha256> after = PartBody.passOver(part, source, soFar, there.sha256());
        if (after.isEmpty()) {
            LOG.warn(
                    "{}: {} has other bytes than the one on {}",
                    lane.target(),
                    PartNames.shown(version.path(), part.number(), part.count()),
                    there.object().name());
            return false;
        }
        done(part, after.get());
        return true;
    }

    private void done(Part part, RunningSha256 after) {
        soFar = after;
        next++;
        if (part.isLast()) {
            whole = after.sha256();
        }
    }

    /// @return null if the part failed; then the version is settled
    private Parts.@Nullable Outcome write(Part part, PartSource source)
            throws IOException, InterruptedException {
        String name = lane.pipeline().newCopyName('s');
        String of = set == null ? name : set;
        PartBody body =
                new PartBody(
                        new SegmentId(name),
                        part,
                        new PartBody.Place(of, hidden),
                        source,
                        soFar,
                        lane.pipeline().now(),
                        lane.pipeline().program());
        PartOfCopy place =
                new PartOfCopy(
                        of,
                        part.number(),
                        part.count(),
                        part.offset(),
                        part.size(),
                        mostStored,
                        hidden);
        PartLoad load = new PartLoad(lane, name, version, place, body);
        sender.send(load);
        Parts.Outcome outcome = lane.parts().take(version);
        if (outcome == Parts.Outcome.RECORDED) {
            set = of;
            done(part, load.result().map(PartResult::upToHere).orElseThrow());
        }
        return outcome;
    }

    /// All parts were there before, but for the last recorded one the hash of the whole was
    /// missing: now it is known.
    private void complete() {
        Sha256 hash = whole;
        if (hash == null) {
            throw new IllegalStateException("no hash of '" + version.path() + "' after all parts");
        }
        Parts.Outcome outcome =
                lane.pipeline()
                        .ledger()
                        .parts()
                        .complete(lane.target(), lane.pipeline().lease(), version, hash);
        lane.parts().settle(version, outcome, 0);
    }
}
