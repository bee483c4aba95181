"""Tests of the emulator's faults, as a TLS client sees them on the wire.

They also check the jobs in the emulator's database, and the log at its control
address.
"""

import datetime
import email.utils
import http.client
import io
import json
import os
import socket
import ssl
import sys
import threading
import time
import unittest
import urllib.error

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import running  # noqa: E402
from test_personalize import (  # noqa: E402
    ACCOUNT, SECONDS, VERSION, RawCase, parameters)

PREFIX = "AmazonPersonalize."
CREATE, DESCRIBE, LIST = (
    verb + "BatchSegmentJob" + s
    for verb, s in (("Create", ""), ("Describe", ""), ("List", "s")))
DAY = datetime.timedelta(days=1)


class Client:
    """A client that distinguishes ends of TLS, ends of TCP, and resets.

    Python's ssl sockets do not. do() raises EOFError if TCP ends without an
    end of TLS.
    """

    def __init__(self, emulator):
        self.socket = socket.create_connection(("127.0.0.1", emulator.port),
                                               timeout=SECONDS)
        self.received, self.to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = ssl.create_default_context(cafile=emulator.ca).wrap_bio(
            self.received, self.to_send, server_hostname="localhost")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def do(self, call, *arguments):
        while True:
            try:
                return call(*arguments)
            except ssl.SSLWantReadError:
                pass
            finally:
                if self.to_send.pending:  # a send of nothing can fail too
                    self.socket.sendall(self.to_send.read())
            piece = self.socket.recv(65536)
            if not piece:
                raise EOFError
            self.received.write(piece)


def parse_response(data):
    """Status, headers and body of a response, even if it is truncated."""

    class Wire:
        def makefile(self, _):
            return io.BytesIO(data)

    response = http.client.HTTPResponse(Wire())
    response.begin()
    try:
        body = response.read()
    except http.client.IncompleteRead as error:
        body = error.partial
    return response.status, response.headers, body


class FaultCase(RawCase):
    """Starts each test without faults and with initial settings."""

    options = ("--pending", "3600")
    names_used = 0

    def setUp(self):
        self.begun = time.monotonic()
        self.emulator.script()

    def name(self):
        FaultCase.names_used += 1
        return "job-%d" % self.names_used

    def request(self, operation, body, **signing):
        body = json.dumps(body).encode()
        headers = self.headers(body, **{"X-Amz-Target": PREFIX + operation},
                               **signing)
        head = "".join("%s: %s\r\n" % pair for pair in headers.items())
        return ("POST / HTTP/1.1\r\n%s\r\n" % head).encode() + body

    def send(self, operation, body, connection=None, **signing):
        """Send a request. Returns its response, which must be complete."""
        connection = connection or self.connect()
        connection.sendall(self.request(operation, body, **signing))
        return self.receive(connection)

    def send_json(self, *arguments, **named):
        """The same, but returns status and JSON."""
        status, _, body = self.send(*arguments, **named)
        return status, json.loads(body)

    def describe(self, name):
        return self.send_json(DESCRIBE, {
            "batchSegmentJobArn": ACCOUNT + "batch-segment-job/" + name})

    def until_end(self, name, pieces=None):
        """All bytes sent after a Create, and how the connection ended."""
        pieces = [] if pieces is None else pieces
        with Client(self.emulator) as client:
            try:
                client.do(client.tls.do_handshake)
                client.do(client.tls.write,
                          self.request(CREATE, parameters(name)))
                while piece := client.do(client.tls.read, 65536):
                    pieces.append(piece)
                end = "close"
            except EOFError:
                end = "bare"
            except (ConnectionResetError, BrokenPipeError):
                end = "reset"
        return b"".join(pieces), end

    def has(self, name):
        return name in self.emulator.jobs()

    def until_served(self, emulator, count):
        deadline = time.monotonic() + SECONDS
        while len(emulator.served()) < count:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def last(self):
        """The one entry of the log, without its time."""
        entry, = self.emulator.served()
        at = entry.pop("time")
        self.assertTrue(self.begun <= at <= time.monotonic(), at)
        return entry


