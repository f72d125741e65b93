package dev.caravan.ledger;

/// Which stretch of a file a part is.
///
/// @param set name of the attempt: parts of two sets are never joined
/// @param number 1 for the first
/// @param count how many the set has
/// @param contentOffset of its first byte in the file
/// @param size bytes of content, holes included
/// @param mostStored by how many bytes of data the file was cut
/// @param hidden whether its member does not bear the name of the file
public record PartOfCopy(
        String set,
        int number,
        int count,
        long contentOffset,
        long size,
        long mostStored,
        boolean hidden) {}
