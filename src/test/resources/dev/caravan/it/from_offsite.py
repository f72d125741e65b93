"""from_offsite.py TARGET DESTINATION: brings back all that is in an offsite target, by the README in it."""

import base64
import datetime
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

target, destination = sys.argv[1:]
large = {}
for manifest in glob.glob(target + "/manifests/*.jsonl"):
    with open(manifest) as lines:
        for line in lines:
            item = json.loads(line)
            large[item["object"]] = item

objects = sorted(os.path.relpath(o, target) for o in glob.glob(target + "/objects/*/*"))
for name in objects:
    if name not in large:
        command = ["tar", "--xattrs", "--xattrs-include=user.*", "--warning=no-timestamp"]
        subprocess.run([*command, "-xpf", os.path.join(target, name), "-C", destination], check=True)

for name, item in large.items():
    path = base64.b64decode(item["pathBytes"]) if "pathBytes" in item else os.fsencode(item["path"])
    path = os.path.join(os.fsencode(destination), os.fsencode(item["source"]), path)
    shutil.copyfile(os.path.join(target, name), path)
    with open(path, "rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != item["sha256"]:
            sys.exit(f"{path}: another hash than in the manifest")
    for key, value in item.items():
        if key.startswith("xattr:"):
            os.setxattr(path, key.removeprefix("xattr:"), base64.b64decode(value))
    os.chown(path, item["uid"], item["gid"])
    os.chmod(path, int(item["mode"], 8))
    seconds, fraction = re.fullmatch(r"(.*?)(?:\.(\d+))?Z", item["modified"]).groups()
    whole = int(datetime.datetime.fromisoformat(seconds + "+00:00").timestamp())
    ns = whole * 10**9 + int((fraction or "0").ljust(9, "0"))
    os.utime(path, ns=(ns, ns))
