"""Following jobs: describe, list, wait, and what create adds to them."""

import contextlib
import datetime
import json
import os
import pty
import re
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import peer
from command import (ACCOUNT, ARN, MAYBE, SEGJOB, TOLD, CommandTest,
                     environment, error_of, options)

import certificates  # in a folder that `command` adds
import running

resources = contextlib.ExitStack()


def setUpModule():
    global emulator, server, server_env
    emulator = resources.enter_context(running.Emulator())
    CommandTest.env = emulator.environment
    folder = resources.enter_context(tempfile.TemporaryDirectory())
    authority = certificates.authority(folder)
    server = resources.enter_context(
        peer.Peer(certificates.issue(authority, ["localhost"], "peer")))
    server_env = environment(AWS_ENDPOINT_URL=server.endpoint,
                             AWS_CA_BUNDLE=authority.path)


def tearDownModule():
    resources.close()


def arn_of(name):
    return ACCOUNT + "batch-segment-job/" + name


def refusal(code):
    return {"fault": "error", "code": code, "status": 400}


class FollowTest(CommandTest):
    def made(self, name, **changes):
        """The options of a job that is there."""
        job = options(job_name=name, **changes)
        self.assertEqual(self.create(*job).code, 0)
        return job

    def fails(self, code, pattern, *arguments, **keywords):
        result = self.segjob(*arguments, **keywords)
        self.assertEqual(result.code, code, result)
        self.assertRegex(result.err, pattern)
        return result


class Describe(FollowTest):
    def test_members(self):
        """All that was asked for, and what the service adds."""
        emulator.script(pending=3600)
        self.made("described", num_results="7",
                  filter_arn=ACCOUNT + "filter/f",
                  input_kms_key_arn="arn:aws:kms:us-east-1:123456789012:key/")
        begun = time.time()
        result = self.segjob("describe", "--batch-segment-job-arn",
                             arn_of("described"))
        job = json.loads(result.out)["batchSegmentJob"]
        for name in ("creationDateTime", "lastUpdatedDateTime"):
            self.assertAlmostEqual(job.pop(name), begun, delta=60)
        self.assertEqual(job, {
            **TOLD, "jobName": "described", "numResults": 7,
            "batchSegmentJobArn": arn_of("described"), "status": "PENDING",
            "filterArn": ACCOUNT + "filter/f",
            "jobInput": {"s3DataSource": {
                "path": "s3://bucket/users/",
                "kmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/"}}})
        result = self.segjob("describe", "--output", "text",
                             "--batch-segment-job-arn", arn_of("described"))
        self.assertEqual(result.out, "PENDING\n")

    def told(self, *arguments, **members):
        server.behave = peer.says(peer.described(TOLD, **members))
        return self.segjob("describe", "--batch-segment-job-arn", ARN,
                           *arguments, env=server_env).out

    def test_what_the_service_tells(self):
        """Odd values come through as JSON, times with what they have."""
        text = 'a"b\\c\x1b[31m\x7f\x9f\tÿ𐍈'
        out = self.told(failureReason=text, created=1.310506263362e9,
                        lastUpdatedDateTime=1767225600, numResults=-1,
                        status="NEW\nWORD")
        self.assertNotRegex(out[:-1], "[\x00-\x1f\x7f-\x9f]")
        self.assertEqual(json.loads(out)["batchSegmentJob"], {
            **TOLD, "failureReason": text, "status": "NEW\nWORD",
            "creationDateTime": 1310506263.362, "numResults": -1,
            "lastUpdatedDateTime": 1767225600})
        self.assertEqual(self.told("--output=text", status="NEW\nWORD"),
                         "NEW\\x0aWORD\n")

    def test_not_there(self):
        self.fails(254, "ResourceNotFoundException", "describe",
                   "--batch-segment-job-arn", arn_of("nobody"))

    def test_arn(self):
        for command in ("describe", "wait"):
            self.fails(252, "batchSegmentJobArn: is required$", command)
            self.fails(252, "batchSegmentJobArn: must match", command,
                       "--batch-segment-job-arn", "nightly")

    def test_dry_run(self):
        out = self.segjob("describe", "--dry-run", "--batch-segment-job-arn",
                          ARN).out
        self.assertIn("AmazonPersonalize.DescribeBatchSegmentJob", out)
        self.assertTrue(out.endswith('{"batchSegmentJobArn":"%s"}' % ARN))

    def test_tried_again(self):
        emulator.script()
        self.made("tried")
        emulator.script("error", "throttle")
        result = self.segjob("describe", "--output=text",
                             "--batch-segment-job-arn", arn_of("tried"))
        self.assertEqual((result.code, len(emulator.served())), (0, 3))
        emulator.script(*["error"] * 3)
        result = self.fails(254, "InternalServerError", "describe",
                            "--batch-segment-job-arn", arn_of("tried"))
        self.assertNotIn("may exist", result.err)


