package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.item.Version;
import dev.caravan.ledger.Catalog;
import dev.caravan.ledger.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Cold storage classes, on a stand-in: no server at hand has any.
class S3ThawTest {
    private static final String KEY = "backups/one/objects/0a1b2c3d-o1";

    @TempDir Path temp;
    private Path keys;
    private S3StandIn server;
    private S3Store store;

    @BeforeEach
    void start() throws IOException {
        server = new S3StandIn();
        keys =
                Files.writeString(
                        temp.resolve("keys"),
                        "[default]\naws_access_key_id=a\naws_secret_access_key=b\n");
        store =
                new S3Store(
                        "s3",
                        S3Server.at(server.endpoint(), "bucket", null, keys),
                        Decryption.NONE);
    }

    @AfterEach
    void stop() {
        store.close();
        server.close();
    }

    private InputStream open(int length) throws IOException {
        Version version = SftpCopies.version(1, "a", length);
        return store.open(version, copy(length));
    }

    private static Catalog.Copy copy(int length) {
        return SftpCopies.copy(new StoredObject("0a1b2c3d-o1", length, false, null), 0);
    }

    private ColdObjectException cold() {
        return catchThrowableOfType(ColdObjectException.class, () -> open(5000));
    }

    /// Source: Amazon S3 API, "RestoreObject": Days is not for Intelligent-Tiering.
    @Test
    void anArchiveTierOfIntelligentTieringTakesNoDays() throws IOException {
        server.store(KEY, SftpCopies.bytes(5000, 1), "INTELLIGENT_TIERING");

        assertThat(store.thaw(cold()).text())
                .contains("DEEP_ARCHIVE_ACCESS")
                .endsWith("about 12 hours");
        assertThat(server.restores()).singleElement().asString().doesNotContain("Days");
    }

    @Test
    void aColdObjectIsThawedOnceAndReadWhenItCanBe() throws IOException {
        byte[] content = SftpCopies.bytes(5000, 1);
        server.store(KEY, content, "DEEP_ARCHIVE");

        Thawing needed = store.thawing(copy(5000));
        assertThat(needed).extracting(Thawing::underWay).isEqualTo(false);
        assertThat(server.restores()).isEmpty();
        for (int i = 0; i < 2; i++) {
            assertThat(store.thaw(cold()).text())
                    .isEqualTo(
                            "s3://bucket/backups/one/objects/0a1b2c3d-o1 is in storage class DEEP_ARCHIVE and is being thawed (Standard): it can be read in about 12 hours");
            assertThat(server.restores()).singleElement().asString().contains("<Days>7</Days>");
        }
        assertThat(store.thawing(copy(5000))).extracting(Thawing::underWay).isEqualTo(true);

        server.thaw(KEY, S3StandIn.Thaw.READABLE);
        assertThat(store.thawing(copy(5000))).isNull();
        try (InputStream in = open(5000)) {
            assertThat(in.readAllBytes()).isEqualTo(content);
        }
    }

    @Test
    void whoeverVerifiesIsToldAndThawsNothing() throws IOException {
        server.store(KEY, SftpCopies.bytes(5000, 1), "GLACIER");
        try (S3Reader reader =
                new S3Reader("s3", S3Server.at(server.endpoint(), "bucket", null, keys))) {
            assertThatThrownBy(() -> reader.open("0a1b2c3d-o1"))
                    .isInstanceOf(AccessDeniedException.class) // so the copy stays what it is
                    .hasMessageContaining("must be thawed first");
        }
        assertThat(server.restores()).isEmpty();
    }

    @Test
    void anObjectOfAWarmClassIsReadAsItIs() throws IOException {
        byte[] content = SftpCopies.bytes(5000, 2);
        server.store(KEY, content, "GLACIER_IR");

        assertThat(open(5000).readAllBytes()).isEqualTo(content);
        assertThat(server.restores()).isEmpty();
    }
}
