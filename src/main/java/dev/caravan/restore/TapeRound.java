package dev.caravan.restore;

import dev.caravan.ledger.DueCopies.DueObject;
import dev.caravan.ledger.TapeFiles.Held;
import dev.caravan.restore.Verifier.Round;
import dev.caravan.target.Decryption;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Verifies tape files, each cartridge loaded once, those with the oldest proof first; what
/// [TapeVerifier] finds of them is the evidence. Confined to one thread.
final class TapeRound {
    private final Round round;
    private final Medium.Cartridges cartridges;
    private final Decryption decryption;
    private final WholeHashes wholes = new WholeHashes();
    private long done;
    private long all;

    TapeRound(Round round, Medium.Cartridges cartridges, Decryption decryption) {
        this.decryption = decryption;
        this.round = round;
        this.cartridges = cartridges;
    }

    void run() throws IOException {
        Map<String, List<Held>> byCartridge = chosen();
        int left = byCartridge.values().stream().mapToInt(List::size).sum();
        int beyond = (int) round.tally().left;
        for (Map.Entry<String, List<Held>> each : byCartridge.entrySet()) {
            round.tally().left = left + beyond;
            verify(each.getKey(), each.getValue());
            left -= each.getValue().size();
        }
        round.tally().left = beyond;
    }

    private Map<String, List<Held>> chosen() {
        Map<String, List<Held>> byCartridge = new LinkedHashMap<>();
        for (DueObject due :
                round.ledger()
                        .dueCopies()
                        .objects(round.target().name(), round.request().scope())) {
            if (due.held().volume().isEmpty()) {
                continue; // no tape file
            }
            if (round.takes(all, due.proven())) {
                byCartridge
                        .computeIfAbsent(due.held().volume(), barcode -> new ArrayList<>())
                        .add(due.held());
                all += due.held().bytes();
            } else {
                round.tally().left++;
            }
        }
        return byCartridge;
    }

    private void verify(String barcode, List<Held> files) throws IOException {
        round.listener().at(round.target().name(), "cartridge " + barcode, done, all);
        switch (cartridges.load(barcode)) {
            case Medium.Loaded.Away(var why) -> round.tally().away(why);
            case Medium.Loaded.Another(var why) -> {
                long fell = CartridgeLabels.gone(round.ledger(), barcode, why);
                round.tally().bad += files.stream().mapToLong(Held::copies).sum();
                round.tally().fell += fell;
                round.tally().tell(why);
            }
            case Medium.Loaded.Ready(var volume) -> {
                try (volume) {
                    read(volume, files);
                }
            }
        }
        done += files.stream().mapToLong(Held::bytes).sum();
    }

    private void read(TapeVolume volume, List<Held> files) throws IOException {
        CartridgeLabels.relabelled(round.ledger(), volume)
                .forEach((uuid, fell) -> {
                    round.tally().bad += fell;
                    round.tally().fell += fell;
                    round.tally()
                            .tell(
                                    "%s was labelled again: what was on volume %s counts no more"
                                            .formatted(volume.barcode(), uuid));
                });
        TreeSet<Integer> numbers = new TreeSet<>();
        files.stream()
                .filter(held -> held.uuid().equals(volume.uuid()))
                .forEach(held -> numbers.add(held.file()));
        TapeVerifier verifier =
                new TapeVerifier(
                        round.ledger(),
                        Clock.systemUTC(),
                        round.program(),
                        decryption,
                        file ->
                                round.listener()
                                        .at(
                                                round.target().name(),
                                                "%s file %d".formatted(volume.barcode(), file),
                                                done,
                                                all),
                        wholes);
        for (TapeVerifier.FileResult result : verifier.verify(volume, numbers)) {
            round.tally().verified += result.verified();
            round.tally().bad += result.suspect();
            round.tally().fell += result.fell();
            round.tally().bytesRead += result.bytes();
            if (!result.good()) {
                // what could not be opened or read, and is not known to be bad
                round.tally().untold +=
                        Math.max(0, result.copies() - result.verified() - result.suspect());
                result.details()
                        .forEach(detail ->
                                round.tally()
                                        .tell(
                                                "%s file %d: %s"
                                                        .formatted(
                                                                volume.barcode(),
                                                                result.file(),
                                                                detail)));
            }
        }
    }
}
