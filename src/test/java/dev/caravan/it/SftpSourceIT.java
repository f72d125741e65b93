package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.target.SftpAddress;
import dev.caravan.target.SftpSite;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A folder on a real SFTP server as a source, beside one of this machine.
final class SftpSourceIT {
    /// Away from now: a file that was just written is waited for.
    private static final String LONG_AGO = "2020-05-06 07:08:09";

    private Site site;
    private Path www;
    private SftpSite server;

    @BeforeEach
    void serve() throws Exception {
        site = Site.create();
        Files.writeString(site.source.resolve("letter"), "letter");
        www = Files.createDirectory(site.root.resolve("www"));
        server = SftpSite.openSsh(Files.createDirectory(site.root.resolve("keys")), www);
        site.init();
        SftpAddress address = server.address();
        site.set(
                "caravan.source.web.dir",
                "sftp://%s@127.0.0.1:%d%s".formatted(address.user(), server.port(), www));
        site.set("caravan.source.web.key", address.privateKey().toString());
        site.set("caravan.source.web.known-hosts", address.knownHosts().toString());
    }

    @AfterEach
    void clear() throws Exception {
        server.close();
        site.close();
    }

    private void fill() throws Exception {
        Site.execute(
                "bash",
                "-c",
                """
                set -e
                cd "$1"
                mkdir -p a/b/c empty 'with space'
                printf one >a/one; printf two >a/b/two; printf three >a/b/c/three; : >a/nothing
                printf x >$'new\\nline'; printf x >$'esc\\e[31m'; printf x >$'bad\\xff\\xfe'
                printf x >-rf; printf x >'${x}'; printf x >'*?[]\\'; printf x >"$(printf 'n%.0s' {1..255})"
                printf x >'with space/trailing.'; printf x >'c:d'
                chmod 4750 a/one; chmod 700 empty
                ln -s ../a/one 'with space/link'; ln -s loop loop; ln -s /no/such dangling
                head -c 3000000 /dev/urandom >big
                find . -exec touch -h -d "$2" {} +
                """,
                "bash",
                www.toString(),
                LONG_AGO);
    }

    private Path restored(String... more) throws Exception {
        Path to = Files.createTempDirectory(site.root, "to");
        String[] words = {"restore", ".", "--source=web", "--to=" + to};
        String[] all = java.util.Arrays.copyOf(words, words.length + more.length);
        System.arraycopy(more, 0, all, words.length, more.length);
        site.run(all).exits(0);
        return to;
    }

    @Test
    void aFolderOnAServerIsPickedUpCopiedAndRestored() throws Exception {
        fill();
        site.run("check").exits(0);
        assertThat(site.run("check").err()).contains("is taken to be at site 'here'");
        assertThat(site.run("scan", "--list", "--source=web").exits(0).out())
                .contains("sftp://")
                .contains("+ symlink with space/link -> ../a/one")
                .contains("0 unreadable");

        site.backup().exits(0).complainsNot();

        site.assertInPolicy();
        String original = Site.listing(www);
        for (String target : Site.TARGETS) {
            assertThat(Site.listing(restored("--from=" + target))).as(target).isEqualTo(original);
        }
        JsonNode first = whereis("a/one").get("versions").get(0).get("copies").get(0);
        assertThat(first.get("target").textValue()).isEqualTo("original");
        assertThat(first.get("location").textValue()).startsWith("sftp://").endsWith("/a/one");
        assertThat(site.run("safe-to-delete", "--source=web", "a/b").exits(0).out())
                .startsWith("yes");

        long versions = site.status().get("versions").longValue();
        site.backup().exits(0).complainsNot();
        assertThat(site.status().get("versions").longValue()).isEqualTo(versions);
    }

    private JsonNode whereis(String path) throws Exception {
        return site.run("whereis", "--json", "--source=web", "--", path).exits(0).json();
    }

    @Test
    void whatChangesThereIsSeenByTheNextScan() throws Exception {
        fill();
        site.backup().exits(0);

        Files.writeString(www.resolve("a/one"), "another one");
        Files.move(www.resolve("a/b/two"), www.resolve("a/b/zwei"));
        Files.delete(www.resolve("big"));
        Files.setPosixFilePermissions(
                www.resolve("a/b/c/three"), PosixFilePermissions.fromString("r--------"));
        Files.delete(www.resolve("dangling"));
        Files.createDirectory(www.resolve("dangling"));
        Files.writeString(www.resolve("dangling/now a folder"), "x");
        Site.execute("find", www.toString(), "-exec", "touch", "-h", "-d", "2021-01-01", "{}", "+");

        assertThat(site.run("backup", "--dry-run").exits(0).out())
                .contains("+ file web/a/one")
                .contains("; 2 would be marked deleted");
        site.backup().exits(0).complainsNot();

        site.assertInPolicy();
        assertThat(Site.listing(restored())).isEqualTo(Site.listing(www));
        Path to = Files.createDirectory(site.root.resolve("old"));
        site.run("restore", "big", "--source=web", "--to=" + to).exits(0);
        assertThat(to.resolve("big")).hasSize(3_000_000);
    }

