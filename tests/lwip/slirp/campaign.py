#!/usr/bin/env python3
"""Jobs over lwIP and libslirp, on a link that impairs frames.

    campaign.py PROGRAM [SEEDS]             every kind and rate, SEEDS of each
    campaign.py PROGRAM KIND PERCENT SEED   one run alone

PROGRAM is exchange.c, which describes a run. A run may fail, but only as its
kind of impairment can make it fail, within its deadline, and without a leak;
and what it reports of a job must be true in the emulator's database. A least
number of jobs must be created, so that a program that always fails is noticed.
Prints a table, and how to repeat each run that breaks a rule.

Times are virtual. `unknown` are the jobs with an unknown outcome, and how many
of them the emulator has; `drained` is the longest time after a run until lwIP
had its memory back.
"""

import os
import re
import signal
import sqlite3
import statistics
import subprocess
import sys
from collections import Counter, namedtuple
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "emulator"))

import running  # noqa: E402

SEEDS = 6
PATIENCE = 1200  # seconds; a run that hangs ends itself before

# What may become of a job if frames are lost or late, and if TLS is given
# bytes that its peer has not sent.
LOST = {"OK", "TIMEOUT", "CONNECT"}
GARBLED = LOST | {"TLS", "CERTIFICATE", "CONNECTION_CLOSED"}

# For each kind its statuses, and how many of 100 jobs must be created at each
# rate. At rate 0 all must.
RATES = (1, 5, 10, 20, 30)
KINDS = {
    "drop": (LOST, (95, 90, 85, 75, 60)),
    "duplicate": (LOST, (100, 100, 100, 100, 100)),
    "delay": (LOST, (100, 100, 100, 95, 95)),
    "reorder": (LOST, (100, 100, 100, 100, 100)),
    "corrupt": (LOST, (95, 90, 85, 75, 60)),
    "garble": (GARBLED, (80, 50, 25, 5, 0)),
    "mixed": (LOST, (95, 95, 90, 90, 80)),
}

# `jobs` are the three of a run, `broken` lists the rules that it breaks.
Run = namedtuple("Run", "kind percent seed jobs link broken")
Job = namedtuple("Job", "name status outcome ms why port_error")
Link = namedtuple("Link", "frames impaired checksums out_of_memory drained_ms")


def least_created(kind, percent):
    """Of 100 jobs."""
    return KINDS[kind][1][RATES.index(percent)] if percent else 100


# -------------------------------------------------------------------- a run

def read(text):
    """The program's output: its jobs, and the link if it got so far."""
    jobs, link = [], None
    for line in text.splitlines():
        what, *fields = line.split("\t")
        if what == "job":
            name, status, outcome, ms, why, port_error = fields
            jobs.append(Job(name, status.removeprefix("SEGJOB_"), outcome,
                            int(ms), why, port_error))
        elif what == "link":
            link = Link(*map(int, fields))
    return jobs, link


def how_ended(code):
    return "ended by %s" % signal.Signals(-code).name if code < 0 \
        else "ended with %d" % code


