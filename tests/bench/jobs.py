#!/usr/bin/python3
"""Processor time of a job over one kept connection, beside libcurl's.

    jobs.py JOBS KEY TLS [PAIRS]

JOBS is jobs.c's program. It creates the same jobs with segjob and with libcurl,
in turn, to a local nginx that has this version of TLS alone, such as 1.3. Its
start and the first job do not count. Prints a line `KEY VALUE`, the median of
the ratios pair by pair, and a table of medians on standard error.
"""

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile

import command

COUNT = 400
RESPONSE = {  # to the request of request.h
    "batchSegmentJobArn": "arn:aws:personalize:us-east-1:123456789012:"
                          "batch-segment-job/nightly-2026-07",
    "connection": "$connection"}


@contextlib.contextmanager
def server(response, tls):
    """The port of an nginx on localhost, and the authority that it shows."""
    # One processor for all: what it takes to wake another one varies.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory(prefix="jobs-") as folder:
        ca, issued = command.issue(folder)
        with command.nginx(folder, issued, response, "TLSv" + tls) as port:
            yield str(port), ca.path


def run(jobs, program, peer, count):
    """(nanoseconds of `count` jobs, bytes of heap in the end)"""
    done = subprocess.run([jobs, program, *peer, str(count)], check=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    return tuple(map(int, done.stdout.split()))


def main():
    # So that nginx is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    jobs, key, tls = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3]
    pairs = int(sys.argv[4]) if len(sys.argv) > 4 else 15
    with server(RESPONSE, tls) as peer:
        rows = [tuple(run(jobs, program, peer, COUNT)[0]
                      for program in ("segjob", "curl"))
                for _ in range(pairs)]
    print("%s, microseconds of a job, medians of %d pairs of %d jobs:"
          % (key, pairs, COUNT), file=sys.stderr)
    for name, column in zip(("segjob", "libcurl"), zip(*rows)):
        print("%-8s %8.1f" % (name, statistics.median(column) / COUNT / 1e3),
              file=sys.stderr)
    print("%s %.3f"
          % (key, statistics.median(ours / curl for ours, curl in rows)))


if __name__ == "__main__":
    main()
