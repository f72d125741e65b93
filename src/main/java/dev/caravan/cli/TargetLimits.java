package dev.caravan.cli;

import dev.caravan.config.Limits;
import dev.caravan.ledger.Target;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the routes of a home ask its targets to take at most, for a command that only reports.
///
/// @param of the target of this name; one that is missing has no limits
/// @param now by the clock on the wall
record TargetLimits(Map<String, Limits> of, ZonedDateTime now) {

    /// None where settings or routes are wrong: `caravan check` says so.
    static TargetLimits of(OpenHome open) {
        try {
            Map<String, Limits> limits =
                    open.settingsIfGood().isPresent()
                            ? HomeChecks.limits(open.home(), open.settings())
                            : Map.of();
            return new TargetLimits(limits, ZonedDateTime.now());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private Limits of(Target target) {
        return of.getOrDefault(target.name(), Limits.NONE);
    }

    /// When the target's window opens; empty while it is open, or if nothing is sent there at all.
    Optional<Instant> closedUntil(Target target) {
        return target.active() ? of(target).window().closedUntil(now) : Optional.empty();
    }

    /// Its limits in words; empty if it has none.
    Optional<String> words(Target target) {
        Limits limits = of(target);
        List<String> words = new ArrayList<>();
        if (limits.hasRate()) {
            words.add("at most " + Words.bytes(limits.bytesPerSecond()) + "/s");
        }
        if (limits.hasWindow()) {
            words.add("window " + limits.window());
        }
        closedUntil(target).map(TargetLimits::outside).ifPresent(words::add);
        return words.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", words));
    }

    static String outside(Instant until) {
        return "outside its window until " + Words.local(until);
    }

    /// As the member `limits` of a target.
    void write(Json json, Target target) throws IOException {
        Limits limits = of(target);
        @Nullable Long rate = limits.hasRate() ? limits.bytesPerSecond() : null;
        json.object(
                "limits",
                object ->
                        object.number("bytesPerSecond", rate)
                                .text("window", limits.window().toString())
                                .time("closedUntil", closedUntil(target).orElse(null)));
    }
}
