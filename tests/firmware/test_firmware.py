"""The firmware images, run in QEMU with the emulator and worse servers.

Exit statuses are the negated statuses of core/segjob.h, and from 64 on those
of examples/firmware/board.h. The servers' logs have the requests and their
connections.
"""

import concurrent.futures
import contextlib
import datetime
import json
import os
import re
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import unittest
from collections import namedtuple

import machine
import sntp

TESTS = os.path.dirname(machine.HERE)
sys.path += [os.path.join(TESTS, folder)
             for folder in ("credentials", "emulator", "integration")]
import anywhere  # noqa: E402
import certificates  # noqa: E402
import peer  # noqa: E402
import running  # noqa: E402
import sources  # noqa: E402

Image = namedtuple("Image", "toolchain board tls options", defaults=[()])

# `board` is its folder, `tls` the newest version, `options` are the build's.
IMAGES = {
    "cortex-m3": Image("cortex-m", "mps2", "TLSv1.2"),
    "cortex-m3-iot": Image("cortex-m", "mps2", "TLSv1.2"),
    "cortex-m3-anywhere": Image("cortex-m", "mps2", "TLSv1.2",
                                ["-DSEGJOB_ROLES_ANYWHERE=ON"]),
    "cortex-m4": Image("cortex-m", "mps2", "TLSv1.3",
                       ["-DSEGJOB_CPU=cortex-m4"]),
    "cortex-m33": Image("cortex-m", "mps2-an505", "TLSv1.3",
                        ["-DSEGJOB_CPU=cortex-m33"]),
    "rv32": Image("riscv32", "virt-rv32", "TLSv1.2"),
}
WITH_DEVICE = "cortex-m3-iot", "cortex-m3-anywhere"  # a certificate of its own
M3, M4 = "mps2-an385", "mps2-an386"  # QEMU's machines; M4 runs both images

CONFIG, RESOLVE, CONNECT, CERTIFICATE, TIMEOUT = 2, 7, 8, 10, 12
SERVICE, CREDENTIALS = 16, 18
PARAMETERS, NO_ARENA, NO_LINK, HEAP, FAULT = 64, 65, 66, 67, 68

HOUR = datetime.timedelta(hours=1)
BUILT = int(time.time()) - 3600  # the images' build time
ACCOUNT = "arn:aws:personalize:us-east-1:123456789012:"
TOKEN = "IQoJb3JpZ2luX2Vj" + "/+tokEn=" * 60
JOB = {
    "job_name": "nightly",
    "solution_version_arn": ACCOUNT + "solution/films/4f8a21",
    "role_arn": "arn:aws:iam::123456789012:role/segments",
    "input_path": "s3://bucket/users/",
    "output_path": "s3://bucket/segments/",
}
REQUEST = {  # the same in the API's spelling
    "solutionVersionArn": JOB["solution_version_arn"],
    "roleArn": JOB["role_arn"],
    "jobInput": {"s3DataSource": {"path": JOB["input_path"]}},
    "jobOutput": {"s3DataDestination": {"path": JOB["output_path"]}},
}


def arn_of(name):
    return ACCOUNT + "batch-segment-job/" + name


def created(name):
    return peer.http("200 OK", json.dumps(
        {"batchSegmentJobArn": arn_of(name)}).encode(), "Connection: close")


GOOD = created("nightly")

images = {}
report = []  # printed at the end


def setUpModule():
    global authority, rsa_authority, issued, devices
    folder = os.path.join(machine.BUILD, "certificates")
    os.makedirs(folder, exist_ok=True)
    authority = certificates.authority(folder)
    rsa_authority = certificates.authority(folder, "rsa", "rsa")
    issued = certificates.issue(authority, [machine.NAME], "ecdsa")
    devices = certificates.authority(folder, "devices")
    device = certificates.issue_device(devices)
    own = ("-DSEGJOB_CERTIFICATE=" + device.certificate,
           "-DSEGJOB_KEY=" + device.key)

    def build(name):
        image = IMAGES[name]
        return machine.build(
            name, image.toolchain, image.board,
            (authority.path, rsa_authority.path), BUILT,
            "-DSEGJOB_TLS13=%s" % (image.tls == "TLSv1.3"), *image.options,
            *(own if name in WITH_DEVICE else ()))

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        images.update(zip(IMAGES, pool.map(build, IMAGES)))


