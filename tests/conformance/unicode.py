#!/usr/bin/python3
"""The table of the characters that tags must not have is current and small.

    unicode.py LIBRARY

The committed table must be what its script generates from that version of
Unicode's data. Its objects in LIBRARY (libsegjob_core.a) must have at most
4096 bytes.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "core"
DATA = ROOT / "build/sources/unicode-data"
TABLES = {"runs", "run_index"}
LIMIT = 4096


def run(*command):
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def is_current():
    made = run("/usr/bin/python3", "-B", str(CORE / "sj_unicode_tables.py"),
               str(DATA))
    table = (CORE / "sj_unicode_tables.h").read_text(encoding="ascii")
    newest, ours = (re.match(r"/\* (.*)\. \*/", text)[1]
                    for text in (made, table))
    print(f"core/sj_unicode_tables.h is of {ours}, the data is of {newest}")
    if ours != newest:
        print("a table may be of newer data; match.py compares what both have")
        return True
    return made == table


def is_small(library):
    sizes = {name: int(size, 16) for name, size in re.findall(
        r"^(\w+) r \w+ (\w+)$", run("nm", "-P", library), re.MULTILINE)
        if name in TABLES}
    total = sum(sizes.values())
    print(f"tables of Unicode: {total} bytes of at most {LIMIT}")
    return sizes.keys() == TABLES and total <= LIMIT


def main():
    library = sys.argv[1]
    return 0 if all([is_current(), is_small(library)]) else 1


if __name__ == "__main__":
    sys.exit(main())
