package dev.caravan.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;

/// Files that are there whole or not at all, also after a power cut.
public final class SmallFile {
    public static final FileAttribute<Set<PosixFilePermission>> PRIVATE = mode("rw-------");
    public static final FileAttribute<Set<PosixFilePermission>> READABLE = mode("rw-r--r--");

    /// Ends the names of what is not whole yet.
    static final String PART = ".part";

    private SmallFile() {}

    private static FileAttribute<Set<PosixFilePermission>> mode(String text) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
    }

    /// Writes a file; one that has this content already is left as it is, so that no scan takes it
    /// for a new one.
    public static void write(Path file, byte[] content, FileAttribute<?> mode) throws IOException {
        if (Files.isRegularFile(file) && Arrays.equals(Files.readAllBytes(file), content)) {
            return;
        }
        Path part = file.resolveSibling(file.getFileName() + PART);
        Files.deleteIfExists(part);
        fill(part, content, mode);
        publish(part, file);
    }

    /// Makes a new file.
    ///
    /// @throws java.nio.file.FileAlreadyExistsException if there is one already, which stays
    public static void create(Path file, byte[] content, FileAttribute<?> mode) throws IOException {
        fill(file, content, mode);
        syncFolderOf(file);
    }

    private static void fill(Path file, byte[] content, FileAttribute<?> mode) throws IOException {
        try (FileChannel out =
                FileChannel.open(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        mode)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                out.write(left);
            }
            out.force(true);
        }
    }

    /// Gives what is on disk its name.
    static void publish(Path part, Path file) throws IOException {
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        syncFolderOf(file);
    }

    private static void syncFolderOf(Path file) throws IOException {
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent())) {
            folder.force(true);
        }
    }
}
