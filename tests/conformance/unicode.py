#!/usr/bin/python3
"""The table of letters, separators and numbers: current, and small.

    unicode.py LIBRARY

The committed table must be what its script makes of Debian's unicode-data,
and its objects in LIBRARY (libsegjob_core.a) at most 4096 bytes.
"""
import re
import subprocess
import sys
from pathlib import Path

CORE = Path(__file__).resolve().parents[2] / "core"
TABLES = {"runs", "run_index"}
LIMIT = 4096


def run(*command):
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def is_current():
    made = run("/usr/bin/python3", "-B", str(CORE / "sj_unicode_tables.py"))
    same = made == (CORE / "sj_unicode_tables.h").read_text(encoding="ascii")
    print("unicode-data: core/sj_unicode_tables.h is",
          "current" if same else "stale: run sj_unicode_tables.py again")
    return same


def is_small(library):
    sizes = {name: int(size, 16) for name, size in re.findall(
        r"^(\w+) r \w+ (\w+)$", run("nm", "-P", library), re.MULTILINE)
        if name in TABLES}
    total = sum(sizes.values())
    print(f"tables of letters, separators and numbers: {total} bytes of at "
          f"most {LIMIT}")
    return sizes.keys() == TABLES and total <= LIMIT


def main():
    library = sys.argv[1]
    return 0 if all([is_current(), is_small(library)]) else 1


if __name__ == "__main__":
    sys.exit(main())
