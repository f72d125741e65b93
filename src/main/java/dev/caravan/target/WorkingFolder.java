package dev.caravan.target;

import dev.caravan.posix.Directory;
import dev.caravan.posix.PosixException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The folder below a directory in which was worked last, kept open: the next item is most often in
/// the same, and need not be looked up from the top again. Confined to one thread.
final class WorkingFolder implements AutoCloseable {
    private final Directory top;
    private byte[] path = {};
    private @Nullable Directory open;

    WorkingFolder(Directory top) {
        this.top = top;
    }

    /// The folder that holds `place`. Open until another one is asked for, or [#close].
    ///
    /// @param place as seen from the top, of at least two parts
    Directory of(byte[] place) throws PosixException {
        int slash = slash(place);
        Directory last = open;
        if (last != null && Arrays.equals(path, 0, path.length, place, 0, slash)) {
            return last;
        }
        close();
        byte[] folder = Arrays.copyOf(place, slash);
        Directory opened = top.openDirectory(folder);
        path = folder;
        open = opened;
        return opened;
    }

    /// The name of `place` in its folder.
    static byte[] name(byte[] place) {
        return Arrays.copyOfRange(place, slash(place) + 1, place.length);
    }

    private static int slash(byte[] place) {
        int at = place.length - 1;
        while (at >= 0 && place[at] != '/') {
            at--;
        }
        if (at < 0) {
            throw new IllegalArgumentException("no folder holds the top itself");
        }
        return at;
    }

    /// Forgets the folder: another one may have its name soon.
    @Override
    public void close() {
        Directory last = open;
        open = null;
        if (last != null) {
            last.close();
        }
    }
}
