package dev.caravan.bin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs `bin/caravan` in scratch checkouts, with JDKs that are a `release` file and a script named
/// java.
final class LauncherIT {
    private static final List<String> TOOLS =
            List.of(
                    "sh",
                    "cat",
                    "env",
                    "find",
                    "ln",
                    "locale",
                    "ls",
                    "mkdir",
                    "mv",
                    "printf",
                    "ps",
                    "readlink",
                    "rm",
                    "sleep",
                    "tail",
                    "touch",
                    "tr");

    /// A program small enough to be packed as a jar by a test.
    static final class Hello {
        private Hello() {}

        public static void main(String[] args) {
            System.out.println("hello " + String.join(" ", args));
        }
    }

    private record Outcome(int exit, String out, String err) {}

    @TempDir Path scratch;
    private final Map<String, String> environment = new HashMap<>();
    private Path launcher = Path.of("bin/caravan");

    @BeforeEach
    void aMachineWithNoJavaAtAll() throws IOException {
        var tools = Files.createDirectories(scratch.resolve("tools"));
        for (var tool : TOOLS) {
            for (var folder : List.of("/usr/bin", "/bin")) {
                var real = Path.of(folder, tool);
                if (Files.exists(real) && !Files.exists(tools.resolve(tool))) {
                    script(tools.resolve(tool), "exec %s \"$@\"\n".formatted(real));
                }
            }
        }
        environment.put("PATH", tools.toString());
        environment.put("HOME", scratch.resolve("user").toString());
        environment.put("CARAVAN_JVM_PATH", scratch.resolve("jvm") + "/*");
        launcher =
                Files.copy(
                        Path.of("bin/caravan"),
                        Files.createDirectories(scratch.resolve("app/bin")).resolve("caravan"));
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void aJavaHomeOf17IsPassedOverForA25Elsewhere() throws Exception {
        installed();
        environment.put("JAVA_HOME", jdk("jvm/seventeen", "17.0.15").toString());
        jdk("jvm/other", "25.0.3");

        var outcome = start("status");

        assertThat(outcome).isEqualTo(new Outcome(0, "other: status\n", ""));
    }

    @Test
    void theNameOfAFolderProvesNothing() throws Exception {
        installed();
        jdk("jvm/jdk-25", "17.0.15");
        jdk("jvm/old", "25");

        assertThat(start("status").out()).isEqualTo("old: status\n");
    }

    @Test
    void a25IsPreferredToALaterOneWhichIsTakenIfThereIsNoOther() throws Exception {
        installed();
        jdk("jvm/a-later", "26.0.1");
        assertThat(start("status").out()).isEqualTo("a-later: status\n");

        jdk("jvm/b-wanted", "25.0.3");
        assertThat(start("status").out()).isEqualTo("b-wanted: status\n");
    }

    @Test
    void caravansOwnVariableComesFirstThenJavaHomeThenThePath() throws Exception {
        installed();
        var onPath = jdk("path", "25.0.3");
        Files.createSymbolicLink(scratch.resolve("tools/java"), onPath.resolve("bin/java"));
        assertThat(start("x").out()).isEqualTo("path: x\n");

        environment.put("JAVA_HOME", jdk("general", "25.0.3").toString());
        assertThat(start("x").out()).isEqualTo("general: x\n");

        environment.put("CARAVAN_JAVA_HOME", jdk("own", "25.0.3").toString());
        assertThat(start("x").out()).isEqualTo("own: x\n");
    }

    @Test
    void noJdkAtAllIsOneLineThatNamesWhatToInstall() throws Exception {
        installed();
        jdk("jvm/old", "17.0.15");

        var outcome = start("status");

        assertThat(outcome.exit()).isEqualTo(78);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err())
                .startsWith("caravan: no JDK 25 found: install one")
                .hasLineCount(1);
    }

    @Test
    void argumentsPassThroughByteForByte() throws Exception {
        installed();
        jdk("jvm/jdk", "25.0.3");
        var seen = scratch.resolve("seen");
        environment.put("SEEN", seen.toString());

        var script = "exec \"$0\" 'new\nline' \"$(printf 'bad\\377')\" '' ' * $HOME' -- -e '\\n'";
        var outcome = run(List.of("/bin/sh", "-c", script, launcher.toString()));

        assertThat(outcome.exit()).isZero();
        var arguments = Files.readString(seen, ISO_8859_1);
        assertThat(arguments).endsWith("\0new\nline\0bad\u00ff\0\0 * $HOME\0--\0-e\0\\n\0");
    }