class Responses(FaultCase):
    """Faults that do not end the connection."""

    def check(self, entry, status, made, code=None):
        """Send a Create that takes the fault. Returns headers and body."""
        name, connection = self.name(), self.connect()
        self.emulator.script(entry)
        found, headers, body = self.send(CREATE, parameters(name), connection)
        self.assertEqual((found, self.has(name)), (status, made))
        log = self.last()
        del log["connection"]
        self.assertEqual(json.loads(log.pop("body")), parameters(name))
        self.assertEqual(log, {"operation": CREATE, "fault": entry,
                               "status": status})
        if code:
            self.assertEqual(headers["Content-Type"],
                             "application/x-amz-json-1.1")
            self.assertEqual(json.loads(body)["__type"].rpartition("#")[2],
                             code)
        # The fault affects one request alone.
        self.assertEqual(self.send_json(LIST, {}, connection)[0], 200)
        return headers, body

    def test_none(self):
        for entry in (None, {}, {"fault": None, "delay": None}):
            self.check(entry, 200, True)

    def test_throttle(self):
        headers, body = self.check("throttle", 400, False,
                                   "ThrottlingException")
        self.assertNotIn("x-amz-retry-after", headers)
        self.assertEqual(json.loads(body)["message"], "Rate exceeded")
        headers, _ = self.check(
            {"fault": "throttle", "status": 429, "code": "SlowDown",
             "headers": {"x-amz-retry-after": "200", "Retry-After": "1"}},
            429, False, "SlowDown")
        self.assertEqual(headers["X-Amz-Retry-After"], "200")
        self.assertEqual(headers["Retry-After"], "1")

    def test_error(self):
        self.check("error", 500, False, "InternalServerError")
        self.check({"fault": "error", "after": "operation"}, 500, True,
                   "InternalServerError")
        _, body = self.check({"code": "ResourceInUseException",
                              "message": "é", "after": "reading"}, 400, False)
        self.assertEqual(json.loads(body), {
            "__type": "ResourceInUseException", "message": "é"})
        _, body = self.check({"status": 503, "body": ""}, 503, True)
        self.assertEqual(body, b"")

    def test_page(self):
        for after, made in (("reading", False), ("operation", True)):
            headers, body = self.check(
                {"fault": "page", "after": after,
                 "headers": {"Server": "proxy"}}, 502, made)
            self.assertEqual(headers["Content-Type"], "text/html")
            self.assertEqual(headers["Server"], "proxy")
            self.assertTrue(body.startswith(b"<html>"))

    def test_garbage(self):
        _, body = self.check("garbage", 200, True)
        with self.assertRaises(ValueError):
            json.loads(body)
        _, body = self.check({"fault": "garbage", "body": "{}"}, 200, True)
        self.assertEqual(body, b"{}")

    def test_headers(self):
        headers, _ = self.check(
            {"headers": {"date": "once", "x-amzn-requestid": None}}, 200, True)
        self.assertEqual(headers.get_all("Date"), ["once"])
        self.assertNotIn("x-amzn-RequestId", headers)

    def test_date(self):
        for seconds in (-10**9, 3600, 10**9):
            begun = int(time.time())
            headers, _ = self.check({"date": seconds}, 200, True)
            date = email.utils.parsedate_to_datetime(headers["Date"])
            date = date.timestamp() - seconds
            self.assertTrue(begun <= date <= time.time(), date)

    def test_delay(self):
        begun = time.monotonic()
        self.check({"fault": "stall", "delay": 0.1, "after": "operation"},
                   200, True)
        self.assertGreater(time.monotonic() - begun, 0.1)


