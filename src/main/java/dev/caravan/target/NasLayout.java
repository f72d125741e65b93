package dev.caravan.target;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.PosixException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;

/// Where things lie on a NAS: `<source>/…` is the plain current tree, and beside it `.caravan/`
/// with `sentinel`, `incoming`, `history` (old versions, named by their id) and `manifests`. The
/// place of an old version follows from its id, so no update of the ledger can lose it.
public final class NasLayout {
    static final String OWN = ".caravan";

    /// What shows that the folder is the NAS, as seen from it.
    public static final String SENTINEL_FILE = OWN + "/sentinel";

    static final byte[] SENTINEL = bytes(SENTINEL_FILE);
    static final byte[] INCOMING = bytes(OWN + "/incoming");
    static final byte[] HISTORY = bytes(OWN + "/history");
    static final byte[] MANIFESTS = bytes(OWN + "/manifests");

    private NasLayout() {}

    /// Makes a folder a NAS target of Caravan: the operator's own act, because an empty folder may
    /// as well be the mount point of a NAS that is not mounted. Harmless if it is one already.
    ///
    /// @return the sentinel's id
    public static String create(Path root) throws IOException {
        java.nio.file.Files.createDirectories(root);
        try (Directory nas = Directory.open(root)) {
            for (String folder : new String[] {OWN, OWN + "/incoming"}) {
                makeFolder(nas, bytes(folder));
            }
            makeFolder(nas, HISTORY);
            makeFolder(nas, MANIFESTS);
            try {
                return readSentinel(nas);
            } catch (PosixException none) {
                if (!none.is(Errno.ENOENT)) {
                    throw none;
                }
            }
            String id = UUID.randomUUID().toString();
            writeSentinel(nas, id);
            return id;
        }
    }

    private static void writeSentinel(Directory nas, String id) throws IOException {
        byte[] temporary = bytes(OWN + "/sentinel.part");
        try {
            nas.removeFile(temporary);
        } catch (PosixException none) {
            if (!none.is(Errno.ENOENT)) {
                throw none;
            }
        }
        byte[] text =
                ("{\"caravan\":\"nas\",\"id\":\"%s\"}\n".formatted(id))
                        .getBytes(StandardCharsets.UTF_8);
        try (OpenFile file = nas.createFile(temporary, 0644)) {
            file.write(text, 0, text.length);
            file.sync();
        }
        nas.rename(temporary, nas, SENTINEL, false);
        nas.syncFileSystem();
    }

    static String readSentinel(Directory nas) throws IOException {
        byte[] text = new byte[256];
        int length;
        try (OpenFile file = nas.openFile(SENTINEL)) {
            length = Math.max(0, file.read(text, 0, text.length));
        }
        String json = new String(text, 0, length, StandardCharsets.UTF_8);
        int at = json.indexOf("\"id\":\"");
        int end = at < 0 ? -1 : json.indexOf('"', at + 6);
        if (end < 0) {
            throw new IOException("sentinel holds '" + ItemPath.show(bytes(json)) + "', no id");
        }
        return json.substring(at + 6, end);
    }

    static void makeFolder(Directory nas, byte[] path) throws PosixException {
        try {
            nas.makeDirectory(path, 0755);
        } catch (PosixException failed) {
            if (!failed.is(Errno.EEXIST)) {
                throw failed;
            }
        }
    }

    static byte[] plain(Version version) {
        return plain(version.source(), version.path());
    }

    static byte[] plain(String source, ItemPath path) {
        byte[] name = bytes(source);
        if (path.isRoot()) {
            return name;
        }
        byte[] below = path.bytes();
        byte[] all = new byte[name.length + 1 + below.length];
        System.arraycopy(name, 0, all, 0, name.length);
        all[name.length] = '/';
        System.arraycopy(below, 0, all, name.length + 1, below.length);
        return all;
    }

    /// History is split by the id's last two digits: a folder of a million names is slow to list.
    static byte[] history(long versionId) {
        return bytes("%s/history/%02d/%d".formatted(OWN, versionId % 100, versionId));
    }

    static byte[] incoming(String copyName) {
        return bytes(OWN + "/incoming/" + copyName);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
