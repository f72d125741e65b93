package dev.caravan.cli;

import dev.caravan.cli.AgeKeys.Key;
import dev.caravan.config.Settings;
import dev.caravan.ledger.EncryptedObjects;
import dev.caravan.ledger.Ledger;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `caravan key list`: the keys, and what they are for.
@Command(
        name = "list",
        description = "Show the keys, which targets are encrypted for them, and how many objects.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:shown",
            "1:shown, but there are objects that no identity in this home can read",
            "2:wrong usage",
            "78:there is no such home"
        })
final class KeyListCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private HomeOption home;
    @Mixin private JsonOption json;

    @Override
    public Integer call() throws IOException {
        OpenHome open = OpenHome.of(home);
        List<Key> keys = new AgeKeys(open.home()).all();
        Map<String, List<String>> encryption =
                open.settingsIfGood().map(Settings::encryption).orElse(Map.of());
        List<EncryptedObjects.Group> groups = groups(open);
        List<Listed> listed = keys.stream().map(key -> Listed.of(key, encryption, groups)).toList();
        List<String> readable =
                keys.stream().filter(Key::hasIdentity).map(k -> k.recipient().toString()).toList();
        long unreadable =
                groups.stream()
                        .filter(group -> group.recipients().stream().noneMatch(readable::contains))
                        .mapToLong(EncryptedObjects.Group::objects)
                        .sum();
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted) {
            Json.print(out, object -> write(object, listed, unreadable));
        } else {
            print(out, listed, unreadable);
        }
        return unreadable == 0 ? ExitCode.OK : ExitCode.INCOMPLETE;
    }

    private static List<EncryptedObjects.Group> groups(OpenHome open) {
        Optional<Ledger> opened = open.ledger(Clock.systemUTC());
        if (opened.isEmpty()) {
            return List.of();
        }
        try (Ledger ledger = opened.get()) {
            return ledger.encryptedObjects().groups();
        }
    }

    /// A key with what it is for.
    ///
    /// @param targets that are encrypted for it from now on
    /// @param objects that are there and encrypted for it
    private record Listed(Key key, List<String> targets, long objects, long bytes) {
        static Listed of(
                Key key, Map<String, List<String>> encryption, List<EncryptedObjects.Group> all) {
            List<EncryptedObjects.Group> its =
                    all.stream()
                            .filter(group ->
                                    group.recipients().contains(key.recipient().toString()))
                            .toList();
            return new Listed(
                    key,
                    encryption.entrySet().stream()
                            .filter(target -> target.getValue().contains(key.name()))
                            .map(Map.Entry::getKey)
                            .sorted()
                            .toList(),
                    its.stream().mapToLong(EncryptedObjects.Group::objects).sum(),
                    its.stream().mapToLong(EncryptedObjects.Group::bytes).sum());
        }
    }

    private static void print(PrintWriter out, List<Listed> listed, long unreadable) {
        if (listed.isEmpty()) {
            out.println("There are no keys.");
        } else {
            Table table =
                    new Table("  ")
                            .left("KEY")
                            .left("KIND")
                            .left("MADE")
                            .left("TARGETS")
                            .right("OBJECTS")
                            .left("RECIPIENT");
            for (Listed each : listed) {
                table.row(
                        each.key.name(),
                        each.key.kind(),
                        Words.local(each.key.made()),
                        each.targets.isEmpty() ? "-" : String.join(", ", each.targets),
                        Long.toString(each.objects),
                        each.key.recipient().toString());
            }
            table.print(out, Style.ofProcess());
        }
        if (unreadable > 0) {
            out.println(
                    "No identity in this home reads %s: bring it back into data/keys/age."
                            .formatted(
                                    Words.count(
                                            unreadable, "encrypted object", "encrypted objects")));
        }
    }

    private static void write(Json json, List<Listed> listed, long unreadable) throws IOException {
        json.array(
                "keys",
                all -> {
                    for (Listed each : listed) {
                        all.object(object -> {
                            KeyOrigin.write(object, each.key);
                            object.array(
                                    "targets",
                                    targets -> {
                                        for (String target : each.targets) {
                                            targets.text(target);
                                        }
                                    });
                            object.number("objects", each.objects).number("bytes", each.bytes);
                        });
                    }
                });
        json.number("unreadable", unreadable);
    }
}
