package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.Finding;
import dev.caravan.config.Home;
import dev.caravan.pipeline.check.RouteChecks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// What the documents say, compared with what there is.
class ReadmeTest {
    private static final Pattern COMMAND = Pattern.compile("`?(bin/caravan [^`#\\n]*)");

    @TempDir Path folder;

    @Test
    void everyCommandInTheDocumentsIsOne() throws IOException {
        List<String> wrong = new ArrayList<>();
        Set<String> used = new TreeSet<>();
        for (Page page : Page.all()) {
            Matcher command = COMMAND.matcher(page.text());
            while (command.find()) {
                String[] words = command.group(1).strip().split("\\s+");
                try {
                    CommandLine.ParseResult parsed = parse(words);
                    used.add(commandOf(parsed));
                } catch (CommandLine.ParameterException refused) {
                    wrong.add(page.file() + ": " + command.group(1) + ": " + refused.getMessage());
                }
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(used).containsAll(commands(new CommandLine(new Caravan()), "").keySet());
    }

    @Test
    void everyTestThatTheTableOfFaultsNamesIsThere() throws IOException {
        Map<String, String> sources = new LinkedHashMap<>();
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
                sources.put(
                        file.getFileName().toString().replace(".java", ""), Files.readString(file));
            }
        }
        Matcher named =
                Pattern.compile("`(\\w+)#(\\w+)`")
                        .matcher(Page.of("src/main/docs/faults.md").text());
        Set<String> found = new TreeSet<>();
        List<String> missing = new ArrayList<>();
        while (named.find()) {
            found.add(named.group());
            if (!sources.getOrDefault(named.group(1), "")
                    .contains("void " + named.group(2) + "(")) {
                missing.add(named.group());
            }
        }

        assertThat(missing).isEmpty();
        assertThat(found).hasSizeGreaterThan(50);
    }

    private static CommandLine.ParseResult parse(String[] words) {
        String[] args = Stream.of(words).skip(1).toArray(String[]::new);
        CommandLine line = new CommandLine(new Caravan());
        line.setExpandAtFiles(false);
        return line.parseArgs(args);
    }

    private static String commandOf(CommandLine.ParseResult parsed) {
        StringBuilder name = new StringBuilder();
        CommandLine.ParseResult at = parsed;
        while (at.hasSubcommand()) {
            at = at.subcommand();
            name.append(name.isEmpty() ? "" : " ").append(at.commandSpec().name());
        }
        return name.toString();
    }

    /// All commands that do something, but for `help`.
    private static Map<String, CommandLine> commands(CommandLine line, String prefix) {
        Map<String, CommandLine> all = new LinkedHashMap<>();
        line.getSubcommands()
                .forEach((name, sub) -> {
                    if (!name.equals("help")) {
                        if (sub.getSubcommands().isEmpty()) {
                            all.put(prefix + name, sub);
                        } else {
                            all.putAll(commands(sub, prefix + name + " "));
                        }
                    }
                });
        return all;
    }

    @Test
    void theHelpOfEveryCommandEndsWithTheExitStatus() {
        Map<String, CommandLine> all = commands(new CommandLine(new Caravan()), "");
        List<String> without = new ArrayList<>();
        for (Map.Entry<String, CommandLine> command : all.entrySet()) {
            String help = command.getValue().getUsageMessage();
            String[] parts = help.split("\nExit status:\n", -1);
            if (parts.length != 2 || !parts[1].lines().allMatch(l -> l.matches(" +.*"))) {
                without.add(command.getKey());
            }
        }

        assertThat(all).hasSizeGreaterThan(10);
        assertThat(without).isEmpty();
    }

    @Test
    void theTargetOfTheReadmeIsTakenBesideTheShippedRoutes() throws IOException {
        Home home = homeWithTheTargetOfTheReadme(folder);

        List<Finding> findings = HomeChecks.findings(home);
        HomeChecks.Checked checked = HomeChecks.require(home);

        assertThat(findings).noneMatch(Finding::isError);
        assertThat(checked.targets())
                .filteredOn(target -> target.name().equals("vault"))
                .singleElement()
                .satisfies(target -> assertThat(target.offsite()).isTrue());
    }

    private static Home homeWithTheTargetOfTheReadme(Path folder) throws IOException {
        Path source = Files.createDirectories(folder.resolve("documents"));
        Home home = new Home(folder.resolve("home"));
        int made =
                Caravan.run(
                        "init",
                        "--home=" + home.root(),
                        "--source=" + source,
                        "--nas=" + folder.resolve("nas"),
                        "--offsite=embedded");
        assertThat(made).isZero();
        addTargetOfTheReadme(home);
        return home;
    }

    /// Puts the route in "Add a target" among the routes of a home.
    static void addTargetOfTheReadme(Home home) throws IOException {
        List<String> routes = Page.of("README.md").section("## Add a target").blocks("yaml");
        assertThat(routes).hasSize(1);
        String name = routes.getFirst().lines().findFirst().orElseThrow().substring(2);
        Files.writeString(home.routes().resolve(name), routes.getFirst());
    }

