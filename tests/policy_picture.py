#!/usr/bin/python3
"""Draws the table of core/sj_policy.c as core/policy.svg.

    policy_picture.py draw       needs `dot` (Debian: graphviz)

A box is a phase of an operation; its rows are the actions that may follow an
attempt, with the events that each follows. An arrow leads to the phase after
the action; without an arrow the phase remains. The picture ends with its
source, which pages.py compares: `dot` draws differently in each version.
"""

import re
import subprocess
import sys
from pathlib import Path

CORE = Path(__file__).resolve().parent.parent / "core"
PICTURE = CORE / "policy.svg"
BEGIN, END = "<!-- drawn from:\n", "\n-->\n"

# The columns of the table, and the titles and descriptions of the boxes.
PHASES = [("creating", "CREATING", "asks the service to create the job"),
          ("unknown", "CREATING, outcome unknown",
           "an earlier request may have worked"),
          ("settling", "SETTLING", "looks whether the job exists"),
          ("reading", "READING", "describes a job, or lists jobs"),
          ("waiting", "WAITING", "describes a job until it is done")]

# The phase after an action, unless it remains.
LEADS = {"END": "end", "SETTLE": "settling", "SETTLE_NOW": "settling",
         "CREATE": "unknown"}

FRAME = """digraph policy {
  graph [rankdir=LR, nodesep=0.35, ranksep=0.6, fontname="sans-serif"];
  node [shape=plain, fontname="sans-serif", fontsize=11];
  edge [fontname="sans-serif", fontsize=10];
  end [shape=box, style="rounded,filled", fillcolor="#d9ead3",
       label="the operation has ended", margin="0.15,0.1"];
%s
  creating -> unknown [style=dashed, label="the request\\nmay have arrived"];
}
"""


def source():
    return (CORE / "sj_policy.c").read_text(encoding="utf-8")


def words(name):
    return name.lower().replace("_", " ")


def rows():
    """(event, [action of each phase]) of the table."""
    table = re.search(r"actions\[.*?\n};", source(), re.DOTALL)[0]
    for row in re.findall(r"^ +ROW\((.*?)\)", table, re.MULTILINE):
        event, *actions = [word.strip() for word in row.split(",")]
        if len(actions) != len(PHASES):
            sys.exit(f"policy_picture.py: {event} has {len(actions)} actions")
        yield event, actions


def instead():
    """The replacements of actions that are not possible."""
    table = re.search(r"instead\[.*?\n};", source(), re.DOTALL)[0]
    return dict(re.findall(r"\[SJ_(\w+)\] = SJ_(\w+)", table))


def events_of(column):
    """The actions of a phase, each with the events that it follows."""
    found = {}
    for event, actions in rows():
        found.setdefault(actions[column], []).append(words(event))
    ends = found.pop("END")
    found.pop("NONE", None)
    named = [name for name in ends if name in ("final", "done")]
    found["END"] = named + ["any other"]
    return found


def lines_of(names, width=34):
    """The names, in lines of about `width` characters."""
    lines = [""]
    for name in names:
        if len(lines[-1]) + len(name) > width:
            lines.append("")
        lines[-1] += name + ", "
    text = '<br align="left"/>'.join(line.strip() for line in lines)
    return text.rstrip(",") + '<br align="left"/>'


def box(column, others):
    name, title, about = PHASES[column]
    cells, arrows = [], []
    for action, events in events_of(column).items():
        other = others.get(action, "END")
        name_of_action = f"<b>{words(action)}</b>"
        if other not in ("END", action.split("_")[-1]):
            name_of_action += f" (or {words(other)})"
        cells.append(
            f'<tr><td align="left">{lines_of(events)}</td>'
            f'<td port="{action}" align="left">{name_of_action}</td></tr>')
        if action in LEADS and LEADS[action] != name:
            arrows.append(f"  {name}:{action}:e -> {LEADS[action]};")
    return "\n".join([
        f'  {name} [label=<<table border="0" cellborder="1" cellspacing="0" '
        'cellpadding="4">',
        f'<tr><td colspan="2" bgcolor="#cfe2f3"><b>{title}</b><br/>{about}'
        "</td></tr>", *cells, "</table>>];", *arrows])


def drawing():
    others = instead()
    return FRAME % "\n".join(box(i, others) for i in range(len(PHASES)))


def tail():
    """The end of the picture: its source."""
    return BEGIN + drawing().rstrip() + END


def is_current():
    return PICTURE.read_text(encoding="utf-8").endswith(tail())


def main():
    if sys.argv[1:] != ["draw"]:
        sys.exit(__doc__)
    done = subprocess.run(["dot", "-Tsvg"], input=drawing(), check=True,
                          stdout=subprocess.PIPE, text=True)
    PICTURE.write_text(done.stdout + tail(), encoding="utf-8")


if __name__ == "__main__":
    main()
