package dev.caravan.item;

import java.util.Arrays;

/// One extended attribute in the `user.` namespace, the one every user may read and write
/// (xattr(7)), or an access control list (acl(5)), which the kernel gives as `system.posix_acl_…`;
/// `name` includes the prefix. Immutable by convention: the value is not changed.
public record Xattr(String name, byte[] value) {

    public boolean isAccessList() {
        return name.startsWith("system.posix_acl_");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Xattr(String n, byte[] v)
                && name.equals(n)
                && Arrays.equals(value, v);
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return name + "=" + ItemPath.show(value);
    }
}
