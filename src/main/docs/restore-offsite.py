#!/usr/bin/env python3
"""restore-offsite.py COPY DESTINATION: restores a fetched offsite folder, or bucket, of Caravan; needs only tar.

Segments are unpacked in the order they were made. Large files are put in place by their manifests,
unless a segment has a newer version of the same path. Sources become folders of DESTINATION.
"""
import base64, calendar, glob, hashlib, json, os, shutil, subprocess, sys, time

copy, destination = sys.argv[1:]
os.makedirs(destination, exist_ok=True)


def place(line):
    path = base64.b64decode(line["pathBytes"]) if "pathBytes" in line else line["path"].encode()
    return os.path.join(os.fsencode(destination), line["source"].encode(), path)


def set_time(path, modified):
    seconds = calendar.timegm(time.strptime(modified[:19], "%Y-%m-%dT%H:%M:%S"))
    nanoseconds = seconds * 10**9 + int(modified[20:29])
    os.utime(path, ns=(nanoseconds, nanoseconds))


def read(segment, member):
    command = ["tar", "-xOf", segment, ".caravan/" + member]
    return subprocess.run(command, capture_output=True).stdout


plain = {}  # object name -> its line
for name in glob.glob(copy + "/manifests/*.jsonl"):
    for line in map(json.loads, open(name, "rb")):
        plain[line["object"]] = line

segments = []
for name in filter(os.path.isfile, glob.glob(copy + "/objects/**", recursive=True)):
    if os.path.relpath(name, copy) not in plain:
        # an object without a description is neither: it was never counted
        described = read(name, "segment.json")
        if described:
            segments.append((json.loads(described)["created"], name))

newest = {}  # place -> id of the newest version
folders = {}  # place -> its time, the newest version last
for _, segment in sorted(segments):
    tar = ["tar", "--xattrs", "--anchored", "--exclude=.caravan", "-xpf", segment, "-C", destination]
    subprocess.run(tar, check=True)
    for line in map(json.loads, read(segment, "index.jsonl").splitlines()):
        if not line["void"]:
            newest[place(line)] = max(line["version"], newest.get(place(line), 0))
            if line["kind"] == "folder":
                folders[place(line)] = line["modified"]

for name, line in sorted(plain.items(), key=lambda entry: entry[1]["id"]):
    to = place(line)
    if newest.get(to, 0) > line["id"]:
        continue
    os.makedirs(os.path.dirname(to), exist_ok=True)
    shutil.copyfile(os.path.join(copy, name), to)
    with open(to, "rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != line["sha256"]:
            sys.exit("%r is damaged: its SHA-256 is not %s" % (to, line["sha256"]))
    for key, value in line.items():
        if key.startswith("xattr:"):
            os.setxattr(to, key[6:].encode(), base64.b64decode(value))
    if os.geteuid() == 0:
        os.chown(to, line["uid"], line["gid"])
    os.chmod(to, int(line["mode"], 8))
    set_time(to, line["modified"])

for to, modified in folders.items():  # putting files in has changed them
    if os.path.isdir(to) and not os.path.islink(to):
        set_time(to, modified)
