package dev.caravan.target;

import dev.caravan.item.Version;
import dev.caravan.ledger.CopyFinding;
import dev.caravan.posix.ColdFile;
import dev.caravan.posix.Errno;
import dev.caravan.posix.NoAnswerException;
import dev.caravan.posix.Opened;
import dev.caravan.posix.Patience;
import dev.caravan.posix.PosixException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Looks at copies on a NAS: files are read from the medium and hashed, folders and symlinks are
/// compared. What it says holds for the NAS that [#begin] found, if [#end] finds the same one. One
/// that does not answer can not be read as a whole: that says nothing of its copies. Confined to
/// one thread.
public final class NasReader implements AutoCloseable {
    private final Path root;
    private final Patience patience;
    private @Nullable Opened<NasLooks> nas;
    private long bytesRead;
    private ColdFile.Way way = ColdFile.Way.DIRECT;

    public NasReader(Path root, Patience patience) {
        this.root = root;
        this.patience = patience;
    }

    /// For evidence: where it reads.
    public String place() {
        return root.toString();
    }

    /// Opens the NAS anew.
    ///
    /// @param identity what the ledger knows it by; null if nothing was ever proven there
    /// @throws TargetException if it is not there, or is another one
    public void begin(@Nullable String identity) throws TargetException {
        close();
        nas = open(identity);
        bytesRead = 0;
        way = ColdFile.Way.DIRECT;
    }

    /// @throws TargetException if the path does not lead to that NAS any more: then nothing that
    ///   was seen since [#begin] holds
    public void end(@Nullable String identity) throws TargetException {
        open(identity).close();
    }

    private Opened<NasLooks> open(@Nullable String identity) throws TargetException {
        try {
            return Opened.open(patience, () -> NasLooks.open(root, identity), NasLooks::close);
        } catch (IOException failed) {
            if (failed instanceof PosixException absent && absent.is(Errno.ENOENT)) {
                throw new TargetException(
                        TargetException.Remedy.WAIT,
                        "NAS '%s' has no sentinel '.caravan/sentinel': is it mounted?"
                                .formatted(root),
                        failed);
            }
            throw away("NAS '%s': ".formatted(root), failed);
        }
    }

    /// @param what in front of what any failure but a known one says
    private static TargetException away(String what, IOException failed) {
        return switch (failed) {
            case TargetException known -> known;
            case NoAnswerException hangs ->
                    new TargetException(TargetException.Remedy.WAIT, hangs.getMessage(), hangs);
            default ->
                    new TargetException(
                            TargetException.Remedy.WAIT, what + failed.getMessage(), failed);
        };
    }

    private Opened<NasLooks> nas() {
        if (nas == null) {
            throw new IllegalStateException("begin() comes first");
        }
        return nas;
    }

    /// Bytes of files read since [#begin].
    public long bytesRead() {
        return bytesRead;
    }

    /// How they were kept from coming out of the page cache, the weakest way of all.
    public ColdFile.Way way() {
        return way;
    }

    /// Looks at a copy. A file is taken from the history if it is there, else from the plain tree
    /// if it may be there.
    ///
    /// @param inPlainTree whether the ledger has it in the plain current tree
    /// @throws TargetException if the NAS as a whole can not be read
    public CopyFinding look(Version version, boolean inPlainTree) throws TargetException {
        try {
            NasLooks.Looked looked =
                    nas().await((looks, pulse) -> looks.look(version, inPlainTree, pulse));
            bytesRead += looked.bytesRead();
            if (looked.way() == ColdFile.Way.DROPPED) {
                way = ColdFile.Way.DROPPED;
            }
            return looked.finding();
        } catch (IOException failed) {
            throw away("NAS '%s': ".formatted(root), failed);
        }
    }

    /// Looks for versions of folders and symlinks that newer ones have replaced: of them the NAS
    /// has no more than their lines in its manifests.
    ///
    /// @return by version id; nothing for one of which no line is found
    public NasManifests.Found inManifests(List<Version> versions) throws TargetException {
        try {
            NasManifests.Found found =
                    nas().await((looks, pulse) -> looks.inManifests(versions, pulse));
            bytesRead += found.bytes();
            return found;
        } catch (IOException failed) {
            throw away("manifests of NAS '%s': ".formatted(root), failed);
        }
    }

    @Override
    public void close() {
        if (nas != null) {
            nas.close();
            nas = null;
        }
    }
}
