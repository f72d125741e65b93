package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A scratch folder with a source and a home whose three targets are simulated in it.
///
/// JUnit's own temporary folders cannot be used: they do not delete paths above 4096 bytes.
final class Site implements AutoCloseable {
    static final List<String> TARGETS = List.of("nas", "tape", "offsite");

    final Path root;
    final Path source;
    final Path home;

    private Site(Path root, Path home) {
        this.root = root;
        this.source = root.resolve("source");
        this.home = home;
    }

    static Site create() throws IOException {
        Path root = Files.createTempDirectory("caravan-it").toRealPath();
        Files.createDirectory(root.resolve("source"));
        return new Site(root, root.resolve("home"));
    }

    /// The same source with a copy of the home, for a test that damages it.
    Site copy() throws Exception {
        Path copy = Files.createTempDirectory(root, "home-");
        execute("cp", "-a", home + "/.", copy.toString());
        return new Site(root, copy);
    }

    /// Starts a command in a process of its own.
    CaravanProcess start(String... arguments) throws IOException {
        return CaravanProcess.start(root, List.of(), withHome(arguments));
    }

    /// Runs a command in this JVM.
    CaravanProcess.Outcome run(String... arguments) throws Exception {
        return CaravanProcess.run(withHome(arguments));
    }

    private String[] withHome(String... arguments) {
        return Stream.concat(Stream.of("--home=" + home), Stream.of(arguments))
                .toArray(String[]::new);
    }

    CaravanProcess.Outcome demo() throws Exception {
        return run("demo", source.toString());
    }

    CaravanProcess.Outcome backup() throws Exception {
        return run("backup");
    }

    JsonNode status() throws Exception {
        return run("status", "--json").json();
    }

    JsonNode whereis(String path) throws Exception {
        return run("whereis", "--json", "--", path).exits(0).json();
    }

    /// The targets that have a proven copy of the newest version of a path now; none if there is no
    /// such item yet.
    List<String> targetsWith(String path) throws Exception {
        CaravanProcess.Outcome told = run("whereis", "--json", "--", path);
        return told.exit() == 0
                ? told.json()
                        .at("/versions/0/copies")
                        .valueStream()
                        .filter(copy ->
                                Set.of("DURABLE", "VERIFIED").contains(copy.path("state").asText()))
                        .map(copy -> copy.get("target").asText())
                        .toList()
                : List.of();
    }

    /// Restores everything from one target into a new folder.
    Path restored(String target) throws Exception {
        Path to = Files.createTempDirectory(root, "from-" + target);
        run("restore", ".", "--to", to.toString(), "--from", target).exits(0);
        return to;
    }

    /// Every item has its original and three copies, on two kinds of media, one of them offsite.
    void assertInPolicy() throws Exception {
        assertInPolicy(nas());
    }

    /// @param nas where the NAS folder is, if not in the home
    void assertInPolicy(Path nas) throws Exception {
        JsonNode status = status();
        String all = status.toPrettyString();
        assertThat(status.get("belowPolicy").longValue()).as(all).isZero();
        assertThat(status.get("reached")).as(all).hasSize(1);
        JsonNode reached = status.get("reached").get(0);
        assertThat(reached.get("copies").intValue()).as(all).isEqualTo(4);
        assertThat(reached.get("mediaKinds").intValue()).as(all).isEqualTo(2);
        assertThat(reached.get("offsite").intValue()).as(all).isEqualTo(1);
        assertThat(reached.get("items").longValue())
                .as(all)
                .isEqualTo(status.get("items").longValue());
        assertNothingUnfinished(nas);
    }

    private void assertNothingUnfinished(Path nas) throws IOException {
        for (Path incoming :
                List.of(nas.resolve(".caravan/incoming"), offsite().resolve(".caravan/incoming"))) {
            try (Stream<Path> left = Files.list(incoming)) {
                assertThat(left).as("left in %s", incoming).isEmpty();
            }
        }
    }

    /// Every item below a folder, one line each: name, kind, mode, owner, time, content, links.
    static String listing(Path folder) throws Exception {
        return python("listing.py", folder.toString());
    }

    /// Runs one of the scripts beside this class.
    static String python(String script, String... arguments) throws Exception {
        return script(List.of("python3", "-"), script, arguments);
    }

    static String shell(String script, String... arguments) throws Exception {
        return script(List.of("bash", "-s", "--"), script, arguments);
    }

    private static String script(List<String> interpreter, String script, String... arguments)
            throws Exception {
        List<String> command = new ArrayList<>(interpreter);
        command.addAll(List.of(arguments));
        try (var in = Site.class.getResourceAsStream(script)) {
            assertThat(in).as(script).isNotNull();
            return execute(in.readAllBytes(), command);
        }
    }

    /// Runs a program that must succeed, and answers what it prints.
    static String execute(String... command) throws IOException, InterruptedException {
        return execute(new byte[0], List.of(command));
    }

    private static String execute(byte[] input, List<String> command)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("caravan-it", "out");
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().put("LC_ALL", "C.UTF-8");
            Process process =
                    builder.redirectErrorStream(true).redirectOutput(out.toFile()).start();
            try (var stdin = process.getOutputStream()) {
                stdin.write(input);
            }
            assertThat(process.waitFor(4, TimeUnit.MINUTES)).as("%s ends", command).isTrue();
            String said = Files.readString(out, StandardCharsets.UTF_8);
            assertThat(process.exitValue()).as("%s: %s", command, said).isZero();
            return said;
        } finally {
            Files.delete(out);
        }
    }

    static boolean isRoot() throws Exception {
        return execute("id", "-u").strip().equals("0");
    }

    /// Makes the home as one's own, not as a demo. Its NAS is simulated: on the source's disk it
    /// would count as one copy with the original.
    void init() throws Exception {
        run("init", "--source=" + source, "--nas=" + nas(), "--offsite=embedded").exits(0);
        set("caravan.nas.simulated", "true");
    }

    Path nas() {
        return home.resolve("nas");
    }

    Path nasTree() {
        return nas().resolve("source");
    }

    Path tapes() {
        return home.resolve("data/tapes");
    }

    Path offsite() {
        return home.resolve("data/offsite/caravan");
    }

    Path config() {
        return home.resolve("config/caravan.properties");
    }

    /// Adds a line to the home's settings.
    void set(String key, String value) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(config()));
        lines.removeIf(line -> line.startsWith(key + "="));
        lines.add(key + "=" + value);
        Files.write(config(), lines);
    }

    @Override
    public void close() throws IOException {
        remove(root);
    }

    /// Removes all that is below a folder, however long its paths are.
    static void remove(Path folder) throws IOException {
        try {
            execute("rm", "-rf", folder.toString());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while removing " + folder, stopped);
        }
    }
}
