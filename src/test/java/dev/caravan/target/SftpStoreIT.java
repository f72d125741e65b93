package dev.caravan.target;

import java.io.IOException;
import java.nio.file.Path;

class SftpStoreIT extends SftpStoreContract {

    @Override
    SftpSite site(Path keys, Path folder) throws IOException {
        return SftpSite.embedded(keys, folder);
    }
}
