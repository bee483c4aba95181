#!/usr/bin/python3
"""Compares figures with the goals, and with what README says.

    figures.py KEY... < FIGURES

FIGURES are lines `KEY VALUE`; each KEY given, and no other, must be among
them. Prints a table, and ends non-zero if a limit of tests/bench/goals is
missed, a figure is missing, or README's table says another figure: by more
than 2 %, or for a ratio, which differs from machine to machine, by half.
"""

import os
import re
import sys
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
README = os.path.join(HERE, os.pardir, os.pardir, "README.md")
TOLERANCE = {"limit": 1.02, "gap": 1.02, "ratio": 1.5}

Goal = namedtuple("Goal", "state value words")


def goals():
    with open(os.path.join(HERE, "goals"), encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                key, state, value, words = line.split(maxsplit=3)
                yield key, Goal(state, float(value), words.strip())


def told(words):
    """The figure in README's row, None if there is no such row."""
    with open(README, encoding="utf-8") as file:
        text = file.read()
    row = re.search(r"^\| %s \| ([\d,.]+) \|" % re.escape(words), text,
                    flags=re.MULTILINE)
    return float(row[1].replace(",", "")) if row else None


def number(value):
    return "%.2f" % value if value % 1 else "{:,.0f}".format(value)


def faults(key, goal, value):
    tolerance = TOLERANCE[goal.state]
    if goal.state != "gap" and value > goal.value * tolerance:
        yield "%s: %s, and at most %s is the limit" % (
            key, number(value), number(goal.value))
    if goal.state == "gap" and value <= goal.value:
        yield key + ": the goal is reached: call it a limit in the list"
    readme = told(goal.words)
    if readme is None:
        yield "%s: README has no row '%s'" % (key, goal.words)
    elif not readme / tolerance <= value <= readme * tolerance:
        yield "%s: %s, and README says %s" % (
            key, number(value), number(readme))


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
    row = "%-60s %9s %9s %9s  %s"
    print(row % ("", "measured", "README", "goal", ""))
    found = []
    for key in wanted:
        goal, readme = known[key], told(known[key].words)
        print(row % (goal.words, number(figures[key]),
                     "none" if readme is None else number(readme),
                     number(goal.value),
                     "gap" if figures[key] > goal.value else "reached"))
        found += faults(key, goal, figures[key])
    if found:
        sys.exit("figures.py: " + "\nfigures.py: ".join(found))


if __name__ == "__main__":
    main()
