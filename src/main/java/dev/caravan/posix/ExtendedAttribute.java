package dev.caravan.posix;

/// One extended attribute, xattr(7); `name` includes its namespace, such as `user.`. Immutable by
/// convention: the value is not changed.
@SuppressWarnings("ArrayRecordComponent")
public record ExtendedAttribute(String name, byte[] value) {}
