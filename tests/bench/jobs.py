#!/usr/bin/python3
"""Processor time of a job over one kept connection, beside libcurl's.

    jobs.py JOBS [PAIRS]

JOBS is jobs.c's program. It creates the same jobs with segjob and with libcurl,
in turn, over TLS to a local nginx. Its start and the first job do not count.
Prints a line `KEY VALUE`, the median of the ratios pair by pair, and a table
of medians on standard error.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile

import command
from command import certificates

COUNT = 400  # nginx ends a connection after 1000
RESPONSE = {  # to the request of request.h
    "batchSegmentJobArn": "arn:aws:personalize:us-east-1:123456789012:"
                          "batch-segment-job/nightly-2026-07",
    "connection": "$connection"}


def processor_ns(jobs, program, port, bundle):
    """The processor time of COUNT jobs."""
    return int(subprocess.run(
        [jobs, program, str(port), bundle, str(COUNT)], check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout)


def main():
    # So that nginx is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    jobs = os.path.abspath(sys.argv[1])
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    with tempfile.TemporaryDirectory(prefix="jobs-") as folder:
        ca = certificates.authority(folder)
        server = certificates.issue(ca, ["localhost"])
        with command.nginx(folder, server, RESPONSE) as port:
            rows = [tuple(processor_ns(jobs, program, port, ca.path)
                          for program in ("segjob", "curl"))
                    for _ in range(pairs)]
    print("processor microseconds of a job over a kept connection, medians of "
          "%d pairs of %d jobs:" % (pairs, COUNT), file=sys.stderr)
    for name, column in zip(("segjob", "libcurl"), zip(*rows)):
        print("%-8s %8.1f" % (name, statistics.median(column) / COUNT / 1e3),
              file=sys.stderr)
    print("job_processor_ratio %.3f"
          % statistics.median(ours / curl for ours, curl in rows))


if __name__ == "__main__":
    main()
