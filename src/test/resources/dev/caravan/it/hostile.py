"""hostile.py FOLDER [BYTES]: fills it with what a backup program must expect, and may not expect.

BYTES is the size of the sparse file, 3 GiB if not given: more than 31 bits, but every pass hashes all of it.
"""

import os
import socket
import sys

top = os.fsencode(sys.argv[1])
os.chdir(top)


def write(name, data=None):
    with open(name, "wb") as file:
        file.write(b"content of " + name if data is None else data)


NAMES = [
    b"new\nline", b"esc\x1b[31m", b"bad-utf8-\xff\xfe", b"x" * 255, "\u00e9".encode() * 127, b"-rf", b"trailing ",
    b"dot.", b"...", "nfc-\u00e9".encode(), "nfd-e\u0301".encode(), "same-\u00e9".encode(), "same-e\u0301".encode(),
    b"*?[]\\", b"${x}", b"{{x}}", b"${header.CaravanCopyName}", b"a b", b"quote'\"", b"back\\slash", b"\\xff", b"%41",
    b"C:\\con", b"a;b&c|d", b"# hash", b"=equals", b"\t", b" ", b".hidden", b"tilde~", b"\xf0\x9f\x9a\x90", b"\xed\xa0\x80",
    b"A", b"a", b"@home", b"12 path=x", b"name.part", b".caravan-restore.part",
]
for name in NAMES:
    write(name)
    os.mkdir(b"in-" + name[:200])
    write(b"in-" + name[:200] + b"/" + name)

for name in (b"empty", b"also-empty"):
    write(name, b"")
os.makedirs(b"folders/empty/inner")
os.makedirs(b".caravan/incoming")
write(b".caravan/sentinel", b"not ours")
write(b".caravan/segment.json", b"not ours either")
os.makedirs(b"deep/.caravan")
write(b"deep/.caravan/index.jsonl", b"{}")

# content of the sizes around blocks and limits
for size in (1, 511, 512, 513, 4096, 262143, 262144, 1048575, 1048576, 1048577, 5000000):
    write(b"size-%d" % size, os.urandom(size))

# sparse: two small extents in a large file; a hole alone
sparse = int(sys.argv[2]) if len(sys.argv) > 2 else 3 << 30
with open("sparse", "wb") as file:
    file.seek(sparse // 3)
    file.write(b"first extent")
    file.seek(sparse - 4096)
    file.write(b"second extent")
    file.truncate(sparse)
with open("hole", "wb") as file:
    file.truncate(3_000_001)

# links
os.symlink(b"nowhere", b"dangling")
os.symlink(b"loop-b", b"loop-a")
os.symlink(b"loop-a", b"loop-b")
os.symlink(b"..", b"folders/up")
os.symlink(b"/", b"absolute")
os.symlink(b"t" * 4000, b"long-target")
os.symlink(b"target\xff\n", b"bad-target")
write(b"hard-1", b"three names")
os.link(b"hard-1", b"hard-2")
os.link(b"hard-1", b"folders/hard-3")
write(b"large-hard-1", os.urandom(2_000_000))
os.link(b"large-hard-1", b"folders/large-hard-2")

# what is no item
os.mkfifo(b"fifo")
listening = socket.socket(socket.AF_UNIX)
listening.bind(b"socket")

# extended attributes
os.setxattr(b"A", "user.comment", b"any \x00 bytes \xff\n")
os.setxattr(b"A", "user.empty", b"")
os.setxattr(b"folders", "user.on.folder", b"yes")
os.setxattr(b"size-1048577", "user.large", b"z" * 2000)

# a path that one system call cannot take, and one just short enough to be protected
for depth, name in ((30, b"l" * 200), (18, b"m" * 200)):
    for level in range(depth):
        os.mkdir(name)
        os.chdir(name)
        write(b"file")
    os.chdir(top)

# modes
for mode in (0o4755, 0o2755, 0o1777, 0o000, 0o400, 0o777):
    name = b"mode-%o" % mode
    write(name)
    os.chmod(name, mode)
os.mkdir(b"read-only")
write(b"read-only/file")
os.chmod(b"folders/empty", 0o1777)

# times, last: to the nanosecond, before 1970, after 2038 and 2100
for name, ns in (
    (b"before-1970", -1_234_567_890_123_456_789), (b"just-before-1970", -1), (b"at-1970", 0), (b"after-2038", 2_147_483_648_000_000_001),
    (b"after-2100", 4_200_000_000_987_654_321), (b"after-2262", 9_223_372_036_854_775_807), (b"ns", 1_700_000_000_123_456_789),
):
    write(name)
    os.mkdir(b"folder-" + name)
    os.utime(name, ns=(ns, ns))
    os.utime(b"folder-" + name, ns=(ns, ns))
os.utime(b"dangling", ns=(5, 1_000_000_007), follow_symlinks=False)
os.utime(b"folders/empty/inner", ns=(5, 1_000_000_000_000_000_009))
os.chmod(b"read-only", 0o555)
