#!/usr/bin/python3
"""Write width_tables.h from Unicode's data.

    sh tests/unicode_data.sh
    width_tables.py build/sources/unicode-data > examples/cli/width_tables.h

The table contains the set of all code points whose East_Asian_Width is A, F or
W. From code point 0 on, runs outside and inside the set alternate; the table
contains their lengths. A length is in base 128, high digits first, with bit 7
set in all digits but the last.
"""
import re
import sys
from pathlib import Path

ROW = re.compile(r"([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*[AFW]\b")


def runs(text):
    merged = []
    for low, high in sorted((int(row[1], 16), int(row[2] or row[1], 16))
                            for row in map(ROW.match, text.splitlines())
                            if row):
        if merged and merged[-1][1] == low:
            merged[-1][1] = high + 1
        else:
            merged.append([low, high + 1])
    return merged


def base128(number):
    digits = [number & 127]
    while number := number >> 7:
        digits.append(number & 127 | 128)
    return digits[::-1]


def encode(merged):
    ends = [0, *(end for run in merged for end in run)]
    return [digit for here, end in zip(ends, ends[1:])
            for digit in base128(end - here)]


def rows(texts, indent="   "):
    line = indent
    for text in texts:
        if len(line) + 1 + len(text) > 80:
            yield line
            line = indent
        line += " " + text
    yield line


def main():
    text = (Path(sys.argv[1]) / "EastAsianWidth.txt").read_text("utf-8")
    version = re.match(r"# EastAsianWidth-([\d.]+)\.txt\n", text)[1]
    print(f"/* Unicode {version}. */")
    print("/* Written by width_tables.py; do not edit. */")
    print("/* clang-format off */")
    print("static const unsigned char wide_runs[] = {")
    print("\n".join(rows(f"{digit}," for digit in encode(runs(text)))))
    print("};")


if __name__ == "__main__":
    main()
