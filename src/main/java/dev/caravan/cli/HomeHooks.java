package dev.caravan.cli;

import dev.caravan.config.Settings;
import dev.caravan.hook.Commands;
import dev.caravan.hook.SourceHooks;
import dev.caravan.item.Content;
import dev.caravan.item.ContentUnavailableException;
import dev.caravan.item.ContentUnavailableException.Reason;
import dev.caravan.item.Contents;
import java.util.function.Consumer;

/// The commands around scans, as the settings of a home have them.
final class HomeHooks {
    private HomeHooks() {}

    /// @param letGo closes what is open of a source's folder
    static SourceHooks of(Settings settings, Consumer<String> letGo) {
        return new SourceHooks(
                settings.sources().stream()
                        .filter(source -> !source.commands().isEmpty())
                        .map(HomeHooks::commands)
                        .toList(),
                settings.home().root(),
                settings.home().held(),
                letGo);
    }

    private static Commands commands(Settings.Source source) {
        Settings.Commands commands = source.commands();
        return new Commands(
                source.name(),
                source.root().shown(),
                commands.before(),
                commands.after(),
                commands.timeout(),
                commands.hold());
    }

    /// The originals, as long as what was made for their scan is there. Afterwards they have moved
    /// on: what is still wanted is taken from another copy, or found again by the next scan. What
    /// lies below an unmounted snapshot is nobody's original.
    static Contents originals(SourceHooks hooks, Contents sources) {
        return version -> {
            Content content = hooks.open(version.source(), () -> sources.open(version));
            if (content == null) {
                throw new ContentUnavailableException(
                        Reason.VANISHED,
                        "'%s' is not there between the scans of source '%s'"
                                .formatted(version.path(), version.source()));
            }
            return content;
        };
    }

    /// What is said where no command is run.
    static String notRun(Settings.Source source) {
        return "source '%s': its command before is not run: this is what is in '%s' now"
                .formatted(source.name(), Words.shown(source.root().shown()));
    }
}
