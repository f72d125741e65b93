package dev.caravan.posix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Extended attributes of an open file or folder.
final class Xattrs {

    private static final String USER = "user.";

    /// Access control lists, acl(5), as the kernel keeps them: with numeric ids.
    private static final Set<String> LISTS =
            Set.of("system.posix_acl_access", "system.posix_acl_default");

    private Xattrs() {}

    /// Those in the `user.` namespace, and access control lists; none where the file system has no
    /// such thing.
    static List<ExtendedAttribute> read(int fd, byte[] shownAs) throws PosixException {
        long any = Syscalls.flistxattr(fd, MemorySegment.NULL, 0);
        if (any == 0 || any == -Errno.EOPNOTSUPP) {
            return List.of();
        }
        List<ExtendedAttribute> found = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment list = arena.allocate(Abi.XATTR_LIST_MAX);
            MemorySegment value = arena.allocate(Abi.XATTR_SIZE_MAX);
            long length = Syscalls.flistxattr(fd, list, list.byteSize());
            PosixException.check("list attributes of", shownAs, length);
            byte[] names = list.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            int start = 0;
            for (int end = 0; end < names.length; end++) {
                if (names[end] == 0) {
                    String name = text(Arrays.copyOfRange(names, start, end), shownAs);
                    start = end + 1;
                    if (name.startsWith(USER) || LISTS.contains(name)) {
                        long size = get(arena, fd, name, value);
                        if (size == -Errno.ENODATA) {
                            continue; // removed since it was listed
                        }
                        PosixException.check("read attribute " + name + " of", shownAs, size);
                        found.add(
                                new ExtendedAttribute(
                                        name,
                                        value.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE)));
                    }
                }
            }
        }
        return found;
    }

    private static long get(Arena arena, int fd, String name, MemorySegment value) {
        return Syscalls.fgetxattr(fd, arena.allocateFrom(name), value, value.byteSize());
    }

    /// A name that is no UTF-8 can not be given as text: that is said, not glossed over.
    private static String text(byte[] name, byte[] shownAs) throws PosixException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(name)).toString();
        } catch (CharacterCodingException notUtf8) {
            throw new PosixException("decode attribute names of", shownAs, Errno.EILSEQ);
        }
    }

    static void write(int fd, byte[] shownAs, String name, byte[] value) throws PosixException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, value);
            PosixException.check(
                    "set attribute " + name + " of",
                    shownAs,
                    Syscalls.fsetxattr(fd, arena.allocateFrom(name), bytes, value.length, 0));
        }
    }
}
