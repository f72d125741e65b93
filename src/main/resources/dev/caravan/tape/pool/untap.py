#!/usr/bin/env python3
"""untap.py IMAGE N > FILE: copies tape file N (0 is the first) out of a SIMH .tap image."""
import struct, sys

with open(sys.argv[1], "rb") as image:
    wanted, number, torn = int(sys.argv[2]), 0, False
    while len(head := image.read(4)) == 4 and number <= wanted:
        length = struct.unpack("<I", head)[0]
        if length == 0:
            number += 1
        elif length == 0xFFFFFFFF:
            break
        else:
            data, torn = image.read(length + length % 2), number == wanted
            if image.read(4) != head:
                break  # a write that was cut off: the tape ends before it
            if number == wanted:
                sys.stdout.buffer.write(data[:length])
    if number <= wanted:
        sys.exit("tape file %d does not end with a filemark" % wanted if torn else "the tape has %d tape files" % number)
