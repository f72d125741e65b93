package dev.caravan.posix;

import java.io.IOException;

/// Takes the entries of a directory one by one, as the file system lists them.
@FunctionalInterface
public interface EntryVisitor {

    /// Takes one entry.
    ///
    /// @param name never `.` or `..`
    /// @param folder whether the file system calls it a folder; it may also not say, so `false` is
    ///   no proof
    /// @throws IOException to end the listing
    void visit(byte[] name, boolean folder) throws IOException;
}
