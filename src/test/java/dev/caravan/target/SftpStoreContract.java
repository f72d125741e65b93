package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.StoredObject;
import dev.caravan.target.TargetException.Remedy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Reading copies back, on every SFTP server.
abstract class SftpStoreContract {

    private static final String SEGMENT = "0a1b2c3d-s1";
    private static final int LENGTH = 20_000_003;

    @TempDir Path temp;
    SftpSite site;
    SftpStore store;
    private final byte[] content = SftpCopies.bytes(LENGTH, 1);
    private final StoredObject segment = new StoredObject(SEGMENT, LENGTH, true, null);

    abstract SftpSite site(Path keys, Path folder) throws IOException;

    @BeforeEach
    void start() throws IOException {
        site = site(temp.resolve("keys"), temp.resolve("served/vault"));
        store = new SftpStore(site.address(), Decryption.NONE);
        Files.createDirectories(site.object(SEGMENT).getParent());
        Files.write(site.object(SEGMENT), content);
    }

    @AfterEach
    void stop() throws Exception {
        store.close();
        site.close();
    }

    @Test
    void aMemberIsReadFromItsOffsetAndItsFewBytesOnly() throws IOException {
        Catalog.Copy copy = SftpCopies.copy(segment, 12_345_678);

        for (int round = 0; round < 5; round++) {
            try (InputStream in = store.open(SftpCopies.version(1, "a", 100), copy)) {
                assertThat(in.readNBytes(1000))
                        .isEqualTo(Arrays.copyOfRange(content, 12_345_678, 12_346_678));
            }
        }
    }

    @Test
    void aReaderMayGoOnToTheEndOfTheSegment() throws IOException {
        Catalog.Copy copy = SftpCopies.copy(segment, 512);

        try (InputStream in = store.open(SftpCopies.version(1, "a", 100), copy)) {
            assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, 512, LENGTH));
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void twoCopiesAreReadAtTheSameTime() throws IOException {
        Catalog.Copy copy = SftpCopies.copy(segment, 0);

        try (InputStream one = store.open(SftpCopies.version(1, "a", LENGTH), copy);
                InputStream two = store.open(SftpCopies.version(1, "a", LENGTH), copy)) {
            byte[] first = one.readNBytes(5_000_000);
            assertThat(two.readAllBytes()).isEqualTo(content);
            assertThat(first).isEqualTo(Arrays.copyOf(content, 5_000_000));
        }
    }

    @Test
    void whatIsNotThereIsSaidByItsPlace() {
        StoredObject gone = new StoredObject("0a1b2c3d-s9", 10, true, null);

        assertThatThrownBy(
                        () -> store.open(SftpCopies.version(1, "a", 1), SftpCopies.copy(gone, 512)))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(TargetException.class)
                .hasMessageContaining("sftp://127.0.0.1:" + site.port() + "/")
                .hasMessageContaining("/objects/0a/0a1b2c3d-s9#512 is not there");
    }

    @Test
    void aCutConnectionEndsTheReadingWithAnErrorAndTheNextOneWorks() throws Exception {
        Catalog.Copy copy = SftpCopies.copy(segment, 0);
        try (CuttingProxy proxy = new CuttingProxy(site.port());
                SftpStore through = new SftpStore(site.through(proxy.port()), Decryption.NONE)) {
            InputStream in = through.open(SftpCopies.version(1, "a", LENGTH), copy);
            proxy.cutAfter(1_000_000);

            assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);

            assertThatThrownBy(in::close).isInstanceOf(IOException.class);
            proxy.cutAfter(Long.MAX_VALUE);
            try (InputStream again = through.open(SftpCopies.version(1, "a", LENGTH), copy)) {
                assertThat(again.readAllBytes()).isEqualTo(content);
            }
        }
    }

    @Test
    void anotherServerThanPinnedIsNotReadFrom() throws IOException {
        EmbeddedSftpServer.createKeys(temp.resolve("other"), site.port());
        SftpAddress address =
                site.address(
                        site.port(),
                        site.address().privateKey(),
                        temp.resolve("other/known_hosts"));

        try (SftpStore other = new SftpStore(address, Decryption.NONE)) {
            TargetException failure =
                    catchThrowableOfType(
                            TargetException.class,
                            () ->
                                    other.open(
                                            SftpCopies.version(1, "a", 1),
                                            SftpCopies.copy(segment, 0)));
            assertThat(failure.remedy()).isEqualTo(Remedy.PERSON);
        }
    }
}
