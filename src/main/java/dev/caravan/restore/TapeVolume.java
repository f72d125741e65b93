package dev.caravan.restore;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/// A loaded tape volume that is read as it is, tape file by tape file. This package knows no
/// drives: whoever composes the program brings one. Confined to one thread.
public interface TapeVolume extends AutoCloseable {

    String barcode();

    /// The id in its label.
    String uuid();

    /// Where a tape file lies.
    ///
    /// @param file its number, the volume file being 0
    /// @param block its first block
    /// @param bytes its length
    /// @param committed whether a filemark is behind it
    record Span(int file, long block, long bytes, boolean committed) {}

    /// Where all tape files lie, found without reading them; nothing where the drive cannot tell
    /// its position.
    Optional<List<Span>> spans() throws IOException;

    /// Opens a tape file at any byte of it.
    InputStream open(Span span, long offset) throws IOException;

    /// Goes to the beginning of a tape file, whatever happened before.
    ///
    /// @return false if there is no such tape file
    boolean goTo(int file) throws IOException;

    /// The next tape file; nothing where the data ends.
    Optional<File> next() throws IOException;

    /// A tape file that is being read.
    interface File {
        int file();

        /// Its first block; -1 if that is not known.
        long block();

        /// Its bytes, to its filemark or to where the data ends.
        InputStream in();

        /// Reads what is left of it, so that the next one can be had.
        void finish() throws IOException;
    }

    @Override
    void close() throws IOException;
}
