package dev.caravan.item;

/// What an item is. Devices, sockets and FIFOs are not items: they are counted as skipped.
public enum Kind {
    FILE,
    FOLDER,
    SYMLINK
}
