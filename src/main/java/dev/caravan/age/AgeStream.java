package dev.caravan.age;

import java.io.InputStream;
import java.util.List;

/// A sealed file that is read from its start.
///
/// @param content closes the file with it
/// @param recipients as [AgeFile#recipients]
public record AgeStream(InputStream content, List<String> recipients, int headerLength) {
    public AgeStream {
        recipients = List.copyOf(recipients);
    }

    /// The bytes of the whole file, if its content has so many.
    public long sealedLength(long plainLength) {
        return Layout.sealedLength(headerLength, plainLength);
    }
}
