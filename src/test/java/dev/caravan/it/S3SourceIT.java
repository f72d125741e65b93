package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.target.S3Server;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/// A bucket on real servers as a source, beside a folder of this machine.
final class S3SourceIT {
    private static final String LARGE = "films/large.bin";

    private Site site;
    private @Nullable S3Server running;
    private @Nullable S3Client connected;
    private final Map<String, byte[]> objects = new TreeMap<>();

    @BeforeEach
    void make() throws Exception {
        site = Site.create();
        Files.writeString(site.source.resolve("letter"), "letter");
        site.init();
    }

    @AfterEach
    void clear() throws Exception {
        if (connected != null) {
            connected.close();
        }
        if (running != null) {
            running.close();
        }
        site.close();
    }

    private void serve(S3Server started, String dir) throws Exception {
        running = started;
        started.makeBucket("media", false);
        connected = started.client();
        site.set("caravan.source.media.dir", dir);
        site.set("caravan.source.media.endpoint", started.endpoint().toString());
        site.set("caravan.source.media.credentials", started.credentials().toString());
        byte[] large = new byte[20_000_000];
        new Random(7).nextBytes(large);
        put(LARGE, large);
        put("films/a/one", bytes("one"));
        put("films/a/two words", bytes("two"));
        put("films/a/b/ü+&=%.txt", bytes("umlaut"));
        put("films/empty", new byte[0]);
        put("other/not ours", bytes("x"));
    }

    private S3Server server() {
        return Objects.requireNonNull(running);
    }