def tearDownModule():
    print("\n".join(report))


class FirmwareTest(unittest.TestCase):
    """Adds servers, and machines with checks that hold for every run."""

    image, board = "cortex-m3", M3

    def emulator(self, *options, certificate=None):
        emulator = running.Emulator("--verbose", *options, token=TOKEN,
                                    certificate=certificate or issued)
        self.addCleanup(emulator.__exit__)
        return emulator.__enter__()

    def peer(self, behave, certificate=None):
        server = peer.Peer(certificate or issued)
        server.behave = behave
        self.addCleanup(server.__exit__)
        return server.__enter__()

    def machine(self, port, *options, **parameters):
        given = {
            "endpoint": "%s:%d" % (machine.NAME, port),
            "address": machine.HOST,
            "region": "us-east-1", "session_token": TOKEN,
            "access_key_id": running.Emulator.key_id,
            "secret_access_key": running.Emulator.secret, **JOB, **parameters}
        image = given.pop("image", images[self.image])
        board = machine.Machine(image, self.board, *options, **given)
        self.addCleanup(board.__exit__)
        return board.__enter__()

    def finish(self, board, code, *patterns):
        """Wait for this exit status and output. Returns the console."""
        result = board.finish()
        self.assertEqual(result.code, code, result.console)
        lines = result.console.splitlines()
        self.assertEqual(lines[-1], "exit %d" % code, result.console)
        for pattern in patterns:
            self.assertRegex(result.console, pattern)
        for secret in (TOKEN, TOKEN[:16], running.Emulator.secret):
            self.assertNotIn(secret, result.console)
        return result.console

    def run_image(self, port, code, *patterns, **parameters):
        return self.finish(self.machine(port, **parameters), code, *patterns)

    def send(self, behave, **parameters):
        """A machine whose request has arrived; `behave` serves it."""
        arrived = threading.Event()

        def serve(connection):
            arrived.set()
            behave(connection)

        board = self.machine(self.peer(serve).port, **parameters)
        self.assertTrue(arrived.wait(machine.PATIENCE), board.console())
        return board

    def jobs(self, emulator):
        """The emulator's jobs, by name."""
        with contextlib.closing(sqlite3.connect(emulator.database)) as jobs:
            rows = jobs.execute("SELECT request FROM jobs").fetchall()
        requests = [json.loads(text) for text, in rows]
        return {request.pop("jobName"): request for request in requests}

    def connections(self, emulator):
        """Connection, TLS version and session of each request in the log."""
        return re.findall(r"^connection (\d+), (\S+), (\w+) session: POST .* "
                          r"200$", emulator.output(), re.MULTILINE)


class Success:
    """Tests for each image and board."""

    def test_a_job(self):
        emulator = self.emulator()
        console = self.run_image(emulator.port, 0, num_results=7)
        self.assertEqual(re.findall("^job (.*)$", console, re.MULTILINE),
                         [arn_of("nightly")])
        self.assertEqual(self.jobs(emulator),
                         {"nightly": {**REQUEST, "numResults": 7}})
        report.append("%s on %s:\n%s" % (self.image, self.board, console))

    def test_connection_and_session(self):
        emulator = self.emulator()
        console = self.run_image(emulator.port, 0, jobs=2, resume="yes")
        names = ["nightly-1", "nightly-2", "nightly-again"]
        self.assertEqual(re.findall("^job (.*)$", console, re.MULTILINE),
                         [arn_of(name) for name in names])
        self.assertEqual(self.jobs(emulator),
                         {name: REQUEST for name in names})
        newest = IMAGES[self.image].tls
        self.assertEqual(self.connections(emulator), [
            ("1", newest, "new"), ("1", newest, "new"),
            ("2", newest, "resumed")])

    def test_older_tls(self):
        emulator = self.emulator("--tls", "1.2")
        self.run_image(emulator.port, 0, resume="yes")
        self.assertEqual(self.connections(emulator), [
            ("1", "TLSv1.2", "new"), ("2", "TLSv1.2", "resumed")])


