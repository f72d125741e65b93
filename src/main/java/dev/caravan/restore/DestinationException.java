package dev.caravan.restore;

import dev.caravan.item.ItemPath;
import dev.caravan.posix.Errno;
import dev.caravan.posix.PosixException;
import java.io.IOException;

/// The place that is restored to failed: no other copy can help.
final class DestinationException extends IOException {
    DestinationException(IOException cause) {
        super(cause.getMessage(), cause);
    }

    /// Whether the next item would fail likewise, so that it is said once. All else is about one
    /// item: there is something in its way, or its name or kind can not be had there.
    static boolean isAsAWhole(ItemPath item, IOException failed) {
        return failed instanceof PosixException posix
                && switch (posix.errno()) {
                    case Errno.ENOSPC,
                            Errno.EDQUOT,
                            Errno.EROFS,
                            Errno.EIO,
                            Errno.ESTALE,
                            Errno.ENODEV,
                            Errno.EMFILE,
                            Errno.ENFILE,
                            Errno.ENOMEM ->
                            true;
                    case Errno.EACCES -> item.parent().isRoot();
                    default -> false;
                };
    }
}
