package dev.caravan.restore;

import dev.caravan.item.Version;
import dev.caravan.posix.Errno;
import dev.caravan.posix.PosixException;
import dev.caravan.segment.SegmentFormatException;
import java.io.IOException;

/// Hears what a restore does, for the person who waits for it.
public interface RestoreListener {

    /// A version is back, from this target.
    void restored(Version version, String target);

    /// It was there already, with the right content.
    default void wasThere(Version version) {}

    /// A copy could not be used; another one is tried if `next` says so.
    void failed(Version version, String target, Failure failure, boolean next);

    /// The version wanted has no copy yet: an earlier one of the same item is brought back.
    void earlier(Version wanted, Version taken);

    /// No copy of the version could be used.
    void lost(Version version, String why);

    /// Why a copy could not be used.
    ///
    /// @param wrong what is there was looked at, and is not the copy; otherwise it could not be
    ///   reached
    record Failure(String why, boolean wrong) {
        static Failure unreadable(IOException why) {
            boolean wrong = false;
            boolean away = false;
            for (Throwable cause = why; cause != null; cause = cause.getCause()) {
                away |= cause instanceof TargetAwayException;
                wrong |=
                        cause instanceof SegmentFormatException
                                || cause instanceof WrongBytesException
                                || cause instanceof PosixException posix && posix.is(Errno.ENOENT);
            }
            return new Failure(String.valueOf(why.getMessage()), wrong && !away);
        }
    }
}
