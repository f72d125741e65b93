package dev.caravan.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/// Whether the commands of a source can be run, and are only their operator's to change: they run
/// as Caravan's user, who may read everything that is protected. Confined to one thread.
///
/// @param error takes a key and what is wrong with it
/// @param warning as `error`
record CommandChecks(
        Settings.Source source,
        Path config,
        BiConsumer<String, String> error,
        BiConsumer<String, String> warning) {

    void run() {
        check("before", source.commands().before());
        check("after", source.commands().after());
    }

    private void check(String word, List<String> command) {
        if (command.isEmpty()) {
            return;
        }
        String key = Keys.ofSource(source.name(), word);
        Path program = Path.of(command.getFirst());
        if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
            error.accept(key, "'" + program + "' is no program that this user can run");
            return;
        }
        for (Path file : List.of(program, config)) {
            if (isWritableByOthers(file) || isWritableByOthers(folderOf(file))) {
                warning.accept(
                        key,
                        "'%s' or its folder can be written by others, who could run anything: chmod go-w"
                                .formatted(file));
            }
        }
    }

    /// Where a file really lies: a link in a safe folder may lead out of it.
    private static Path folderOf(Path file) {
        try {
            Path folder = file.toRealPath().getParent();
            return folder == null ? file : folder;
        } catch (IOException gone) {
            return file;
        }
    }

    private static boolean isWritableByOthers(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            return permissions.contains(PosixFilePermission.GROUP_WRITE)
                    || permissions.contains(PosixFilePermission.OTHERS_WRITE);
        } catch (IOException | UnsupportedOperationException notThereOrNotPosix) {
            return false;
        }
    }
}