class Options(FollowTest):
    def test_of_another_command(self):
        for command, option in [
                ("describe", "--job-name=x"), ("wait", "--ensure"),
                ("wait", "--wait"), ("list", "--batch-segment-job-arn=x"),
                ("list", "--tag=a=b"), ("create", "--batch-segment-job-arn=x"),
                ("describe", "--solution-version-arn=x")]:
            for arguments in ((command, option), (option, command)):
                self.fails(252, "^segjob: %s takes no %s$" % (
                    command, option.split("=")[0]), *arguments)


class List(FollowTest):
    VERSION = ACCOUNT + "solution/many/1"

    def test_pages(self):
        """More jobs than a page of the command's buffer holds."""
        emulator.script()
        names = ["many-%03d" % i for i in range(70)]
        for name in names:
            self.made(name, solution_version_arn=self.VERSION)
        emulator.script()
        result = self.segjob("list", "--solution-version-arn", self.VERSION)
        jobs = json.loads(result.out)["batchSegmentJobs"]
        self.assertEqual([job["jobName"] for job in jobs], names)
        self.assertEqual(len(emulator.served()), 3)
        for job in jobs:
            self.assertEqual(job["batchSegmentJobArn"],
                             arn_of(job["jobName"]))
            self.assertNotIn("roleArn", job)
        result = self.segjob("list", "--output", "text")
        rows = [line.split("\t") for line in result.out.splitlines()]
        self.assertLessEqual({arn_of(name) for name in names},
                             {row[0] for row in rows})
        for _, _, created in rows:
            datetime.datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ")
        # A page that cannot be had leaves nothing half-told.
        emulator.script(None, refusal("InvalidNextTokenException"))
        self.fails(254, "InvalidNextTokenException", "list",
                   "--solution-version-arn", self.VERSION)
        emulator.script(None, "close", "throttle")
        result = self.segjob("list", "--solution-version-arn", self.VERSION)
        self.assertEqual(len(json.loads(result.out)["batchSegmentJobs"]), 70)

    def test_none(self):
        result = self.segjob("list", "--solution-version-arn",
                             ACCOUNT + "solution/none/1")
        self.assertEqual(json.loads(result.out), {"batchSegmentJobs": []})
        result = self.segjob("list", "--output=text", "--solution-version-arn",
                             ACCOUNT + "solution/none/1")
        self.assertEqual(result.out, "")

    def test_bad_arn(self):
        self.fails(252, "solutionVersionArn: must match", "list",
                   "--solution-version-arn", "x")


class Ensure(FollowTest):
    def ensured(self, *job):
        result = self.create(*job, "--ensure")
        self.assertEqual(result.code, 0, result)
        return json.loads(result.out)

    def test_made_or_there(self):
        emulator.script(pending=3600)
        job = options(job_name="ensured", num_results="5")
        self.assertEqual(self.ensured(*job),
                         {"batchSegmentJobArn": arn_of("ensured")})
        self.assertEqual(self.ensured(*job), {
            "batchSegmentJobArn": arn_of("ensured"), "status": "PENDING"})
        self.assertEqual(self.create(*job, "--ensure", "--output=text").out,
                         arn_of("ensured") + "\tPENDING\n")
        self.assertEqual(emulator.jobs().count("ensured"), 1)
        self.refused(254, "ResourceAlreadyExistsException", *job)

    def test_each_member_that_differs(self):
        emulator.script()
        job = {"job_name": "differs", "num_results": "5",
               "filter_arn": ACCOUNT + "filter/f"}
        self.made(**{"name": job.pop("job_name")}, **job)
        job["job_name"] = "differs"
        for option, value, member in [
                ("solution_version_arn", ACCOUNT + "solution/x/1",
                 "solutionVersionArn"),
                ("filter_arn", ACCOUNT + "filter/g", "filterArn"),
                ("filter_arn", None, "filterArn"),
                ("role_arn", "arn:aws:iam::123456789012:role/other",
                 "roleArn"),
                ("input_path", "s3://b/x", "jobInput.s3DataSource.path"),
                ("input_kms_key_arn", "arn:aws:kms:x:123456789012:key/",
                 "jobInput.s3DataSource.kmsKeyArn"),
                ("output_path", "s3://b/", "jobOutput.s3DataDestination.path"),
                ("output_kms_key_arn", "arn:aws:kms:x:123456789012:key/",
                 "jobOutput.s3DataDestination.kmsKeyArn"),
                ("num_results", "6", "numResults")]:
            with self.subTest(member):
                self.refused(254, "^segjob: %s: differs" % re.escape(member),
                             *options(**{**job, option: value}), "--ensure")

    def test_no_arn_follows(self):
        emulator.script()
        self.refused(252, "^segjob: solutionVersionArn: must name a region",
                     *options(solution_version_arn="arn:aws:personalize:::s"),
                     "--ensure")
        self.assertEqual(emulator.served(), [])

    def test_failed(self):
        emulator.script(pending=0, in_progress=0, fail="no data\nat all")
        job = self.made("broken")
        self.refused(254, r"^segjob: the job has failed: no data\\x0aat all; "
                     "its name stays taken$", *job, "--ensure")
        emulator.script()

    def test_cannot_be_seen(self):
        """Whether it is the same cannot be told."""
        emulator.script()
        job = self.made("hidden")
        emulator.script(None, refusal("AccessDeniedException"))
        self.refused(255, "^segjob: AccessDeniedException.*" + MAYBE + "$",
                     *job, "--ensure")


