package dev.caravan.restore;

import dev.caravan.item.Version;
import dev.caravan.posix.Errno;
import dev.caravan.posix.NoAnswerException;
import dev.caravan.posix.PosixException;
import dev.caravan.segment.SegmentFormatException;
import dev.caravan.target.ColdObjectException;
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

    /// The copy is being thawed, there is none other, and it is waited for. Said once of a version.
    default void awaited(Version version, String target, Failure failure) {}

    /// No copy of the version could be used.
    void lost(Version version, String why);

    /// Why a copy could not be used.
    record Failure(String why, Kind kind) {
        /// What a failure says of the copy.
        public enum Kind {
            /// What is there was looked at, and is not the copy.
            WRONG,
            /// It could not be reached.
            UNREACHED,
            /// It must be thawed first, which says nothing of it.
            COLD,
            /// The target as a whole can not be reached, which says nothing of any copy on it.
            AWAY
        }

        static Failure wrong(String why) {
            return new Failure(why, Kind.WRONG);
        }

        static Failure unreached(String why) {
            return new Failure(why, Kind.UNREACHED);
        }

        static Failure unreadable(IOException why) {
            boolean wrong = false;
            boolean away = false;
            boolean cold = false;
            for (Throwable cause = why; cause != null; cause = cause.getCause()) {
                away |= cause instanceof TargetAwayException || cause instanceof NoAnswerException;
                cold |= cause instanceof ColdObjectException;
                wrong |=
                        cause instanceof SegmentFormatException
                                || cause instanceof WrongBytesException
                                || cause instanceof PosixException posix && posix.is(Errno.ENOENT);
            }
            return new Failure(String.valueOf(why.getMessage()), kind(wrong, away, cold));
        }

        private static Kind kind(boolean wrong, boolean away, boolean cold) {
            if (cold) {
                return Kind.COLD;
            }
            if (away) {
                return Kind.AWAY;
            }
            return wrong ? Kind.WRONG : Kind.UNREACHED;
        }
    }
}
