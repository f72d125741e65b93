package dev.caravan.target;

import dev.caravan.item.ItemPath;
import dev.caravan.ledger.ObjectFindings.There;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.sshd.sftp.client.SftpClient.CloseableHandle;
import org.apache.sshd.sftp.client.SftpClient.DirEntry;
import org.apache.sshd.sftp.common.SftpConstants;
import org.apache.sshd.sftp.common.SftpException;
import org.jspecify.annotations.Nullable;

/// A target's folder on an SFTP server that is looked at as it is: its sentinel, its objects, its
/// manifests.
public final class SftpReading implements ObjectReading {
    private static final Pattern NAME = Pattern.compile("[a-z0-9-]{3,64}");
    private static final Pattern MANIFEST = Pattern.compile("([a-z0-9-]{3,64})\\.jsonl");
    private static final Pattern OBJECT =
            Pattern.compile("objects/([a-z0-9-]{2})/(\\1[a-z0-9-]{1,62})");
    private static final int BATCH = 1000;

    private final SftpAddress address;
    private final SftpConnector connector;
    private final String sentinel;
    private final Decryption decryption;

    /// @throws IOException if the server can not be reached, or the folder has no sentinel
    public SftpReading(SftpAddress address, Decryption decryption) throws IOException {
        this.address = address;
        this.decryption = decryption;
        this.connector = new SftpConnector(address);
        boolean done = false;
        try {
            String found = with(sftp -> SftpLayout.sentinel(sftp, address));
            if (found == null) {
                throw new IOException(
                        "%s has no sentinel: is this the right server and directory?"
                                .formatted(address.uri(SftpLayout.OWN)));
            }
            sentinel = found;
            done = true;
        } finally {
            if (!done) {
                connector.close();
            }
        }
    }

    @Override
    public String id() {
        return sentinel;
    }

    private interface Work<T extends @Nullable Object> {
        T on(SftpConnection sftp) throws IOException;
    }

    /// Keeps the connection for the next use unless something was wrong with it.
    private <T extends @Nullable Object> T with(Work<T> work) throws IOException {
        SftpConnection sftp = connector.connection();
        boolean done = false;
        try {
            T result = work.on(sftp);
            done = true;
            return result;
        } catch (IOException failed) {
            throw SftpConnection.failure(address.uri(""), failed);
        } finally {
            if (done) {
                connector.keep(sftp);
            } else {
                sftp.close();
            }
        }
    }

    @Override
    public Decryption decryption() {
        return decryption;
    }

    @Override
    public String method() {
        return "connect+readback+sha256";
    }

    @Override
    public void objects(Objects objects, List<String> strange) throws IOException {
        List<String> folders = new ArrayList<>();
        with(sftp -> {
            for (DirEntry entry : sftp.list(address.path(SftpLayout.OBJECTS))) {
                String name = entry.getFilename();
                if (entry.getAttributes().isDirectory() && name.matches("[a-z0-9-]{2}")) {
                    folders.add(name);
                } else if (!name.equals(".") && !name.equals("..")) {
                    strange.add(shown(SftpLayout.OBJECTS + "/" + name));
                }
            }
            return null;
        });
        for (String folder : folders) {
            with(sftp -> {
                list(sftp, folder, objects, strange);
                return null;
            });
        }
    }

    private void list(SftpConnection sftp, String folder, Objects objects, List<String> strange)
            throws IOException {
        String path = SftpLayout.OBJECTS + "/" + folder;
        List<There> batch = new ArrayList<>(BATCH);
        for (DirEntry entry : sftp.list(address.path(path))) {
            String name = entry.getFilename();
            boolean ours =
                    entry.getAttributes().isRegularFile()
                            && NAME.matcher(name).matches()
                            && name.startsWith(folder);
            if (ours) {
                batch.add(new There(name, entry.getAttributes().getSize()));
            } else if (!name.equals(".") && !name.equals("..")) {
                strange.add(shown(path + "/" + name));
            }
            if (batch.size() == BATCH) {
                objects.take(List.copyOf(batch));
                batch.clear();
            }
        }
        objects.take(batch);
    }

    private static String shown(String text) {
        return ItemPath.show(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public List<Manifest> manifests(List<String> strange) throws IOException {
        List<Manifest> manifests = new ArrayList<>();
        with(sftp -> {
            for (DirEntry entry : sftp.list(address.path(SftpLayout.MANIFESTS))) {
                Matcher form = MANIFEST.matcher(entry.getFilename());
                if (form.matches() && entry.getAttributes().isRegularFile()) {
                    manifests.add(
                            new Manifest(
                                    form.group(1),
                                    entry.getAttributes().getModifyTime().toInstant()));
                } else if (!entry.getFilename().equals(".") && !entry.getFilename().equals("..")) {
                    strange.add(shown(SftpLayout.MANIFESTS + "/" + entry.getFilename()));
                }
            }
            return null;
        });
        manifests.sort(Comparator.comparing(Manifest::written).thenComparing(Manifest::name));
        return manifests;
    }

    @Override
    public void read(Manifest manifest, ManifestReader.Lines lines) throws IOException {
        try (InputStream in = open(SftpLayout.manifest(manifest.name()), 0, 1)) {
            ManifestReader.read(decryption.maybe(in).content(), lines);
        }
    }

    @Override
    public @Nullable String object(@Nullable String said) {
        return named(said);
    }

    static @Nullable String named(@Nullable String said) {
        Matcher form = OBJECT.matcher(said == null ? "" : said);
        return form.matches() ? form.group(2) : null;
    }

    @Override
    public InputStream openObject(String name, long offset, long expected) throws IOException {
        return open(SftpLayout.object(name), offset, expected);
    }

    private InputStream open(String path, long offset, long expected) throws IOException {
        SftpConnection sftp = connector.connection();
        boolean done = false;
        try {
            CloseableHandle handle = sftp.openToRead(address.path(path));
            SftpInput input = sftp.read(handle, offset, expected);
            done = true;
            return new Opened(input, handle, sftp);
        } catch (SftpException refused) {
            if (refused.getStatus() == SftpConstants.SSH_FX_NO_SUCH_FILE) {
                throw new IOException(address.uri(path) + " is not there any more", refused);
            }
            throw SftpConnection.failure(address.uri(path), refused);
        } catch (IOException failed) {
            throw SftpConnection.failure(address.uri(path), failed);
        } finally {
            if (!done) {
                sftp.close();
            }
        }
    }

    /// The connection goes back when it is closed, unless something was wrong with it.
    private final class Opened extends FilterInputStream {
        private final CloseableHandle handle;
        private final SftpConnection sftp;

        Opened(SftpInput input, CloseableHandle handle, SftpConnection sftp) {
            super(input);
            this.handle = handle;
            this.sftp = sftp;
        }

        @Override
        public void close() throws IOException {
            boolean done = false;
            try {
                in.close();
                handle.close();
                done = true;
            } finally {
                if (done) {
                    connector.keep(sftp);
                } else {
                    sftp.close();
                }
            }
        }
    }

    @Override
    public void requireThere() throws IOException {
        String found = with(sftp -> SftpLayout.sentinel(sftp, address));
        if (!sentinel.equals(found)) {
            throw new IOException("%s became another one".formatted(address.uri("")));
        }
    }

    @Override
    public void close() {
        connector.close();
    }
}
