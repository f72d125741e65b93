package dev.caravan.restore;

import dev.caravan.item.ItemPath;
import dev.caravan.item.Version;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Versions that can be brought back side by side into one folder: no two of a path, nothing below
/// what is a file, and no two names of one file, because only one of them would be read.
final class SideBySide {
    private final List<Version> versions = new ArrayList<>();
    private final Set<ItemPath> files = new HashSet<>();
    private final Set<ItemPath> folders = new HashSet<>();
    private final Set<Outcomes.LinkKey> links = new HashSet<>();

    private SideBySide() {}

    /// All of these, in as few groups as come of taking them in their order.
    static List<List<Version>> groups(List<Version> sample) {
        List<SideBySide> groups = new ArrayList<>();
        for (Version version : sample) {
            SideBySide group =
                    groups.stream()
                            .filter(each -> each.takes(version))
                            .findFirst()
                            .orElseGet(() -> {
                                SideBySide more = new SideBySide();
                                groups.add(more);
                                return more;
                            });
            group.add(version);
        }
        return groups.stream().map(group -> group.versions).toList();
    }

    private boolean takes(Version version) {
        ItemPath path = version.path();
        if (folders.contains(path) || links.contains(Outcomes.LinkKey.of(version))) {
            return false;
        }
        for (ItemPath at = path; !at.isRoot(); at = at.parent()) {
            if (files.contains(at)) {
                return false;
            }
        }
        return true;
    }

    private void add(Version version) {
        versions.add(version);
        files.add(version.path());
        for (ItemPath at = version.path().parent(); !at.isRoot(); at = at.parent()) {
            folders.add(at);
        }
        if (version.metadata().hardLinked()) {
            links.add(Outcomes.LinkKey.of(version));
        }
    }
}
