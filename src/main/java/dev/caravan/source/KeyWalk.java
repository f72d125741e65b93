package dev.caravan.source;

import dev.caravan.item.ItemPath;
import dev.caravan.scan.Selection;
import dev.caravan.scan.Sighting.FolderEnd;
import dev.caravan.scan.Sighting.Skipped;
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
/// empty part, with `.` or `..`, or with a part that is too long for a file system. Where a key is
/// an object and others lie below it, it is a folder, and its bytes are told to have no place; an
/// empty one only stands for the folder, as many programs make them. Confined to one thread, used
/// once.
final class KeyWalk {
    /// The longest name that the file systems of Linux take.
    private static final int NAME_BYTES = 255;

    private final ItemPath from;
    private final Selection selection;
    private final WalkVisitor visitor;
    private final Deque<ItemPath> folders = new ArrayDeque<>();

    /// Objects that a later key may show to be folders; each key begins with the one below it.
    private final Deque<Entry> waiting = new ArrayDeque<>();

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
            while (!waiting.isEmpty() && !object.key().startsWith(waiting.element().key())) {
                tell(waiting.pop());
            }
            take(object);
        }
        while (!waiting.isEmpty()) {
            tell(waiting.pop());
        }
        leaveTo(from);
        visitor.sighted(new FolderEnd(from, true));
    }

    private void take(Entry object) throws IOException {
        boolean marker = object.key().endsWith("/");
        ItemPath path =
                path(marker ? object.key().substring(0, object.key().length() - 1) : object.key());
        if (path == null) {
            ItemPath folder = folders.isEmpty() ? from : folders.element();
            visitor.sighted(noPath(folder, object, "its key can be no path"));
        } else if (path.length() == from.length() || leftOut != null && path.isAtOrBelow(leftOut)) {
            return; // the marker of the folder that is walked, or in one that is left out
        } else if (marker) {
            leaveTo(path);
            enter(path, object);
        } else {
            leaveTo(path.parent());
            if (enter(path.parent(), null)) {
                waiting.push(object);
            }
        }
    }

    private void tell(Entry object) throws IOException {
        ItemPath path = ItemPath.of(object.key().getBytes(StandardCharsets.UTF_8));
        String whyNot = selection.whyNot(path, false);
        visitor.sighted(
                whyNot != null
                        ? new Skipped(path, whyNot, Why.EXCLUDED)
                        : path.name().length > NAME_BYTES
                                ? tooLong(path)
                                : BucketRoot.file(path, object));
    }

    /// Tells the folders that lead to a path.
    ///
    /// @param object that stands for the last of them; null if there is none that is known of
    /// @return whether it is not left out
    private boolean enter(ItemPath folder, @Nullable Entry object) throws IOException {
        ItemPath top = folders.isEmpty() ? from : folders.element();
        if (folder.length() <= top.length()) {
            return true;
        }
        if (!enter(folder.parent(), null)) {
            return false;
        }
        Entry same = takeWaiting(BucketRoot.key(folder));
        String whyNot = selection.whyNot(folder, true);
        if (whyNot != null || folder.name().length > NAME_BYTES) {
            visitor.sighted(
                    whyNot != null ? new Skipped(folder, whyNot, Why.EXCLUDED) : tooLong(folder));
            leftOut = folder;
            if (same != null) {
                tell(same); // with nothing below it that is wanted it is a file
            }
            return false;
        }
        Entry standsForIt = object != null ? object : same;
        visitor.sighted(
                BucketRoot.folder(
                        folder, standsForIt == null ? Instant.EPOCH : standsForIt.modified()));
        folders.push(folder);
        tellBytesOf(folder, same);
        tellBytesOf(folder, object);
        return true;
    }

    private void tellBytesOf(ItemPath folder, @Nullable Entry object) throws IOException {
        if (object != null && object.size() > 0) {
            visitor.sighted(noPath(folder, object, "its key is that of a folder too"));
        }
    }

    private @Nullable Entry takeWaiting(String key) {
        for (Entry each : waiting) {
            if (each.key().equals(key)) {
                waiting.remove(each);
                return each;
            }
        }
        return null;
    }

    private static Skipped noPath(ItemPath folder, Entry object, String why) {
        return new Skipped(folder.child(asName(object.key())), why, Why.NO_PATH);
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
