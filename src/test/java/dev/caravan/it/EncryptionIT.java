package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.target.S3Server;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Copies on tape, on a server and in a bucket that are encrypted for the home and for an escrow
/// key, which is kept elsewhere.
class EncryptionIT {
    private static final String NAME = "letter-to-nobody";
    private static final String TEXT = "what this says is for two readers only";

    private Site site;
    private S3Server server;
    private Path escrow;

    @BeforeEach
    void fill() throws Exception {
        site = Site.create();
        Random random = new Random(6);
        for (int i = 0; i < 30; i++) {
            Path file = site.source.resolve("d" + i % 3 + "/" + NAME + " " + i);
            Files.createDirectories(file.getParent());
            Files.writeString(file, (TEXT + " " + i + "\n").repeat(random.nextInt(900)));
        }
        byte[] large = new byte[27_000_000];
        random.nextBytes(large);
        Files.write(site.source.resolve(NAME + ".bin"), large);
        Files.writeString(
                site.source.resolve("sealed already.age"),
                "age-encryption.org/v1\n" + "but not really ".repeat(700_000));
        Files.createLink(site.source.resolve("linked"), site.source.resolve("d1/" + NAME + " 1"));
        server = S3Server.proxy(Files.createDirectory(site.root.resolve("server")));
        server.makeBucket("backup", false);
        site.run(
                        "init",
                        "--source=" + site.source,
                        "--nas=" + site.nas(),
                        "--offsite=embedded",
                        "--s3=backup",
                        "--s3-endpoint=" + server.endpoint(),
                        "--s3-credentials=" + server.credentials())
                .exits(0);
        site.set("caravan.nas.simulated", "true");
        site.set("caravan.tape.segment", "8MiB");
        escrow = site.root.resolve("escrow.key");
        key("new", "main").exits(0);
        key("new", "escrow", "--escrow", escrow.toString()).exits(0);
        for (String target : List.of("tape", "offsite", "s3")) {
            site.set("caravan.encrypt." + target, "main,escrow");
        }
    }

    @AfterEach
    void clear() throws Exception {
        server.close();
        site.close();
    }

    @Test
    void copiesAreVerifiedRestoredAndReadableByAgeAndByNobodyElse() throws Exception {
        site.backup().exits(0).complainsNot();

        String source = Site.listing(site.source);
        for (String target : List.of("tape", "offsite", "s3")) {
            assertThat(Site.listing(site.restored(target))).as(target).isEqualTo(source);
            assertThat(site.run("verify", "--target", target).exits(0).out())
                    .as(target)
                    .contains("none bad");
        }
        assertThat(site.run("drill", "--sample", "5").exits(0).out()).contains("offsite");
        assertThat(key("list").exits(0).out()).contains("main", "escrow", "s3");
        for (Path folder :
                List.of(site.offsite(), site.tapes(), site.root.resolve("server/data"))) {
            assertThat(holding(folder, NAME)).as("names in %s", folder).isEmpty();
            assertThat(holding(folder, TEXT)).as("contents in %s", folder).isEmpty();
        }
        // a key that is not at hand says nothing of the copies
        Path keys = site.home.resolve("data/keys/age");
        Path away = site.root.resolve("keys-away");
        Files.move(keys, away);
        for (String target : List.of("offsite", "tape")) {
            assertThat(site.run("verify", "--target", target).exits(1).out())
                    .as(target)
                    .contains("none of the identities given");
        }
        assertThat(copies("SUSPECT") + copies("LOST")).isZero();
        Files.move(away, keys);
        // without Caravan, by the lines of the README
        Path copy = site.root.resolve("offsite-copy");
        Site.execute("cp", "-a", site.offsite().toString(), copy.toString());
        Site.execute(
                "bash",
                "-ec",
                ("find %1$s/objects %1$s/manifests -type f | while read -r f; do age -d -i %2$s -o"
                                + " \"$f.plain\" \"$f\" && mv \"$f.plain\" \"$f\"; done")
                        .formatted(copy, escrow));
        Path out = site.root.resolve("by-hand");
        Site.execute(
                "python3", "src/main/docs/restore-offsite.py", copy.toString(), out.toString());
        assertThat(Site.listing(out.resolve("source"))).isEqualTo(source);
        Path fromTape = Files.createDirectory(site.root.resolve("from-tape"));
        Site.execute(
                "bash",
                "-ec",
                ("cd %s; python3 %s/untap.py %s/p0.tap 1 | age -d -i %s | tar --xattrs --anchored"
                                + " --exclude=.caravan -xpf -")
                        .formatted(
                                fromTape, site.tapes(), site.tapes().resolve("VT0001L8"), escrow));
        try (Stream<Path> files = Files.walk(fromTape)) {
            assertThat(files.anyMatch(file -> file.toString().contains(NAME))).isTrue();
        }
    }

