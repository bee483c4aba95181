#!/usr/bin/python3
"""Time of reading JSON, as instructions: it grows with a text's length.

    reading.py PROGRAM

Callgrind counts the instructions of PROGRAM, built of reading.c, for texts that
take it longest. One of 1 MiB may take MOST, for which a processor of 3.5 GHz
needs less than a second even at one instruction per cycle; from one text to
another of twice the length they may grow by GROWTH.
"""

import os
import re
import subprocess
import sys
import tempfile

MIB = 1 << 20
SHAPES = {"members": "refused", "crowded": "read", "prefixes": "read",
          "jobs": "read"}
MOST = 3500000000
GROWTH = 2.3


def instructions(program, shape, length):
    with tempfile.TemporaryDirectory(prefix="json-") as folder:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind",
             "--callgrind-out-file=" + os.path.join(folder, "out"),
             "--toggle-collect=read_text", program, shape, str(length)],
            check=True, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.stdout.split()[1] != SHAPES[shape]:
        sys.exit("reading.py: %s is %s" % (shape, done.stdout.split()[1]))
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def main():
    program = os.path.abspath(sys.argv[1])
    failed = []
    for shape in SHAPES:
        half, whole = (instructions(program, shape, length)
                       for length in (MIB // 16, MIB // 8))
        print("json: %-8s %6.1f instructions per byte, %.2f times as many for "
              "twice the length" % (shape, whole * 8 / MIB, whole / half))
        if whole * 8 > MOST or whole > GROWTH * half:
            failed.append(shape)
    if failed:
        sys.exit("reading.py: too slow: " + " ".join(failed))


if __name__ == "__main__":
    main()
