package dev.caravan.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Where a path really is: each folder from it up to the root by device and inode where it exists,
/// so that links and bind mounts do not hide that two paths are one. Immutable.
///
/// @param keys of the path and its parents, from itself upwards; a path stands for what does not
///   exist
record Place(List<Object> keys) {
    /// What does not answer stands for itself, as what does not exist.
    static Place of(Path path) {
        return Asked.about(path, () -> found(path)).orElseGet(() -> written(path));
    }

    private static Place written(Path path) {
        List<Object> keys = new ArrayList<>();
        for (Path at = path.toAbsolutePath().normalize(); at != null; at = at.getParent()) {
            keys.add(at);
        }
        return new Place(List.copyOf(keys));
    }

    private static Place found(Path path) {
        Path real = real(path);
        List<Object> keys = new ArrayList<>();
        for (Path at = real; at != null; at = at.getParent()) {
            keys.add(key(at));
        }
        return new Place(List.copyOf(keys));
    }

    boolean isSameAs(Place other) {
        return keys.getFirst().equals(other.keys.getFirst());
    }

    boolean isInside(Place other) {
        return !isSameAs(other) && keys.contains(other.keys.getFirst());
    }

    /// The device the path is on, or would be on; empty where the file system does not say, or does
    /// not answer.
    static Optional<Object> device(Path path) {
        return Asked.about(path, () -> foundDevice(path)).flatMap(found -> found);
    }

    private static Optional<Object> foundDevice(Path path) {
        for (Path at = real(path); at != null; at = at.getParent()) {
            try {
                return Optional.of(Files.getAttribute(at, "unix:dev"));
            } catch (IOException | UnsupportedOperationException notHere) {
                // its parent will do
            }
        }
        return Optional.empty();
    }

    private static Object key(Path path) {
        try {
            Object key =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                            .fileKey();
            return key == null ? path : key;
        } catch (IOException doesNotExist) {
            return path;
        }
    }

    /// The path with all links followed, as far as it exists.
    private static Path real(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        for (Path at = absolute; at != null; at = at.getParent()) {
            try {
                return at.toRealPath().resolve(at.relativize(absolute));
            } catch (IOException doesNotExist) {
                // its parent may
            }
        }
        return absolute;
    }
}
