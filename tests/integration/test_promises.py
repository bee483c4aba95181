"""The command against a service that fails: one job each time, never two.

Each row has a script of faults of the emulator (see emulator/faults.py), and
the requests that the emulator must have served, a letter each: c to create a
job, d to describe it, - for a connection whose request was not read.
"""

import contextlib
import re
import unittest

import command
from command import MAY_EXIST, CommandTest, options

import running  # in a folder that `command` adds

YEAR = 365 * 86400
OUTSIDE = {"after": "operation"}  # the job is created nevertheless
GATEWAYS = {"headers": {"x-amzn-RequestId": None}}  # not of the service
FOREIGN = "arn:aws:personalize:eu-west-9:999999999999:solution/evil"

# Name, script, settings, requests as a regular expression.
ROWS = [
    ("throttled", ["throttle"], {}, "cc"),
    ("throttled twice", ["throttle", "throttle"], {}, "ccc"),
    ("x-amz-retry-after", [
        {"fault": "throttle", "headers": {"x-amz-retry-after": "300"}}],
     {}, "cc"),
    ("Retry-After", [
        {"fault": "throttle", "headers": {"Retry-After": "1"}}], {}, "cc"),
    ("expired credentials", [
        {"fault": "error", "code": "ExpiredTokenException", "status": 400}],
     {}, "cc"),
    ("error before", ["error"], {}, "cdc"),
    ("error after", [{"fault": "error", **OUTSIDE}], {}, "cd"),
    ("page before", ["page"], {}, "cdc"),
    ("page after", [{"fault": "page", **OUTSIDE}], {}, "cd"),
    ("garbage", ["garbage"], {}, "cd"),
    ("failed after creating", [{"code": "InternalFailure"}], {}, "cd"),
    ("timed out after creating", [
        {"code": "RequestTimeoutException", "status": 408}], {}, "cd"),
    ("aborted after creating", [{"code": "RequestAbortedException"}], {},
     "cd"),
    ("throttled after creating", [{"code": "ThrottlingException"}], {},
     "ccd"),
    ("gateway before", [{"fault": "throttle", **GATEWAYS}], {}, "cdc"),
    ("gateway throttles after creating", [
        {"code": "Throttled", "status": 429, **GATEWAYS}], {}, "cd"),
    ("gateway knows the name", [
        {"code": "ResourceAlreadyExistsException", "status": 409,
         **GATEWAYS}], {}, "cd"),
    ("gateway does not see the job", [
        {"fault": "close", **OUTSIDE},
        {"code": "ResourceNotFoundException", "status": 404, **GATEWAYS}],
     {}, "cdd"),
    ("a foreign ARN", [
        {"body": '{"batchSegmentJobArn": "%s"}' % FOREIGN}], {}, "cd"),
    ("a foreign job", [
        {"fault": "close", **OUTSIDE},
        {"body": '{"batchSegmentJob": {"batchSegmentJobArn": "%s",'
                 ' "status": "ACTIVE", "creationDateTime": 4e9}}' % FOREIGN}],
     {}, "cdd"),
    # The client may notice before it sends anything.
    ("closed before reading", [{"fault": "close", "after": "handshake"}], {},
     "-d?c"),
    ("closed in the handshake", [{"fault": "close", "after": "connect"}], {},
     "-c"),
    ("closed after reading", ["close"], {}, "cdc"),
    ("closed after creating", [{"fault": "close", **OUTSIDE}], {}, "cd"),
    ("no close_notify", ["no-close-notify"], {}, "cd"),
    ("reset", ["reset"], {}, "cdc"),
    ("reset after creating", [{"fault": "reset", **OUTSIDE}], {}, "cd"),
    ("stalled", ["stall"], {}, "cdc"),
    ("stalled after creating", [{"fault": "stall", **OUTSIDE}], {}, "cd"),
    ("created late", [{"fault": "close", "late": 1}], {}, "cd(c|cd*)"),
    ("dripped", [{"fault": "drip", "interval": 0.001}], {}, "c"),
    ("truncated", ["truncate"], {}, "cd"),
    ("truncated in the head", [{"fault": "truncate", "bytes": 20}], {}, "cd"),
    ("truncated and reset", [{"fault": "truncate", "end": "reset"}], {}, "cd"),
    ("wrong Date", [{"date": 3600}], {}, "c"),
    ("the clock is years behind", [], {"skew": 5 * YEAR}, "cc"),
    ("the clock is an hour ahead", [], {"skew": -3600}, "cc"),
    ("the clock is behind, and no response",
     [None, {"fault": "close", **OUTSIDE}], {"skew": 5 * YEAR}, "ccd"),
    ("one request a connection", ["error", None, None], {"keep_alive": 1},
     "cdc"),
    # If the first Describe is late, it sees the job.
    ("seen late", [{"fault": "close", **OUTSIDE}], {"lag": 1}, "cd(cd+)?"),
    ("all at once", ["error", "close", "throttle", "reset"], {}, "cddddc"),
]

resources = contextlib.ExitStack()


def setUpModule():
    global emulator
    emulator = resources.enter_context(running.Emulator())
    CommandTest.env = emulator.environment


