#!/usr/bin/env python3
"""measure.py OUT COMMAND...: runs COMMAND and writes to OUT: seconds, peak RSS in KiB, bytes it asked to read.

The last is rchar of /proc/PID/io: all reads of the process, also of its own jars and ledger, so an upper bound.
"""

import os
import subprocess
import sys
import time

started = time.monotonic()
process = subprocess.Popen(sys.argv[2:])
os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # ended, but /proc still has it
seconds = time.monotonic() - started
read = 0
try:
    with open(f"/proc/{process.pid}/io", encoding="ascii") as file:
        read = int(dict(line.split(": ") for line in file)["rchar"])
except (OSError, KeyError):
    pass
_, status, usage = os.wait4(process.pid, 0)
with open(sys.argv[1], "w", encoding="ascii") as file:
    print(f"{seconds:.2f} {usage.ru_maxrss} {read}", file=file)
sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)
