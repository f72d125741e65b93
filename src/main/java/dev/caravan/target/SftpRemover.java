package dev.caravan.target;

import dev.caravan.item.Version;
import dev.caravan.ledger.Removals.Whole;
import dev.caravan.target.TargetException.Remedy;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.sshd.sftp.client.SftpClient.CloseableHandle;
import org.apache.sshd.sftp.client.SftpClient.DirEntry;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;
import org.jspecify.annotations.Nullable;

/// Removes objects from an SFTP server: of a large file first its line in the manifest, then the
/// object; a segment describes itself and goes alone. An object that is not as long as it was
/// written is left alone. Doing it twice, or after a kill, does no harm. Confined to one thread.
///
/// A manifest keeps its time, by which a rebuild goes, and gets a new name, because a rename never
/// replaces here; the old one goes when the new one is durable.
public final class SftpRemover implements AutoCloseable {
    private static final Pattern MANIFEST = Pattern.compile("([a-z0-9-]{3,64}?)(-r(\\d{1,6}))?");
    private static final String SUFFIX = ".jsonl";
    private static final int MOST_BYTES = 512 << 20;

    private final String target;
    private final SftpAddress address;
    private final String prefix;
    private final SftpConnector connector;

    /// @param identity that the ledger knows the target by, as [SftpProof#identity]
    /// @param homeId of this home
    /// @throws TargetException if it can not be reached, or is another one
    public SftpRemover(String target, SftpAddress address, @Nullable String identity, String homeId)
            throws TargetException {
        this.target = target;
        this.address = address;
        this.prefix = homeId.substring(0, 8) + "-";
        this.connector = new SftpConnector(address);
        if (identity == null) {
            throw new TargetException(
                    Remedy.PERSON, "target '%s': nothing was ever proven there".formatted(target));
        }
        try (SftpReader reader = new SftpReader(target, address)) {
            reader.check(identity);
        }
    }

    /// Removes objects.
    ///
    /// @throws TargetException if the server fails: then what was removed is not known
    public Removed remove(List<Whole> objects) throws TargetException {
        List<Version> gone = new ArrayList<>();
        List<String> left = new ArrayList<>();
        long bytes = 0;
        try (SftpConnection sftp = connector.connect()) {
            List<Version> described = new ArrayList<>();
            Set<String> names = new HashSet<>();
            for (Whole object : objects) {
                if (!object.segment()) {
                    described.addAll(object.versions());
                    names.add(object.name());
                }
            }
            if (!described.isEmpty()) {
                dropLines(sftp, new ManifestLines(described), names);
            }
            for (Whole object : objects) {
                String path = address.path(SftpLayout.object(object.name()));
                long size = size(sftp, path);
                if (size >= 0 && size != object.bytes()) {
                    left.add(
                            "object '%s' has %d bytes, %d were written: it is left alone, look at it"
                                    .formatted(object.name(), size, object.bytes()));
                    continue;
                }
                sftp.removeIfThere(path);
                bytes += Math.max(0, size);
                gone.addAll(object.versions());
            }
        } catch (IOException failed) {
            throw SftpConnection.failure("target '" + target + "' at " + address.uri(""), failed);
        }
        return new Removed(gone, bytes, left);
    }

    /// @return below 0 if it is not there
    private static long size(SftpConnection sftp, String path) throws IOException {
        try (CloseableHandle handle = sftp.openToRead(path)) {
            return sftp.size(handle);
        } catch (SftpException absent) {
            if (absent.getStatus() == SftpConstants.SSH_FX_NO_SUCH_FILE) {
                return -1;
            }
            throw absent;
        }
    }

    private void dropLines(SftpConnection sftp, ManifestLines lines, Set<String> objects)
            throws IOException {
        List<String> names = new ArrayList<>();
        for (DirEntry entry : sftp.list(address.path(SftpLayout.MANIFESTS))) {
            String file = entry.getFilename();
            if (entry.getAttributes().isRegularFile() && file.endsWith(SUFFIX)) {
                String name = file.substring(0, file.length() - SUFFIX.length());
                if (MANIFEST.matcher(name).matches()) {
                    names.add(name);
                }
            }
        }
        for (String name : names) {
            String path = address.path(SftpLayout.manifest(name));
            byte[] before = sftp.readWhole(path, MOST_BYTES);
            if (before != null && Decryption.isEncrypted(before)) {
                if (objects.contains(name)) { // it is of that one alone
                    sftp.removeIfThere(path);
                }
                continue;
            }
            byte[] after = before == null ? null : lines.without(before);
            if (after != null && after.length > 0) {
                replace(sftp, name, after, sftp.modified(path));
            }
            if (after != null) {
                sftp.removeIfThere(path);
            }
        }
    }

    private void replace(SftpConnection sftp, String name, byte[] text, Instant written)
            throws IOException {
        Matcher form = MANIFEST.matcher(name);
        boolean named = form.matches();
        int number = named && form.group(3) != null ? Integer.parseInt(form.group(3)) : 0;
        String stem = named && form.group(1) != null ? form.group(1) : name;
        while (true) {
            number++;
            String path = address.path(SftpLayout.manifest(stem + "-r" + number));
            byte[] there = sftp.readWhole(path, MOST_BYTES);
            if (there != null && Arrays.equals(there, text)) {
                sftp.setModified(path, written); // a kill may lie between its name and its time
                return;
            }
            if (there == null) {
                String temporary = address.path(SftpLayout.incoming(prefix + "manifest.part"));
                sftp.removeIfThere(temporary);
                sftp.writeDurably(temporary, path, text);
                sftp.setModified(path, written);
                sftp.syncName(path);
                return;
            }
        }
    }

    @Override
    public void close() {
        connector.close();
    }
}
