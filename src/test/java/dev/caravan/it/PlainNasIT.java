package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A NAS that can do less than the source, as a share of a Windows server: all can be read back
/// from it, and what its tree can not have is in its history.
final class PlainNasIT {
    private Site site;
    private ExFatDisk disk;
    private Path nas;

    @BeforeEach
    void aNasOnExFat() throws Exception {
        site = Site.create();
        disk = ExFatDisk.mount(site.root);
        nas = disk.path().resolve("nas");
        site.run("init", "--source=" + site.source, "--nas=" + nas, "--offsite=embedded").exits(0);
        site.set("caravan.nas.simulated", "true");
    }

    @AfterEach
    void cleanUp() throws Exception {
        if (disk != null) {
            disk.close();
        }
        site.close();
    }

    @Test
    void whatItCanNotKeepOfAFileIsLeftToTheLedger() throws Exception {
        Path plain = Files.writeString(site.source.resolve("plain"), "plain");
        Files.setPosixFilePermissions(plain, PosixFilePermissions.fromString("rw-------"));
        Path others = Files.writeString(site.source.resolve("others"), "others");
        Site.execute("chown", "1000:1000", others.toString());
        Files.setAttribute(plain, "user:note", new byte[] {1});
        Files.createLink(site.source.resolve("linked"), plain);
        Files.createDirectory(site.source.resolve("folder"));
        Files.writeString(site.source.resolve("folder/gone"), "deleted later");
        site.backup().exits(0).complainsNot();

        Files.writeString(others, "others, changed");
        Files.delete(site.source.resolve("folder/gone"));
        site.run("backup", "--accept-deletions").exits(0).complainsNot();

        site.assertInPolicy(nas);
        assertThat(nas.resolve("source/others")).hasContent("others, changed");
        assertThat(nas.resolve("source/linked")).hasContent("plain");
        assertThat(nas.resolve("source/folder/gone")).doesNotExist();
        assertThat(site.run("verify", "--target", "nas").exits(0).out())
                .contains("'others' of source, version 1: good, but its metadata there is another");
        assertThat(Site.listing(site.restored("nas"))).isEqualTo(Site.listing(site.source));
    }

    /// Both are as long, so that nothing but their bytes would tell one from the other.
    @Test
    void ofTwoNamesThatDifferInCaseTheSecondIsInTheHistory() throws Exception {
        Files.writeString(site.source.resolve("letter"), "lower");
        Files.createDirectory(site.source.resolve("folder"));
        Files.writeString(site.source.resolve("folder/x"), "lower");
        site.backup().exits(0);
        Files.writeString(site.source.resolve("LETTER"), "UPPER");
        Files.createDirectory(site.source.resolve("FOLDER"));
        Files.writeString(site.source.resolve("FOLDER/x"), "UPPER");
        site.backup().exits(0);

        assertAllIsThere(6);
        assertThat(nas.resolve("source/letter")).hasContent("lower");
        assertThat(nas.resolve("source/folder/x")).hasContent("lower");

        Files.writeString(site.source.resolve("LETTER"), "SECOND");
        site.backup().exits(0);
        assertAllIsThere(7);
        Files.delete(site.source.resolve("LETTER"));
        Site.execute("rm", "-r", site.source.resolve("FOLDER").toString());
        site.run("backup", "--accept-deletions").exits(0);
        assertAllIsThere(7);
        assertThat(nas.resolve("source/letter")).hasContent("lower");
        assertThat(nas.resolve("source/folder/x")).hasContent("lower");
    }

    @Test
    void symlinksAndNamesThatItDoesNotTakeAreInTheHistory() throws Exception {
        Files.writeString(site.source.resolve("plain"), "plain");
        Files.createSymbolicLink(site.source.resolve("link"), Path.of("plain"));
        Files.writeString(site.source.resolve("a:b"), "colon");
        Files.createFile(site.source.resolve("c:d"));
        Files.createDirectory(site.source.resolve("e:f"));
        Files.writeString(site.source.resolve("e:f/below"), "below");
        Files.createSymbolicLink(site.source.resolve("e:f/link"), Path.of("g:h"));

        site.backup().exits(0);

        assertAllIsThere(7);
        assertThat(site.run("whereis", "link").exits(0).out()).contains("nas  disk, verified");
        Site.execute("rm", "-r", site.source.resolve("e:f").toString());
        Files.delete(site.source.resolve("link"));
        site.run("backup", "--accept-deletions").exits(0);
        assertAllIsThere(7);
    }

    @Test
    void allOfItComesBackWhenTheHomeIsLost() throws Exception {
        Files.writeString(site.source.resolve("letter"), "lower");
        site.backup().exits(0);
        Files.writeString(site.source.resolve("LETTER"), "UPPER");
        Files.writeString(site.source.resolve("a:b"), "colon");
        Files.createSymbolicLink(site.source.resolve("link"), Path.of("letter"));
        site.backup().exits(0);
        String source = Site.listing(site.source);
        String home = "--home=" + site.root.resolve("new");
        CaravanProcess.run(
                        home,
                        "init",
                        "--source=" + site.source,
                        "--nas=" + nas,
                        "--offsite=embedded")
                .exits(0);

        CaravanProcess.run(home, "rebuild", "--from", "nas", "--verify").exits(0);

        Path to = site.root.resolve("to");
        CaravanProcess.run(
                        home, "restore", "letter", "LETTER", "a:b", "link", "--to", to.toString())
                .exits(0);
        assertThat(Site.listing(to)).isEqualTo(source);
    }

    private void assertAllIsThere(int copies) throws Exception {
        site.assertInPolicy(nas);
        assertThat(
                        site.status()
                                .get("targets")
                                .valueStream()
                                .filter(each -> each.get("name").textValue().equals("nas"))
                                .map(each -> each.get("copies").intValue()))
                .containsExactly(copies);
        site.run("verify", "--target", "nas").exits(0);
        assertThat(Site.listing(site.restored("nas"))).isEqualTo(Site.listing(site.source));
    }
}
