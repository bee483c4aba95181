#!/usr/bin/python3
"""Many jobs of one process: memory is flat, and time is linear.

    many.py JOBS

JOBS is jobs.c's program. It creates 10,000 jobs, and lists 10,000 over pages,
with a local nginx. Prints lines `KEY VALUE`: the heap in the end as a multiple
of that after 1,000 jobs; and, as valgrind counts them, the instructions of a
late job, or page, as a multiple of those of an early one. Each is the worse of
creation and list. What they take is on standard error.
"""

import os
import re
import signal
import subprocess
import sys

import jobs

PAGE_LEN = 4  # as in jobs.c
PAGE = {
    "batchSegmentJobs": [{
        "batchSegmentJobArn": "arn:aws:personalize:us-east-1:123456789012:"
                              "batch-segment-job/nightly-%d" % i,
        "jobName": "nightly-%d" % i,
        "solutionVersionArn": "arn:aws:personalize:us-east-1:123456789012:"
                              "solution/users/0123abcd",
        "status": "ACTIVE",
        "creationDateTime": 1782864000.123,
        "lastUpdatedDateTime": 1782867600.456} for i in range(PAGE_LEN)],
    "nextToken": "after-request-$connection_requests"}
MANY, SOME = 10000, 1000
EARLY, LATE = 40, 400  # operations under valgrind


def instructions(program, name, peer, count):
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         program, name, *peer, str(count)], check=True, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def measure(program, name, response, jobs_each):
    """(growth of the heap, growth of the instructions)"""
    with jobs.server(response, "1.2") as peer:
        some, many = (jobs.run(program, name, peer, n // jobs_each)
                      for n in (SOME, MANY))
        none, early, late = (instructions(program, name, peer, n)
                             for n in (0, EARLY, LATE))
    print("%-6s of %d jobs: %d KB of heap; %.2f s of processor time, "
          "%.1f times that of %d" % (name, MANY, many[1] / 1024, many[0] / 1e9,
                                     many[0] / some[0], SOME), file=sys.stderr)
    return (many[1] / some[1],
            (late - early) / (LATE - EARLY) / ((early - none) / EARLY))


def main():
    # So that nginx is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    program = os.path.abspath(sys.argv[1])
    growths = (measure(program, "segjob", jobs.RESPONSE, 1),
               measure(program, "list", PAGE, PAGE_LEN))
    for key, values in zip(("many_heap_growth", "many_instructions_growth"),
                           zip(*growths)):
        print(key, "%.3f" % max(values))


if __name__ == "__main__":
    main()