def tearDownModule():
    resources.close()
    CommandTest.env = command.environment()


def letters():
    """The requests that were served, a letter each."""
    return "".join((entry["operation"] or "-")[0].lower()
                   for entry in emulator.served())


class OneJob(CommandTest):
    def job(self, name):
        return options(job_name=name.replace(" ", "-").replace(",", "_"),
                       timeout="300")

    def check(self, name, script, settings, requests):
        emulator.script(*script, **settings)
        before = emulator.jobs()
        result = self.create(*self.job(name))
        self.assertEqual(result.code, 0, result)
        self.assertRegex(letters(), "^%s$" % requests)
        made = emulator.jobs()[len(before):]
        self.assertEqual(made, [self.job(name)[1]])
        self.assertIn(made[0], result.out)

    def test_each_fault(self):
        for row in ROWS:
            with self.subTest(row[0]):
                self.check(*row)

    def test_a_late_create(self):
        """A request that is served late creates no second job."""
        name = "sent twice"
        emulator.script({"fault": "close", "late": 1}, {"fault": "reset"})
        self.assertEqual(self.create(*self.job(name)).code, 0)
        self.assertEqual(emulator.jobs().count("sent-twice"), 1)

    def test_unknown(self):
        """No more responses: the job may or may not exist."""
        for fault, made in (("close", 0),
                            ({"fault": "close", **OUTSIDE}, 1)):
            job = options(job_name="unknown-%d" % made)
            for seconds in (2, 8, 32, 128):  # a slow machine needs more
                emulator.script(fault, *["close"] * 600)
                result = self.refused(255, "", *job, "--timeout=%d" % seconds)
                if re.search("^cd+$", letters()) and \
                        "host name;" not in result.err:
                    break
            self.assertRegex(letters(), "^cd+$")
            self.assertTrue(result.err.endswith(MAY_EXIST), result.err)
            self.assertEqual(emulator.jobs().count(job[1]), made)
            emulator.script()
            self.assertEqual(self.create(*job, "--ensure").code, 0)
            self.assertEqual(emulator.jobs().count(job[1]), 1)

    def test_another_has_the_name(self):
        emulator.script()
        job = options(job_name="taken", num_results="7")
        self.assertEqual(self.create(*job).code, 0)
        emulator.script("close")
        self.refused(254, r"^segjob: --num-results \(numResults\): differs",
                     *options(job_name="taken", num_results="8"))
        self.assertEqual(letters(), "cd")
        emulator.script("close")
        self.refused(254, r"^segjob: --filter-arn \(filterArn\): differs",
                     *job, "--filter-arn", command.ACCOUNT + "filter/f")
        self.assertEqual(emulator.jobs().count("taken"), 1)

    def test_a_refusal_is_certain(self):
        emulator.script("throttle")
        self.refused(254, "InvalidInputException",
                     *options(job_name="refused", num_results="0"))
        self.assertEqual(letters(), "cc")
        self.assertNotIn("refused", emulator.jobs())

    def test_throttled_for_good(self):
        emulator.script(*["throttle"] * 3)
        self.refused(254, "ThrottlingException", *self.job("throttled-thrice"))
        self.assertEqual(letters(), "ccc")

    def test_max_attempts(self):
        """A number, else that of the retry mode. An empty one is absent."""
        for values, attempts in (
                ({}, 3), ({"AWS_MAX_ATTEMPTS": "1"}, 1),
                ({"AWS_MAX_ATTEMPTS": "6"}, 6),
                ({"AWS_MAX_ATTEMPTS": "", "AWS_RETRY_MODE": ""}, 3),
                ({"AWS_RETRY_MODE": "standard"}, 3),
                ({"AWS_RETRY_MODE": "adaptive"}, 3),
                ({"AWS_RETRY_MODE": "legacy"}, 5),
                ({"AWS_RETRY_MODE": "legacy", "AWS_MAX_ATTEMPTS": "2"}, 2)):
            with self.subTest(values):
                emulator.script(*["error"] * 9)
                result = self.segjob("list", "--timeout=300",
                                     env={**self.env, **values})
                self.assertEqual(result.code, 254, result)
                self.assertEqual(letters(), "l" * attempts)

    def test_many_attempts(self):
        """More than there can be are as many as there can be."""
        for number in "255", "256", "4294967295", "9" * 50:
            emulator.script(*["error"] * 4)
            result = self.segjob("list", "--timeout=300",
                                 env={**self.env, "AWS_MAX_ATTEMPTS": number})
            self.assertEqual(result.code, 0, result)
            self.assertEqual(letters(), "l" * 5)

    def test_one_attempt_to_create(self):
        """A look settles what became of it all the same."""
        env = {**self.env, "AWS_MAX_ATTEMPTS": "1"}
        emulator.script("throttle")
        self.refused(254, "ThrottlingException", *self.job("once"), env=env)
        self.assertEqual(letters(), "c")
        emulator.script({"fault": "close", **OUTSIDE})
        self.assertEqual(self.create(*self.job("once"), env=env).code, 0)
        self.assertEqual(letters(), "cd")


if __name__ == "__main__":
    unittest.main()