    @Test
    void aHomeStartsWithAllTheShippedRoutes() throws IOException {
        Path routes = Path.of("routes");
        try (Stream<Path> files = Files.walk(routes)) {
            assertThat(files.filter(Files::isRegularFile).map(f -> routes.relativize(f).toString()))
                    .containsExactlyInAnyOrderElementsOf(HomeFiles.ROUTES);
        }
        for (String route : HomeFiles.ROUTES) {
            try (var shipped =
                    HomeFiles.class.getResourceAsStream("/dev/caravan/routes/" + route)) {
                assertThat(shipped)
                        .as(route)
                        .hasBinaryContent(Files.readAllBytes(routes.resolve(route)));
            }
        }
        assertThat(RouteChecks.files(routes))
                .hasSize(
                        (int)
                                HomeFiles.ROUTES.stream()
                                        .filter(f -> !f.startsWith("optional/"))
                                        .count());
    }

    @Test
    void everyPackageSaysWhatItIsForAndIsNullMarked() throws IOException {
        List<String> without = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            List<Path> packages =
                    files.filter(file -> file.toString().endsWith(".java"))
                            .map(Path::getParent)
                            .distinct()
                            .toList();
            assertThat(packages).hasSizeGreaterThan(15);
            for (Path each : packages) {
                Path info = each.resolve("package-info.java");
                String text = Files.exists(info) ? Files.readString(info) : "";
                if (!text.contains("@NullMarked") || !text.startsWith("///")) {
                    without.add(each.toString());
                }
            }
        }

        assertThat(without).isEmpty();
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        Pattern link = Pattern.compile("]\\((?!https?:)([^)#]+)[^)]*\\)");
        List<String> broken = new ArrayList<>();
        int found = 0;
        for (Page page : Page.all()) {
            Matcher matcher = link.matcher(page.text());
            while (matcher.find()) {
                found++;
                if (!Files.exists(page.file().resolveSibling(matcher.group(1)))) {
                    broken.add(page.file() + ": " + matcher.group(1));
                }
            }
        }

        assertThat(broken).isEmpty();
        assertThat(found).isGreaterThan(10);
    }

    @Test
    void everyTestTheArchitectureNamesExists() throws IOException {
        Map<String, String> tests = new LinkedHashMap<>();
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                String name = file.getFileName().toString().replace(".java", "");
                tests.merge(name, Files.readString(file, StandardCharsets.UTF_8), String::concat);
            }
        }
        Matcher named =
                Pattern.compile("`([A-Z]\\w*(?:Test|IT|Contract))(?:\\.(\\w+))?`")
                        .matcher(Page.of("src/main/docs/architecture.md").text());
        List<String> missing = new ArrayList<>();
        int found = 0;
        while (named.find()) {
            found++;
            String text = tests.get(named.group(1));
            boolean there =
                    text != null
                            && (named.group(2) == null || text.contains(named.group(2) + "()"));
            if (!there) {
                missing.add(named.group());
            }
        }

        assertThat(missing).isEmpty();
        assertThat(found).isGreaterThan(15);
    }

    @Test
    void theSchemaPageHasTheColumnsOfTheLedger() throws IOException {
        Map<String, List<String>> real = columns(migrations());
        Map<String, List<String>> told = new LinkedHashMap<>();
        String table = "";
        boolean columns = false;
        for (String line : Page.of("src/main/docs/ledger-schema.md").text().lines().toList()) {
            if (line.startsWith("## ")) {
                table = line.substring(3);
            } else if (line.startsWith("| Column |")) {
                columns = true;
            } else if (!line.startsWith("|")) {
                columns = false;
            } else if (columns && line.startsWith("| `")) {
                told.computeIfAbsent(table, name -> new ArrayList<>()).add(line.split("`")[1]);
            }
        }

        assertThat(told).isEqualTo(real);
        assertThat(real).hasSizeGreaterThan(10);
    }

    private static String migrations() throws IOException {
        StringBuilder sql = new StringBuilder();
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/dev/caravan/ledger"))) {
            for (Path file : files.sorted().toList()) {
                sql.append(Files.readString(file, StandardCharsets.UTF_8));
            }
        }
        return sql.toString();
    }

    private static Map<String, List<String>> columns(String sql) {
        Map<String, List<String>> tables = new LinkedHashMap<>();
        Matcher table =
                Pattern.compile("CREATE TABLE (\\w+) \\((.*?)\\n\\) STRICT", Pattern.DOTALL)
                        .matcher(sql);
        while (table.find()) {
            List<String> names = new ArrayList<>();
            for (String line : table.group(2).lines().toList()) {
                Matcher column = Pattern.compile("^  ([a-z_0-9]+) [A-Z]").matcher(line);
                if (column.find()) {
                    names.add(column.group(1));
                }
            }
            tables.put(table.group(1), names);
        }
        Matcher added = Pattern.compile("ALTER TABLE (\\w+) ADD COLUMN (\\w+)").matcher(sql);
        while (added.find()) {
            tables.computeIfPresent(
                    added.group(1),
                    (named, names) -> {
                        names.add(added.group(2));
                        return names;
                    });
        }
        return tables;
    }
}
