"""mutate.py [--explore] BUILD [NAME]...: break each rule that the file
`mutations` lists, one at a time, and expect that the simulation fails. So must
it with each cell of the table in core/sj_policy.c replaced by END. Give a NAME,
or a part of one, to try only those. With --explore the exploration must fail
instead, but for what ../explore/unfound lists.

BUILD is a CMake build whose simulation, or exploration, is built. A mutated
file is compiled alone and linked in front of the libraries. A mutation that
survives, is found though it is listed as unfound, or no longer fits the source,
makes this end with 1.
"""

import concurrent.futures
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

# What is run, and how much of it if the mutant survives.
JUDGES = {
    "simulation": ["--first", "--runs", "100000"],
    "explore": ["--first", "3"],
}
PATIENCE = 1800  # seconds; only a mutant that never ends takes as long
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Without asserts: the rules of the simulation must notice by themselves.
FLAGS = "-std=c99 -O0 -w -DNDEBUG".split()
FLAGS += [f"-I{ROOT}/core", f"-I{ROOT}/port"]


class Mutation:
    """A paragraph of the list: its name, its file, and lines out and in."""

    def __init__(self, paragraph):
        self.name, self.file, *lines = paragraph.splitlines()
        self.out = [line[1:] for line in lines if line[0] == "-"]
        self.into = [line[1:] for line in lines if line[0] == "+"]
        if not self.out or len(self.out) + len(self.into) != len(lines):
            sys.exit(f"mutations: {self.name}: not a mutation")

    def mutate(self):
        """The file's text with this mutation, or None if it does not fit."""
        words = " ".join(self.out).split()
        pattern = r"\s+".join(re.escape(word) for word in words)
        into = "\n".join(self.into)
        text = (ROOT / self.file).read_text()
        mutant, times = re.subn(pattern, lambda _: into, text)
        return mutant if times == 1 else None


def read_list(file):
    text = file.read_text()
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    return [Mutation(p) for p in re.split(r"\n\n+", text.strip())]


def read_table():
    """A mutation for each cell of the policy table that is an action."""
    name = "core/sj_policy.c"
    rows = re.findall(r"ROW\((\w+),([\w\s,]+)\)", (ROOT / name).read_text())
    columns = re.split(r",\s*", rows[0][1].strip())
    for event, cells in rows[1:]:
        cells = re.split(r",\s*", cells.strip())
        row = f"ROW({event}, {', '.join(cells)})"
        for i, column in enumerate(columns):
            if cells[i] not in ("END", "NONE"):
                ends = ", ".join([*cells[:i], "END", *cells[i + 1 :]])
                yield Mutation(
                    f"{event} is the end when {column}\n{name}\n"
                    f"- {row}\n+ ROW({event}, {ends})"
                )


def read_unfound():
    """The mutations that the exploration does not find."""
    text = (HERE.parent / "explore/unfound").read_text()
    return {line for line in text.splitlines() if line and line[0] != "#"}


def compiler_and_link(build, judge):
    """The compiler, and how CMake links the judge, in its folder."""
    folder = build / "tests" / judge
    line = (folder / f"CMakeFiles/{judge}.dir/link.txt").read_text()
    words = shlex.split(line)
    words[words.index("-o") + 1] = "PROGRAM"
    first = next(i for i, w in enumerate(words) if w.endswith(".o"))
    words.insert(first, "MUTANT")
    return words[0], words, folder


def build_mutant(mutation, text, build, judge, folder):
    """Compile and link. Returns the program."""
    compiler, link, at = compiler_and_link(build, judge)
    source = folder / pathlib.Path(mutation.file).name
    object_file = source.with_suffix(".o")
    program = folder / judge
    source.write_text(text)
    subprocess.run(
        [compiler, *FLAGS, "-c", source, "-o", object_file], check=True
    )
    there = {"MUTANT": object_file, "PROGRAM": program}
    subprocess.run([there.get(w, w) for w in link], cwd=at, check=True)
    return program


def attempt(mutation, build, judge, unfound):
    """What became of a mutation: as expected, and how."""
    fate, how = judged(mutation, build, judge)
    if fate == "survived" and mutation.name in unfound:
        fate = "unfound"
    elif fate == "killed" and mutation.name in unfound:
        fate = "found"
    return fate, how


def judged(mutation, build, judge):
    """What became of a mutation: killed, survived or stale; and how."""
    text = mutation.mutate()
    if text is None:
        return "stale", f"does not fit {mutation.file}"
    with tempfile.TemporaryDirectory() as folder:
        program = build_mutant(
            mutation, text, build, judge, pathlib.Path(folder)
        )
        try:
            done = subprocess.run(
                [program, *JUDGES[judge]],
                capture_output=True,
                text=True,
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired:
            return "killed", "it never ends"
    if done.returncode == 0:
        return "survived", " ".join(JUDGES[judge])
    how = re.search(r"BROKEN +(.*)", done.stdout)
    last = (done.stdout.splitlines() or [f"signal {-done.returncode}"])[-1]
    return "killed", f"{how.group(1) if how else ''} ({last.split(',')[0]})"


def main():
    arguments = sys.argv[1:]
    judge = "simulation"
    if arguments[:1] == ["--explore"]:
        judge = arguments.pop(0)[2:]
    if not arguments:
        sys.exit(__doc__)
    build = pathlib.Path(arguments[0]).resolve()
    wanted = arguments[1:]
    mutations = [*read_list(HERE / "mutations"), *read_table()]
    unfound = set()
    if judge == "explore":
        mutations += read_list(HERE.parent / "explore/mutations")
        unfound = read_unfound()
    mutations = [
        m
        for m in mutations
        if not wanted or any(name in m.name for name in wanted)
    ]
    verbose = bool(wanted) or "VERBOSE" in os.environ
    counts = dict.fromkeys("killed survived stale unfound found".split(), 0)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        tries = pool.map(
            lambda m: attempt(m, build, judge, unfound), mutations
        )
        for mutation, (fate, how) in zip(mutations, tries):
            counts[fate] += 1
            if verbose or fate not in ("killed", "unfound"):
                print(f"{fate}: {mutation.name}: {how}", flush=True)
    print(f"{counts['killed']} of {len(mutations)} mutations make it fail")
    if not wanted and unfound - {m.name for m in mutations}:
        sys.exit("unfound: there are mutations that nothing lists")
    return counts["killed"] + counts["unfound"] < len(mutations)


if __name__ == "__main__":
    sys.exit(main())