class Certificates:
    """Tests for each image: nothing is sent to an unverified server."""

    def refused(self, certificate, pattern):
        emulator = self.emulator(certificate=certificate)
        console = self.run_image(emulator.port, CERTIFICATE, pattern)
        self.assertNotIn("may exist", console)
        self.assertNotIn("session", emulator.output())
        self.assertEqual(self.jobs(emulator), {})

    def test_other_authority(self):
        folder = os.path.join(authority.dir, "other")
        os.makedirs(folder, exist_ok=True)
        other = certificates.authority(folder)
        self.assertEqual(other.certificate.subject,
                         authority.certificate.subject)
        self.refused(certificates.issue(other, [machine.NAME]),
                     "not signed by a trusted authority")

    def test_other_host(self):
        self.refused(certificates.issue(authority, ["other.test"], "other"),
                     "not for this host name")

    def test_expired(self):
        self.refused(certificates.issue(
            authority, [machine.NAME], "expired",
            not_after=datetime.datetime.utcnow() - HOUR), "has expired")

    def test_not_yet_valid(self):
        self.refused(certificates.issue(
            authority, [machine.NAME], "future",
            not_before=datetime.datetime.utcnow() + HOUR), "not yet valid")


class Link:
    """Tests for each board: the cable, and what comes through it."""

    def test_comes_back(self):
        """After a second. Meanwhile the board notices, and a response is lost;
        the second job gets a new connection."""
        down, responded = threading.Event(), threading.Event()
        responses = [created("nightly-1"), created("nightly-2")]

        def behave(connection):
            down.wait(machine.PATIENCE)
            connection.sendall(responses.pop(0))
            responded.set()
            connection.unwrap()

        board = self.send(behave, jobs=2)
        board.set_link(False)
        down.set()
        self.assertTrue(responded.wait(machine.PATIENCE), board.console())
        time.sleep(1)
        board.set_link(True)
        self.finish(board, 0)

    def test_never_up(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            board = self.machine(listener.getsockname()[1], "-S",
                                 timeout=2000)
            board.set_link(False)
            board.monitor("cont")
            self.finish(board, NO_LINK, "the link is down")

    def test_no_dhcp(self):
        self.run_image(443, TIMEOUT, "DHCP", network="hubport,hubid=0",
                       timeout=2000)


class LinkLoss:
    """A test for each driver, which takes longer than the others."""

    def test_goes_down_half_way(self):
        board = self.send(peer.stays_silent, timeout=16000)
        board.set_link(False)
        self.finish(board, NO_LINK, "the link is down: .*; the job may exist")


class BoardClock:
    """Tests for each board: the time that the image uses, by the date of its
    request."""

    def check(self, expected, certificate=None, **parameters):
        """The date is `expected`, in Unix seconds, plus the time since."""
        begin = time.monotonic()
        server = self.peer(peer.sends(GOOD), certificate)
        self.run_image(server.port, 0, **parameters)
        text = re.search(rb"\r\nX-Amz-Date: (\w+)\r\n", server.requests[0])[1]
        date = datetime.datetime.strptime(
            text.decode() + "+0000", "%Y%m%dT%H%M%SZ%z").timestamp()
        self.assertGreaterEqual(date, int(expected))
        self.assertLessEqual(date, expected + time.monotonic() - begin)

    def check_sntp(self, reported, expected, **keywords):
        with sntp.Server(reported) as server:
            self.check(expected, rtc="off", **keywords,
                       sntp="%s:%d" % (machine.HOST, server.port))
            self.assertGreater(server.requests, 0)

    def test_board(self):
        self.check(time.time())

    def test_sntp(self):
        """A certificate is valid at SNTP's time, but not yet at the board's."""
        later = certificates.issue(
            authority, [machine.NAME], "later",
            not_before=datetime.datetime.utcnow() + HOUR)
        reported = int(time.time()) + 7200
        self.check_sntp(reported, reported, certificate=later)


class Broken:
    """Tests for each board: what must never happen is noticed.

    As if the parameter `arena` did it: in the image a pointer is another.
    """

    heap = "_sbrk"  # what the C library's heap calls

    def run_broken(self, code, pattern, target):
        """Run it with `target`, an address, in place of put_arena()."""
        path = os.path.join(machine.BUILD, "broken.elf")
        own, other = (struct.pack("<I", address)
                      for address in (self.address("put_arena"), target))
        with open(images[self.image], "rb") as file:
            image = file.read()
        self.assertIn(own, image)
        with open(path, "wb") as file:
            file.write(image.replace(own, other, 1))
        self.run_image(443, code, pattern, image=path, arena=1)

    def address(self, name):
        """A function's address as a pointer has it."""
        text = subprocess.run(
            ["nm", images[self.image]], check=True, text=True,
            stdout=subprocess.PIPE).stdout
        return int(re.search("^(.*) [Tt] %s$" % name, text, re.MULTILINE)[1],
                   16)

    def test_heap(self):
        self.run_broken(HEAP, "heap", self.address(self.heap))

    def test_stack_overflow(self):
        """A function that calls itself."""
        self.run_broken(FAULT, "the stack of .* overflowed",
                        self.address("main"))

    def test_fault(self):
        """There is no memory."""
        self.run_broken(FAULT, "fault at 0xf0000000", 0xF0000001)


class CortexM3(Success, Certificates, Link, LinkLoss, Broken, FirmwareTest):
    """The small image on its own board."""


class CortexM3OnM4(Success, FirmwareTest):
    """The small image on the other board."""

    board = M4


class CortexM4(Success, Certificates, FirmwareTest):
    """The image with TLS 1.3."""

    image, board = "cortex-m4", M4


class CortexM33(Success, Link, BoardClock, Broken, FirmwareTest):
    """The same as secure code of a Cortex-M33."""

    image, board = "cortex-m33", "mps2-an505"


class RiscV(Success, Link, LinkLoss, BoardClock, Broken, FirmwareTest):
    """The small image on another architecture, with picolibc."""

    image, board, heap = "rv32", "virt", "sbrk"

    def test_interrupt(self):
        """There is no other timer than those of lwIP that would end a sleep."""
        self.run_image(self.emulator().port, 0, "\na frame ended a sleep\n")


class Parameters(FirmwareTest):
    def test_malformed(self):
        for name in ("num_results", "jobs", "address"):
            with self.subTest(name):
                self.run_image(443, PARAMETERS, name.replace("_", "-"),
                               **{name: "x"})


class Service(FirmwareTest):
    def test_connection_close(self):
        server = self.peer(peer.in_turn(*(
            peer.sends(created("nightly-%d" % i)) for i in (1, 2))))
        self.run_image(server.port, 0, jobs=2)
        self.assertEqual(len(server.requests), 2)

    def test_refusal(self):
        emulator = self.emulator()
        self.run_image(emulator.port, SERVICE,
                       r"InvalidInputException \(HTTP 400, request .*\): "
                       "numResults must be", num_results=0)
        self.assertEqual(self.jobs(emulator), {})

    def test_used_name(self):
        emulator = self.emulator()
        self.run_image(emulator.port, 0)
        self.run_image(emulator.port, SERVICE,
                       "ResourceAlreadyExistsException")

    def test_unknown_credentials(self):
        emulator = self.emulator()
        self.run_image(emulator.port, SERVICE, "UnrecognizedClientException",
                       session_token=None)


class Device(FirmwareTest):
    """Credentials from AWS IoT Core, with the certificate in the image."""

    image = "cortex-m3-iot"

    def setUp(self):
        self.iot = sources.Iot(issued, devices.path)
        self.iot.__enter__()
        self.addCleanup(self.iot.__exit__)
        self.service = self.emulator(*sources.known_credentials())

    def run_device(self, code, *patterns, **parameters):
        return self.run_image(self.service.port, code, *patterns, **{
            "access_key_id": None, "secret_access_key": None,
            "session_token": None,
            "iot": "%s:%d" % (machine.NAME, self.iot.port),
            "role_alias": "alias", "thing_name": "thing", **parameters})

    def test_jobs(self):
        """The credentials are kept in a sleep, after which the port is new."""
        console = self.run_device(0, jobs=2, resume="yes")
        self.assertEqual(sorted(self.jobs(self.service)),
                         ["nightly-1", "nightly-2", "nightly-again"])
        self.assertEqual(
            [request[:2] for request in self.iot.requests],
            [("GET", "/role-aliases/alias/credentials")])
        for generation in sources.GENERATIONS:
            self.assertNotIn(generation[1], console)
            self.assertNotIn(generation[2], console)
        peaks = re.findall(r"^peak (?:arena|stack) .*$", console,
                           re.MULTILINE)
        report.append("credentials from AWS IoT, %s:\n  %s"
                      % (self.image, "\n  ".join(peaks)))

    def test_refused(self):
        self.run_device(CREDENTIALS, "there are no credentials: AWS IoT cred"
                        "entials provider: HTTP 403: Invalid thing name",
                        thing_name="other")
        self.assertEqual(self.jobs(self.service), {})

    def test_expired(self):
        self.service.script({"fault": "throttle",
                             "code": "ExpiredTokenException"})
        self.run_device(0)
        self.assertEqual(self.iot.issued, 2)

    def test_source_fails_for_now(self):
        self.iot.fail(sources.http("500 Internal Server Error"), b"")
        self.run_device(0)

    def test_no_alias(self):
        self.run_device(CONFIG, "the role alias must be", role_alias=None)


class RolesAnywhere(FirmwareTest):
    """Credentials from IAM Roles Anywhere, by the same certificate."""

    image = "cortex-m3-anywhere"

    def setUp(self):
        self.source = anywhere.Service(devices.path, issued)
        self.source.__enter__()
        self.addCleanup(self.source.__exit__)
        self.service = self.emulator(*sources.known_credentials())

    def run_device(self, code, *patterns, **parameters):
        return self.run_image(self.service.port, code, *patterns, **{
            "access_key_id": None, "secret_access_key": None,
            "session_token": None,
            "anywhere": "%s:%d" % (machine.NAME, self.source.port),
            "trust_anchor_arn": anywhere.ANCHOR,
            "profile_arn": anywhere.PROFILE, "device_role_arn": anywhere.ROLE,
            **parameters})

    def test_jobs(self):
        """The credentials are kept in a sleep, after which the port is new."""
        console = self.run_device(0, jobs=2, resume="yes")
        self.assertEqual(sorted(self.jobs(self.service)),
                         ["nightly-1", "nightly-2", "nightly-again"])
        self.assertEqual(len(self.source.received), 1)
        for generation in sources.GENERATIONS:
            self.assertNotIn(generation[1], console)
            self.assertNotIn(generation[2], console)
        peaks = re.findall(r"^peak (?:arena|stack) .*$", console,
                           re.MULTILINE)
        report.append("credentials from IAM Roles Anywhere, %s:\n  %s"
                      % (self.image, "\n  ".join(peaks)))

    def test_refused(self):
        self.source.roles = set()
        self.run_device(CREDENTIALS, "there are no credentials: IAM Roles Any"
                        "where: AccessDeniedException .*: Unable to assume")
        self.assertEqual(self.jobs(self.service), {})

    def test_clock(self):
        """It is hours behind, and corrected by the source, then the service."""
        self.run_device(0, rtc="off")
        self.assertEqual(len(self.source.received), 2)

    def test_no_anchor(self):
        self.run_device(CONFIG, "the trust anchor must be",
                        trust_anchor_arn=None)


class Silence(FirmwareTest):
    """Time-outs: each test takes its time-out, or more on a slow machine."""

    def test_before_tls(self):
        for seconds in (2, 8, 32, 128):
            with socket.create_server(("127.0.0.1", 0)) as listener:
                console = self.run_image(listener.getsockname()[1], TIMEOUT,
                                         timeout=1000 * seconds)
            if "\ntime " in console:  # the board has an address and the time
                break
        self.assertRegex(console, "time ran out: while connecting")

    def test_after_the_request(self):
        for seconds in (8, 32, 128):
            server = self.peer(peer.stays_silent)
            console = self.run_image(server.port, TIMEOUT, "time ran out",
                                     timeout=1000 * seconds)
            if len(server.requests) > 1:
                break
        self.assertRegex(console, "while waiting for the response; the job may "
                         "exist")
        sent = [peer.operation(request) for request in server.requests]
        self.assertEqual(sent[0], "CreateBatchSegmentJob")
        self.assertEqual(set(sent[1:]), {"DescribeBatchSegmentJob"})

    def test_closed_port(self):
        with running.free_port() as port:
            self.run_image(port, CONNECT, "cannot connect")


class Network(FirmwareTest):
    def test_no_name_server(self):
        self.run_image(443, RESOLVE, "cannot be resolved", address=None,
                       network="user,restrict=on", endpoint="name.test")

    def test_localhost(self):
        """It is the board, despite `address=`; the board has no server."""
        self.run_image(443, CONNECT, "there is no route to the host",
                       endpoint="localhost")


class Clock(BoardClock, FirmwareTest):
    """More about the clock."""

    def test_build_time(self):
        self.check(BUILT, rtc="off")

    def test_sntp_before_build(self):
        self.check_sntp(BUILT - 86400, BUILT)

    def test_sntp_silent(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            self.check(BUILT, rtc="off",
                       sntp="%s:%d" % (machine.HOST, silent.getsockname()[1]))

    def test_service_corrects_it(self):
        """The first request's date is an hour behind and is refused."""
        emulator = self.emulator()
        self.run_image(emulator.port, 0, rtc="off", jobs=2)
        self.assertEqual(sorted(self.jobs(emulator)),
                         ["nightly-1", "nightly-2"])
        self.assertEqual(re.findall(r"Job (\d+)$", emulator.output(),
                                    re.MULTILINE), ["400", "200", "200"])

    def test_years_behind(self):
        """The service's clock corrects it; the certificate is valid at both
        times."""
        emulator = self.emulator()
        emulator.script(skew=10 * 365 * 86400)
        self.run_image(emulator.port, 0, rtc="off")
        self.assertEqual([entry["status"] for entry in emulator.served()],
                         [400, 200])
        self.assertEqual(list(self.jobs(emulator)), ["nightly"])


class Instructions(FirmwareTest):
    """The cost of a connection: the clock counts instructions."""

    row = "%-10s %-8s %-10s %12s %12s %7s %7s %7s"

    def connections_cost(self, image, board, chain):
        """Instructions of a full and of a resumed connection."""
        self.image, self.board = image, board
        emulator = self.emulator(certificate=chain)
        console = self.run_image(emulator.port, 0, resume="yes")
        newest = IMAGES[image].tls
        self.assertEqual(self.connections(emulator), [
            ("1", newest, "new"), ("2", newest, "resumed")])
        costs = re.findall(r"^connect (\d+) instructions$", console,
                           re.MULTILINE)
        self.assertEqual(len(costs), 2, console)
        full, resumed = map(int, costs)
        peaks = [re.search(r"^peak %s (\d+) of " % what, console,
                           re.MULTILINE)[1] for what in ("arena", "stack")]
        report.append(self.row % (
            image, newest, os.path.basename(chain.certificate), full, resumed,
            "%.3f" % (resumed / full), *peaks))
        return full, resumed

    def test_costs(self):
        report.append("instructions of a connection, and bytes of RAM:")
        report.append(self.row % ("image", "TLS", "chain", "full", "resumed",
                                  "ratio", "arena", "stack"))
        long_chain = rsa_authority
        for name in ("first", "second", "third"):
            long_chain = certificates.intermediate(long_chain, name, "rsa")
        for chain in (issued, certificates.issue(long_chain, [machine.NAME],
                                                 "4-rsa", "rsa")):
            full, resumed = self.connections_cost("cortex-m3", M3, chain)
            self.assertLessEqual(resumed, full / 10)
            self.connections_cost("cortex-m4", M4, chain)


class Memory(FirmwareTest):
    def test_arena_too_small(self):
        """For the roots, for TLS, and to verify a signature."""
        emulator = self.emulator()
        for size in (512, 8192, 16384):
            with self.subTest(size):
                self.run_image(emulator.port, NO_ARENA, "the arena of %d bytes "
                               "is too small: " % size, arena=size)
        self.assertEqual(self.jobs(emulator), {})
