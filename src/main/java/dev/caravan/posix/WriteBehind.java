package dev.caravan.posix;

/// Writes a large file out while it is still being written, and has the kernel forget what is out.
/// Nobody reads a copy soon after it was made: without this it fills the memory of the machine with
/// pages, at the cost of what is used there, and the sync at the end waits for all of them at once.
public final class WriteBehind {
    /// How much is written out at a time; up to twice as much lies in memory.
    public static final long WINDOW = 32L << 20;

    private WriteBehind() {}

    /// Called each time a further window of a file may be full: starts writing that one out, waits
    /// for the one before it and lets go of that. A file system that can not do it is left alone.
    ///
    /// @param written a multiple of [#WINDOW], at least one
    /// @throws PosixException if what was written before could not be written out
    public static void windowFull(OpenFile file, long written) throws PosixException {
        try {
            file.startWriteOut(written - WINDOW, WINDOW);
        } catch (PosixException refused) {
            if (isUnknown(refused)) {
                return;
            }
            throw refused;
        }
        if (written >= 2 * WINDOW) {
            file.awaitWriteOut(written - 2 * WINDOW, WINDOW);
        }
    }

    /// It was not begun: not known to the file system, not for this kind of file, or not allowed,
    /// as in a container that filters system calls.
    private static boolean isUnknown(PosixException refused) {
        return switch (refused.errno()) {
            case Errno.EINVAL, Errno.ENOSYS, Errno.EOPNOTSUPP, Errno.ESPIPE, Errno.EPERM -> true;
            default -> false;
        };
    }
}
