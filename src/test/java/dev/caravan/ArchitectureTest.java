package dev.caravan;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.ClassesShould;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The walls between packages: the table of `src/main/docs/architecture.md`. Each rule is also
/// shown a class that breaks it, because a rule that can not fail proves nothing.
class ArchitectureTest {
    private static final String ROOT = "dev.caravan.";

    private static final JavaClasses MAIN = importMain();

    /// Every top package, and what of ours it may import.
    private static final Map<String, Set<String>> MAY_IMPORT = mayImport();

    /// Below `tape`, which ships as a jar of its own: an arrow each, all else is forbidden.
    private static final Map<String, Set<String>> TAPE_MAY_IMPORT =
            Map.of(
                    "tape.json", Set.of(),
                    "tape.drive", Set.of(),
                    "tape.changer", Set.of("tape.drive"),
                    "tape.pool", Set.of("tape.drive", "tape.changer", "tape.json"),
                    "tape.vtl", Set.of("tape.drive", "tape.changer", "tape.json"),
                    "tape.linux", Set.of("tape.drive", "tape.changer"));

    private static final String CLI = "dev.caravan.cli..";

    private static final DescribedPredicate<JavaClass> CAMEL_JSON =
            resideInAPackage("org.apache.camel.util.json..");

    private static final DescribedPredicate<JavaClass> CAMEL =
            resideInAPackage("org.apache.camel..").and(DescribedPredicate.not(CAMEL_JSON));

    /// What is used in a few packages only.
    ///
    /// @param leakIn a package that must not use it
    /// @param leakOf a type of it
    private record Wall(ArchRule rule, String leakIn, String leakOf) {}

    private static final List<Wall> WALLS =
            List.of(
                    new Wall(
                            outside(
                                            "dev.caravan.tape..",
                                            "dev.caravan.scan..",
                                            "dev.caravan.pipeline..",
                                            CLI)
                                    .dependOnClassesThat(resideInAPackage("org.apache.camel.."))
                                    .as("Camel lives where components, routes and start-up are"),
                            "target",
                            "org.apache.camel.CamelContext"),
                    new Wall(
                            noClasses()
                                    .that()
                                    .resideInAPackage("dev.caravan.tape.*..")
                                    .should()
                                    .dependOnClassesThat(CAMEL)
                                    .as("below tape nothing knows Camel"),
                            "tape.json",
                            "org.apache.camel.CamelContext"),
                    new Wall(
                            noClasses()
                                    .that()
                                    .resideInAPackage("dev.caravan.tape.*..")
                                    .and()
                                    .resideOutsideOfPackage("dev.caravan.tape.json")
                                    .should()
                                    .dependOnClassesThat(CAMEL_JSON)
                                    .as("below tape only tape.json uses Camel's JSON reader"),
                            "tape.pool",
                            "org.apache.camel.util.json.JsonObject"),
                    new Wall(
                            only("dev.caravan.ledger..", "java.sql..", "org.sqlite.."),
                            "cli",
                            "java.sql.Connection"),
                    new Wall(
                            outside("dev.caravan.posix..", "dev.caravan.tape.linux..")
                                    .dependOnClassesThat(resideInAPackage("java.lang.foreign.."))
                                    .as("system calls are made in posix and tape.linux"),
                            "tape.vtl",
                            "java.lang.foreign.MemorySegment"),
                    new Wall(only(CLI, "picocli.."), "config", "picocli.CommandLine"),
                    new Wall(
                            only("dev.caravan.target..", "org.apache.sshd.."),
                            "cli",
                            "org.apache.sshd.client.SshClient"),
                    new Wall(
                            outside("dev.caravan.target..", "dev.caravan.pipeline..")
                                    .dependOnClassesThat(resideInAPackage("com.jcraft.."))
                                    .as(
                                            "the client behind Camel's sftp: is known where routes run"),
                            "cli",
                            "com.jcraft.jsch.JSch"));

    private static final JavaCompiler JAVAC = ToolProvider.getSystemJavaCompiler();

