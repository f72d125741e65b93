package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.ledger.Evidence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.sftp.SftpModuleProperties;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.junit.jupiter.api.Test;

/// The embedded server, which computes hashes when asked.
class SftpProofIT extends SftpProofContract {

    @Override
    SftpSite site(Path keys, Path folder) throws IOException {
        return SftpSite.embedded(keys, folder);
    }

    @Override
    String method() {
        return "fsync+size+checkfile+fsync-after-rename";
    }

    @Test
    void aServerWithoutFsyncIsReadBackOverNewConnections() throws Exception {
        SftpSubsystemFactory plain =
                new SftpSubsystemFactory() {
                    @Override
                    public Command createSubsystem(ChannelSession channel) throws IOException {
                        SftpModuleProperties.OPENSSH_EXTENSIONS.set(
                                channel.getSession(), "hardlink@openssh.com=1");
                        return super.createSubsystem(channel);
                    }
                };
        try (SftpSite other =
                        SftpSite.embedded(
                                temp.resolve("keys2"), temp.resolve("served/plain"), plain);
                SftpProof weaker = proof(other.address(), null)) {
            weaker.prepare();
            byte[] content = SftpCopies.bytes(1_000_000, 1);
            Files.write(other.incoming("0a1b2c3d-o1"), content);

            Proof.Proven proven =
                    weaker.prove(List.of(SftpCopies.single(1, "0a1b2c3d-o1", content)));

            assertThat(proven.proofs()).hasSize(1);
            assertThat(proven.evidence().method()).isEqualTo("nofsync+size+readback+rename");
            assertThat(proven.evidence().level()).isEqualTo(Evidence.Level.V3);
        }
    }
}
