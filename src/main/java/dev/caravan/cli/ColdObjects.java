package dev.caravan.cli;

import dev.caravan.ledger.Catalog;
import dev.caravan.restore.Plan;
import dev.caravan.target.CopyStores;
import dev.caravan.target.Thawing;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// The objects of a restore that lie in cold storage classes, as their servers say. A target that
/// can not be asked is told; of many objects only the first are asked for.
///
/// @param groups of one target, storage class and state
/// @param unknown what could not be asked, in words
record ColdObjects(List<Group> groups, List<String> unknown) {
    static final ColdObjects NONE = new ColdObjects(List.of(), List.of());

    private static final int ASKED = 2000;
    private static final int AT_ONCE = 8;

    /// @param underWay whether they are being thawed already
    /// @param takes how long thawing takes, in words
    record Group(
            String target,
            String storageClass,
            boolean underWay,
            String takes,
            long objects,
            long bytes) {
        private Group with(long more) {
            return new Group(target, storageClass, underWay, takes, objects + 1, bytes + more);
        }
    }

    private record Found(Catalog.Copy copy, @Nullable Thawing thawing) {}

    /// Asks for each object that is to be read, and for nothing to be thawed.
    ///
    /// @param asked the targets that may have cold objects
    static ColdObjects of(Plan plan, Set<String> asked, CopyStores stores) {
        List<Catalog.Copy> objects =
                plan.objects().stream()
                        .filter(copy -> asked.contains(copy.target().name()))
                        .toList();
        Map<String, String> unknown = new ConcurrentHashMap<>();
        List<Found> found =
                ask(objects.subList(0, Math.min(ASKED, objects.size())), stores, unknown);
        Map<String, Group> groups = new TreeMap<>();
        for (Found each : found) {
            Thawing thawing = each.thawing;
            if (thawing != null) {
                String target = each.copy.target().name();
                long bytes = Objects.requireNonNull(each.copy.object()).bytes();
                groups.merge(
                        target + thawing.storageClass() + thawing.underWay(),
                        new Group(
                                target,
                                thawing.storageClass(),
                                thawing.underWay(),
                                thawing.takes(),
                                1,
                                bytes),
                        (known, _) -> known.with(bytes));
            }
        }
        List<String> told = new ArrayList<>();
        unknown.forEach((target, why) ->
                told.add("whether copies on %s must be thawed: %s".formatted(target, why)));
        if (objects.size() > ASKED && !groups.isEmpty()) {
            told.add(
                    "whether %,d more objects must be thawed: %,d were asked for"
                            .formatted(objects.size() - ASKED, ASKED));
        }
        return new ColdObjects(
                groups.values().stream()
                        .sorted(Comparator.comparing(Group::target).thenComparing(Group::underWay))
                        .toList(),
                told);
    }

    private static List<Found> ask(
            List<Catalog.Copy> objects, CopyStores stores, Map<String, String> unknown) {
        List<Found> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<Found>> answers =
                    objects.stream()
                            .map(copy -> threads.submit(() -> ask(copy, stores, unknown)))
                            .toList();
            for (Future<Found> answer : answers) {
                all.add(answer.get());
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a server was asked", hurried);
        } catch (ExecutionException broken) {
            throw new IllegalStateException(broken.getCause());
        }
        return all;
    }

    /// A target that failed once is not asked again: each time takes until a line is given up.
    private static Found ask(Catalog.Copy copy, CopyStores stores, Map<String, String> unknown) {
        String target = copy.target().name();
        if (unknown.containsKey(target)) {
            return new Found(copy, null);
        }
        try {
            return new Found(copy, stores.of(target).thawing(copy));
        } catch (IOException away) {
            unknown.putIfAbsent(target, String.valueOf(away.getMessage()));
            return new Found(copy, null);
        }
    }

    boolean isEmpty() {
        return groups.isEmpty();
    }

    void print(PrintWriter out, Style style) {
        if (!groups.isEmpty()) {
            Table table =
                    new Table("  ")
                            .left("COLD")
                            .left("CLASS")
                            .right("OBJECTS")
                            .right("BYTES")
                            .left("TO DO");
            for (Group group : groups) {
                table.row(
                        group.target,
                        group.storageClass,
                        Words.count(group.objects),
                        Words.bytes(group.bytes),
                        group.underWay
                                ? "is being thawed: " + group.takes + " from when it was asked for"
                                : "thaw, " + group.takes + ": 'restore' asks for it");
            }
            table.print(out, style);
            out.println();
        }
        unknown.forEach(line -> out.println("  not known: " + line));
    }

    void write(Json json) throws IOException {
        json.array(
                "cold",
                all -> {
                    for (Group group : groups) {
                        all.object(one ->
                                one.text("target", group.target)
                                        .text("storageClass", group.storageClass)
                                        .flag("underWay", group.underWay)
                                        .text("takes", group.takes)
                                        .number("objects", group.objects)
                                        .number("bytes", group.bytes));
                    }
                });
        json.array(
                "notKnown",
                all -> {
                    for (String line : unknown) {
                        all.text(line);
                    }
                });
    }
}
