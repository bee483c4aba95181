"""Runs the command for a test, and holds every run to what it promises.

Whatever a test looks at: success says nothing on standard error, failure is
one line there and nothing on standard output, and no secret, token or tag is
in either.
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
import unittest
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "emulator"))

SEGJOB = os.environ.get("SEGJOB", os.path.join(ROOT, "build/host/segjob"))
PATIENCE = 600  # seconds; only a command that hangs takes as long

# AWS's own documentation example.
KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

ACCOUNT = "arn:aws:personalize:us-east-1:123456789012:"
JOB = {
    "job-name": "nightly",
    "solution-version-arn": ACCOUNT + "solution/films/4f8a21",
    "role-arn": "arn:aws:iam::123456789012:role/segments",
    "input-path": "s3://bucket/users/",
    "output-path": "s3://bucket/segments/",
}
ARN = ACCOUNT + "batch-segment-job/nightly"
TOLD = {  # what the service tells of such a job
    "batchSegmentJobArn": ARN,
    "jobName": JOB["job-name"],
    "solutionVersionArn": JOB["solution-version-arn"],
    "roleArn": JOB["role-arn"],
    "jobInput": {"s3DataSource": {"path": JOB["input-path"]}},
    "jobOutput": {"s3DataDestination": {"path": JOB["output-path"]}},
}
CREATE, DESCRIBE = "CreateBatchSegmentJob", "DescribeBatchSegmentJob"
MAYBE = "; the job may exist: `segjob create --ensure` settles it"
MADE = "; the job was made: "  # and its ARN
ENDS = {  # what each signal is called
    signal.SIGHUP: "hung up",
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "terminated",
}
# What a shell runs in the background ignores some, children and all.
HEEDING = ["env", "--default-signal=HUP,INT,TERM"]
DEAF = ["env", "--ignore-signal=HUP,INT,TERM,PIPE"]

Result = namedtuple("Result", "code out err debug")


def environment(**values):
    """This process's environment, with these AWS settings and no others.

    Whatever proxy it names is not for loopback.
    """
    env = {name: value for name, value in os.environ.items()
           if not name.startswith("AWS_")
           and not name.lower().endswith("_proxy")}
    env.update(AWS_ACCESS_KEY_ID=KEY_ID, AWS_SECRET_ACCESS_KEY=SECRET,
               AWS_REGION="us-east-1", AWS_CONFIG_FILE=os.devnull,
               AWS_SHARED_CREDENTIALS_FILE=os.devnull,
               AWS_EC2_METADATA_DISABLED="true")
    env.update(values)
    return {name: value for name, value in env.items() if value is not None}


def options(job=None, **changes):
    """The options of a job; a change to None leaves one out."""
    values = dict(JOB if job is None else job)
    values.update((name.replace("_", "-"), value)
                  for name, value in changes.items())
    return [text for name, value in values.items() if value is not None
            for text in ("--" + name, value)]


class CommandTest(unittest.TestCase):
    """Adds running the command to a test case."""

    env = environment()

    def segjob(self, *arguments, env=None, stdin=b"", secrets=(), before=()):
        """Run it to its end; `secrets` are more text that must not leak."""
        env = self.env if env is None else env
        process = subprocess.run(
            [*before, SEGJOB, *arguments], input=stdin, capture_output=True,
            timeout=PATIENCE, env=env)
        out, err = process.stdout.decode(), process.stderr.decode()
        lines = err.splitlines()
        result = Result(
            process.returncode, out,
            "".join(line for line in lines if not line.startswith("debug: ")),
            [line for line in lines if line.startswith("debug: ")])
        self.check_words(arguments, result, lines)
        self.check_secrets(arguments, result, [
            env.get("AWS_SECRET_ACCESS_KEY"), env.get("AWS_SESSION_TOKEN"),
            *secrets])
        return result

    def check_words(self, arguments, result, lines):
        if "--debug" not in arguments:
            self.assertEqual(result.debug, [])
        said = [line for line in lines if not line.startswith("debug: ")]
        if {"wait", "--wait"} & set(arguments):  # it tells how the job is
            said = [line for line in said
                    if not re.match(r"segjob: .* after \d+ s$", line)]
        if result.code == 0:
            self.assertEqual(said, [], lines)
        else:
            self.assertEqual((len(said), result.out), (1, ""), lines)
            self.assertTrue(said[0].startswith("segjob: "), result.err)
        self.assertIsNone(re.search("[\x00-\x1f\x7f-\x9f]", result.err),
                          result.err)

    def check_secrets(self, arguments, result, secrets):
        words = "\n".join(arguments).replace("\n--tag\n", "\n--tag=")
        parts = [part for tag in re.findall("(?m)^--tag=(.*)$", words)
                 for part in tag.split("=", 1)]
        text = result.err + "".join(result.debug)
        if "--dry-run" not in arguments:
            text += result.out
        for secret in secrets:
            if secret and len(secret) > 3:
                self.assertNotIn(secret, text)
        for part in parts:  # which may be part of a word that is no tag
            if len(part) > 3:
                self.assertNotRegex(text, r"(?<![\w.:/=+@-])%s(?![\w.:/=+@-])"
                                    % re.escape(part))

    def create(self, *arguments, **keywords):
        return self.segjob("create", *arguments, **keywords)

    def refused(self, code, pattern, *arguments, **keywords):
        """Run `segjob create`, which fails with this code and line."""
        result = self.create(*arguments, **keywords)
        self.assertEqual(result.code, code, result)
        self.assertIsNotNone(re.search(pattern, result.err), result.err)
        return result

    def runs_out(self, first, pattern, *arguments, seconds=1, **keywords):
        """Run `segjob create`, which fails with this line when its time is out.

        On a slow machine that may come before --debug tells of what `first`
        matches, from which on the line is so; then it gets more time. So it
        does if a name was being looked up, for which there is another line.
        """
        while True:
            result = self.refused(255, "", *arguments, "--debug",
                                  "--timeout=%d" % seconds, **keywords)
            if re.search(first, "\n".join(result.debug), re.DOTALL) and \
                    "host name;" not in result.err:
                break
            self.assertLess(seconds, PATIENCE, result)
            seconds *= 2
        self.assertRegex(result.err, pattern)
        return result


def sent(operation):
    """What --debug tells when such a request has left."""
    return "bytes: " + operation


@contextlib.contextmanager
def running(*arguments, before=HEEDING, **keywords):
    """The command as a process, which is ended at the latest behind this."""
    process = subprocess.Popen(
        [*before, SEGJOB, *arguments], text=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **keywords})
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def error_of(result):
    """The line of failure without its beginning."""
    return result.err[len("segjob: "):]
