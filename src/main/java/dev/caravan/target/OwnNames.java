package dev.caravan.target;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import dev.caravan.posix.Directory;
import dev.caravan.posix.PosixException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/// Which items can have their names in the tree of a NAS that takes `A` and `a` for one: the second
/// of such a pair would replace the first. Confined to one thread.
final class OwnNames {
    private final Directory nas;
    private final WorkingFolder folder;
    private final boolean foldsCase;
    private final Set<List<Object>> own = new HashSet<>();

    OwnNames(Directory nas, WorkingFolder folder) throws PosixException {
        this.nas = nas;
        this.folder = folder;
        this.foldsCase = nas.statIfAny(NasLayout.SENTINEL_IN_CAPITALS) != null;
    }

    /// Whether nothing else answers to the item's name, or to that of a folder it is in.
    boolean canHave(Version version) throws IOException {
        if (!foldsCase) {
            return true;
        }
        for (ItemPath path = version.path(); !path.isRoot(); path = path.parent()) {
            List<Object> key = List.of(version.source(), path);
            byte[] place = NasLayout.plain(version.source(), path);
            if (!own.contains(key) && nas.statIfAny(place) != null && !isListed(place)) {
                return false;
            }
            own.add(key);
        }
        return true;
    }

    private boolean isListed(byte[] place) throws IOException {
        byte[] name = WorkingFolder.name(place);
        AtomicBoolean listed = new AtomicBoolean();
        folder.of(place)
                .list((each, isFolder) -> {
                    if (Arrays.equals(each, name)) {
                        listed.set(true);
                    }
                });
        return listed.get();
    }
}
