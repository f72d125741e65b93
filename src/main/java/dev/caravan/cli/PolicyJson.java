package dev.caravan.cli;

import dev.caravan.ledger.Counts;
import dev.caravan.ledger.MediaKind;
import dev.caravan.ledger.Policy;
import dev.caravan.ledger.Reached;
import dev.caravan.ledger.Standings;
import java.io.IOException;
import java.util.List;

/// What is asked for and what was reached, in JSON. The five numbers have the same names
/// everywhere.
final class PolicyJson {
    private PolicyJson() {}

    static void write(Json json, Policy policy) throws IOException {
        json.number("copies", policy.copies())
                .number("mediaKinds", policy.mediaKinds())
                .number("offsite", policy.offsite())
                .number("offline", policy.offline())
                .number("errors", 0)
                .number("distanceMetres", policy.distanceMetres());
        json.object(
                "verifiedSeconds",
                ages -> {
                    for (MediaKind kind : MediaKind.values()) {
                        var age = policy.verified().get(kind);
                        ages.number(kind.toString(), age == null ? null : age.toSeconds());
                    }
                });
    }

    static void write(Json json, Reached reached) throws IOException {
        json.number("copies", reached.copies())
                .number("mediaKinds", reached.mediaKinds())
                .number("offsite", reached.offsite())
                .number("offline", reached.offline())
                .number("errors", reached.errors());
    }

    static void write(Json json, Counts.Goals goals) throws IOException {
        goal(json, "copies", goals.copies());
        goal(json, "mediaKinds", goals.mediaKinds());
        goal(json, "offsite", goals.offsite());
        goal(json, "offline", goals.offline());
        goal(json, "errors", goals.errors());
    }

    private static void goal(Json json, String name, Counts.Goal goal) throws IOException {
        json.object(
                name,
                each ->
                        each.number("wanted", goal.wanted())
                                .number("worst", goal.worst())
                                .number("reaching", goal.reaching()));
    }

    static void write(Json json, String name, List<Counts.Offender> offenders) throws IOException {
        json.array(
                name,
                all -> {
                    for (Counts.Offender offender : offenders) {
                        all.object(each -> {
                            each.path(offender.path()).text("source", offender.source());
                            write(each, offender.reached());
                        });
                    }
                });
    }

    static void write(Json json, Standings.Plan plan) throws IOException {
        json.array(
                "steps",
                all -> {
                    for (Standings.Step step : plan.steps()) {
                        all.object(each ->
                                each.text("target", step.target())
                                        .text("action", step.action().name())
                                        .text("from", step.from())
                                        .time("notBefore", step.nextAt()));
                    }
                });
        json.object("then", then -> write(then, plan.then()));
        json.flag("enough", plan.enough());
    }
}