    @Test
    void theExitCodeIsTheProgramsOwn() throws Exception {
        installed();
        jdk("jvm/jdk", "25.0.3");
        environment.put("EXIT", "130");

        assertThat(start("backup").exit()).isEqualTo(130);
    }

    @Test
    void itFindsItsProgramThroughSymbolicLinks() throws Exception {
        installed();
        jdk("jvm/jdk", "25.0.3");
        var first = Files.createSymbolicLink(scratch.resolve("one"), launcher);
        Files.createSymbolicLink(scratch.resolve("tools/two"), Path.of("..", "one"));

        assertThat(run(List.of(first.toString(), "a")).out()).isEqualTo("jdk: a\n");
        assertThat(run(List.of("/bin/sh", "-c", "two b")).out()).isEqualTo("jdk: b\n");
    }

    @Test
    void twoFirstStartsBuildOnceAndAnEditBuildsAgain() throws Exception {
        var builds = checkout();
        jdk("jvm/jdk", "25.0.3");

        var one = process(List.of(launcher.toString(), "one"));
        var two = process(List.of(launcher.toString(), "two"));
        assertThat(List.of(outcome(one).out(), outcome(two).out()))
                .containsExactly("jdk: one\n", "jdk: two\n");
        assertThat(Files.readAllLines(builds)).hasSize(1);

        assertThat(start("three")).isEqualTo(new Outcome(0, "jdk: three\n", ""));
        assertThat(Files.readAllLines(builds)).hasSize(1);

        var source = scratch.resolve("app/src/main/java/A.java");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(1)));
        assertThat(start("four").out()).isEqualTo("jdk: four\n");
        assertThat(Files.readAllLines(builds)).hasSize(2);
    }

    @Test
    void aSourceDatedInTheFutureIsBuiltOnce() throws Exception {
        var builds = checkout();
        jdk("jvm/jdk", "25.0.3");
        var source = scratch.resolve("app/src/main/java/A.java");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(86_400)));

        start("one");

        assertThat(start("two")).isEqualTo(new Outcome(0, "jdk: two\n", ""));
        assertThat(Files.readAllLines(builds)).hasSize(1);
    }

    @Test
    void anInstallationBringsItsNativeLibrariesUnpacked() throws Exception {
        installed();
        jdk("jvm/jdk", "25.0.3");
        var natives = Files.createDirectory(scratch.resolve("app/native")).toRealPath();
        var seen = scratch.resolve("seen");
        environment.put("SEEN", seen.toString());

        start("status");

        assertThat(Files.readString(seen)).contains("\0-Dorg.sqlite.lib.path=" + natives + "\0");
    }

    @Test
    void jarsOfMoreComponentsComeBehindTheProgram() throws Exception {
        installed();
        jdk("jvm/jdk", "25.0.3");
        var seen = scratch.resolve("seen");
        environment.put("SEEN", seen.toString());
        var jar = scratch.resolve("app/caravan.jar").toRealPath();

        start("status");
        assertThat(Files.readString(seen)).contains("\0-jar\0" + jar + "\0status");

        var components = Files.createDirectory(scratch.resolve("app/components")).toRealPath();
        Files.createFile(components.resolve("camel-azure-storage-blob.jar"));
        start("status");
        assertThat(Files.readString(seen))
                .contains(
                        "\0-cp\0" + jar + ":" + components + "/*\0dev.caravan.cli.Caravan\0status");

        var others = Files.createDirectory(scratch.resolve("others")).toRealPath();
        environment.put("CARAVAN_COMPONENTS", others.toString());
        start("status");
        assertThat(Files.readString(seen)).contains("\0-jar\0");
    }

    @Test
    void aLockWhoseOwnerDiedIsTakenOver() throws Exception {
        checkout();
        jdk("jvm/jdk", "25.0.3");
        var target = Files.createDirectories(scratch.resolve("app/target"));
        Files.createSymbolicLink(target.resolve("launcher.lock"), Path.of(deadProcess()));

        assertThat(start("x").out()).isEqualTo("jdk: x\n");
    }

    @Test
    void aFailedBuildShowsTheEndOfItsLogAndWhereItIs() throws Exception {
        checkout();
        jdk("jvm/jdk", "25.0.3");
        environment.put("BUILD_FAILS", "yes");

        var outcome = start("status");

        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(outcome.err())
                .contains("A.java: no such symbol\n")
                .contains("app/target/launcher-build.log");
        assertThat(scratch.resolve("app/target/launcher.lock")).doesNotExist();
    }

    @Test
    void aMissingMavenIsOneLine() throws Exception {
        checkout();
        Files.delete(scratch.resolve("tools/mvn"));
        jdk("jvm/jdk", "25.0.3");

        var outcome = start("status");

        assertThat(outcome.exit()).isEqualTo(78);
        assertThat(outcome.err()).startsWith("caravan: Maven is needed").hasLineCount(1);
    }

    @Test
    void aStartUpCacheThatDoesNotFitIsNoNews() throws Exception {
        environment.put("CARAVAN_JAVA_HOME", System.getProperty("java.home"));
        environment.put("CARAVAN_JAR", helloJar().toString());

        environment.put("CARAVAN_AOT", "train");
        assertThat(start().exit()).isZero();
        var cache = onlyFile(scratch.resolve("hello"), ".aot");
        var made = Files.getLastModifiedTime(cache);
        assertThat(start().exit()).isZero();
        assertThat(Files.getLastModifiedTime(cache)).as("made once").isEqualTo(made);
        environment.remove("CARAVAN_AOT");
        assertThat(start("a")).isEqualTo(new Outcome(0, "hello a\n", ""));

        var bytes = Files.readAllBytes(cache);
        Files.write(cache, Arrays.copyOf(bytes, bytes.length / 2));
        assertThat(start("b")).isEqualTo(new Outcome(0, "hello b\n", ""));

        environment.put("CARAVAN_JAVA_OPTS", "-XX:-UseSerialGC -XX:+UseG1GC");
        Files.write(cache, bytes);
        assertThat(start("c")).isEqualTo(new Outcome(0, "hello c\n", ""));
    }

    /// An installation: the jar is there, nothing is built.
    private void installed() throws IOException {
        Files.createFile(scratch.resolve("app/caravan.jar"));
    }

    /// A checkout with one source and a Maven that notes each build; answers where.
    private Path checkout() throws IOException {
        var builds = scratch.resolve("builds");
        Files.createFile(scratch.resolve("app/pom.xml"));
        var sources = Files.createDirectories(scratch.resolve("app/src/main/java"));
        Files.createFile(sources.resolve("A.java"));
        script(
                scratch.resolve("tools/mvn"),
                """
                echo build >>'%s'
                [ -z "$BUILD_FAILS" ] || { echo 'A.java: no such symbol'; exit 1; }
                mkdir -p '%2$s/lib'
                touch '%2$s/caravan-1.jar' '%2$s/caravan-1-camel-tape.jar'
                """
                        .formatted(builds, scratch.resolve("app/target")));
        return builds;
    }

    /// A JDK that prints its name and its last argument, notes all of them if asked, and exits as
    /// told.
    private Path jdk(String name, String version) throws IOException {
        var home = scratch.resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(
                home.resolve("release"),
                "IMPLEMENTOR=\"Fake\"\nJAVA_VERSION=\"%s\"\n".formatted(version));
        script(
                home.resolve("bin/java"),
                """
                [ -z "$SEEN" ] || printf '%%s\\0' "$@" >"$SEEN"
                for last; do :; done
                printf '%s: %%s\\n' "$last"
                exit ${EXIT:-0}
                """
                        .formatted(home.getFileName()));
        script(home.resolve("bin/javac"), "exit 1\n");
        return home;
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private Path helloJar() throws IOException {
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Hello.class.getName());
        var jar = Files.createDirectory(scratch.resolve("hello")).resolve("hello.jar");
        var entry = Hello.class.getName().replace('.', '/') + ".class";
        try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest);
                InputStream in = Hello.class.getClassLoader().getResourceAsStream(entry)) {
            assertThat(in).isNotNull();
            out.putNextEntry(new JarEntry(entry));
            in.transferTo(out);
        }
        return jar;
    }

    private static Path onlyFile(Path folder, String suffix) throws IOException {
        try (var files = Files.list(folder)) {
            var found = files.filter(file -> file.toString().endsWith(suffix)).toList();
            assertThat(found).hasSize(1);
            return found.getFirst();
        }
    }

    private static String deadProcess() throws Exception {
        var process = new ProcessBuilder("true").start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return Long.toString(process.pid());
    }

    private Outcome start(String... arguments) throws Exception {
        var command = new ArrayList<String>();
        command.add(launcher.toString());
        command.addAll(List.of(arguments));
        return run(command);
    }

    private Outcome run(List<String> command) throws Exception {
        return outcome(process(command));
    }

    private Process process(List<String> command) throws IOException {
        var builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static Outcome outcome(Process process) throws Exception {
        // What it says fits into the pipes, so the end may be waited for first.
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ended in a minute").isTrue();
        return new Outcome(
                process.exitValue(),
                new String(process.getInputStream().readAllBytes(), UTF_8),
                new String(process.getErrorStream().readAllBytes(), UTF_8));
    }
}
