package dev.caravan.target;

import java.io.IOException;
import java.nio.file.Path;

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
}
