package dev.caravan.target;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.PosixException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Where things lie on a NAS: `<source>/…` is the plain current tree, and beside it `.caravan/`
/// with `sentinel`, `incoming`, `history` (old versions, named by their id) and `manifests`. The
/// place of an old version follows from its id, so no update of the ledger can lose it.
public final class NasLayout {
    static final String OWN = ".caravan";

    /// What shows that the folder is the NAS, as seen from it.
    public static final String SENTINEL_FILE = OWN + "/sentinel";

    static final byte[] SENTINEL = bytes(SENTINEL_FILE);

    /// There where a file system does not tell `A` from `a`, and nowhere else.
    static final byte[] SENTINEL_IN_CAPITALS = bytes(OWN + "/SENTINEL");

    static final byte[] INCOMING = bytes(OWN + "/incoming");
    static final byte[] HISTORY = bytes(OWN + "/history");
    static final byte[] MANIFESTS = bytes(OWN + "/manifests");

    private static final ObjectMapper JSON = new ObjectMapper();

    private NasLayout() {}

    /// Makes a folder a NAS target of Caravan: the operator's own act, because an empty folder may
    /// as well be the mount point of a NAS that is not mounted. Harmless if it is one already.
    ///
    /// @return the sentinel's id
    public static String create(Path root) throws IOException {
        java.nio.file.Files.createDirectories(root);
        try (Directory nas = Directory.open(root)) {
            // old versions lie here without the folders that kept others out
            makeFolder(nas, bytes(OWN), 0700);
            for (byte[] folder : List.of(INCOMING, HISTORY, MANIFESTS)) {
                makeFolder(nas, folder);
            }
            try {
                return readSentinel(nas).id();
            } catch (PosixException none) {
                if (!none.is(Errno.ENOENT)) {
                    throw none;
                }
            }
            String id = UUID.randomUUID().toString();
            writeSentinel(nas, new Sentinel(id, null), false);
            return id;
        }
    }

    private static void writeSentinel(Directory nas, Sentinel sentinel, boolean replace)
            throws IOException {
        byte[] temporary = bytes(OWN + "/sentinel.part");
        try {
            nas.removeFile(temporary);
        } catch (PosixException none) {
            if (!none.is(Errno.ENOENT)) {
                throw none;
            }
        }
        ObjectNode json = JSON.createObjectNode().put("caravan", "nas").put("id", sentinel.id());
        if (sentinel.home() != null) {
            json.put("home", sentinel.home());
        }
        byte[] text = (json + "\n").getBytes(StandardCharsets.UTF_8);
        try (OpenFile file = nas.createFile(temporary, 0644)) {
            file.write(text, 0, text.length);
            file.sync();
        }
        nas.rename(temporary, nas, SENTINEL, replace);
        nas.syncFileSystem();
    }

    /// What the sentinel says.
    ///
    /// @param id of the NAS folder
    /// @param home the id of the home that writes to it; null before its first backup
    record Sentinel(String id, @Nullable String home) {}

    /// Makes a folder the one of this home. Names of old versions are ids of one ledger, so two
    /// homes would take each other's files for their own.
    static void claim(Directory nas, String home) throws IOException {
        writeSentinel(nas, new Sentinel(readSentinel(nas).id(), home), true);
    }

    static Sentinel readSentinel(Directory nas) throws IOException {
        byte[] text = new byte[1024];
        int length;
        try (OpenFile file = nas.openFile(SENTINEL)) {
            length = Math.max(0, file.read(text, 0, text.length));
        }
        return parseSentinel(text, length);
    }

    static Sentinel parseSentinel(byte[] text, int length) throws IOException {
        JsonNode json;
        try {
            json = JSON.readTree(text, 0, length);
        } catch (JsonProcessingException damaged) {
            json = MissingNode.getInstance();
        }
        if (!json.path("id").isTextual()) {
            throw new IOException(
                    "sentinel holds '%s', no id"
                            .formatted(ItemPath.show(Arrays.copyOf(text, length))));
        }
        return new Sentinel(json.path("id").textValue(), json.path("home").textValue());
    }

    static void makeFolder(Directory nas, byte[] path) throws PosixException {
        makeFolder(nas, path, 0755);
    }

    private static void makeFolder(Directory nas, byte[] path, int mode) throws PosixException {
        try {
            nas.makeDirectory(path, mode);
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
