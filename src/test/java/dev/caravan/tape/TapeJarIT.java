package dev.caravan.tape;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The jar of the tape component in an application that has nothing else of ours.
class TapeJarIT {
    /// What `camel-core-engine` brings, and `direct:` for the application's routes.
    private static final List<String> CAMELS_CORE =
            List.of(
                    "camel-api",
                    "camel-base",
                    "camel-base-engine",
                    "camel-core-engine",
                    "camel-core-languages",
                    "camel-core-model",
                    "camel-core-processor",
                    "camel-core-reifier",
                    "camel-direct",
                    "camel-management-api",
                    "camel-support",
                    "camel-util",
                    "camel-util-json",
                    "slf4j-api");

    @TempDir Path directory;

    private static Path jar() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            return files.filter(f -> f.getFileName().toString().endsWith("-camel-tape.jar"))
                    .findFirst()
                    .orElseThrow()
                    .toAbsolutePath();
        }
    }

    private static List<String> camelsCore() {
        String[] all = System.getProperty("java.class.path").split(File.pathSeparator);
        List<String> jars =
                CAMELS_CORE.stream()
                        .map(name ->
                                Arrays.stream(all)
                                        .filter(jar ->
                                                jar.matches(".*/" + name + "-[0-9][^/]*\\.jar"))
                                        .findFirst()
                                        .orElseThrow(() -> new AssertionError("no " + name)))
                        .toList();
        assertThat(jars).hasSameSizeAs(CAMELS_CORE);
        return jars;
    }

    @Test
    void aPlainCamelApplicationWritesAndFetchesWithNothingElseOfOurs() throws Exception {
        List<String> path = new ArrayList<>(camelsCore());
        path.add(jar().toString());
        Path classes = Files.createDirectory(directory.resolve("classes"));
        compile(
                Path.of("src/test/resources/plain-application/PlainTapeApplication.java"),
                path,
                classes);
        path.add(classes.toString());
        Path out = directory.resolve("out");

        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--illegal-native-access=deny",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                String.join(File.pathSeparator, path),
                                "PlainTapeApplication",
                                directory.resolve("tapes").toString())
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }

        String said = Files.readString(out);
        assertThat(process.exitValue()).as(said).isZero();
        assertThat(said.lines().filter(line -> !line.startsWith("SLF4J")))
                .containsExactly(
                        "ours: [dev.caravan.tape]",
                        "written: VT0001L8",
                        "the same: true",
                        "written: VT0002L8",
                        "the same: true",
                        "tape files: 2");
    }

    private static void compile(Path source, List<String> path, Path classes) throws IOException {
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
        StringWriter errors = new StringWriter();
        try (StandardJavaFileManager files =
                compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            boolean compiled =
                    compiler.getTask(
                                    errors,
                                    files,
                                    null,
                                    List.of(
                                            "-proc:none",
                                            "-Xlint:-path",
                                            "-cp",
                                            String.join(File.pathSeparator, path),
                                            "-d",
                                            classes.toString()),
                                    null,
                                    files.getJavaFileObjects(source))
                            .call();
            assertThat(compiled).as(errors.toString()).isTrue();
        }
    }

    @Test
    void theJarIsAModuleOfItsOwnAndNoProgram() throws IOException {
        try (JarFile jar = new JarFile(jar().toFile())) {
            Attributes manifest = jar.getManifest().getMainAttributes();
            assertThat(manifest.getValue("Automatic-Module-Name")).isEqualTo("dev.caravan.tape");
            assertThat(manifest.getValue(Attributes.Name.MAIN_CLASS)).isNull();
            assertThat(manifest.getValue(Attributes.Name.CLASS_PATH)).isNull();
            List<String> names =
                    jar.stream()
                            .filter(entry -> !entry.isDirectory())
                            .map(JarEntry::getName)
                            .toList();
            assertThat(names)
                    .contains(
                            "META-INF/LICENSE",
                            "META-INF/dev/caravan/tape/tape.json",
                            "META-INF/services/org/apache/camel/component/tape",
                            "META-INF/services/org/apache/camel/component.properties",
                            "dev/caravan/tape/pool/untap.py");
            assertThat(names)
                    .allMatch(name ->
                            name.startsWith("dev/caravan/tape/") || name.startsWith("META-INF/"));
            Properties components = new Properties();
            components.load(
                    jar.getInputStream(
                            jar.getEntry(
                                    "META-INF/services/org/apache/camel/component.properties")));
            assertThat(components).containsEntry("components", "tape");
            assertThat(components.getProperty("version")).doesNotContain("$").isNotEmpty();
        }
        assertThat(
                        ModuleFinder.of(jar()).findAll().stream()
                                .map(module -> module.descriptor().name())
                                .collect(Collectors.toSet()))
                .containsExactly("dev.caravan.tape");
    }
}