    /// Shared, because opening the whole class path is what takes the time.
    private static final StandardJavaFileManager FILES =
            JAVAC.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8);

    @TempDir Path planted;

    /// Of classes outside of ours only the names matter: reading all of Camel takes ten seconds.
    private static JavaClasses importMain() {
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        return new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.caravan");
    }

    private static Map<String, Set<String>> mayImport() {
        Map<String, Set<String>> table = new LinkedHashMap<>();
        table.put("item", Set.of());
        table.put("posix", Set.of());
        table.put("tape", Set.of());
        table.put("age", Set.of());
        table.put("config", Set.of("item"));
        table.put("hook", Set.of());
        table.put("segment", Set.of("item"));
        table.put("ledger", Set.of("item"));
        table.put("audit", Set.of("item", "ledger"));
        table.put("scan", Set.of("item", "config", "ledger", "posix"));
        table.put("target", Set.of("item", "age", "ledger", "segment", "posix"));
        table.put("source", Set.of("item", "scan", "target"));
        table.put("pipeline", Set.of("item", "config", "ledger", "segment", "target"));
        table.put("restore", Set.of("item", "age", "ledger", "segment", "target", "posix"));
        return table;
    }

    @Test
    void theProgramIsSeenWhole() {
        assertThat(MAIN.size()).isGreaterThan(200);
        assertThat(
                        MAIN.stream()
                                .map(type -> type.getPackageName().replace(ROOT, ""))
                                .map(name -> name.replaceAll("\\..*", ""))
                                .distinct())
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(MAY_IMPORT.keySet().stream(), Stream.of("cli")).toList());
    }

    @Test
    void noPackageImportsWhatItMayNot() {
        MAY_IMPORT.forEach((name, allowed) -> imports(name, allowed).check(MAIN));
        TAPE_MAY_IMPORT.forEach((name, allowed) -> imports(name, allowed).check(MAIN));
    }

    @Test
    void theCheckOfRoutesKnowsNothingOfRunningThem() {
        routeChecks().check(MAIN);
    }

    @Test
    void eachLibraryStaysBehindItsWall() {
        WALLS.forEach(wall -> wall.rule().check(MAIN));
    }

    @Test
    void thereAreNoCycles() {
        noCycles().check(MAIN);
    }

    @Test
    void aForbiddenImportIsFoundInEveryPackage() throws IOException {
        List<String> blind = new ArrayList<>();
        for (Map.Entry<String, Set<String>> row : MAY_IMPORT.entrySet()) {
            JavaClasses leak = plant(ROOT + row.getKey(), "dev.caravan.cli.Caravan");
            if (!fails(imports(row.getKey(), row.getValue()), leak)) {
                blind.add(row.getKey());
            }
        }
        for (Map.Entry<String, Set<String>> row : TAPE_MAY_IMPORT.entrySet()) {
            JavaClasses leak = plant(ROOT + row.getKey(), "dev.caravan.tape.TapeLibrary");
            if (!fails(imports(row.getKey(), row.getValue()), leak)) {
                blind.add(row.getKey());
            }
        }
        if (!fails(
                routeChecks(), plant(ROOT + "pipeline.check", "dev.caravan.pipeline.Pipeline"))) {
            blind.add("pipeline.check");
        }

        assertThat(blind).isEmpty();
    }

    @Test
    void aLibraryBesideItsWallIsFound() throws IOException {
        for (Wall wall : WALLS) {
            JavaClasses leak = plant(ROOT + wall.leakIn(), wall.leakOf());

            assertThat(fails(wall.rule(), leak)).as(wall.rule().getDescription()).isTrue();
        }
    }

    @Test
    void aCycleIsFound() throws IOException {
        compile("dev.caravan.posix", "Leak", "String");
        compile("dev.caravan.item", "Leak", "dev.caravan.posix.Leak");

        JavaClasses cycle = plant("dev.caravan.posix", "dev.caravan.item.Leak");

        assertThat(fails(noCycles(), cycle)).isTrue();
    }

    private static ArchRule imports(String name, Set<String> allowed) {
        String itself = ROOT + name + "..";
        String[] permitted =
                Stream.concat(Stream.of(itself), allowed.stream().map(a -> ROOT + a + ".."))
                        .toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(itself)
                .should()
                .dependOnClassesThat(
                        resideInAPackage("dev.caravan..")
                                .and(DescribedPredicate.not(resideInAnyPackage(permitted))))
                .as(name + " imports of ours only " + allowed);
    }

    private static ArchRule routeChecks() {
        return noClasses()
                .that()
                .resideInAPackage("dev.caravan.pipeline.check..")
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("dev.caravan..")
                                .and(
                                        DescribedPredicate.not(
                                                resideInAnyPackage(
                                                        "dev.caravan.pipeline.check..",
                                                        "dev.caravan.config..",
                                                        "dev.caravan.item..",
                                                        "dev.caravan.ledger.."))))
                .as("routes are checked without starting anything");
    }

    private static ArchRule only(String where, String... what) {
        return outside(where)
                .dependOnClassesThat(resideInAnyPackage(what))
                .as("only " + where + " uses " + String.join(", ", what));
    }

    private static ClassesShould outside(String... packages) {
        return noClasses().that().resideOutsideOfPackages(packages).should();
    }

    private static ArchRule noCycles() {
        return slices().matching("dev.caravan.(*)..").should().beFreeOfCycles();
    }

    private static boolean fails(ArchRule rule, JavaClasses classes) {
        return rule.evaluate(classes).hasViolation();
    }

    /// The class `Leak` in a package, which uses one other type.
    private JavaClasses plant(String inPackage, String used) throws IOException {
        compile(inPackage, "Leak", used);
        return new ClassFileImporter().importPath(planted.resolve("classes"));
    }

    private void compile(String inPackage, String name, String used) throws IOException {
        Path sources = planted.resolve("sources");
        Path file =
                Files.createDirectories(sources.resolve(inPackage.replace('.', '/')))
                        .resolve(name + ".java");
        Files.writeString(
                file,
                "package %s; public class %s { public %s used; }\n"
                        .formatted(inPackage, name, used));
        Path classes = Files.createDirectories(planted.resolve("classes"));
        boolean compiled =
                JAVAC.getTask(
                                null,
                                FILES,
                                null,
                                List.of(
                                        "-proc:none",
                                        "-d",
                                        classes.toString(),
                                        "-cp",
                                        classes + ":" + System.getProperty("java.class.path"),
                                        "-sourcepath",
                                        sources.toString()),
                                null,
                                FILES.getJavaFileObjects(file))
                        .call();
        assertThat(compiled).as("compiling %s", file).isTrue();
    }
}
