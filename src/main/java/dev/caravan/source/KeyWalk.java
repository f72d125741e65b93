package dev.caravan.source;

import dev.caravan.item.ItemPath;
import dev.caravan.scan.Selection;
import dev.caravan.scan.Sighting;
import dev.caravan.scan.Sighting.FolderEnd;
import dev.caravan.scan.Sighting.Seen;
import dev.caravan.scan.Sighting.Skipped;
import dev.caravan.scan.Sighting.Unreadable;
import dev.caravan.scan.Sighting.Why;
import dev.caravan.scan.WalkVisitor;
import dev.caravan.target.S3Objects.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Makes a tree of keys, which a bucket lists in the order of their bytes. In memory are the
/// folders that lead to where it is. A key that can not be a path is told and left out: one with an
/// empty part, with `.` or `..`, with a part that is too long for a file system, or below a key
/// that is an object itself. Confined to one thread, used once.
final class KeyWalk {
    /// The longest name that the file systems of Linux take.
    private static final int NAME_BYTES = 255;

    private final ItemPath from;
    private final Selection selection;
    private final WalkVisitor visitor;
    private final Deque<ItemPath> folders = new ArrayDeque<>();

    /// Objects whose keys a later key may begin with: folders of the same path can not be.
    private final Deque<String> objects = new ArrayDeque<>();

    private byte[] before = {};
    private @Nullable ItemPath leftOut;

    KeyWalk(ItemPath from, Selection selection, WalkVisitor visitor) {
        this.from = from;
        this.selection = selection;
        this.visitor = visitor;
    }

    /// What a bucket lists.
    @FunctionalInterface
    interface Keys {
        /// The next object; null after the last.
        @Nullable Entry next() throws IOException;
    }

    void run(Keys keys) throws IOException {
        for (Entry object = keys.next(); object != null; object = keys.next()) {
            byte[] key = object.key().getBytes(StandardCharsets.UTF_8);
            if (before.length > 0 && Arrays.compareUnsigned(before, key) >= 0) {
                throw new IOException(
                        "the server does not list keys in order: '%s' comes after '%s'"
                                .formatted(ItemPath.show(key), ItemPath.show(before)));
            }
            before = key;
            while (!objects.isEmpty() && !object.key().startsWith(objects.element())) {
                objects.pop();
            }
            take(object);
        }
        leaveTo(from);
        visitor.sighted(new FolderEnd(from, true));
    }

    private void take(Entry object) throws IOException {
        boolean marker = object.key().endsWith("/");
        String named = marker ? object.key().substring(0, object.key().length() - 1) : object.key();
        ItemPath path = path(named);
        if (path == null) {
            ItemPath folder = folders.isEmpty() ? from : folders.element();
            visitor.sighted(
                    new Unreadable(folder.child(asName(object.key())), "its key can be no path"));
            return;
        }
        if (path.isAtOrBelow(from) && path.length() == from.length()
                || leftOut != null && path.isAtOrBelow(leftOut)) {
            return; // the marker of the folder that is walked, or in one that is left out
        }
        leaveTo(marker ? path : path.parent());
        if (!enter(marker ? path : path.parent(), marker ? object.modified() : Instant.EPOCH)) {
            return;
        }
        if (marker) {
            if (object.size() > 0) {
                visitor.sighted(
                        new Unreadable(
                                path.child(asName(object.key())),
                                "its key is that of a folder, which has no bytes"));
            }
            return;
        }
        String whyNot = selection.whyNot(path, false);
        visitor.sighted(
                whyNot != null
                        ? new Skipped(path, whyNot, Why.EXCLUDED)
                        : path.name().length > NAME_BYTES
                                ? tooLong(path)
                                : BucketRoot.file(path, object));
        objects.push(object.key());
    }

    /// Tells the folders that lead to a path.
    ///
    /// @param modified of the last of them
    /// @return whether it is not left out
    private boolean enter(ItemPath folder, Instant modified) throws IOException {
        ItemPath top = folders.isEmpty() ? from : folders.element();
        if (folder.length() <= top.length()) {
            return true;
        }
        if (!enter(folder.parent(), Instant.EPOCH)) {
            return false;
        }
        Sighting sighting = folderSighting(folder, modified);
        visitor.sighted(sighting);
        if (sighting instanceof Seen) {
            folders.push(folder);
            return true;
        }
        leftOut = folder;
        return false;
    }

    private Sighting folderSighting(ItemPath folder, Instant modified) {
        String whyNot = selection.whyNot(folder, true);
        if (whyNot != null) {
            return new Skipped(folder, whyNot, Why.EXCLUDED);
        }
        if (folder.name().length > NAME_BYTES) {
            return tooLong(folder);
        }
        if (objects.contains(BucketRoot.key(folder))) {
            return new Unreadable(
                    folder.child(asName(BucketRoot.key(folder) + "/…")),
                    "'%s' is an object: it can be no folder too".formatted(folder));
        }
        return BucketRoot.folder(folder, modified);
    }

    private static Skipped tooLong(ItemPath path) {
        return new Skipped(path, "a name longer than " + NAME_BYTES + " bytes", Why.OVER_LONG);
    }

    /// Ends the folders that a path is not in.
    private void leaveTo(ItemPath folder) throws IOException {
        while (!folders.isEmpty() && !folder.isAtOrBelow(folders.element())) {
            visitor.sighted(new FolderEnd(folders.pop(), true));
        }
    }

    private static @Nullable ItemPath path(String key) {
        try {
            return key.isEmpty() ? null : ItemPath.of(key.getBytes(StandardCharsets.UTF_8));
        } catch (IllegalArgumentException notOne) {
            return null;
        }
    }

    /// A name under which a key that is no path can be told.
    private static byte[] asName(String key) {
        return ("key " + key)
                .replace('/', '\\')
                .replace('\0', '?')
                .getBytes(StandardCharsets.UTF_8);
    }
}
