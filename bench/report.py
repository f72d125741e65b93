#!/usr/bin/env python3
"""report.py RESULTS SMALL LARGE ONLY: the tables of bench/run, in Markdown, from its lines of measurements."""

import collections
import statistics
import sys

NAMES = {
    "caravan": "Caravan, three copies proven",
    "a": "(a) rclone, tar, rclone to SFTP",
    "b": "(b) rsync, tar and openssl, tar over ssh",
}
RESCANS = {"caravan": "Caravan, all three", "a": "(a) rclone, folder and SFTP", "b": "(b) rsync, folder"}


def spread(values):
    middle = f"{statistics.median(values):.1f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.1f}–{max(values):.1f})"


def size(value):
    return f"{value / (1 << 20):,.0f} MiB" if value else "–"


def main(path, small, large, only):
    runs = collections.defaultdict(list)  # (data, contender, step): measurements, one for each round
    for line in open(path, encoding="ascii"):
        data, _, contender, step, seconds, rss, rchar, disk = line.split()
        runs[data, contender, step].append((float(seconds), int(rss) << 10, int(rchar), int(disk)))
    of = {"small": f"{small:,} files of about 8 KiB", "large": f"{large} files of 1 GiB"}
    for data in [] if only == "rescan" else ["small", "large"]:
        present = [name for name in NAMES if any(key[:2] == (data, name) for key in runs)]
        if not present:
            continue
        steps = {name: [step for step in ("all", "nas", "tape", "offsite") if (data, name, step) in runs] for name in present}
        total = {name: [sum(m[0] for m in row) for row in zip(*(runs[data, name, s] for s in steps[name]))] for name in present}
        print(f"| {of[data]} | seconds | NAS + tape + offsite | Caravan ÷ this | read from the source disk |")
        print("|---|---|---|---|---|")
        for name in present:
            parts = "–" if name == "caravan" else " + ".join(f"{statistics.median(m[0] for m in runs[data, name, s]):.1f}" for s in steps[name])
            ratio = "–"
            if name != "caravan" and "caravan" in present:
                ratio = f"{statistics.median(total['caravan']) / statistics.median(total[name]):.2f}"
            disk = statistics.median(sum(m[3] for m in row) for row in zip(*(runs[data, name, s] for s in steps[name])))
            print(f"| {NAMES[name]} | {spread(total[name])} | {parts} | {ratio} | {size(disk)} |")
        if "caravan" in present:
            rows = runs[data, "caravan", "all"]
            print(f"\nCaravan: peak RSS {size(max(row[1] for row in rows))}, all reads of the process {size(max(row[2] for row in rows))}.")
        print()
    rescans = [name for name in RESCANS if ("small", name, "rescan") in runs]
    if rescans:
        print(f"| nothing changed in {of['small']} | seconds |")
        print("|---|---|")
        for name in rescans:
            print(f"| {RESCANS[name]} | {spread([m[0] for m in runs['small', name, 'rescan']])} |")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
