"""Runs the command for a test, and checks the rules that hold for every run.

Success prints nothing to standard error. Failure prints one line there and
nothing to standard output. Neither contains a secret, a token or a tag.
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

# The example of AWS's documentation.
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
REPORTED = {  # such a job, as reported by the service
    "batchSegmentJobArn": ARN,
    "jobName": JOB["job-name"],
    "solutionVersionArn": JOB["solution-version-arn"],
    "roleArn": JOB["role-arn"],
    "jobInput": {"s3DataSource": {"path": JOB["input-path"]}},
    "jobOutput": {"s3DataDestination": {"path": JOB["output-path"]}},
}
CREATE, DESCRIBE = "CreateBatchSegmentJob", "DescribeBatchSegmentJob"
MAY_EXIST = "; the job may exist: `segjob create --ensure` settles it"
WAS_CREATED = "; the job was created: "  # and its ARN
ENDS = {  # the text for each signal
    signal.SIGHUP: "hung up",
    signal.SIGINT: "interrupted",
    signal.SIGTERM: "terminated",
}
# A shell's background process ignores some of them, and so do its children.
DEFAULT_SIGNALS = ["env", "--default-signal=HUP,INT,TERM"]
IGNORED_SIGNALS = ["env", "--ignore-signal=HUP,INT,TERM,PIPE"]

Result = namedtuple("Result", "code out err debug")


def environment(**values):
    """This process's environment, with these AWS settings and no others.

    Its proxies are removed: they are not for loopback.
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
    """The options of a job; a change to None removes one."""
    values = dict(JOB if job is None else job)
    values.update((name.replace("_", "-"), value)
                  for name, value in changes.items())
    return [text for name, value in values.items() if value is not None
            for text in ("--" + name, value)]


class CommandTest(unittest.TestCase):
    """A test case that runs the command."""

    env = environment()

    def segjob(self, *arguments, env=None, stdin=b"", secrets=(), before=()):
        """Run it to its end; `secrets` are texts that it must not print."""
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
        self.check_lines(arguments, result, lines)
        self.check_secrets(arguments, result, [
            env.get("AWS_SECRET_ACCESS_KEY"), env.get("AWS_SESSION_TOKEN"),
            *secrets])
        return result

    def check_lines(self, arguments, result, lines):
        if "--debug" not in arguments:
            self.assertEqual(result.debug, [])
        errors = [line for line in lines if not line.startswith("debug: ")]
        if {"wait", "--wait"} & set(arguments):  # it prints the job's status
            errors = [line for line in errors
                      if not re.match(r"segjob: .* after \d+ s$", line)]
        if result.code == 0:
            self.assertEqual(errors, [], lines)
        else:
            self.assertEqual((len(errors), result.out), (1, ""), lines)
            self.assertTrue(errors[0].startswith("segjob: "), result.err)
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
        for part in parts:  # it may be part of a longer word
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
        """Run `segjob create`, which fails with this line when time runs out.

        Time must run out after --debug has printed a match of `first`, and not
        while a name is resolved. A slow machine gets more time until it does.
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
    """What --debug prints after such a request was sent."""
    return "bytes: " + operation


@contextlib.contextmanager
def running(*arguments, before=DEFAULT_SIGNALS, **keywords):
    """The command as a process; killed at the end of the context."""
    process = subprocess.Popen(
        [*before, SEGJOB, *arguments], text=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **keywords})
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def error_of(result):
    """The line of a failure without `segjob: `."""
    return result.err[len("segjob: "):]
