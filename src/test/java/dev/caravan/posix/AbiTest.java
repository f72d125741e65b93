package dev.caravan.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Holds our figures against those of the C headers of this machine.
class AbiTest {

    private static Map<String, Long> figures() {
        Map<String, Long> figures = new LinkedHashMap<>();
        figures.put("sizeof(struct statx)", Abi.STATX_BYTES);
        figures.put("offsetof(struct statx, stx_nlink)", Abi.STX_NLINK);
        figures.put("offsetof(struct statx, stx_uid)", Abi.STX_UID);
        figures.put("offsetof(struct statx, stx_gid)", Abi.STX_GID);
        figures.put("offsetof(struct statx, stx_mode)", Abi.STX_MODE);
        figures.put("offsetof(struct statx, stx_ino)", Abi.STX_INO);
        figures.put("offsetof(struct statx, stx_size)", Abi.STX_SIZE);
        figures.put("offsetof(struct statx, stx_blocks)", Abi.STX_BLOCKS);
        figures.put("offsetof(struct statx, stx_ctime)", Abi.STX_CTIME);
        figures.put("offsetof(struct statx, stx_mtime)", Abi.STX_MTIME);
        figures.put("offsetof(struct statx, stx_dev_major)", Abi.STX_DEV_MAJOR);
        figures.put("offsetof(struct statx, stx_dev_minor)", Abi.STX_DEV_MINOR);
        figures.put("offsetof(struct statx_timestamp, tv_nsec)", Abi.TV_NSEC);
        figures.put("sizeof(struct open_how)", Abi.OPEN_HOW_BYTES);
        figures.put("offsetof(struct open_how, flags)", Abi.HOW_FLAGS);
        figures.put("offsetof(struct open_how, mode)", Abi.HOW_MODE);
        figures.put("offsetof(struct open_how, resolve)", Abi.HOW_RESOLVE);
        figures.put("sizeof(struct timespec)", Abi.TIMESPEC_BYTES);
        figures.put("offsetof(struct timespec, tv_nsec)", Abi.TV_NSEC);
        figures.put("offsetof(struct dirent64, d_reclen)", Abi.D_RECLEN);
        figures.put("offsetof(struct dirent64, d_type)", Abi.D_TYPE);
        figures.put("offsetof(struct dirent64, d_name)", Abi.D_NAME);
        figures.put("SYS_openat2", Abi.SYS_OPENAT2);
        figures.put("RESOLVE_NO_SYMLINKS", Abi.RESOLVE_NO_SYMLINKS);
        figures.put("RESOLVE_BENEATH", Abi.RESOLVE_BENEATH);
        figures.put("UTIME_OMIT", Abi.UTIME_OMIT);
        figures.put("O_RDONLY", (long) Abi.O_RDONLY);
        figures.put("O_RDWR", (long) Abi.O_RDWR);
        figures.put("O_CREAT", (long) Abi.O_CREAT);
        figures.put("O_EXCL", (long) Abi.O_EXCL);
        figures.put("O_NOCTTY", (long) Abi.O_NOCTTY);
        figures.put("O_NONBLOCK", (long) Abi.O_NONBLOCK);
        figures.put("O_CLOEXEC", (long) Abi.O_CLOEXEC);
        figures.put("O_PATH", (long) Abi.O_PATH);
        figures.put("O_DIRECTORY", (long) Abi.O_DIRECTORY);
        figures.put("O_NOFOLLOW", (long) Abi.O_NOFOLLOW);
        figures.put("SYNC_FILE_RANGE_WAIT_BEFORE", (long) Abi.SYNC_FILE_RANGE_WAIT_BEFORE);
        figures.put("SYNC_FILE_RANGE_WRITE", (long) Abi.SYNC_FILE_RANGE_WRITE);
        figures.put("SYNC_FILE_RANGE_WAIT_AFTER", (long) Abi.SYNC_FILE_RANGE_WAIT_AFTER);
        figures.put("AT_FDCWD", (long) Abi.AT_FDCWD);
        figures.put("AT_SYMLINK_NOFOLLOW", (long) Abi.AT_SYMLINK_NOFOLLOW);
        figures.put("AT_EACCESS", (long) Abi.AT_EACCESS);
        figures.put("AT_REMOVEDIR", (long) Abi.AT_REMOVEDIR);
        figures.put("AT_NO_AUTOMOUNT", (long) Abi.AT_NO_AUTOMOUNT);
        figures.put("AT_EMPTY_PATH", (long) Abi.AT_EMPTY_PATH);
        figures.put("STATX_BASIC_STATS", (long) Abi.STATX_BASIC_STATS);
        figures.put("RENAME_NOREPLACE", (long) Abi.RENAME_NOREPLACE);
        figures.put("SEEK_DATA", (long) Abi.SEEK_DATA);
        figures.put("SEEK_HOLE", (long) Abi.SEEK_HOLE);
        figures.put("POSIX_FADV_SEQUENTIAL", (long) Abi.POSIX_FADV_SEQUENTIAL);
        figures.put("POSIX_FADV_DONTNEED", (long) Abi.POSIX_FADV_DONTNEED);
        figures.put("FALLOC_FL_KEEP_SIZE", (long) Abi.FALLOC_FL_KEEP_SIZE);
        figures.put("FALLOC_FL_PUNCH_HOLE", (long) Abi.FALLOC_FL_PUNCH_HOLE);
        figures.put("LOCK_EX", (long) Abi.LOCK_EX);
        figures.put("LOCK_NB", (long) Abi.LOCK_NB);
        figures.put("S_IFMT", (long) Abi.S_IFMT);
        figures.put("S_IFIFO", (long) Abi.S_IFIFO);
        figures.put("S_IFCHR", (long) Abi.S_IFCHR);
        figures.put("S_IFDIR", (long) Abi.S_IFDIR);
        figures.put("S_IFBLK", (long) Abi.S_IFBLK);
        figures.put("S_IFREG", (long) Abi.S_IFREG);
        figures.put("S_IFLNK", (long) Abi.S_IFLNK);
        figures.put("S_IFSOCK", (long) Abi.S_IFSOCK);
        figures.put("ENOENT", (long) Errno.ENOENT);
        figures.put("EOPNOTSUPP", (long) Errno.EOPNOTSUPP);
        figures.put("ENOTSUP", (long) Errno.EOPNOTSUPP);
        figures.put("ELOOP", (long) Errno.ELOOP);
        figures.put("EDQUOT", (long) Errno.EDQUOT);
        return figures;
    }

