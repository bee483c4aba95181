#!/usr/bin/python3
"""Compares figures with the goals, and with those of the pages PAGES.

    figures.py KEY... < FIGURES

FIGURES are lines `KEY VALUE`; each KEY given, and no other, must be among
them. Prints a table, and ends non-zero if a limit of tests/bench/goals is
missed, a figure is missing, or the page has another figure: by more than 2 %,
or for a ratio, which differs from machine to machine, by half.

The pages' figures are those of one version of gcc, which the first page names.
With another gcc, on another release of Debian, figures that depend on it are
not compared with the pages, and limits may be missed by 10 %.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
COSTS = "tests/size/README.md"
PAGES = COSTS, "examples/appliance/README.md"
TOLERANCE = {"count": 1.02, "limit": 1.02, "gap": 1.02, "ratio": 1.5,
             "ratio-gap": 1.5}
OTHER_GCC = 1.1

Goal = namedtuple("Goal", "state value title")


def goals():
    with open(os.path.join(HERE, "goals"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                key, state, value, title = line.split(maxsplit=3)
                yield key, Goal(state, float(value), title.strip())


def page(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def other_compilers(*names):
    """Those of these names, on this machine, of another version than COSTS'."""
    version = re.search(r"built by\s+gcc\s+([\d.]+)", page(COSTS))[1]
    for name in filter(shutil.which, names):
        done = subprocess.run([name, "-dumpfullversion"], check=True,
                              stdout=subprocess.PIPE, text=True)
        if not done.stdout.startswith(version + "."):
            yield "%s is %s: not compared with the page, which has gcc %s" % (
                name, done.stdout.strip(), version)


def documented(title):
    """The figure in the pages' row, None if there is no such row."""
    row = re.search(r"^\| %s \| ([\d,.]+) \|" % re.escape(title),
                    "".join(map(page, PAGES)), flags=re.MULTILINE)
    return float(row[1].replace(",", "")) if row else None


def number(value):
    return "%.2f" % value if value % 1 else "{:,.0f}".format(value)


def failures(key, goal, value, is_comparable):
    tolerance = TOLERANCE[goal.state]
    if not is_comparable:
        tolerance = max(tolerance, OTHER_GCC)
    if "gap" not in goal.state and value > goal.value * tolerance:
        yield "%s: %s, and at most %s is the limit" % (
            key, number(value), number(goal.value))
    if not is_comparable:
        return
    if goal.state == "gap" and value <= goal.value:
        yield key + ": the goal is reached: call it a limit in the list"
    row = documented(goal.title)
    if row is None:
        yield "%s: no row '%s' in %s" % (key, goal.title, " or ".join(PAGES))
    elif not row / tolerance <= value <= row * tolerance:
        yield "%s: %s, and the page says %s" % (key, number(value),
                                                number(row))


def main():
    wanted = sys.argv[1:]
    known = dict(goals())
    figures = {}
    for line in sys.stdin:
        key, value = line.split()
        figures[key] = float(value)
    if sorted(wanted) != sorted(figures):
        sys.exit("figures.py: wanted %s, and got %s"
                 % (" ".join(sorted(wanted)), " ".join(sorted(figures))))
    others = list(other_compilers("gcc", "arm-none-eabi-gcc"))
    row = "%-64s %9s %9s %9s  %s"
    print(row % ("", "measured", "page", "goal", ""))
    found = []
    for key in wanted:
        goal, value = known[key], documented(known[key].title)
        print(row % (goal.title, number(figures[key]),
                     "none" if value is None else number(value),
                     number(goal.value),
                     "gap" if figures[key] > goal.value else "reached"))
        found += failures(key, goal, figures[key],
                          goal.state == "count" or not others)
    for other in others:
        print(other)
    if found:
        sys.exit("figures.py: " + "\nfigures.py: ".join(found))


if __name__ == "__main__":
    main()
