#!/usr/bin/python3
"""Rules for the pages, the project's Markdown files: a part of rules.py.

    pages.py

Each rule is a function that yields its violations.
"""

import functools
import re
import sys
from pathlib import Path

import policy_picture

ROOT = Path(__file__).resolve().parent.parent
TOP = ("core", "port", "examples", "tests", ".github")
SOURCES = {".c", ".h", ".py", ".sh", ".txt", ".cmake", ".in"}
FIGURES = [ROOT / "tests/size/README.md", ROOT / "examples/appliance/README.md"]

# Names of files in backquotes; with a slash, any name that is not in capitals.
FILE = re.compile(r"[\w.-]+\.(c|h|py|sh|md|svg|cmake|txt)"
                  r"|(?![A-Z]+/)[\w.-]+(/[\w.-]+)+")
# Files of other projects, and of builds.
OTHERS = re.compile(r"jsmn\.h|lwipopts\.h|Filelists\.cmake|build/.*")


@functools.cache
def files():
    found = [path for top in TOP for path in sorted((ROOT / top).rglob("*"))]
    return [path for path in [*ROOT.glob("*"), *found] if path.is_file()]


def pages():
    return [path for path in files() if path.suffix == ".md"]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@functools.cache
def text_of(path):
    return path.read_text(encoding="utf-8")


def blocks(page):
    """The fenced blocks of a page."""
    return re.findall(r"^```.*?\n(.*?)^```", text_of(page), re.M | re.S)


def prose(page):
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```", "", text_of(page), flags=re.M | re.S)


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    for heading in re.findall(r"^#+ (.*)$", prose(page), re.M):
        yield re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def links():
    """every link of a page leads to a file, and to a heading there"""
    for page in pages():
        bare = re.sub(r"`[^`\n]*`", "", prose(page))
        for target in re.findall(r"\]\(([^)\s]+)\)", bare):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            if not file.exists() or ROOT not in file.parents:
                yield f"{name_of(page)}: {target}"
            elif anchor and anchor not in anchors(file):
                yield f"{name_of(page)}: {target}: no such heading"


def exists(page, name):
    return ((page.parent / name).exists() or (ROOT / name).exists()
            or any(path.name == name for path in files()))


def file_names():
    """every file that a page names exists"""
    for page in pages():
        named = re.findall(r"`([^`\s]+)`", prose(page))
        named = [name for name in named if FILE.fullmatch(name)]
        for block in blocks(page):
            named += re.findall(r"(?<![\w./-])(?:%s)/[\w./-]*\w"
                                % "|".join(TOP), block)
        for name in named:
            if not OTHERS.fullmatch(name) and not exists(page, name):
                yield f"{name_of(page)}: {name}"


def maps():
    """core/README.md has a line for each file of core"""
    page = ROOT / "core/README.md"
    listed = {Path(name).stem for name in
              re.findall(r"^\| .*", text_of(page), re.M)
              for name in re.findall(r"`([^`]+)`", name.split(" | ")[0])}
    for path in files():
        if path.parent == page.parent and path.suffix in (".c", ".h"):
            if path.stem not in listed:
                yield name_of(path)


@functools.cache
def identifiers():
    found = set()
    for path in files():
        if path.suffix in SOURCES:
            found.update(re.findall(r"\w+", text_of(path)))
    return found


def code_names():
    """every name of the code that a page has is in the code"""
    for page in pages():
        for name in sorted(set(re.findall(r"\b(?:segjob|sj|SEGJOB|SJ)_\w+",
                                          text_of(page)))):
            if name not in identifiers():
                yield f"{name_of(page)}: {name}"


def programs():
    """a file that a page shows, `<!-- its path -->`, is shown verbatim"""
    all_shown = []
    for page in pages():
        shown = re.findall(r"^<!-- (from )?(\S+) -->\n```\w*\n(.*?)^```$",
                           text_of(page), re.M | re.S)
        for is_part, name, code in shown:
            whole = text_of(ROOT / name)
            if not ("\n" + code in whole if is_part else code == whole):
                yield f"{name_of(page)} shows another {name}"
        all_shown += [(name_of(page), name) for _, name, _ in shown]
    if ("README.md", "examples/minimal/minimal.c") not in all_shown:
        yield "README.md does not show examples/minimal/minimal.c"


def rows(page, title):
    """The rows of the table below a heading."""
    section = re.split(r"^#+ ", text_of(page), flags=re.M)
    return [line for part in section if part.startswith(title)
            for line in part.split("\n") if line.startswith("| ")]


def figures():
    """README's figures are those of the pages whose figures are measured"""
    measured = "".join(map(text_of, FIGURES)).split("\n")
    for row in rows(ROOT / "README.md", "What it costs"):
        if row not in measured:
            yield row


def short_readme():
    """README has at most 200 lines"""
    lines = text_of(ROOT / "README.md").count("\n")
    if lines > 200:
        yield f"{lines} lines"


def picture():
    """core/policy.svg shows the table of core/sj_policy.c"""
    if not policy_picture.is_current():
        yield "run `tests/policy_picture.py draw`"


RULES = [links, file_names, maps, code_names, programs, figures,
         short_readme, picture]


def main():
    broken = [f"{rule.__doc__}: {found}" for rule in RULES for found in rule()]
    print("\n".join(broken) or f"{len(pages())} pages hold {len(RULES)} rules")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
