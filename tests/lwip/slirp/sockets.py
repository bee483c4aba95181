#!/usr/bin/env python3
"""Jobs over lwIP's sockets and libslirp, on a link without faults.

    sockets.py PROGRAM

PROGRAM is sockets.c. What it reports of each job must be so, and be true in the
emulator's database.
"""

import errno
import os
import subprocess
import sys
import unittest
from collections import namedtuple
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "emulator"))

import running  # noqa: E402

PATIENCE = 1200  # seconds; a program that hangs ends itself before

Job = namedtuple("Job", "name status outcome code message")


class Sockets(unittest.TestCase):
    program = None

    @classmethod
    def setUpClass(cls):
        cls.emulator = cls.enterClassContext(running.Emulator("--verbose"))

    def create(self, *names, port=None, timeout_ms=PATIENCE * 1000):
        done = subprocess.run(
            [self.program, str(port or self.emulator.port), str(timeout_ms),
             *names],
            env=self.emulator.environment, text=True, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=PATIENCE)
        self.assertEqual((done.stderr, done.returncode), ("", 0))
        jobs = [Job(*line.split("\t")) for line in done.stdout.splitlines()]
        self.assertEqual([job.name for job in jobs], list(names))
        for job in jobs:
            exists = job.name in self.emulator.jobs()
            self.assertIn(job.outcome, ("CREATED" if exists else "NOT_SENT",
                                        "UNKNOWN"), job)
        return jobs

    def assert_created(self, *names):
        for job in self.create(*names):
            self.assertEqual((job.status, job.outcome),
                             ("SEGJOB_OK", "CREATED"), job)

    def test_jobs_on_one_connection(self):
        self.emulator.script()
        self.assert_created("first", "second", "third")
        self.assertEqual(len(self.emulator.served()), 3)

    def test_connections_that_end(self):
        for fault in ("close", "reset", "truncate"):
            for when in ("connect", "handshake", "operation"):
                with self.subTest(fault=fault, when=when):
                    self.emulator.script({"fault": fault, "after": when})
                    self.assert_created("%s-%s" % (fault, when))

    def test_a_response_in_small_pieces(self):
        self.emulator.script({"fault": "drip", "interval": 0.01})
        self.assert_created("drip")

    def test_no_response(self):
        """The deadline is kept: no call of lwIP's blocks."""
        self.emulator.script(*["stall"] * 10)
        job, = self.create("stalled", timeout_ms=2000)
        self.assertEqual(job.status, "SEGJOB_TIMEOUT", job)

    def test_nobody_listens(self):
        with running.free_port() as port:
            job, = self.create("refused", port=port)
        self.assertEqual(job.status, "SEGJOB_CONNECT")
        self.assertEqual((int(job.code), job.message),  # as lwIP names it
                         (errno.ECONNRESET, os.strerror(errno.ECONNRESET)))


if __name__ == "__main__":
    Sockets.program = sys.argv.pop(1)
    unittest.main()
