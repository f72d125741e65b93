package dev.caravan.target;

import dev.caravan.ledger.Evidence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class S3ProxyIT extends S3Contract {
    @Override
    S3Server server(Path folder) throws IOException {
        return S3Server.proxy(Files.createDirectories(folder));
    }

    /// It keeps checksums and says them.
    @Override
    Evidence.Level level() {
        return Evidence.Level.V2;
    }
}
