package dev.caravan.posix;

import java.io.IOException;

/// Takes the entries of a directory one by one, as the file system lists them.
@FunctionalInterface
public interface EntryVisitor {

    /// Takes one entry.
    ///
    /// @param name never `.` or `..`
    /// @param folder whether it was a folder when it was listed
    /// @throws IOException to end the listing
    void visit(byte[] name, boolean folder) throws IOException;
}
