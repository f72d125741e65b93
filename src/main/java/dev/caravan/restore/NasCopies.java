package dev.caravan.restore;

import dev.caravan.item.Kind;
import dev.caravan.item.Version;
import dev.caravan.ledger.Rebuild.Unproven;
import dev.caravan.target.NasReading;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// The copies on a NAS, read from its disk. A folder and a symlink are all in the manifest that was
/// read. Confined to one thread.
public final class NasCopies implements CopyReading.Bytes {
    /// As the evidence says it.
    public static final String METHOD = "syncfs+readback+sha256";

    private final NasReading nas;

    /// @throws IOException if what was written to it can not be made durable
    public NasCopies(NasReading nas) throws IOException {
        this.nas = nas;
        nas.sync();
    }

    @Override
    public @Nullable String difference(Unproven copy) throws IOException {
        Version version = copy.version();
        if (version.metadata().kind() != Kind.FILE) {
            return null;
        }
        try (InputStream in = nas.openCold(version)) {
            return CopyReading.difference(in, version);
        }
    }

    @Override
    public void requireTarget() throws IOException {
        nas.requireThere();
    }

    @Override
    public void close() {}
}