class Ends(FaultCase):
    """Faults that end the connection."""

    def check(self, entry, end, made, whole=False):
        """Send a Create that takes the fault. Returns the response's bytes."""
        name = self.name()
        self.emulator.script(entry)
        data, seen = self.until_end(name)
        self.assertEqual((seen, self.has(name)), (end, made), entry)
        log = self.last()
        self.assertEqual(log["fault"], entry)
        self.assertEqual(log["status"], 200 if data else None)
        if whole:
            status, headers, body = parse_response(data)
            self.assertEqual(status, 200)
            self.assertIn("batchSegmentJobArn", json.loads(body))
            return headers
        return data

    def test_before_reading(self):
        for after, ends in (("connect", ("bare", "bare", "reset")),
                            ("handshake", ("close", "bare", "reset"))):
            for end, seen in zip(("close", "bare", "reset"), ends):
                with self.subTest(after, end=end):
                    self.assertEqual(self.check(
                        {"fault": "close", "after": after, "end": end},
                        seen, False), b"")
                    self.assertIsNone(self.last()["operation"])
        self.assertIn(", no TLS, new session: - - -\n",
                      self.emulator.output())

    def test_bytes_after_an_end_do_not_reset(self):
        self.emulator.script({"after": "handshake", "end": "bare"})
        with Client(self.emulator) as client:
            client.do(client.tls.do_handshake)
            with self.assertRaises(EOFError):
                client.do(client.tls.read, 1)
            for _ in range(3):
                client.socket.sendall(b"x")
            self.assertEqual(client.socket.recv(1), b"")

    def test_without_a_response(self):
        for after, made in (("reading", False), ("operation", True)):
            for end in ("close", "bare", "reset"):
                with self.subTest(after, end=end):
                    self.assertEqual(self.check(
                        {"fault": "close", "after": after, "end": end},
                        end, made), b"")
                    self.assertEqual(self.last()["operation"], CREATE)
        self.check("close", "close", False)
        self.check("reset", "reset", False)
        self.check({"after": "reading"}, "close", False)

    def test_after_a_good_response(self):
        for end in ("close", "bare", "reset"):
            headers = self.check({"end": end}, end, True, whole=True)
            self.assertIn("Content-Length", headers)
            self.assertNotIn("Connection", headers)

    def test_no_close_notify(self):
        headers = self.check("no-close-notify", "bare", True, whole=True)
        self.assertNotIn("Content-Length", headers)
        self.assertEqual(headers["Connection"], "close")

    def test_truncate(self):
        data = self.check("truncate", "close", True)
        _, headers, body = parse_response(data)
        self.assertEqual(len(body), int(headers["Content-Length"]) - 1)
        for count in (1, 40):
            for end in ("close", "bare", "reset"):
                data = self.check({"fault": "truncate", "bytes": count,
                                   "end": end}, end, True)
                self.assertEqual(len(data), count)
                self.assertEqual(data[:9], b"HTTP/1.1 "[:count])

    def test_drip(self):
        self.emulator.script({"fault": "drip", "interval": 0.0001,
                              "end": "close"})
        pieces = []
        data, end = self.until_end(self.name(), pieces)
        self.assertEqual(end, "close")
        self.assertEqual(len(pieces), len(data))
        self.assertEqual(parse_response(data)[0], 200)

    def test_stall(self):
        for entry, made in (("stall", False),
                            ({"fault": "stall", "after": "operation"}, True),
                            ({"bytes": 20, "end": "keep"}, True)):
            name, connection = self.name(), self.connect()
            self.emulator.script(entry)
            connection.sendall(self.request(CREATE, parameters(name)))
            self.until_served(self.emulator, 1)
            self.assertEqual(self.has(name), made)
            connection.settimeout(0.2)
            with self.assertRaises(TimeoutError):
                while connection.recv(65536):
                    pass
            self.assertEqual(self.last()["fault"], entry)
            connection.close()

    def test_stall_of_a_handshake(self):
        begun = time.monotonic()
        self.emulator.script({"fault": "stall", "after": "connect",
                              "delay": 0.1})
        self.assertEqual(self.send(CREATE, parameters(self.name()))[0], 200)
        self.assertGreater(time.monotonic() - begun, 0.1)

    def test_late(self):
        name = self.name()
        self.emulator.script({"fault": "late", "late": 0.3})
        sent = time.monotonic()
        with self.connect() as connection:
            connection.sendall(self.request(CREATE, parameters(name)))
        self.until_served(self.emulator, 1)
        self.assertTrue(self.has(name))
        self.assertGreater(time.monotonic() - sent, 0.3)


class Order(FaultCase):
    """Which request takes which fault."""

    def test_script_in_order_over_connections(self):
        self.emulator.script("throttle", None, "error")
        statuses = [self.send(LIST, {})[0] for _ in range(4)]
        self.assertEqual(statuses, [400, 200, 500, 200])
        numbers = [entry["connection"] for entry in self.emulator.served()]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 4)))
        self.assertEqual([entry["status"] for entry in self.emulator.served()],
                         statuses)

    def test_a_fault_is_taken_once(self):
        faults = [{"fault": "throttle", "message": str(number)}
                  for number in range(100)]
        self.emulator.script(*faults)
        request = self.request(LIST, {})
        messages = []

        def send_many():
            connection = self.connect()
            for _ in range(20):
                connection.sendall(request)
                response = json.loads(self.receive(connection)[2])
                messages.append(response.get("message", "none"))

        threads = [threading.Thread(target=send_many) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(messages), sorted(
            [fault["message"] for fault in faults] + ["none"] * 20))

    def test_a_kept_connection_skips_faults_of_new_ones(self):
        connection = self.connect()
        reset = {"fault": "reset", "after": "connect"}
        self.emulator.script(None, reset, "throttle")
        for _ in range(3):
            self.assertEqual(self.send(LIST, {}, connection)[0], 200)
        self.assertEqual(self.emulator.state()["script"], [reset, "throttle"])
        with self.assertRaises(OSError):
            self.connect()
        self.assertEqual(self.send(LIST, {}, connection)[0], 400)
        self.assertEqual(self.emulator.state()["script"], [])

    def test_half_a_request_takes_none(self):
        self.emulator.script("throttle")
        with self.connect() as connection:
            connection.sendall(self.request(LIST, {})[:-1])
            connection.unwrap()
        self.assertEqual(self.emulator.served(), [])
        self.assertEqual(self.send(LIST, {})[0], 400)

    def test_a_silent_connection_takes_none(self):
        self.emulator.script({"fault": "reset", "after": "connect"})
        with socket.create_connection(("127.0.0.1", self.emulator.port),
                                      SECONDS) as connection:
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(connection.recv(1), b"")
        self.assertEqual(self.emulator.served(), [])

    def test_a_malformed_request(self):
        self.emulator.script("throttle")
        self.assertEqual(self.exchange(b"GET / HTTP/1.0\r\n\r\n")[0], 400)
        self.assertEqual(self.exchange(
            b"GET / HTTP/1.1\r\nHost: localhost:%d\r\n\r\n" %
            self.emulator.port)[0], 400)
        self.assertEqual([(entry["operation"], entry["fault"])
                          for entry in self.emulator.served()],
                         [(None, None), (None, "throttle")])


