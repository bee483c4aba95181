"""Following jobs: describe, list, wait, and create with --wait or --ensure."""

import contextlib
import datetime
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import command
import peer
from command import (ACCOUNT, ARN, CREATE, DEFAULT_SIGNALS, DESCRIBE, ENDS,
                     IGNORED_SIGNALS, MAY_EXIST, PATIENCE, REPORTED, SEGJOB,
                     WAS_CREATED, CommandTest, environment, error_of, options,
                     sent)

import certificates  # in a folder that `command` adds
import running

resources = contextlib.ExitStack()


def setUpModule():
    global emulator, minute, server, server_env
    # A shell's background process ignores it, and so would its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    minute = resources.enter_context(Minute())
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
    CommandTest.env = environment()


def arn_of(name):
    return ACCOUNT + "batch-segment-job/" + name


def refusal(code):
    return {"fault": "error", "code": code, "status": 400}


def has_terminals():
    """False in a chroot without /dev/pts."""
    try:
        for descriptor in pty.openpty():
            os.close(descriptor)
    except OSError:
        return False
    return True


NO_TERMINALS = not has_terminals()

# The only line of a wait for a job that is done at the second poll.
PENDING = r"\Asegjob: PENDING after [0-9]+ s\n\Z"


def on_a_terminal(arguments, env=None, begun=None, printed=None):
    """Run it with standard error on a terminal. Returns what that shows.

    If given, `begun` and `printed` are called with the process: at its start,
    and after it has printed the job's status.
    """
    ours, theirs = pty.openpty()
    try:
        process = subprocess.Popen([*DEFAULT_SIGNALS, SEGJOB, *arguments],
                                   stderr=theirs,
                                   env=env or CommandTest.env, text=True,
                                   stdout=subprocess.PIPE)
    finally:
        os.close(theirs)
    if begun is not None:
        begun(process)
    shown = b""
    try:
        with contextlib.suppress(OSError):  # EIO at its end
            while piece := os.read(ours, 4096):
                shown += piece
                if printed is not None and b"PENDING" in shown:
                    printed(process)
                    printed = None
        out, _ = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.communicate()
        os.close(ours)
    return process.returncode, out, shown.decode()


# Resolving takes 50 ms, as with a name server: the time left must be correct.
# Every name has this machine's address.
SLOW_RESOLVER = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <time.h>

