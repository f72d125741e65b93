package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.SftpFileSystemAccessor;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.apache.sshd.sftp.server.SftpSubsystemProxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole way: Camel's own `sftp:` uploads, with the options of the copy route, then the proof.
class SftpUploadIT {

    private static final String NAME = "0a1b2c3d-o1";

    @TempDir Path temp;

    /// The endpoint of `routes/32-copy-offsite.camel.yaml`.
    private static void upload(SftpAddress to, byte[] content) throws Exception {
        try (DefaultCamelContext camel = new DefaultCamelContext()) {
            camel.start();
            try (ProducerTemplate template = camel.createProducerTemplate()) {
                template.requestBodyAndHeaders(
                        ("sftp:%s@%s:%d/%s/.caravan/incoming?fileName=${header.CaravanCopyName}"
                                        + "&privateKeyFile=%s&knownHostsFile=%s"
                                        + "&strictHostKeyChecking=yes&useUserKnownHostsFile=false"
                                        + "&preferredAuthentications=publickey&autoCreate=false"
                                        + "&fileExist=Fail&fastExistsCheck=true&stepwise=false"
                                        + "&bulkRequests=128&bufferSize=262144"
                                        + "&ciphers=aes128-gcm@openssh.com,aes256-gcm@openssh.com"
                                        + ",aes128-ctr,aes256-ctr&throwExceptionOnConnectFailed=true"
                                        + "&maximumReconnectAttempts=0")
                                .formatted(
                                        to.user(),
                                        to.host(),
                                        to.port(),
                                        to.directory(),
                                        to.privateKey(),
                                        to.knownHosts()),
                        new ByteArrayInputStream(content),
                        Map.of("CaravanCopyName", NAME));
            }
        }
    }

    private SftpProof proof(SftpSite site) {
        return new SftpProof("offsite", site.address(), "0a1b2c3d-x", "caravan test", null, null);
    }

    private void provesWhatCamelUploaded(SftpSite site) throws Exception {
        try (site;
                SftpProof proof = proof(site)) {
            byte[] content = SftpCopies.bytes(5_000_001, 3);
            proof.prepare();
            upload(site.address(), content);

            Proof.Proven proven = proof.prove(List.of(SftpCopies.single(1, NAME, content)));

            assertThat(proven.proofs()).hasSize(1);
            assertThat(site.object(NAME)).hasBinaryContent(content);
        }
    }

    @Test
    void whatCamelUploadsToOpenSshIsProven() throws Exception {
        provesWhatCamelUploaded(
                SftpSite.openSsh(temp.resolve("keys"), temp.resolve("served/vault")));
    }

    @Test
    void whatCamelUploadsToTheEmbeddedServerIsProven() throws Exception {
        provesWhatCamelUploaded(
                SftpSite.embedded(temp.resolve("keys"), temp.resolve("served/vault")));
    }

    @Test
    void camelRefusesAnotherHostKeyToo() throws Exception {
        try (SftpSite site = SftpSite.embedded(temp.resolve("keys"), temp.resolve("served/vault"));
                SftpProof proof = proof(site)) {
            proof.prepare();
            EmbeddedSftpServer.createKeys(temp.resolve("other"), site.port());
            SftpAddress wrong =
                    site.address(
                            site.port(),
                            site.address().privateKey(),
                            temp.resolve("other/known_hosts"));

            Throwable failure = catchThrowable(() -> upload(wrong, new byte[10]));

            assertThat(failure).rootCause().hasMessageContaining("HostKey");
            assertThat(site.incoming(NAME)).doesNotExist();
        }
    }

    @Test
    void aServerThatStoresOtherBytesIsCaught() throws Exception {
        SftpSubsystemFactory lying =
                new SftpSubsystemFactory.Builder().withFileSystemAccessor(new Liar()).build();
        try (SftpSite site =
                        SftpSite.embedded(
                                temp.resolve("keys"), temp.resolve("served/vault"), lying);
                SftpProof proof = proof(site)) {
            byte[] content = SftpCopies.bytes(300_000, 3);
            proof.prepare();
            upload(site.address(), content);

            Proof.Proven proven = proof.prove(List.of(SftpCopies.single(1, NAME, content)));

            assertThat(proven.proofs()).isEmpty();
            assertThat(proven.refused().getFirst().why()).hasMessageContaining("has SHA-256");
            assertThat(site.object(NAME)).doesNotExist();
        }
    }

    /// Says OK and changes one byte of each large write.
    private static final class Liar implements SftpFileSystemAccessor {
        @Override
        public SeekableByteChannel openFile(
                SftpSubsystemProxy subsystem,
                FileHandle fileHandle,
                Path file,
                String handle,
                Set<? extends OpenOption> options,
                FileAttribute<?>... attributes)
                throws IOException {
            SeekableByteChannel real =
                    SftpFileSystemAccessor.super.openFile(
                            subsystem, fileHandle, file, handle, options, attributes);
            return file.toString().contains(NAME) ? new LyingChannel(real) : real;
        }

        @Override
        public void syncFileData(
                SftpSubsystemProxy subsystem,
                FileHandle fileHandle,
                Path file,
                String handle,
                java.nio.channels.Channel channel) {
            // says it did
        }
    }

    private record LyingChannel(SeekableByteChannel real) implements SeekableByteChannel {
        @Override
        public int write(ByteBuffer from) throws IOException {
            if (from.remaining() > 1000) {
                int at = from.position() + 999;
                from.put(at, (byte) (from.get(at) ^ 1));
            }
            return real.write(from);
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            return real.read(into);
        }

        @Override
        public long position() throws IOException {
            return real.position();
        }

        @Override
        public SeekableByteChannel position(long position) throws IOException {
            real.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        public SeekableByteChannel truncate(long size) throws IOException {
            real.truncate(size);
            return this;
        }

        @Override
        public boolean isOpen() {
            return real.isOpen();
        }

        @Override
        public void close() throws IOException {
            real.close();
        }
    }
}