    @Test
    void aDrillWithTheEscrowKeyAloneRestoresFromEachEncryptedTarget() throws Exception {
        site.backup().exits(0).complainsNot();
        long all = copies("VERIFIED") + copies("DURABLE");
        Path stranger = site.root.resolve("stranger.key");
        Site.execute("age-keygen", "-o", stranger.toString());
        Files.move(site.home.resolve("data/keys/age/main.key"), site.root.resolve("main.key"));

        CaravanProcess.Outcome drilled =
                site.run("drill", "--sample=1GiB", "--identity=" + escrow).exits(0);

        assertThat(drilled.out())
                .contains("tape", "offsite", "s3", "all came back right")
                .contains("opened with '" + escrow + "' alone")
                .doesNotContain("nas");
        assertThat(site.run("log", "--json").json().toString()).contains("opened with");
        site.run("drill", "--identity=" + stranger).exits(1);
        assertThat(copies("SUSPECT")).isZero();
        assertThat(copies("VERIFIED") + copies("DURABLE")).isEqualTo(all);
        site.run("drill", "--identity=" + escrow, "--target=nas")
                .exits(2)
                .complainsOnce("target 'nas' is not encrypted");
        site.run("drill", "--identity=/no/such/file").exits(2).complainsOnce("/no/such/file");
    }

    private long copies(String state) throws Exception {
        return Long.parseLong(
                Site.execute(
                                "sqlite3",
                                site.home.resolve("data/ledger.db").toString(),
                                "SELECT count(*) FROM copy WHERE state = '" + state + "'")
                        .strip());
    }

    private CaravanProcess.Outcome key(String... arguments) throws Exception {
        List<String> all = new java.util.ArrayList<>(List.of("key"));
        all.addAll(List.of(arguments));
        return site.run(all.toArray(String[]::new));
    }

    private static List<Path> holding(Path folder, String text) throws Exception {
        byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> {
                        try {
                            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
                                    .contains(new String(wanted, StandardCharsets.ISO_8859_1));
                        } catch (java.io.IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    })
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tape", "offsite", "s3"})
    void whenAllElseIsLostOneTargetAndTheEscrowKeyAreEnough(String left) throws Exception {
        site.backup().exits(0);
        String source = Site.listing(site.source);
        Path data = site.home.resolve("data");
        for (Path part : List.of(data.resolve("keys/age"), data.resolve("export"), site.nas())) {
            Site.remove(part);
        }
        Site.execute("bash", "-ec", "rm -f " + data + "/ledger.db*");
        if (!left.equals("tape")) {
            Site.remove(site.tapes());
        }
        if (!left.equals("offsite")) {
            Site.remove(data.resolve("offsite"));
        }
        if (!left.equals("s3")) {
            Site.remove(site.root.resolve("server/data/backup"));
        }

        CaravanProcess.Outcome locked = site.run("rebuild", "--from", left, "--verify").exits(1);
        assertThat(locked.out() + locked.err()).contains("none of the identities given");

        Path keys = Files.createDirectories(data.resolve("keys/age"));
        Files.copy(escrow, keys.resolve("escrow.key"));
        site.run("rebuild", "--from", left, "--verify").exits(0);

        assertThat(Site.listing(site.restored(left))).isEqualTo(source);
    }

    @Test
    void aBitThatIsFlippedInAnEncryptedObjectIsFoundAndMendedByItself() throws Exception {
        site.backup().exits(0);
        Path object;
        try (Stream<Path> objects = Files.walk(site.offsite().resolve("objects"))) {
            object =
                    objects.filter(Files::isRegularFile)
                            .filter(file -> file.toFile().length() > 20_000_000)
                            .findFirst()
                            .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(object);
        bytes[bytes.length / 2] ^= 1;
        Files.write(object, bytes);

        assertThat(site.run("verify", "--target", "offsite").exits(1).out()).contains(NAME);
        site.backup().exits(0);

        assertThat(site.run("verify", "--target", "offsite").exits(0).out()).contains("none bad");
        assertThat(Site.listing(site.restored("offsite"))).isEqualTo(Site.listing(site.source));
    }
}
