package dev.caravan.cli;

import dev.caravan.ledger.Drills;
import dev.caravan.ledger.Drills.Measured;
import dev.caravan.restore.Plan;
import dev.caravan.restore.Plan.Cartridge;
import dev.caravan.restore.Plan.Share;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where the bytes of a restore come from, and how long that takes by what drills measured, shown
/// before it begins.
final class RestorePlan {
    private final Plan plan;
    private final List<Share> shares;
    private final Map<Cartridge, CartridgePlaces.Place> cartridges = new LinkedHashMap<>();
    private final ColdObjects cold;
    private final Map<Share, Optional<Expected>> expected = new LinkedHashMap<>();

    /// Between these: by the items and by the bytes of the drills, whichever says less and more. A
    /// target that is as fast for each item, and for each byte, as it was then needs no less and no
    /// more.
    private record Expected(Duration least, Duration most, Measured measured) {
        static Expected of(Share share, Measured measured) {
            double byItems = (double) share.items() / measured.items();
            double byBytes = (double) share.bytes() / measured.bytes();
            return new Expected(
                    times(measured.took(), Math.min(byItems, byBytes)),
                    times(measured.took(), Math.max(byItems, byBytes)),
                    measured);
        }

        private static Duration times(Duration took, double factor) {
            return Duration.ofMillis(Math.round(took.toNanos() / 1e6 * factor));
        }

        String text() {
            String from = Words.duration(least);
            String to = Words.duration(most);
            return from.equals(to) ? to : from + " to " + to;
        }
    }

    RestorePlan(Plan plan, CartridgePlaces places, ColdObjects cold, Drills drills) {
        this.plan = plan;
        this.cold = cold;
        this.shares = plan.shares();
        plan.cartridges().forEach(c -> cartridges.put(c, places.of(c.barcode())));
        for (Share share : shares) {
            expected.put(
                    share, drills.measured(share.target().name()).map(m -> Expected.of(share, m)));
        }
    }

    /// Whether all of it can come back as it is wanted now, with nobody carrying a cartridge.
    boolean isComplete() {
        return plan.lost().isEmpty()
                && plan.earlierVersions() == 0
                && cold.isEmpty()
                && cartridges.values().stream().allMatch(CartridgePlaces.Place::inside);
    }

    void print(PrintWriter out, Style style) {
        Table table =
                new Table("  ")
                        .left("FROM")
                        .left("MEDIA")
                        .left("SITE")
                        .right("ITEMS")
                        .right("BYTES")
                        .left("EXPECTED");
        for (Share share : shares) {
            table.row(
                    share.target().name() + (share.target().simulated() ? "*" : ""),
                    share.target().mediaKind().toString(),
                    share.target().site(),
                    Words.count(share.items()),
                    Words.bytes(share.bytes()),
                    expected(share).map(Expected::text).orElse("unknown: no drill yet"));
        }
        if (!shares.isEmpty()) {
            table.print(out, style);
            out.println();
        }
        if (!cartridges.isEmpty()) {
            cartridges(out, style);
            out.println();
        }
        cold.print(out, style);
        if (!plan.lost().isEmpty()) {
            out.println(
                    "  %s no usable copy"
                            .formatted(Words.count(plan.lost().size(), "item has", "items have")));
        }
    }

    private Optional<Expected> expected(Share share) {
        return expected.getOrDefault(share, Optional.empty());
    }

    private void cartridges(PrintWriter out, Style style) {
        Table table =
                new Table("  ")
                        .left("CARTRIDGE")
                        .left("PLACE")
                        .right("COPIES")
                        .right("BYTES")
                        .left("TO DO");
        cartridges.forEach((cartridge, place) ->
                table.row(
                        cartridge.barcode(),
                        place.text(),
                        Words.count(cartridge.copies()),
                        Words.bytes(cartridge.bytes()),
                        place.inside() ? "" : "bring it back and import it"));
        table.print(out, style);
    }

    void write(Json json) throws IOException {
        json.number("items", plan.items()).number("bytes", plan.bytes());
        json.array(
                "targets",
                all -> {
                    for (Share share : shares) {
                        all.object(each -> write(each, share));
                    }
                });
        json.array(
                "cartridges",
                all -> {
                    for (Map.Entry<Cartridge, CartridgePlaces.Place> each : cartridges.entrySet()) {
                        Cartridge cartridge = each.getKey();
                        all.object(one ->
                                one.text("barcode", cartridge.barcode())
                                        .text("place", each.getValue().text())
                                        .flag("inside", each.getValue().inside())
                                        .number("copies", cartridge.copies())
                                        .number("bytes", cartridge.bytes()));
                    }
                });
        cold.write(json);
        json.number("earlierVersions", plan.earlierVersions())
                .number("withoutCopy", plan.lost().size())
                .flag("complete", isComplete());
    }

    private void write(Json json, Share share) throws IOException {
        @Nullable Expected time = expected(share).orElse(null);
        json.text("target", share.target().name())
                .text("mediaKind", share.target().mediaKind().toString())
                .text("site", share.target().site())
                .flag("offsite", share.target().offsite())
                .flag("simulated", share.target().simulated())
                .number("items", share.items())
                .number("bytes", share.bytes())
                .number("leastMillis", time == null ? null : (Number) time.least().toMillis())
                .number("mostMillis", time == null ? null : (Number) time.most().toMillis())
                .time("measuredAt", time == null ? null : time.measured().last());
    }
}