class Settings(FaultCase):
    def test_skew(self):
        for days in (-3650, 3650):
            skew = days * DAY
            self.emulator.script(skew=skew.total_seconds())
            name, now = self.name(), datetime.datetime.utcnow()
            status, headers, body = self.send(CREATE, parameters(name))
            self.assertEqual(status, 400)
            error = json.loads(body)
            self.assertEqual(error["__type"].rpartition("#")[2],
                             "InvalidSignatureException")
            self.assertTrue(error["message"].startswith(
                "Signature expired: " if days > 0 else
                "Signature not yet current: "), error)
            date = email.utils.parsedate_to_datetime(headers["Date"])
            date = date.replace(tzinfo=None)
            self.assertLess(abs(date - now - skew), DAY)
            status, _, _ = self.send(CREATE, parameters(name), when=date)
            self.assertEqual(status, 200)
            self.emulator.script()
            _, response = self.describe(name)
            job = response["batchSegmentJob"]
            self.assertLess(abs(job["creationDateTime"] - time.time() -
                                skew.total_seconds()), 3600)

    def test_lag(self):
        name = self.name()
        self.emulator.script(lag=3600)
        self.assertEqual(self.send(CREATE, parameters(name))[0], 200)
        self.assertTrue(self.has(name))
        self.assertEqual(self.describe(name)[1]["__type"],
                         "ResourceNotFoundException")
        self.assertNotIn(name, str(self.send_json(LIST, {})))
        self.assertEqual(
            self.send_json(CREATE, parameters(name))[1]["__type"],
            "ResourceAlreadyExistsException")
        self.emulator.settings(lag=None)
        self.assertEqual(self.describe(name)[0], 200)
        self.assertIn(name, str(self.send_json(LIST, {})))

    def test_keep_alive(self):
        self.emulator.script(keep_alive=2)
        connection = self.connect()
        _, headers, _ = self.send(LIST, {}, connection)
        self.assertNotIn("Connection", headers)
        _, headers, _ = self.send(LIST, {}, connection)
        self.assertEqual(headers["Connection"], "close")
        self.assertEqual(connection.recv(1), b"")
        self.emulator.settings(keep_alive=1)
        _, headers, _ = self.send(LIST, {})
        self.assertEqual(headers["Connection"], "close")

    def test_idle(self):
        self.emulator.script(idle=0.05)
        connection = self.connect()
        self.assertEqual(connection.recv(1), b"")

    def test_fail(self):
        failing, name = self.name(), self.name()
        version = VERSION + failing
        for job, reason in ((failing, "No access to é."), (name, None)):
            self.emulator.settings(fail=reason)
            self.assertEqual(self.send(CREATE, parameters(
                job, solutionVersionArn=version))[0], 200)
        for pending, in_progress, status in (
                (3600, 0, "PENDING"), (0, 3600, "IN PROGRESS"),
                (0, 0, "CREATE FAILED")):
            self.emulator.settings(pending=pending, in_progress=in_progress)
            job = self.describe(failing)[1]["batchSegmentJob"]
            self.assertEqual(job["status"], status)
            self.assertEqual("failureReason" in job,
                             status == "CREATE FAILED")
        self.assertEqual(job["failureReason"], "No access to é.")
        _, response = self.send_json(LIST, {"solutionVersionArn": version})
        self.assertEqual(
            [(job["status"], job.get("failureReason"))
             for job in response["batchSegmentJobs"]],
            [("CREATE FAILED", "No access to é."), ("ACTIVE", None)])


