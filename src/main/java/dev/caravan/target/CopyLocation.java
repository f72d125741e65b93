package dev.caravan.target;

import dev.caravan.item.Version;
import dev.caravan.ledger.StoredObject;

/// Where a person finds a copy, told from the ledger and the layouts alone: no connection is
/// opened. Below the target's own folder, as bytes, because item names are bytes.
public final class CopyLocation {
    private CopyLocation() {}

    /// On a NAS.
    ///
    /// @param plain whether the version is the one in the plain current tree; otherwise it lies in
    ///   the history
    public static byte[] onNas(Version version, boolean plain) {
        return plain ? NasLayout.plain(version) : NasLayout.history(version.id());
    }

    /// On an SFTP server: the object, and for a segment where in it the member's pax header begins.
    public static String onSftp(StoredObject object, long offset) {
        return SftpLayout.object(object.name()) + (object.segment() ? "#" + offset : "");
    }

    /// In a bucket, below the target's prefix: the key, and for a segment where in it the member's
    /// pax header begins.
    public static String onS3(StoredObject object, long offset) {
        return S3Layout.object(object.name()) + (object.segment() ? "#" + offset : "");
    }

    /// At an endpoint with routes of its own: the file, and for a segment where in it the member's
    /// pax header begins.
    public static String atEndpoint(String endpoint, StoredObject object, long offset) {
        return endpoint
                + (endpoint.endsWith("/") ? "" : "/")
                + object.name()
                + (object.segment() ? "#" + offset : "");
    }

    /// On a cartridge. Blocks are counted from the beginning of the tape, the offset in bytes from
    /// the beginning of the tape file.
    public static String onTape(StoredObject.OnTape tape, long offset) {
        return "%s file %d block %d offset %d"
                .formatted(tape.volume(), tape.file(), tape.block(), offset);
    }
}