def exchange(emulator, program, kind, percent, seed):
    done = subprocess.run(
        [program, str(emulator.port), str(emulator.process.pid), kind,
         str(percent), str(seed)], env=emulator.environment, text=True,
        stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
    jobs, link = read(done.stdout)
    broken = done.stderr.splitlines()
    if done.returncode != 0:
        broken.append(how_ended(done.returncode))
    elif len(jobs) != 3 or link is None:
        broken.append("reported less than it should")
    return Run(kind, percent, seed, jobs, link, broken)


# -------------------------------------------------------------------- rules

def wrong_with(kind, job, created):
    """What is wrong with a job, or None; `created` has the database's names."""
    if job.status not in KINDS[kind][0]:
        return "%s, which no such link can cause" % job.status
    if job.outcome == "REFUSED":
        return "REFUSED, though nothing was wrong with it"
    if job.outcome == "CREATED" and job.name not in created:
        return "CREATED, but the emulator has no such job"
    if job.outcome == "NOT_SENT" and job.name in created:
        return "NOT_SENT, but the emulator has the job"
    if job.status != "OK" and not job.why:
        return "%s, without a message" % job.status
    return None


def check(run, created):
    for job in run.jobs:
        wrong = wrong_with(run.kind, job, created)
        if wrong:
            run.broken.append("%s: %s" % (job.name, wrong))


def wrong_with_all(runs, connections):
    """What is wrong with all runs together, one line each."""
    cells = {(run.kind, run.percent): [] for run in runs}
    for run in runs:
        cells[run.kind, run.percent] += [job.status for job in run.jobs]
    for (kind, percent), statuses in cells.items():
        least = len(statuses) * least_created(kind, percent) // 100
        if statuses.count("OK") < least:
            yield "%s %d: created %d jobs of %d, less than %d" % (
                kind, percent, statuses.count("OK"), len(statuses), least)
    # Where nothing had to be retried, the first two use one connection, and
    # the third resumes its session.
    whole = sum(run.kind in ("duplicate", "reorder") or run.percent == 0
                for run in runs)
    if sum(one.requests > 1 for one in connections) < whole:
        yield "connections were not kept"
    if sum(one.resumed for one in connections) < whole:
        yield "sessions were not resumed"


# --------------------------------------------------------- the emulator's data

Connection = namedtuple("Connection", "resumed requests")


def names_in(database):
    connection = sqlite3.connect("file:%s?mode=ro" % database, uri=True)
    try:
        rows = connection.execute("SELECT name FROM jobs").fetchall()
    finally:
        connection.close()
    return {name for name, in rows}


def connections_in(log):
    """Those that carried a request."""
    found = re.findall(r"^connection (\d+), \S+, (\w+) session: ", log, re.M)
    requests = Counter(number for number, _ in found)
    return [Connection(session == "resumed", requests[number])
            for number, session in dict(found).items()]


# ----------------------------------------------------------------- printing

ROW = "%-9s %3s %5s %7s %8s %8s %8s %8s %9s  %s"
TITLES = ("kind", "%", "jobs", "created", "unknown", "median s", "max s",
          "impaired", "drained s", "failed")


def print_cell(runs, created):
    jobs = [job for run in runs for job in run.jobs]
    links = [run.link for run in runs if run.link]
    failed = Counter(job.status for job in jobs if job.status != "OK")
    unknown = [job for job in jobs if job.outcome == "UNKNOWN"]
    seconds = [job.ms / 1000 for job in jobs] or [0]
    row = ROW % (
        runs[0].kind, runs[0].percent, len(jobs), len(jobs) - failed.total(),
        "%d/%d" % (len(unknown), sum(job.name in created for job in unknown)),
        "%.2f" % statistics.median(seconds), "%.2f" % max(seconds),
        sum(link.impaired for link in links),
        "%.0f" % (max([link.drained_ms for link in links] or [0]) / 1000),
        ", ".join("%s %d" % item for item in sorted(failed.items())))
    print(row.rstrip())


def print_table(cells, runs, created, connections):
    links = [run.link for run in runs if run.link]
    print(ROW % TITLES)
    for cell in cells:
        print_cell([run for run in runs if run[:2] == cell], created)
    print("%d runs; of %d connections %d carried more than one job and %d "
          "resumed a session; lwIP found %d wrong checksums and was %d times "
          "out of memory" % (
              len(runs), len(connections),
              sum(one.requests > 1 for one in connections),
              sum(one.resumed for one in connections),
              sum(link.checksums for link in links),
              sum(link.out_of_memory for link in links)))


def print_run(run):
    for job in run.jobs:
        print("  ".join(map(str, job)).rstrip())
    if run.link:
        print(run.link)


# ----------------------------------------------------------------- campaign

def run_all(program, tasks):
    """The runs, the names of the created jobs, and the connections."""
    with running.Emulator("--verbose") as emulator:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            runs = list(pool.map(
                lambda task: exchange(emulator, program, *task), tasks))
        created = names_in(emulator.database)
        connections = connections_in(emulator.output())
    for run in runs:
        check(run, created)
    return runs, created, connections


def alone(program, kind, percent, seed):
    (run,), *_ = run_all(program, [(kind, percent, seed)])
    print_run(run)
    for line in run.broken:
        print(line)
    return not run.broken


def campaign(program, seeds):
    cells = [("mixed", 0)] + [(kind, rate) for kind in KINDS
                              for rate in RATES]
    runs, created, connections = run_all(
        program, [(*cell, seed) for cell in cells
                  for seed in range(1, seeds + 1)])
    print_table(cells, runs, created, connections)
    wrong = ["%s\n    again: /usr/bin/python3 -B %s %s %s %d %d" % (
        "\n".join(run.broken), __file__, program, *run[:3])
             for run in runs if run.broken]
    wrong += wrong_with_all(runs, connections)
    for line in wrong:
        print(line)
    return not wrong


def main():
    # So that the emulator is ended, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    program, *rest = sys.argv[1:] or sys.exit(__doc__)
    if len(rest) == 3:
        good = alone(program, rest[0], int(rest[1]), int(rest[2]))
    else:
        good = campaign(program, int(rest[0]) if rest else SEEDS)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