    @Test
    void ourFiguresAreThoseOfTheHeaders(@TempDir Path folder) throws Exception {
        assumeTrue(hasCompiler(), "no C compiler (gcc) on this machine");
        StringBuilder program =
                new StringBuilder(
                        """
                        #define _GNU_SOURCE
                        #include <errno.h>
                        #include <dirent.h>
                        #include <fcntl.h>
                        #include <linux/falloc.h>
                        #include <linux/openat2.h>
                        #include <stddef.h>
                        #include <stdio.h>
                        #include <sys/file.h>
                        #include <sys/stat.h>
                        #include <sys/syscall.h>
                        #include <unistd.h>
                        int main(void) {
                        """);
        figures()
                .keySet()
                .forEach(c -> program.append("printf(\"%ld\\n\", (long) (" + c + "));\n"));
        Files.writeString(folder.resolve("figures.c"), program.append("}\n"));
        run(folder, "gcc", "-o", "figures", "figures.c");

        Map<String, Long> printed = new LinkedHashMap<>();
        Iterator<String> lines = run(folder, "./figures").lines().iterator();
        for (String expression : figures().keySet()) {
            printed.put(expression, Long.valueOf(lines.next()));
        }

        assertThat(figures()).isEqualTo(printed);
    }

    /// What the compiler printed on x86-64, so that a machine without one still notices a slip.
    @Test
    void theStructsAreAsTheyWerePrinted() {
        assertThat(figures())
                .containsEntry("sizeof(struct statx)", 256L)
                .containsEntry("offsetof(struct statx, stx_mode)", 28L)
                .containsEntry("offsetof(struct statx, stx_ino)", 32L)
                .containsEntry("offsetof(struct statx, stx_size)", 40L)
                .containsEntry("offsetof(struct statx, stx_ctime)", 96L)
                .containsEntry("offsetof(struct statx, stx_mtime)", 112L)
                .containsEntry("offsetof(struct statx, stx_dev_major)", 136L)
                .containsEntry("sizeof(struct open_how)", 24L)
                .containsEntry("offsetof(struct dirent64, d_name)", 19L);
    }

    private static boolean hasCompiler() throws InterruptedException {
        try {
            return new ProcessBuilder("gcc", "--version").start().waitFor() == 0;
        } catch (IOException none) {
            return false;
        }
    }

    private static String run(Path folder, String... command) throws Exception {
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
