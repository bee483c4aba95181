#!/usr/bin/python3
"""Write sj_unicode_tables.h from Unicode's data.

    sh tests/unicode_data.sh
    sj_unicode_tables.py build/sources/unicode-data > core/sj_unicode_tables.h

The tables contain the set of all code points that are assigned and in none of
the general categories L, Z and N. From code point 0 on, runs outside and inside
the set alternate; the tables contain their lengths. A length is in base 128,
high digits first, with bit 7 set in all digits but the last. An index contains
the position of every 64th pair of runs.
"""
import re
import sys
from pathlib import Path

PAIRS_PER_ENTRY = 64


def version(folder):
    """Of the data: UnicodeData.txt does not name it."""
    text = (folder / "DerivedAge.txt").read_text(encoding="utf-8")
    return re.match(r"# DerivedAge-([\d.]+)\.txt\n", text)[1]


def members(folder):
    first = None
    for line in open(folder / "UnicodeData.txt", encoding="ascii"):
        field = line.split(";")
        point = int(field[0], 16)
        if field[1].endswith(", First>"):
            first = point
            continue
        low = point if first is None else first
        first = None
        if field[2][0] not in "LZN":
            yield low, point


def runs(folder):
    merged = []
    for low, high in sorted(members(folder)):
        if merged and merged[-1][1] == low - 1:
            merged[-1][1] = high
        else:
            merged.append([low, high])
    return merged


def base128(number):
    digits = [number & 127]
    while number := number >> 7:
        digits.append(number & 127 | 128)
    return digits[::-1]


def encode(merged):
    data, index, here = [], [], 0
    for i, (low, high) in enumerate(merged):
        if i % PAIRS_PER_ENTRY == 0:
            index.append((here, len(data)))
        data += base128(low - here) + base128(high + 1 - low)
        here = high + 1
    return data, index


def rows(texts, indent="   "):
    line = indent
    for text in texts:
        if len(line) + 1 + len(text) > 80:
            yield line
            line = indent
        line += " " + text
    yield line


def main():
    folder = Path(sys.argv[1])
    data, index = encode(runs(folder))
    print(f"/* Unicode {version(folder)}. */")
    print("/* Written by sj_unicode_tables.py; do not edit. */")
    print("/* clang-format off */")
    print("static const unsigned char runs[] = {")
    print("\n".join(rows(f"{byte}," for byte in data)))
    print("};")
    print("static const struct {")
    print("    uint32_t code_point; /* where this pair of runs begins */")
    print("    uint16_t offset;     /* of the pair in `runs` */")
    print("} run_index[] = {")
    print("\n".join(rows(f"{{{point}, {at}}}," for point, at in index)))
    print("};")


if __name__ == "__main__":
    main()
