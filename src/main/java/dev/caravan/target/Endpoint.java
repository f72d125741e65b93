package dev.caravan.target;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A target of a kind that Caravan knows nothing of: what it can do is put, get, list and delete,
/// each by a route. Its files lie side by side, under names of `a-z`, `0-9`, `-` and `.`.
/// Thread-safe.
public interface Endpoint {

    /// Puts a file. One of that name is not written over, and one that breaks off is not seen.
    ///
    /// @throws IOException if it, or reading the bytes, failed
    void put(String name, InputStream body, long bytes) throws IOException;

    /// Asks for a file from one of its bytes on.
    ///
    /// @param count how many bytes are wanted, more than none; `Long.MAX_VALUE` for all that follow
    /// @return null if it is not there
    /// @throws TargetException if it cannot be reached
    @Nullable Answer get(String name, long from, long count) throws TargetException;

    /// What an endpoint gave. Closing the stream ends the exchange.
    ///
    /// @param part whether it begins where it was asked to; otherwise at byte 0, and goes to the
    ///   end
    record Answer(InputStream in, boolean part) {}

    /// Removes a file, if it is there.
    ///
    /// @throws TargetException if it cannot be reached, or does not
    void delete(String name) throws TargetException;

    /// A file that is there.
    ///
    /// @param modified when it was put, as the endpoint says; the epoch if it does not
    record Entry(String name, long bytes, Instant modified) {}

    /// All files that are there, ours or not.
    ///
    /// @throws TargetException if it cannot be reached, or gives no list
    List<Entry> list() throws TargetException;

    /// Where a file is, for a person; of the whole endpoint for an empty name.
    String place(String name);
}
