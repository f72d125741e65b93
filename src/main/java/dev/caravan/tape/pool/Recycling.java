package dev.caravan.tape.pool;

import dev.caravan.tape.changer.Barcode;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Which volumes may be written over. What the inventory can tell is decided here; whether a copy
/// is still needed is not, and is asked of [VolumeUse] right before.
public final class Recycling {
    /// Two may have been labelled in the same moment of a coarse clock.
    private static final Comparator<Volume> BEGUN =
            Comparator.comparing(Volume::labelled)
                    .thenComparing(v -> v.set().number())
                    .thenComparing(v -> v.set().sequence());

    private Recycling() {}

    /// The volumes inside that may be given up, as far as the inventory can tell, those longest not
    /// written on first.
    static List<Volume> candidates(
            List<Volume> known, List<Barcode> inside, Optional<Duration> retention, Instant now) {
        return known.stream()
                .filter(v -> inside.contains(v.barcode()))
                .filter(v -> reasonToKeep(v, known, retention, now).isEmpty())
                .sorted(
                        Comparator.comparing((Volume v) -> v.written().orElse(now))
                                .thenComparing(Volume::barcode))
                .toList();
    }

    /// Why a volume must be kept, whatever is on it; nothing if only its copies can speak for it.
    public static Optional<String> reasonToKeep(
            Volume volume, List<Volume> known, Optional<Duration> retention, Instant now) {
        if (retention.isEmpty()) {
            return Optional.of("no retention is set");
        }
        if (volume.pool().equals(SupplyPool.NAME)) {
            return Optional.of("it is in the supply already");
        }
        if (volume.worm()) {
            return Optional.of("it is WORM");
        }
        return switch (volume.status()) {
            case DAMAGED -> Optional.of("it is damaged");
            case RETIRED -> Optional.of("it is retired");
            case WRITABLE ->
                    isNewest(volume, known)
                            ? Optional.of("it is the newest of its pool")
                            : tooYoung(volume, retention.get(), now);
            case FULL -> tooYoung(volume, retention.get(), now);
        };
    }

    private static boolean isNewest(Volume volume, List<Volume> known) {
        return known.stream()
                .filter(v -> v.pool().equals(volume.pool()))
                .noneMatch(v -> BEGUN.compare(v, volume) > 0);
    }

    /// A clock that went backwards makes everything younger, and so keeps it.
    private static Optional<String> tooYoung(Volume volume, Duration retention, Instant now) {
        if (volume.written().isEmpty()) {
            return Optional.of("it is not known when it was last written on");
        }
        Duration age = Duration.between(volume.written().get(), now);
        return age.compareTo(retention) > 0
                ? Optional.empty()
                : Optional.of(
                        "it was written on %s, its retention is %s"
                                .formatted(volume.written().get(), words(retention)));
    }

    private static String words(Duration duration) {
        return duration.toDays() > 0 ? duration.toDays() + " days" : duration.toString();
    }
}