class Wait(FollowTest):
    """All that take a minute do it at once: it looks once a minute."""

    def test_done_already(self):
        emulator.script(pending=0, in_progress=0)
        self.made("done")
        result = self.segjob("wait", "--batch-segment-job-arn",
                             arn_of("done"))
        job = json.loads(result.out)["batchSegmentJob"]
        self.assertEqual((job["jobName"], job["status"]), ("done", "ACTIVE"))
        result = self.create(*options(job_name="at-once"), "--wait")
        self.assertEqual(json.loads(result.out), {
            "batchSegmentJobArn": arn_of("at-once"), "status": "ACTIVE"})

    def test_failed_already(self):
        emulator.script(pending=0, in_progress=0, fail="no data")
        self.made("failed")
        self.fails(254, "^segjob: the job has failed: no data$", "wait",
                   "--batch-segment-job-arn", arn_of("failed"))
        self.fails(254, "^segjob: the job has failed: no data$", "create",
                   *options(job_name="failed-too"), "--wait")
        emulator.script()

    def test_time_runs_out(self):
        emulator.script(pending=3600)
        result = self.fails(
            255, "segjob: PENDING after 0 ssegjob: [^;]*time ran out.*; the "
            "job was made: %s$" % arn_of("slow"), "create",
            *options(job_name="slow", timeout="1"), "--wait")
        self.assertEqual(emulator.jobs().count("slow"), 1)
        self.assertNotIn("may exist", result.err)
        self.fails(255, "time ran out", "wait", "--timeout=0.5",
                   "--batch-segment-job-arn", arn_of("slow"))

    def test_interrupted(self):
        emulator.script(pending=3600)
        process = subprocess.Popen(
            [SEGJOB, "create", "--wait", *options(job_name="interrupted")],
            env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        try:
            line = process.stderr.readline()  # it waits now
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
            process.communicate()
        self.assertEqual((line, out, err, process.returncode), (
            "segjob: PENDING after 0 s\n", "",
            "segjob: interrupted; the job was made\n", 130))

    def on_a_terminal(self, arguments):
        """Run it with standard error on a terminal; what that shows."""
        ours, theirs = pty.openpty()
        try:
            process = subprocess.Popen([SEGJOB, *arguments], env=self.env,
                                       stdout=subprocess.PIPE, stderr=theirs)
        finally:
            os.close(theirs)
        shown = b""
        try:
            with contextlib.suppress(OSError):  # EIO is its end
                while piece := os.read(ours, 4096):
                    shown += piece
            out, _ = process.communicate(timeout=30)
        finally:
            process.kill()
            process.communicate()
            os.close(ours)
        return process.returncode, json.loads(out), shown.decode()

    def test_a_minute(self):
        """On a terminal, elsewhere, and after creating the job."""
        emulator.script(pending=30, in_progress=15)
        self.made("minute")
        results = {}
        wait = ["wait", "--batch-segment-job-arn", arn_of("minute")]
        threads = [threading.Thread(target=work) for work in (
            lambda: results.update(live=self.on_a_terminal(wait)),
            lambda: results.update(plain=self.segjob(*wait)),
            lambda: results.update(
                created=self.create(*options(job_name="fresh"), "--wait")))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        code, out, shown = results["live"]
        self.assertEqual((code, out["batchSegmentJob"]["status"]),
                         (0, "ACTIVE"))
        lines = shown.split("\r")
        self.assertEqual((lines[0], lines[-1]), ("", "\x1b[K"))
        seconds = []
        for line in lines[1:-1]:
            match = re.fullmatch("PENDING  ([0-9]+):([0-5][0-9])\x1b\\[K",
                                 line)
            self.assertTrue(match, line)
            seconds.append(60 * int(match[1]) + int(match[2]))
        self.assertEqual(seconds, sorted(seconds))
        self.assertGreater(len(set(seconds)), 30)
        self.assertEqual(results["plain"].err, "segjob: PENDING after 0 s")
        self.assertEqual(json.loads(results["plain"].out), out)
        self.assertEqual(json.loads(results["created"].out), {
            "batchSegmentJobArn": arn_of("fresh"), "status": "ACTIVE"})


class Debug(FollowTest):
    def test_attempts_are_told(self):
        emulator.script("error", "throttle")
        result = self.create(*options(job_name="debugged"), "--debug")
        self.assertEqual(result.code, 0)
        text = "\n".join(result.debug)
        self.assertEqual(len(re.findall("a pause of [0-9]+ ms", text)), 2)

    def test_line_of_failure(self):
        emulator.script("throttle", "throttle", "throttle")
        result = self.create(*options(job_name="never"), "--debug")
        self.assertEqual(result.code, 254)
        self.assertIn("ThrottlingException", error_of(result))


if __name__ == "__main__":
    unittest.main()