int getaddrinfo(const char *node, const char *service,
                const struct addrinfo *hints, struct addrinfo **result)
{
    int (*next)(const char *, const char *, const struct addrinfo *,
                struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
    struct timespec left = {0, 50000000};

    while (nanosleep(&left, &left) != 0) {
    }
    return next("127.0.0.1", service, hints, result);
}
"""


class Minute:
    """Runs that take a minute, the interval of polls. They run at the same
    time, beside the other tests, with an emulator of their own. Its jobs are
    done as soon as each run has printed a line."""

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        service = self.stack.enter_context(running.Emulator(
            "--pending", "3600"))
        self.env = service.environment
        self.folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.found, self.printed = {}, []
        self.threads, self.processes = [], []
        wait = ["wait", "--batch-segment-job-arn", arn_of("minute")]
        subprocess.run([SEGJOB, "create", *options(job_name="minute")],
                       env=self.env, check=True, stdout=subprocess.DEVNULL)
        slowly = self.slow_resolver()
        self.begin("plain", self.run, *wait)
        self.begin("nobody", self.run, "wait", "--batch-segment-job-arn",
                   arn_of("nobody"))
        self.begin("created", self.run, "create", *options(job_name="fresh"),
                   "--wait", **slowly)
        if not NO_TERMINALS:
            self.begin("live", self.run_on_a_terminal, *wait)

        def finish_jobs():
            for printed in self.printed:
                printed.wait()
            service.settings(pending=0, in_progress=0)

        self.threads.append(threading.Thread(target=finish_jobs))
        self.threads[-1].start()
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()  # unless a test has waited for it
        self.results()
        self.stack.close()

    def begin(self, name, run, *arguments, **env):
        """Run it in a thread. Its event is set when it waits or has ended."""
        printed = threading.Event()

        def work():
            try:
                self.found[name] = run(printed, *arguments, **env)
            finally:
                printed.set()

        self.printed.append(printed)
        self.threads.append(threading.Thread(target=work))
        self.threads[-1].start()

    def run(self, printed, *arguments, **env):
        process = subprocess.Popen(
            [SEGJOB, *arguments], text=True, env={**self.env, **env},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.processes.append(process)
        line = process.stderr.readline()
        printed.set()
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, line + err

    def run_on_a_terminal(self, printed, *arguments):
        return on_a_terminal(arguments, env=self.env,
                             begun=self.processes.append,
                             printed=lambda _: printed.set())

    def slow_resolver(self):
        """The environment with a slow resolver, if there is a compiler."""
        compiler = shutil.which("cc")
        library = os.path.join(self.folder, "slow.so")
        if compiler is None:
            return {}
        subprocess.run([compiler, "-w", "-shared", "-fPIC", "-x", "c", "-",
                        "-o", library, "-ldl"], input=SLOW_RESOLVER,
                       text=True, check=True)
        return {"LD_PRELOAD": library, "AWS_ENDPOINT_URL":
                self.env["AWS_ENDPOINT_URL"].replace("localhost",
                                                     "personalize.test")}

    def results(self):
        for thread in self.threads:
            thread.join()
        return self.found


class FollowTest(CommandTest):
    def created(self, name, **changes):
        """Create a job. Returns its options."""
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
        """All members of the request, and those that the service adds."""
        emulator.script(pending=3600)
        begun = time.time()
        self.created("described", num_results="7",
                     filter_arn=ACCOUNT + "filter/f",
                     input_kms_key_arn="arn:aws:kms:us-east-1:123456789012:"
                     "key/")
        ended = time.time()
        result = self.segjob("describe", "--batch-segment-job-arn",
                             arn_of("described"))
        job = json.loads(result.out)["batchSegmentJob"]
        for name in ("creationDateTime", "lastUpdatedDateTime"):
            at = datetime.datetime.fromisoformat(job.pop(name)).timestamp()
            # In whole milliseconds.
            self.assertTrue(begun - 0.001 <= at <= ended + 0.001, at)
        self.assertEqual(job, {
            **REPORTED, "jobName": "described", "numResults": 7,
            "batchSegmentJobArn": arn_of("described"), "status": "PENDING",
            "filterArn": ACCOUNT + "filter/f",
            "jobInput": {"s3DataSource": {
                "path": "s3://bucket/users/",
                "kmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/"}}})
        result = self.segjob("describe", "--output", "text", "--query",
                             "batchSegmentJob.status",
                             "--batch-segment-job-arn", arn_of("described"))
        self.assertEqual(result.out, "PENDING\n")

    def described(self, *arguments, **members):
        server.behave = peer.sends(peer.described(REPORTED, **members))
        return self.segjob("describe", "--batch-segment-job-arn", ARN,
                           *arguments, env={**server_env, "TZ": "UTC"}).out

    def test_unusual_values(self):
        """Unusual values are printed as JSON."""
        text = 'a"b\\c\x1b[31m\x7f\x9f\tÿ𐍈'
        out = self.described(failureReason=text, created=1.310506263362e9,
                             lastUpdatedDateTime=1767225600, numResults=-1,
                             status="NEW\nWORD")
        self.assertNotRegex(out, "[\x00-\x09\x0b-\x1f\x7f-\x9f]")
        self.assertEqual(json.loads(out)["batchSegmentJob"], {
            **REPORTED, "failureReason": text, "status": "NEW\nWORD",
            "creationDateTime": "2011-07-12T21:31:03.362000+00:00",
            "numResults": -1,
            "lastUpdatedDateTime": "2026-01-01T00:00:00+00:00"})
        self.assertEqual(
            self.described("--output=text", "--query=batchSegmentJob.status",
                           status="NEW\nWORD"),
            "NEW\nWORD\n")

    def test_not_found(self):
        self.fails(254, "ResourceNotFoundException", "describe",
                   "--batch-segment-job-arn", arn_of("nobody"))

    def test_arn(self):
        for command in ("describe", "wait"):
            self.fails(252, r"--batch-segment-job-arn \(batchSegmentJobArn\): "
                       "is required$", command)
            self.fails(252, r"--batch-segment-job-arn \(batchSegmentJobArn\): "
                       "must be an ARN such as .*batch-segment-job/", command,
                       "--batch-segment-job-arn", "nightly")

    def test_dry_run(self):
        out = self.segjob("describe", "--dry-run", "--batch-segment-job-arn",
                          ARN).out
        self.assertIn("AmazonPersonalize.DescribeBatchSegmentJob", out)
        self.assertTrue(out.endswith('{"batchSegmentJobArn":"%s"}' % ARN))

    def test_retries(self):
        emulator.script()
        self.created("tried")
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
        names = ["many-%03d" % i for i in range(101)]
        for name in names:
            self.created(name, solution_version_arn=self.VERSION)
        emulator.script()
        result = self.segjob("list", "--solution-version-arn", self.VERSION)
        jobs = json.loads(result.out)["batchSegmentJobs"]
        self.assertEqual([job["jobName"] for job in jobs], names)
        self.assertEqual(len(emulator.served()), 2)
        for job in jobs:
            self.assertEqual(job["batchSegmentJobArn"],
                             arn_of(job["jobName"]))
            self.assertNotIn("roleArn", job)
        result = self.segjob("list", "--output", "text", "--query",
                             "batchSegmentJobs[].[batchSegmentJobArn]")
        self.assertLessEqual({arn_of(name) for name in names},
                             set(result.out.splitlines()))
        # If a page fails, nothing is printed.
        emulator.script(None, refusal("InvalidNextTokenException"))
        self.fails(254, "InvalidNextTokenException", "list",
                   "--solution-version-arn", self.VERSION)
        emulator.script(None, "close", "throttle")
        result = self.segjob("list", "--solution-version-arn", self.VERSION)
        self.assertEqual([job["jobName"] for job in
                          json.loads(result.out)["batchSegmentJobs"]], names)

    def test_none(self):
        result = self.segjob("list", "--solution-version-arn",
                             ACCOUNT + "solution/none/1")
        self.assertEqual(json.loads(result.out), {"batchSegmentJobs": []})
        result = self.segjob("list", "--output=text", "--solution-version-arn",
                             ACCOUNT + "solution/none/1")
        self.assertEqual(result.out, "")

    def test_bad_arn(self):
        self.fails(252, r"--solution-version-arn \(solutionVersionArn\): "
                   "must be an ARN such as", "list", "--solution-version-arn",
                   "x")


class Ensure(FollowTest):
    def ensured(self, *job):
        result = self.create(*job, "--ensure")
        self.assertEqual(result.code, 0, result)
        return json.loads(result.out)

    def test_created_or_exists(self):
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
        self.created(**{"name": job.pop("job_name")}, **job)
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
                if value:  # it is an option
                    member = "--%s (%s)" % (option.replace("_", "-"), member)
                self.refused(254, "^segjob: %s: differs" % re.escape(member),
                             *options(**{**job, option: value}), "--ensure")

    def test_arn_cannot_be_derived(self):
        emulator.script()
        self.refused(252, r"^segjob: --solution-version-arn "
                     r"\(solutionVersionArn\): must name a region",
                     *options(solution_version_arn="arn:aws:personalize:::s"),
                     "--ensure")
        self.assertEqual(emulator.served(), [])

    def test_advice(self):
        """--ensure is advised only if it would be accepted."""
        for version, end in (
                (ACCOUNT + "solution/films/1", MAY_EXIST),
                ("arn:aws:personalize:::s", "; the job may exist")):
            emulator.script(*["close"] * 600)
            result = self.runs_out(sent(CREATE), "^segjob: ", *options(
                job_name="advised", solution_version_arn=version))
            self.assertTrue(result.err.endswith(end), result.err)

    def test_failed(self):
        emulator.script(pending=0, in_progress=0, fail="no data\nat all")
        job = self.created("broken")
        text = r"the job has failed: no data\\x0aat all; its name stays taken"
        for more in (["--ensure"], ["--ensure", "--wait"]):
            self.refused(254, "^segjob: %s%s$" % (
                text, WAS_CREATED + arn_of("broken")), *job, *more)
        emulator.script()

    def test_cannot_be_described(self):
        """It is unknown whether the job is the same."""
        emulator.script()
        job = self.created("hidden")
        emulator.script(None, refusal("AccessDeniedException"))
        self.refused(255, "^segjob: AccessDeniedException.*" + MAY_EXIST + "$",
                     *job, "--ensure")


class Wait(FollowTest):

    def test_done_already(self):
        emulator.script(pending=0, in_progress=0)
        self.created("done")
        result = self.segjob("wait", "--batch-segment-job-arn",
                             arn_of("done"))
        job = json.loads(result.out)["batchSegmentJob"]
        self.assertEqual((job["jobName"], job["status"]), ("done", "ACTIVE"))
        result = self.create(*options(job_name="at-once"), "--wait")
        self.assertEqual(json.loads(result.out), {
            "batchSegmentJobArn": arn_of("at-once"), "status": "ACTIVE"})

    def test_failed_already(self):
        emulator.script(pending=0, in_progress=0, fail="no data")
        self.created("failed")
        self.fails(254, "^segjob: the job has failed: no data$", "wait",
                   "--batch-segment-job-arn", arn_of("failed"))
        self.fails(254, "^segjob: the job has failed: no data; its name stays "
                   "taken%s$" % (WAS_CREATED + arn_of("failed-too")), "create",
                   *options(job_name="failed-too"), "--wait")
        emulator.script()

    def test_time_runs_out(self):
        emulator.script(pending=3600)
        for seconds in (1, 4, 16, 64, 256):  # a slow machine needs more
            name = "slow-%d" % seconds
            result = self.fails(
                255, "time ran out", "create", "--wait",
                *options(job_name=name, timeout=str(seconds)))
            if "PENDING" in result.err:
                break
        self.assertRegex(result.err, "^segjob: PENDING after [0-9]+ ssegjob: "
                         "[^;]*time ran out.*%s$" % (
                             WAS_CREATED + arn_of(name)))
        self.assertEqual(emulator.jobs().count(name), 1)
        self.assertNotIn("may exist", result.err)
        self.fails(255, "time ran out", "wait", "--timeout=0.5",
                   "--batch-segment-job-arn", arn_of(name))

    def test_errors_after_the_job_was_created(self):
        """For each of them, the line ends with the ARN."""
        for code in ("AccessDeniedException", "ExpiredTokenException"):
            for more in ([], ["--ensure"]):
                with self.subTest(code, more=more):
                    job = options(job_name="-".join([code, *more]))
                    emulator.script(None, *[refusal(code)] * 3, pending=3600)
                    self.refused(254, "^segjob: %s.*%s$" % (
                        code, WAS_CREATED + arn_of(job[1])),
                                 *job, "--wait", *more)

    def test_a_long_reason(self):
        """It is cut, but not the ARN after it."""
        made = peer.http("200 OK", json.dumps(
            {"batchSegmentJobArn": ARN}).encode())
        for reason in ("x" * 20000, "é" * 10000, "x" + "é" * 10000,
                       "\x7f" * 20000):
            failed = json.dumps({"batchSegmentJob": {
                **REPORTED, "status": "CREATE FAILED",
                "failureReason": reason}},
                ensure_ascii=False)
            server.behave = peer.in_turn(peer.sends(made), peer.sends(
                peer.http("200 OK", failed.encode())))
            self.refused(254, "^segjob: the job has failed: .*%s$" % (
                WAS_CREATED + ARN), *options(), "--wait", env=server_env)

    def ended(self, number, *arguments):
        """Signal it while it waits. Returns its status and line."""
        with command.running(*arguments, env=self.env) as process:
            self.assertRegex(process.stderr.readline(), PENDING)
            process.send_signal(number)
            out, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(out, "")
        return process.returncode, err

    def test_signals(self):
        for number, word in ENDS.items():
            emulator.script(pending=3600)
            name = number.name
            self.assertEqual(
                self.ended(number, "create", "--wait", *options(job_name=name)),
                (-number, "segjob: %s%s\n" % (
                    word, WAS_CREATED + arn_of(name))))
            # A run that did not create the job does not print its ARN.
            self.assertEqual(
                self.ended(number, "wait", "--batch-segment-job-arn",
                           arn_of(name)),
                (-number, "segjob: %s\n" % word))

    def test_poll_interval(self):
        emulator.script(pending=3600)
        self.created("often")
        job = ["--batch-segment-job-arn", arn_of("often")]
        with command.running("wait", "--poll-interval=1.001", *job,
                             env=self.env) as process:
            process.stderr.readline()
            emulator.settings(pending=0, in_progress=0)
            out, _ = process.communicate(timeout=PATIENCE)
        self.assertEqual(json.loads(out)["batchSegmentJob"]["status"], "ACTIVE")

    def test_length_of_a_poll_interval(self):
        emulator.script(pending=3600)
        self.created("rarely")
        job = ["--batch-segment-job-arn", arn_of("rarely")]
        for more, ms in (([], 60000), (["--poll-interval=1"], 1000),
                         (["--poll-interval=7200.5"], 7200500)):
            with command.running("wait", "--debug", *more, *job,
                                 env=self.env) as process:
                waits = (re.search("next request in ([0-9]+) ms", line)
                         for line in process.stderr)
                wait_ms = int(next(filter(None, waits))[1])
            self.assertLessEqual(wait_ms, ms)
            self.assertGreater(wait_ms, ms - 30000)

    def test_poll_interval_in_trouble(self):
        """Only the error of all attempts is printed, not that of one."""
        self.created("hindered")
        wait = ["--poll-interval=1", "--batch-segment-job-arn",
                arn_of("hindered")]
        emulator.script("error", "throttle", pending=0, in_progress=0)
        with command.running("wait", *wait, env=self.env) as process:
            _, err = process.communicate(timeout=PATIENCE)
        self.assertEqual((process.returncode, err), (0, ""))
        emulator.script(*["error"] * 3)
        with command.running("wait", *wait, env=self.env) as process:
            self.assertRegex(process.stderr.readline(),
                             "^segjob: InternalServerError after [0-9]+ s$")
        self.assertEqual(len(emulator.served()), 3)

    def test_trouble(self):
        """It goes on after a failed poll, and prints the error."""
        emulator.script()
        self.created("troubled")
        emulator.script(*["error"] * 3)
        process = subprocess.Popen(
            [SEGJOB, "wait", "--timeout=600", "--batch-segment-job-arn",
             arn_of("troubled")],
            env=self.env, stderr=subprocess.PIPE, text=True)
        try:
            line = process.stderr.readline()
        finally:
            process.kill()
            process.communicate()
        self.assertRegex(line,
                         "^segjob: InternalServerError after [0-9]+ s$")

    @unittest.skipIf(NO_TERMINALS, "there are no pseudo-terminals")
    def test_interrupted_on_a_terminal(self):
        """The status line is cleared, and the error is the only line."""
        emulator.script(pending=3600)
        self.created("shown")
        wait = ["wait", "--batch-segment-job-arn", arn_of("shown")]
        for number, word in ENDS.items():
            code, out, shown = on_a_terminal(
                wait, printed=lambda process: process.send_signal(number))
            self.assertEqual((code, out), (-number, ""))
            self.assertTrue(shown.endswith("\r\x1b[Ksegjob: %s\r\n" % word),
                            shown)
        for seconds in (1.5, 6, 24, 96):  # a slow machine needs more
            code, out, shown = on_a_terminal([*wait, "--timeout=%g" % seconds])
            self.assertEqual((code, out), (255, ""))
            if "PENDING" in shown:
                break
        self.assertRegex(shown, "\r\x1b\\[Ksegjob: .*time ran out.*\r\n$")

    def test_until_the_end(self):
        """Without a terminal, after creating the job, and for a job that does
        not exist.

        These tests have the last names, so that the others run while these
        wait.
        """
        results = minute.results()
        code, out, err = results["plain"]
        self.assertEqual(code, 0)
        self.assertRegex(err, PENDING)
        job = json.loads(out)["batchSegmentJob"]
        self.assertEqual((job["jobName"], job["status"]),
                         ("minute", "ACTIVE"))
        code, out, err = results["created"]
        self.assertEqual(code, 0)
        self.assertRegex(err, PENDING)
        self.assertEqual(json.loads(out), {
            "batchSegmentJobArn": arn_of("fresh"), "status": "ACTIVE"})
        code, out, err = results["nobody"]
        self.assertEqual((code, out), (254, ""))
        self.assertRegex(err, r"^segjob: ResourceNotFoundException after [0-9]+"
                         r" s\nsegjob: ResourceNotFoundException \([^\n]*\n$")

    @unittest.skipIf(NO_TERMINALS, "there are no pseudo-terminals")
    def test_until_the_end_on_a_terminal(self):
        results = minute.results()
        code, out, shown = results["live"]
        self.assertEqual((code, out), (0, results["plain"][1]))
        lines = shown.split("\r\x1b[K")
        self.assertEqual(lines.pop(), "")
        seconds = []
        for line in lines:
            match = re.fullmatch("PENDING  ([0-9]+):([0-5][0-9])", line)
            self.assertTrue(match, line)
            seconds.append(60 * int(match[1]) + int(match[2]))
        self.assertEqual(seconds, sorted(seconds))
        # If only polls updated it, there would be one.
        self.assertGreater(len(set(seconds)), 3)


class Readers(FollowTest):
    """The reader of standard output may go away: that is not an error."""

    @classmethod
    def setUpClass(cls):
        emulator.script(pending=3600)
        for i in range(30):  # more than a buffer of standard output
            subprocess.run([SEGJOB, "create", *options(job_name="r-%d" % i)],
                           env=cls.env, check=True, stdout=subprocess.DEVNULL)
        one = ["--batch-segment-job-arn", arn_of("r-1")]
        cls.commands = [["list"], ["list", "--output=text"],
                        ["describe", *one], ["create", "--help"], ["--version"],
                        ["create", *options(), "--dry-run"]]

    def ends(self, arguments, stdout, before=()):
        process = subprocess.run(
            [*before, SEGJOB, *arguments], env=self.env, stdout=stdout,
            stderr=subprocess.PIPE, text=True, check=False,
            timeout=PATIENCE)
        return process.returncode, process.stderr

    def test_gone(self):
        for before in ([], IGNORED_SIGNALS):
            for arguments in self.commands:
                with self.subTest(arguments, before=before):
                    read, write = os.pipe()
                    os.close(read)
                    with open(write, "wb") as pipe:
                        self.assertEqual(
                            self.ends(arguments, pipe, before),
                            (-signal.SIGPIPE, ""))

    def test_head(self):
        process = subprocess.run(
            ["sh", "-c", '"$0" list --output=text | head -n 1', SEGJOB],
            env=self.env, capture_output=True, text=True, check=True,
            timeout=PATIENCE)
        self.assertRegex(process.stdout, "^BATCHSEGMENTJOBS\tarn:[^\n]*\n$")
        self.assertEqual(process.stderr, "")

    def test_full_disk(self):
        for arguments in self.commands:
            with self.subTest(arguments), open("/dev/full", "wb") as full:
                self.assertEqual(
                    self.ends(arguments, full),
                    (255, "segjob: cannot write to standard output: No space "
                     "left on device\n"))


class Debug(FollowTest):
    def test_attempts_are_printed(self):
        emulator.script("error", "throttle")
        result = self.create(*options(job_name="debugged"), "--debug")
        self.assertEqual(result.code, 0)
        text = "\n".join(result.debug)
        self.assertEqual(len(re.findall("next request in [0-9]+ ms", text)), 2)
        self.assertEqual(re.findall("sent [0-9]+ bytes: (.*)", text), [
            CREATE, DESCRIBE, DESCRIBE, CREATE])
        self.assertEqual(re.findall("bytes: HTTP/1.1 ([0-9]+)", text),
                         ["500", "400", "400", "200"])
        self.assertIn("HTTP status 400 ThrottlingException; next request", text)

    def test_line_of_failure(self):
        emulator.script("throttle", "throttle", "throttle")
        result = self.create(*options(job_name="never"), "--debug")
        self.assertEqual(result.code, 254)
        self.assertIn("ThrottlingException", error_of(result))


if __name__ == "__main__":
    unittest.main()
