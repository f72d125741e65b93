package dev.caravan.cli;

import dev.caravan.config.Home;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Makes the files of a home: the shipped routes byte for byte, and the commented settings with a
/// few keys set.
final class HomeFiles {
    /// The routes as they are shipped, in the order of the data.
    static final List<String> ROUTES =
            List.of(
                    "00-copy-errors.camel.yaml",
                    "10-pick-up.camel.yaml",
                    "20-fan-out.camel.yaml",
                    "30-copy-nas.camel.yaml",
                    "31-copy-tape.camel.yaml",
                    "32-copy-offsite.camel.yaml",
                    "40-record.camel.yaml",
                    "50-scrub.camel.yaml",
                    "55-forget.camel.yaml",
                    "60-drill.camel.yaml",
                    "optional/33-copy-s3.camel.yaml",
                    "optional/34-copy-web.camel.yaml");

    static final String OFFSITE_ROUTE = "32-copy-offsite.camel.yaml";
    static final String S3_ROUTE = "33-copy-s3.camel.yaml";

    /// To be edited by a person before it is of use.
    private static final String EXAMPLE = "34-copy-web.camel.yaml";

    private HomeFiles() {}

    /// One key to set in the settings.
    record Setting(String key, String value) {}

    /// Makes the folder of the ledger, the keys and what is simulated: names and contents of every
    /// file are in it, for nobody else's eyes.
    static void makeData(Home home) throws IOException {
        if (!Files.exists(home.data())) {
            Files.createDirectories(home.root());
            Files.createDirectory(
                    home.data(),
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------")));
        }
    }

    /// @throws CommandException if there is a home already
    static void requireNone(Home home) {
        if (Files.exists(home.config())) {
            throw new CommandException(
                    ExitCode.USAGE,
                    "there is a home at '%s' already: edit its '%s', or choose another with --home"
                            .formatted(home.root(), home.config()));
        }
    }

    /// Makes a home that has no bucket.
    static void create(Home home, List<Setting> settings) throws IOException {
        create(home, settings, Set.of(S3_ROUTE));
    }

    /// Makes a home; the settings come last, so that a home is complete once it has them.
    ///
    /// @param aside routes that are put into `routes/optional`, where they do nothing
    static void create(Home home, List<Setting> settings, Set<String> aside) throws IOException {
        requireNone(home);
        makeData(home);
        Files.createDirectories(home.config().getParent());
        for (String route : ROUTES) {
            String name = route.substring(route.indexOf('/') + 1);
            boolean optional = aside.contains(name) || name.equals(EXAMPLE);
            Path file = home.routes().resolve(optional ? "optional/" + name : name);
            Files.createDirectories(file.getParent());
            try (InputStream in = shipped("routes/" + route)) {
                Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        String text;
        try (InputStream in = shipped("config/caravan.properties")) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        for (Setting setting : settings) {
            text = set(text, setting);
        }
        writeAtomically(home.config(), text);
    }

    /// Sets keys in the settings of an existing home.
    static void change(Home home, List<Setting> settings) throws IOException {
        String text = Files.readString(home.config());
        for (Setting setting : settings) {
            text = set(text, setting);
        }
        writeAtomically(home.config(), text);
    }

    private static void writeAtomically(Path file, String text) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.writeString(part, text);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /// Puts the setting where the commented template has it, else after the last key of its group,
    /// so that the file reads in its order.
    private static String set(String text, Setting setting) {
        String line = setting.key() + "=" + escaped(setting.value());
        List<String> lines = new ArrayList<>(text.lines().toList());
        int group = -1;
        String prefix = setting.key().substring(0, setting.key().indexOf('.', 8) + 1);
        for (int i = 0; i < lines.size(); i++) {
            String bare = lines.get(i).startsWith("#") ? lines.get(i).substring(1) : lines.get(i);
            if (bare.startsWith(setting.key() + "=")) {
                lines.set(i, line);
                return String.join("\n", lines) + "\n";
            }
            if (!prefix.isEmpty() && bare.startsWith(prefix) && bare.contains("=")) {
                group = i;
            }
        }
        lines.add(group < 0 ? lines.size() : group + 1, line);
        return String.join("\n", lines) + "\n";
    }

    /// As java.util.Properties reads it: backslashes doubled, a leading space kept.
    private static String escaped(String value) {
        String doubled = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
        return doubled.startsWith(" ") ? "\\" + doubled : doubled;
    }

    private static InputStream shipped(String name) {
        InputStream in = HomeFiles.class.getResourceAsStream("/dev/caravan/" + name);
        if (in == null) {
            throw new IllegalStateException("'" + name + "' is missing in the program");
        }
        return in;
    }
}