class Control(FaultCase):
    def test_a_wrong_document_changes_nothing(self):
        self.emulator.script("throttle", "drip", lag=7)
        before = self.emulator.state()
        for reason, document in (
                ("the document must be an object", []),
                ("script must be a list", {"script": None}),
                ("script[1] must be null, a name or an object",
                 {"script": [None, 0]}),
                ("script[0].fault must be one of throttle, error, ",
                 {"script": ["none"]}),
                ("script[0].fault must be ", {"script": [{"fault": []}]}),
                ("script[0].byte is unknown",
                 {"script": [{"fault": "drip", "byte": 1}], "lag": 1}),
                ("script[2].delay must be a number from 0 to 86400",
                 {"script": ["close", "reset", {"delay": -1}]}),
                ("script[0].bytes must be a whole number from",
                 {"script": [{"bytes": 1.5}]}),
                ("script[0].bytes must be", {"script": [{"bytes": True}]}),
                ("script[0].status must be a status that HTTP knows",
                 {"script": [{"status": 299}]}),
                ("script[0].status must be", {"script": [{"status": 100}]}),
                ("script[0].body must be text", {"script": [{"body": 1}]}),
                ("script[0].body must be text",
                 {"script": [{"body": "\ud800"}]}),
                ("script[0].headers must be an object of header names",
                 {"script": [{"headers": {"a": "b\r\n"}}]}),
                ("script[0].headers must be",
                 {"script": [{"headers": {"a b": "c"}}]}),
                ("script[0].end must be one of keep, close, bare, reset",
                 {"script": [{"end": "now"}]}),
                ("script[0] has no response, and so no code, message",
                 {"script": [{"fault": "throttle", "after": "connect"}]}),
                ("nothing is unknown", {"nothing": 1}),
                ("served is unknown", {"script": [], "served": []}),
                ("keep_alive must be", {"keep_alive": 0}),
                ("skew must be a number from -1000000000 to 1000000000",
                 {"script": [], "skew": float("inf")}),
                ("lag must be", {"lag": float("nan")})):
            with self.subTest(document):
                status, text = self.post_raw(json.dumps(document).encode())
                self.assertEqual(status, 400)
                self.assertTrue(text.startswith(reason), text)
                self.assertEqual(self.emulator.state(), before)
        for data in (b"", b"{", b"\xff", b"[" * 100000):
            self.assertEqual(self.post_raw(data)[0], 400)
            self.assertEqual(self.emulator.state(), before)
        with self.assertRaisesRegex(ValueError, "^x is unknown$"):
            self.emulator.script(x=1)

    def post_raw(self, data):
        try:
            with running.open_url(self.emulator.control, data,
                                  SECONDS) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def test_a_script_restarts(self):
        first = self.emulator.script()
        self.assertEqual(first, {
            "script": [], "served": [], "skew": 0, "lag": 0, "idle": 60,
            "keep_alive": None, "fail": None, "pending": 3600,
            "in_progress": 5})
        self.emulator.script("throttle", {"delay": 1}, skew=1.5)
        self.emulator.settings(lag=2, pending=0)
        self.send(LIST, {})
        state = self.emulator.state()
        self.assertEqual(len(state.pop("served")), 1)
        self.assertEqual(state, {
            "script": [{"delay": 1}], "skew": 1.5, "lag": 2, "idle": 60,
            "keep_alive": None, "fail": None, "pending": 0,
            "in_progress": 5})
        self.assertEqual(self.emulator.script(), first)

    def test_jobs_in_their_order(self):
        names = [self.name() for _ in range(3)]
        for name in reversed(names):
            self.assertEqual(self.send(CREATE, parameters(name))[0], 200)
        self.assertEqual(self.emulator.jobs()[-3:], names[::-1])

    def test_on_ipv6(self):
        with running.Emulator("--host", "::1") as emulator:
            self.assertEqual(emulator.script("drip")["script"], ["drip"])

    def test_ends_in_spite_of_faults(self):
        with running.Emulator() as emulator:
            self.emulator = emulator  # a second one, for this test alone
            emulator.script(*[{"fault": "stall", "after": after} for after in
                              ("handshake", "reading", "operation")],
                            "drip", {"late": 3600})
            for _ in range(5):
                connection = self.connect()
                connection.sendall(self.request(CREATE,
                                                parameters(self.name())))
            self.until_served(emulator, 4)
            self.assertEqual(emulator.stop(), 0)


if __name__ == "__main__":
    unittest.main()
