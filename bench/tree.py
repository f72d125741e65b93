#!/usr/bin/env python3
"""Makes and changes trees of test data. The same arguments give the same bytes on any machine.

tree.py small DIR FILES    files of log-normal size (median 8 KiB, mean 17 KiB) in folders of 50
tree.py large DIR FILES    files of 1 GiB
tree.py mixed DIR FILES    small files, and one of 20 to 60 MiB for every thousand, for bench/kill
tree.py change DIR SEED    edits, adds, renames and deletes about every twentieth file
"""

import os
import random
import shutil
import sys

MIB = 1 << 20
WHEN = 1_700_000_000  # modified times are the same in every run


def write(path, rng, size):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        while size > 0:
            block = min(size, 4 * MIB)
            file.write(rng.randbytes(block))  # incompressible
            size -= block


def small(top, files):
    rng = random.Random(8192)
    for n in range(files):
        path = f"{top}/folder-{n // 50:04d}/file-{n:06d}.dat"
        write(path, rng, min(int(rng.lognormvariate(9.01, 1.23)), 16 * MIB))
        os.utime(path, (WHEN + n, WHEN + n))


def large(top, files):
    rng = random.Random(1024)
    for n in range(files):
        path = f"{top}/large-{n}.dat"
        write(path, rng, 1024 * MIB)
        os.utime(path, (WHEN + n, WHEN + n))


def mixed(top, files):
    small(top, files)
    rng = random.Random(20)
    for n in range(max(1, files // 1000)):
        write(f"{top}/large/large-{n}.dat", rng, rng.randrange(20, 60) * MIB)


def change(top, seed):
    rng = random.Random(seed)
    paths = sorted(os.path.join(folder, name) for folder, _, names in os.walk(top) for name in names)
    for path in rng.sample(paths, max(8, len(paths) // 20)):
        size = os.path.getsize(path)
        match rng.choice(("rewrite", "append", "delete", "rename", "replace", "mode", "touch", "add")):
            case "rewrite":
                write(path, rng, size)
            case "append":
                with open(path, "ab") as file:
                    file.write(rng.randbytes(rng.randrange(1, 20_000)))
            case "delete":
                os.unlink(path)
            case "rename":
                os.rename(path, f"{path}.{rng.randrange(1_000_000)}")
            case "replace":  # a file by a folder
                os.unlink(path)
                write(f"{path}/inside", rng, rng.randrange(20_000))
            case "mode":
                os.chmod(path, rng.choice((0o600, 0o640, 0o644, 0o755)))
            case "touch":
                os.utime(path, (WHEN, WHEN + rng.randrange(1_000_000)))
            case "add":
                write(f"{path}.new-{rng.randrange(1_000_000)}", rng, rng.randrange(100_000))
    large_files = sorted(entry.path for entry in os.scandir(f"{top}/large")) if os.path.isdir(f"{top}/large") else []
    for path in large_files:
        if os.path.isfile(path) and rng.random() < 0.3:  # work that lasts: more moments to be killed at
            shutil.copyfile(path, f"{path}.copying")
            with open(f"{path}.copying", "r+b") as file:
                file.seek(rng.randrange(MIB))
                file.write(rng.randbytes(64))
            os.replace(f"{path}.copying", path)


if __name__ == "__main__":
    what, top, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    {"small": small, "large": large, "mixed": mixed, "change": change}[what](top, number)
