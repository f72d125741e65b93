package dev.caravan.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// OpenSSH's server, from which all bytes are read back.
class SftpProofOpenSshIT extends SftpProofContract {

    @Override
    SftpSite site(Path keys, Path folder) throws IOException {
        return SftpSite.openSsh(keys, folder);
    }

    @Override
    String method() {
        return "fsync+size+readback+fsync-after-rename";
    }

    @Override
    void assertNoLoginWasTried() throws IOException {
        assertThat(Files.readString(site.keys().resolve("log")))
                .contains("SSH2_MSG_KEXINIT")
                .doesNotContain("userauth-request");
    }

    @Test
    void aHashedNameInTheKnownHostsIsFound() throws Exception {
        Path hosts = site.address().knownHosts();
        Process hash = new ProcessBuilder("ssh-keygen", "-q", "-H", "-f", hosts.toString()).start();
        assertThat(hash.waitFor()).isZero();
        assertThat(hosts).content().startsWith("|1|");

        proof.prepare();

        assertThat(proof.identity()).startsWith("SHA256:");
    }
}