    @Test
    void aServerThatIsGoneStopsNothingElseAndDeletesNothing() throws Exception {
        fill();
        site.backup().exits(0);
        Files.writeString(www.resolve("new"), "new");
        server.close();
        Files.writeString(site.source.resolve("letter"), "another letter");

        site.backup().exits(1).complainsOnce("source 'web' at 'sftp://", "cannot be reached");

        assertThat(site.nasTree().resolve("letter")).hasContent("another letter");
        JsonNode status = site.status();
        assertThat(status.get("deleted").longValue()).isZero();
        assertThat(status.get("belowPolicy").longValue()).isZero();
        assertThat(site.run("scan", "--list", "--source=web").exits(1).out())
                .contains("cannot be reached");
        site.run("safe-to-delete", "--source=web", "a/one")
                .exits(1)
                .complainsOnce("no: source 'web' at 'sftp://", "cannot be reached");
        assertThat(site.run("backup", "--dry-run").exits(1).out())
                .contains("source 'web' at 'sftp://")
                .contains("0 new or changed");
        Path to = restored();
        assertThat(to.resolve("a/b/two")).hasContent("two");
    }

    @Test
    void aServerWithAnotherHostKeyIsAskedNothing() throws Exception {
        fill();
        site.backup().exits(0);
        Path hosts = server.address().knownHosts();
        String[] words = Files.readString(hosts).strip().split(" ");
        Path other = site.root.resolve("other");
        Site.execute("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other.toString());
        String[] another = Files.readString(Path.of(other + ".pub")).split(" ");
        Files.writeString(hosts, words[0] + " " + another[0] + " " + another[1] + "\n");

        site.backup().exits(1).complainsOnce("source 'web' at 'sftp://", "host key");

        assertThat(site.status().get("deleted").longValue()).isZero();
    }

    @Test
    void aFolderThatIsNotThereOrLostItsSentinelDeletesNothing() throws Exception {
        fill();
        site.set("caravan.source.web.sentinel", "a/one");
        site.backup().exits(0);
        Files.move(www.resolve("a"), www.resolve("z"));

        site.backup().exits(1).complainsOnce("source 'web'", "sentinel 'a/one' is missing");

        Files.move(www, site.root.resolve("elsewhere"));
        site.backup().exits(1).complainsOnce("source 'web'");
        assertThat(site.status().get("deleted").longValue()).isZero();
    }

    @Test
    void aFileThatTheServerDoesNotGiveIsUnreadableAndTheRestIsCopied() throws Exception {
        fill();
        // a sparse file of a length that no server can read at once
        try (RandomAccessFile large = new RandomAccessFile(www.resolve("large").toFile(), "rw")) {
            large.setLength(200_000_000);
            large.seek(100_000_000);
            byte[] some = new byte[50_000];
            new Random(3).nextBytes(some);
            large.write(some);
        }
        Files.setLastModifiedTime(
                www.resolve("large"), FileTime.from(Instant.parse("2020-01-01T00:00:00Z")));
        Site.execute("mkfifo", www.resolve("fifo").toString());

        site.backup().exits(0).complainsNot();

        assertThat(site.status().get("skipped").longValue()).isEqualTo(1);
        Path to = restored("--from=offsite");
        assertThat(Files.mismatch(to.resolve("large"), www.resolve("large"))).isEqualTo(-1);
    }

    @Test
    void aHomeMayBeginWithASourceOnAServer() throws Exception {
        Path other = site.root.resolve("other");
        String url = "sftp://me@127.0.0.1/srv/My Files";
        Site.remove(site.home);
        site.run("init", "--source=ftp://me@host/x", "--nas=" + site.nas())
                .exits(2)
                .complainsOnce("'ftp://me@host/x': want the path of a folder");

        assertThat(
                        site.run("init", "--source=" + url, "--nas=" + other, "--offsite=embedded")
                                .exits(0)
                                .out())
                .contains("how to log in to source 'my-files'");

        assertThat(site.run("check").exits(78).err())
                .contains("source 'my-files': set caravan.source.my-files.key");
    }

    @Test
    void whatIsWrongWithTheSettingsIsSaidAtOnce() throws Exception {
        site.set("caravan.source.web.dir", "sftp://me:secret@host/path");
        site.set("caravan.source.shop.dir", "sftp://me@host/../path");
        site.set("caravan.source.shop.key", "/no/such/key");
        site.set("caravan.source.pics.dir", "s3://Pictures");
        site.set("caravan.source.docs.dir", "ftp://host/path");

        String said = site.run("check").exits(78).err();

        assertThat(said)
                .contains("caravan.source.web.dir: want no password in it: the key logs in")
                .doesNotContain("secret")
                .contains("caravan.source.shop.dir: 'sftp://me@host/../path': want a path without")
                .contains("caravan.source.pics.dir: 's3://Pictures': want s3://BUCKET")
                .contains("caravan.source.docs.dir: 'ftp://host/path': want the path of a folder");
    }
}
