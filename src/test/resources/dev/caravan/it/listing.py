"""listing.py FOLDER: one line for each file, folder and symlink below it, in the order of their bytes.

What it shows must be the same for an original and a copy of it: name, kind, mode, owner, time to the nanosecond,
content, link target, names of the same file, extended attributes, and whether holes stayed holes.
Paths above 4000 bytes, FIFOs, sockets and devices are left out, as Caravan does.
"""

import hashlib
import os
import stat
import sys

BLOCK = 1 << 20
ZEROS = bytes(BLOCK)


def sha256(name, folder, size):
    digest = hashlib.sha256()
    fd = os.open(name, os.O_RDONLY, dir_fd=folder)
    try:
        at = 0
        while at < size:
            try:
                data = os.lseek(fd, at, os.SEEK_DATA)
            except OSError:
                data = size
            while at < data:  # a hole
                digest.update(ZEROS[: min(BLOCK, data - at)])
                at += min(BLOCK, data - at)
            if at < size:
                block = os.pread(fd, BLOCK, at)
                digest.update(block)
                at += len(block)
    finally:
        os.close(fd)
    return digest.hexdigest()


def xattrs(name, folder, kind):
    if kind == "link":
        return ""
    fd = os.open(name, os.O_RDONLY, dir_fd=folder)
    try:
        found = sorted(a for a in os.listxattr(fd) if a.startswith("user."))
        return " ".join(f"{a}={os.getxattr(fd, a).hex()}" for a in found)
    finally:
        os.close(fd)


def walk(folder, prefix, first):
    for name in sorted(os.listdir(folder)):
        raw = os.fsencode(name)
        path = prefix + raw
        if len(path) > 4000:
            continue
        s = os.stat(name, dir_fd=folder, follow_symlinks=False)
        kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
        kind = kinds.get(stat.S_IFMT(s.st_mode))
        if not kind:
            continue
        parts = [repr(path)[1:], kind, f"{s.st_uid}:{s.st_gid}"]
        if kind != "link":
            parts.append(oct(stat.S_IMODE(s.st_mode)))
        parts.append(str(s.st_mtime_ns))
        if kind == "link":
            parts.append("-> " + repr(os.fsencode(os.readlink(name, dir_fd=folder)))[1:])
        if kind == "file":
            parts.append(str(s.st_size))
            parts.append(sha256(name, folder, s.st_size))
            parts.append("sparse" if s.st_blocks * 512 < s.st_size / 2 and s.st_size > BLOCK else "full")
        if kind == "file" and s.st_nlink > 1:
            parts.append("same as " + repr(first.setdefault((s.st_dev, s.st_ino), path))[1:])
        parts.append(xattrs(name, folder, kind))
        print(" ".join(parts))
        if kind == "folder":
            fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
            try:
                walk(fd, path + b"/", first)
            finally:
                os.close(fd)


sys.setrecursionlimit(10000)
walk(os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECTORY), b"", {})