    private S3Client client() {
        return Objects.requireNonNull(connected);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void put(String key, byte[] content) {
        objects.put(key, content);
        client().putObject(
                        request -> request.bucket("media").key(key),
                        RequestBody.fromBytes(content));
    }

    private void delete(String key) {
        objects.remove(key);
        client().deleteObject(request -> request.bucket("media").key(key));
    }

    /// What items have reached, the least first.
    private String reached() throws Exception {
        JsonNode status = site.status();
        StringBuilder reached = new StringBuilder();
        for (JsonNode each : status.get("reached")) {
            reached.append(each.get("copies")).append(" copies, ");
            reached.append(each.get("mediaKinds")).append(" kinds; ");
        }
        return reached.toString();
    }

    /// Everything of the bucket, from one target.
    private Path restored(String target) throws Exception {
        Path to = Files.createTempDirectory(site.root, "from-" + target);
        site.run("restore", ".", "--source=media", "--to=" + to, "--from=" + target).exits(0);
        return to;
    }

    private void assertFiles(Path folder, String prefix) throws Exception {
        Map<String, byte[]> expected = new TreeMap<>();
        objects.forEach((key, content) -> {
            if (key.startsWith(prefix)) {
                expected.put(key.substring(prefix.length()), content);
            }
        });
        try (Stream<Path> all = Files.walk(folder)) {
            assertThat(
                            all.filter(Files::isRegularFile)
                                    .map(file -> folder.relativize(file).toString())
                                    .sorted())
                    .containsExactlyElementsOf(expected.keySet());
        }
        for (Map.Entry<String, byte[]> each : expected.entrySet()) {
            assertThat(Files.readAllBytes(folder.resolve(each.getKey())))
                    .as(each.getKey())
                    .isEqualTo(each.getValue());
        }
    }

    @Test
    void thePartOfABucketBelowAPrefixIsPickedUpCopiedAndRestored() throws Exception {
        serve(
                S3Server.proxy(Files.createDirectory(site.root.resolve("server"))),
                "s3://media/films");
        site.run("check").exits(0);
        assertThat(site.run("scan", "--list", "--source=media").exits(0).out())
                .contains("+ folder a/b")
                .contains("+ file a/b/ü+&=%.txt")
                .doesNotContain("not ours");

        site.backup().exits(0).complainsNot();

        for (String target : Site.TARGETS) {
            assertFiles(restored(target), "films/");
        }
        JsonNode original =
                site.run("whereis", "--json", "--source=media", "large.bin")
                        .exits(0)
                        .json()
                        .get("versions")
                        .get(0)
                        .get("copies")
                        .get(0);
        assertThat(original.get("location").textValue()).isEqualTo("s3://media/films/large.bin");
        assertThat(original.get("mediaKind").textValue()).isEqualTo("object-store");
        assertThat(site.run("safe-to-delete", "--source=media", "a").exits(0).out())
                .startsWith("yes");

        long versions = site.status().get("versions").longValue();
        site.backup().exits(0).complainsNot();
        assertThat(site.status().get("versions").longValue()).isEqualTo(versions);

        put("films/a/one", bytes("eno"));
        delete("films/a/two words");
        put("films/c/new", bytes("new"));
        assertThat(site.run("backup", "--dry-run").exits(0).out())
                .contains("+ file media/a/one")
                .contains("; 1 would be marked deleted");
        site.backup().exits(0).complainsNot();

        assertFiles(restored("offsite"), "films/");
        Path old = Files.createDirectory(site.root.resolve("old"));
        site.run("restore", "a/two words", "--source=media", "--to=" + old).exits(0);
        assertThat(old.resolve("a/two words")).hasContent("two");
    }

    @Test
    void keysThatCanBeNoPathAreToldAndTheRestIsCopied() throws Exception {
        serve(S3Server.ceph(site.root.resolve("server")), "s3://media");
        put("100%/of it", bytes("percent"));
        put("films/new\nline \u001b[31m", bytes("newline"));
        put("-rf", bytes("dash"));
        put("folder/", new byte[0]);
        put("films/a-file", bytes("beside"));
        put("marked", new byte[0]);
        put("marked/inside", bytes("inside"));
        Map<String, byte[]> good = new TreeMap<>(objects);
        good.remove("folder/");
        good.remove("marked");
        for (String bad :
                new String[] {
                    "a//b",
                    "../up",
                    "x/./y",
                    "marked/inside/below",
                    "/lead",
                    "dir/",
                    "n".repeat(300)
                }) {
            put(bad, bytes("bad"));
        }
        objects.clear();
        objects.putAll(good);
        objects.remove("marked/inside"); // is a folder now, of what is below it
        objects.put("marked/inside/below", bytes("bad"));

        site.backup().exits(1);

        JsonNode status = site.status();
        assertThat(status.get("unreadable").longValue() + status.get("overLong").longValue())
                .isEqualTo(7);
        assertThat(site.run("scan", "--list", "--source=media").exits(1).out())
                .contains("marked/inside/key marked\\inside: its key is that of a folder too")
                .contains("key ..\\up: its key can be no path")
                .contains("+ folder folder")
                .doesNotContain("\u001b");
        Path to = restored("nas");
        assertFiles(to, "");
        assertThat(to.resolve("folder")).isDirectory();
        assertThat(site.run("safe-to-delete", "--source=media", "100%").exits(0).out())
                .startsWith("yes");
        site.set("caravan.source.media.dir", "s3://media/100%");
        assertThat(site.run("scan", "--list", "--source=media").exits(0).out())
                .contains("+ file of it");
    }

    @Test
    void aBucketThatCanNotBeAskedStopsNothingElseAndDeletesNothing() throws Exception {
        S3Server proxy = S3Server.proxy(Files.createDirectory(site.root.resolve("server")));
        serve(proxy, "s3://media/films");
        site.backup().exits(0);
        Files.writeString(site.source.resolve("letter"), "another letter");
        site.set("caravan.source.media.dir", "s3://no-such-bucket/films");

        site.backup().exits(1).complainsOnce("source 'media' at 's3://no-such-bucket/films'");

        site.set("caravan.source.media.dir", "s3://media/nothing");
        site.backup().exits(1).complainsOnce("source 'media'", "no key in the bucket begins so");

        proxy.close();
        site.set("caravan.source.media.dir", "s3://media/films");
        site.backup().exits(1).complainsOnce("source 'media'", "no answer");
        assertThat(site.status().get("deleted").longValue()).isZero();
        assertThat(site.nasTree().resolve("letter")).hasContent("another letter");
        assertFiles(restored("tape"), "films/");
    }

    /// The original and a copy in one account fail together, and are on one kind of medium.
    @Test
    void aBucketAndACopyInTheSameAccountAreOneCopy() throws Exception {
        serve(S3Server.ceph(site.root.resolve("server")), "s3://media/films");
        server().makeBucket("backup", false);
        site.backup().exits(0).complainsNot();
        assertThat(reached()).isEqualTo("4 copies, 2 kinds; 4 copies, 3 kinds; ");

        Files.move(
                site.home.resolve("routes/optional/33-copy-s3.camel.yaml"),
                site.home.resolve("routes/33-copy-s3.camel.yaml"));
        site.set("caravan.s3.bucket", "backup");
        site.set("caravan.s3.endpoint", server().endpoint().toString());
        site.set("caravan.s3.credentials", server().credentials().toString());
        site.set("caravan.s3.simulated", "true");
        site.backup().exits(0).complainsNot();

        String oneAccount = "4 copies, 3 kinds; 5 copies, 3 kinds; ";
        assertThat(reached()).isEqualTo(oneAccount);
        assertThat(site.run("status", "--explain", "a/one").exits(0).out())
                .contains("as a copy on object-store: seen unchanged")
                .contains("fails together with s3: all of them are one copy");

        // what is not known any more never makes it better
        Path wrong = Files.copy(server().credentials(), site.root.resolve("wrong"));
        Files.writeString(
                wrong, Files.readString(wrong).replaceAll("(secret_access_key=).*", "$1x"));
        Site.execute("chmod", "600", wrong.toString());
        site.set("caravan.source.media.credentials", wrong.toString());
        site.backup().exits(1).complainsOnce("source 'media'", "is it the right key?");
        assertThat(reached()).isEqualTo(oneAccount);
        Site.execute(
                "sqlite3",
                site.home.resolve("data/ledger.db").toString(),
                "UPDATE source SET domain = replace(domain, 'account', 'bucket') WHERE name = 'media'");
        assertThat(reached()).isEqualTo(oneAccount);
    }

    /// The original is in the bucket below the object of its own name: nothing of it is deleted.
    @Test
    void anObjectThatComesToHaveTheNameOfAFolderDeletesNothing() throws Exception {
        serve(S3Server.ceph(site.root.resolve("server")), "s3://media");
        site.backup().exits(0);
        client().putObject(request -> request.bucket("media").key("films/a"), RequestBody.empty());

        site.backup().exits(0).complainsNot();

        assertThat(site.status().get("deleted").longValue()).isZero();
        assertFiles(restored("nas"), "");
        assertThat(site.run("safe-to-delete", "--source=media", "films/a").exits(0).out())
                .startsWith("yes");
    }

    @Test
    void aTargetInThatBucketIsRefused() throws Exception {
        serve(S3Server.proxy(Files.createDirectory(site.root.resolve("server"))), "s3://media");
        site.set("caravan.s3.bucket", "media");
        site.set("caravan.s3.endpoint", server().endpoint().toString());
        site.set("caravan.s3.simulated", "true");
        site.set("caravan.s3.prefix", "backups/");

        assertThat(site.run("check").exits(78).err()).contains("overlap: copies would be copied");

        site.set(
                "caravan.s3.endpoint",
                server().endpoint().toString().replace("127.0.0.1", "localhost"));
        assertThat(site.run("check").exits(78).err()).contains("overlap: copies would be copied");
        site.set("caravan.s3.endpoint", "https://s3.example.org");
        assertThat(site.run("check").err())
                .contains("is it the same by another name? Then copies would be copied");

        site.set("caravan.source.media.dir", "s3://media/films");
        assertThat(site.run("check").err()).doesNotContain("copies would be copied");
    }
}
