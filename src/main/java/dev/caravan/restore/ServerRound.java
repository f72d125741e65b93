package dev.caravan.restore;

import dev.caravan.item.Sha256;
import dev.caravan.ledger.DueCopies.DueObject;
import dev.caravan.ledger.Evidence;
import dev.caravan.ledger.Locks;
import dev.caravan.ledger.TapeFiles.Held;
import dev.caravan.restore.Verifier.Round;
import dev.caravan.target.Decryption;
import dev.caravan.target.ObjectReader;
import dev.caravan.target.TargetException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Verifies the objects of a target that keeps some, one in each transaction. Confined to one
/// thread.
final class ServerRound {
    private static final int LOCKS_NOTED = 500;

    private final Round round;
    private final ObjectReader reader;
    private final Decryption decryption;

    ServerRound(Round round, ObjectReader reader, Decryption decryption) {
        this.decryption = decryption;
        this.round = round;
        this.reader = reader;
    }

    void run() throws IOException {
        if (reader.locksFor().isPresent()) {
            reader.check(round.target().identity());
            relock(reader.locksFor().get());
        }
        verifyDue();
    }

    /// Locks that are half over are made anew, whatever is verified.
    private void relock(Duration period) throws IOException {
        Instant before = round.ledger().verifications().now().plus(period.dividedBy(2));
        Map<String, Instant> until = new HashMap<>();
        for (Locks.Due due : round.ledger().locks().due(round.target().name(), before)) {
            try {
                reader.relock(due.name(), due.segment(), before)
                        .ifPresent(end -> until.put(due.name(), end));
            } catch (NoSuchFileException gone) {
                continue; // to find that out is what verifying is for
            }
            if (until.size() == LOCKS_NOTED) {
                round.ledger().locks().note(round.target().name(), until);
                until.clear();
            }
        }
        round.ledger().locks().note(round.target().name(), until);
    }

    private void verifyDue() throws IOException {
        List<DueObject> due =
                round.ledger().dueCopies().objects(round.target().name(), round.request().scope());
        if (due.isEmpty()) {
            return;
        }
        reader.check(round.target().identity());
        long all = due.stream().mapToLong(object -> object.held().bytes()).sum();
        long done = 0;
        for (int i = 0; i < due.size(); i++) {
            Held held = due.get(i).held();
            round.tally().left = due.size() - i;
            if (!round.takes(done, due.get(i).proven())) {
                return;
            }
            round.listener().at(round.target().name(), held.name(), done, all);
            verify(held);
            done += held.bytes();
        }
        round.tally().left = 0;
    }

    private void verify(Held held) throws IOException {
        try {
            if (round.request().atLeast() == Evidence.Level.V2 && attested(held)) {
                return;
            }
            readBack(held);
        } catch (NoSuchFileException gone) {
            reader.check(round.target().identity());
            String why = "object '%s' is not there any more".formatted(held.name());
            round.tally()
                    .add(
                            round.ledger()
                                    .tapeFiles()
                                    .lost(held, round.ledger().verifications().now(), why));
            round.tally().tell(why);
        } catch (AccessDeniedException refused) {
            round.tally().untold += held.copies();
            round.tally()
                    .tell("object '%s' not told: %s".formatted(held.name(), refused.getReason()));
        }
    }

    /// Whether the server says the hash that the object should have; if it says another, all of it
    /// is read, to know which copies that concerns.
    private boolean attested(Held held) throws IOException {
        Sha256 wanted = hash(held);
        Optional<Sha256> said =
                wanted == null ? Optional.empty() : reader.attest(held.name(), held.bytes());
        if (wanted == null || said.isEmpty() || !said.get().equals(wanted)) {
            return false;
        }
        List<Long> versions = new ArrayList<>();
        round.ledger()
                .tapeFiles()
                .copies(held, (version, offset, state, part) -> versions.add(version.id()));
        round.tally()
                .add(
                        round.ledger()
                                .tapeFiles()
                                .readBack(
                                        held,
                                        evidence(held, reader.attested(), Evidence.Level.V2, 0),
                                        versions,
                                        Map.of(),
                                        List.of()));
        return true;
    }

    /// A large file's own hash is that of its object.
    private @Nullable Sha256 hash(Held held) {
        if (held.segment() || held.sha256() != null || !held.encryptedFor().isEmpty()) {
            return held.sha256();
        }
        List<Sha256> hashes = new ArrayList<>();
        round.ledger()
                .tapeFiles()
                .copies(
                        held,
                        (version, offset, state, part) -> {
                            if (version.sha256() != null) {
                                hashes.add(version.sha256());
                            }
                        });
        return hashes.size() == 1 ? hashes.getFirst() : null;
    }

    private void readBack(Held held) throws IOException {
        ObjectCheck check = new ObjectCheck(round.ledger(), new WholeHashes(), decryption, held);
        ObjectReader.Opened opened = reader.open(held.name());
        try (opened) {
            check.read(opened, null);
        }
        TargetException lost = opened.lost();
        if (lost != null) {
            throw lost;
        }
        if (check.closed() != null) {
            round.tally().untold += held.copies();
            round.tally().tell("object '%s' not told: %s".formatted(held.name(), check.closed()));
            return;
        }
        if (!check.right()) {
            // an answer that it failed may be the server's state and not the object's
            reader.check(round.target().identity());
        }
        round.tally()
                .add(
                        check.record(
                                evidence(
                                        held,
                                        reader.readBack(),
                                        Evidence.Level.V3,
                                        check.bytesRead())));
        round.tally().bytesRead += check.bytesRead();
        check.details()
                .forEach(detail ->
                        round.tally().tell("object '%s': %s".formatted(held.name(), detail)));
    }

    private Evidence evidence(Held held, String method, Evidence.Level level, long bytesRead) {
        return round.evidence(method, level, bytesRead, reader.place(held.name()));
    }
}
