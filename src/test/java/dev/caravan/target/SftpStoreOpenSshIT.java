package dev.caravan.target;

import java.io.IOException;
import java.nio.file.Path;

class SftpStoreOpenSshIT extends SftpStoreContract {

    @Override
    SftpSite site(Path keys, Path folder) throws IOException {
        return SftpSite.openSsh(keys, folder);
    }
}
