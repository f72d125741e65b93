package dev.caravan.restore;

import dev.caravan.item.ItemPath;
import dev.caravan.posix.Directory;
import dev.caravan.posix.Errno;
import dev.caravan.posix.OpenFile;
import dev.caravan.posix.PosixException;
import dev.caravan.posix.Stat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a restore has done so far, in a file `.caravan-restore` in the folder it goes to, so that
/// one that was killed goes on when it is run again. It is gone when the restore is over. Its
/// lines:
///
/// - `caravan-restore 1 HOME`: whose version ids it has
/// - `D MODE PATH`: a folder was made; the mode it has in the end, in octal, unless it is an item;
///   the path in base64. `D - PATH`: it is about to be made, and has that mode already until it is
///   closed to others, which is after the other line
/// - `F VERSION INODE SECONDS NANOSECONDS`: a file has its name, and its inode had this change time
///   then, which no program can set
///
/// It helps, and nothing hangs on it: a line that is lost costs reading a file, or leaves a
/// folder's time to a restore with overwriting. Thread-safe.
public final class Journal implements AutoCloseable {
    /// The mode of a folder that was not made when its line was written.
    static final int NOT_YET = -1;

    private static final byte[] NAME = ".caravan-restore".getBytes(StandardCharsets.US_ASCII);
    private static final String FORM = "caravan-restore 1 ";

    private final Directory root;
    private final boolean goesOn;
    private final Map<ItemPath, Integer> folders = new LinkedHashMap<>();
    private final Map<Long, Mark> files = new HashMap<>();
    private @Nullable OpenFile file;

    private record Mark(long inode, long seconds, int nanos) {
        static Mark of(Stat stat) {
            return new Mark(
                    stat.inode(), stat.changed().getEpochSecond(), stat.changed().getNano());
        }
    }

    private Journal(Directory root, @Nullable OpenFile file, boolean goesOn) {
        this.root = root;
        this.file = file;
        this.goesOn = goesOn;
    }

    /// Begins a journal, or goes on with that of a restore that died. Where none can be kept there
    /// is none.
    ///
    /// @param root stays the caller's to close, after this
    /// @param home id of the home that restores
    /// @throws IOException if another restore is at work in this folder
    public static Journal open(Directory root, String home) throws IOException {
        boolean found = true;
        OpenFile file;
        try {
            file = root.openToChange(NAME);
        } catch (PosixException none) {
            found = false;
            try {
                file = root.createFile(NAME, 0600);
            } catch (PosixException readOnly) {
                return new Journal(root, null, false);
            }
        }
        try {
            return open(root, home, file, found);
        } catch (IOException | RuntimeException failed) {
            file.close();
            throw failed;
        }
    }

    private static Journal open(Directory root, String home, OpenFile file, boolean found)
            throws IOException {
        Stat stat = file.stat();
        if (!stat.isFile() || stat.uid() != Directory.effectiveUser()) {
            file.close();
            return new Journal(root, null, false);
        }
        try {
            if (!file.tryLock()) {
                throw new IOException("another restore is at work there: wait for its end");
            }
        } catch (PosixException failed) {
            if (!Pending.lockless(failed)) {
                throw failed;
            }
        }
        Journal journal = new Journal(root, file, found);
        if (found) {
            journal.read(stat.size(), home);
        }
        journal.append("\n" + FORM + home + "\n");
        return journal;
    }

    private void read(long size, String home) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 16];
        OpenFile from = Objects.requireNonNull(file);
        int count;
        while (all.size() < size && (count = from.read(buffer, 0, buffer.length)) > 0) {
            all.write(buffer, 0, count);
        }
        boolean ours = false;
        for (String line : all.toString(StandardCharsets.US_ASCII).split("\n", -1)) {
            if (line.startsWith(FORM)) {
                ours = line.equals(FORM + home);
            } else {
                readLine(line, ours);
            }
        }
    }

    /// A line that was cut off, and what is no line of ours, is as good as none.
    private void readLine(String line, boolean ours) {
        String[] word = line.split(" ", -1);
        try {
            if (word.length == 3 && word[0].equals("D")) {
                folders.put(
                        ItemPath.of(Base64.getDecoder().decode(word[2])),
                        word[1].equals("-") ? NOT_YET : Integer.parseInt(word[1], 8) & 07777);
            } else if (word.length == 5 && word[0].equals("F") && ours) {
                files.put(
                        Long.parseLong(word[1]),
                        new Mark(
                                Long.parseLong(word[2]),
                                Long.parseLong(word[3]),
                                Integer.parseInt(word[4])));
            }
        } catch (IllegalArgumentException cutOff) {
            return;
        }
    }

    private synchronized void append(String lines) {
        OpenFile open = file;
        if (open == null) {
            return;
        }
        byte[] bytes = lines.getBytes(StandardCharsets.US_ASCII);
        try {
            open.writeAt(open.stat().size(), bytes, 0, bytes.length);
        } catch (PosixException full) {
            // The restore itself is about to fail likewise, and says so.
            return;
        }
    }

    static boolean isName(byte[] name) {
        return Arrays.equals(name, NAME);
    }

    /// Whether a restore began here and did not come to its end.
    boolean goesOn() {
        return goesOn;
    }

    /// The folders that a dead restore made, with the mode each has in the end.
    Map<ItemPath, Integer> folders() {
        return folders;
    }

    void folder(ItemPath path, int mode) {
        String shown = mode == NOT_YET ? "-" : Integer.toOctalString(mode);
        append("D %s %s\n".formatted(shown, Base64.getEncoder().encodeToString(path.bytes())));
    }

    /// Notes files that have their names now.
    void published(Map<Long, Stat> versions) {
        StringBuilder lines = new StringBuilder();
        versions.forEach((version, stat) -> {
            Mark mark = Mark.of(stat);
            lines.append(
                    "F %d %d %d %d\n".formatted(version, mark.inode, mark.seconds, mark.nanos));
        });
        append(lines.toString());
    }

    /// Whether this is the file that was brought back as this version, and nobody has touched it.
    boolean isUntouched(long version, Stat stat) {
        return Mark.of(stat).equals(files.get(version));
    }

    /// The restore came to its end: there is nothing to go on with.
    public synchronized void done() throws PosixException {
        if (file != null) {
            try {
                root.removeFile(NAME);
            } catch (PosixException gone) {
                if (!gone.is(Errno.ENOENT)) {
                    throw gone;
                }
            }
        }
    }

    @Override
    public synchronized void close() throws PosixException {
        OpenFile open = file;
        file = null;
        if (open != null) {
            open.close();
        }
    }
}
