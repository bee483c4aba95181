"""Faults of the emulator, by a script, and its settings.

With --control the emulator also prints `control on HOST:PORT`: plain HTTP with
one JSON document, at any path.

    curl -d '{"script": ["throttle", null, {"fault": "close", "after":
        "operation"}], "lag": 2}' http://HOST:PORT/

POST with a `script` restarts: it replaces the rest of the last script, clears
the log, and resets the settings that it does not name. POST without a `script`
changes the settings that it names, and nothing else. A wrong document gets 400
with the reason, and changes nothing. GET and POST return the rest of the
script, the settings, and `served`, the log. The log has an entry for each
request, and for each connection that a fault ended without one: `time` (of the
monotonic clock), `connection` (its number, from 1), `operation` (null if
unknown), `fault` (as written), `status` (null if there is no response) and
`body` (the request's, as text). The entry is written after the job is created,
and before any of the response is sent.

Each request takes the script's first entry once it has been read: null for no
fault, the name of a fault, or an object with the name as `fault` and arguments
that replace the fault's own. Without a name, arguments change a response
without a fault.

    throttle         400 ThrottlingException; the operation is not done
    error            500 InternalServerError; the operation is not done
    page             502 in HTML; the operation is not done
    garbage          the operation is done; the response is 200 and not JSON
    close            the request is read, and the connection closed
    reset            the same, with a TCP reset
    stall            the request is read, and nothing happens for an hour
    late             the operation is done 2 seconds later, even if the client
                     has gone by then
    drip             the response is sent one byte a second
    truncate         the response lacks its last byte, and the connection is
                     closed
    no-close-notify  the connection ends after the response, without TLS's
                     close_notify

    after     the point of the fault: "operation" (it is done: the job is
              created), "reading" (the request is read, the operation is not
              done), "handshake" (nothing is read), "connect" (the client has
              sent the first bytes of TLS, the emulator nothing)
    late      seconds before the operation is done, client or no client
    delay     seconds before the response, or before what replaces it; ends
              when the client goes away
    status    of the response
    code      the response is this error of the service ("status" is 400) ...
    message   ... with this message
    body      the response's body, as text
    headers   object of headers to add or replace; null removes one:
              {"x-amz-retry-after": "200"}, {"Content-Length": null}
    date      seconds to add to the response's Date
    interval  seconds before each byte of the response
    bytes     number of bytes of the response to send, head included; negative:
              number of last bytes not to send
    end       the end of the connection after that: "keep", "close" (with
              close_notify), "bare" (TCP's end without it) or "reset"

So {"fault": "close", "after": "operation"} creates the job and closes without
a response, {"end": "close"} closes after a good response that does not
announce it, and {"code": "ResourceNotFoundException"} hides a job from
Describe.

The next connection takes an entry with `after` "handshake" or "connect", with
`delay` and `end` as its only arguments. Requests on older connections do not
take such an entry: they have no fault.

Settings, for all requests and connections:

    skew         seconds that the service's clock is ahead, for checks of
                 signatures, its Date, and its jobs' times
    lag          seconds before Describe and List return a new job
    keep_alive   requests per connection; the last response has `close`
    idle         seconds that a connection may be silent before it is closed
    fail         new jobs end as CREATE FAILED with this failureReason
    pending      seconds that jobs are PENDING
    in_progress  seconds that they are then IN PROGRESS

Null resets a setting to its initial value.
"""

import contextlib
import http
import http.server
import json
import re
import select
import socket
import struct
import threading
import time
from collections import deque
from types import SimpleNamespace

PATIENCE = 600  # seconds with a client; only one that hangs takes as long

FAULTS = {
    "throttle": dict(after="reading", code="ThrottlingException",
                     message="Rate exceeded"),
    "error": dict(after="reading", code="InternalServerError", status=500,
                  message="An internal error occurred."),
    "page": dict(after="reading", status=502,
                 headers={"Content-Type": "text/html"},
                 body="<html><h1>502 Bad Gateway</h1></html>\n"),
    "garbage": dict(status=200, body='{"batchSegmentJobArn": nonsense'),
    "close": dict(after="reading", bytes=0, end="close"),
    "reset": dict(after="reading", bytes=0, end="reset"),
    "stall": dict(after="reading", delay=3600),
    "late": dict(late=2),
    "drip": dict(interval=1),
    "truncate": dict(bytes=-1, end="close"),
    "no-close-notify": dict(
        headers={"Content-Length": None, "Connection": "close"}, end="bare"),
}

# ------------------------------------------------------ script and settings

DAY = 86400
DECADES = 10**9  # seconds; dates stay within four-digit years


def number(low, high, types=(int, float)):
    """A test of values, and its description."""
    kind = "whole number" if types == (int,) else "number"
    return (lambda value: type(value) in types and low <= value <= high,
            "a %s from %s to %s" % (kind, low, high))


def one_of(*words):
    return lambda value: value in words, "one of " + ", ".join(words)


def is_text(value):
    return isinstance(value, str) and not re.search("[\ud800-\udfff]", value)


def are_headers(value):
    return isinstance(value, dict) and all(
        re.fullmatch("[A-Za-z0-9-]+", name) and (
            text is None or
            isinstance(text, str) and re.fullmatch("[\t -~]*", text))
        for name, text in value.items())


TEXT = is_text, "text"
SECONDS = number(0, DAY)

ARGUMENTS = {
    "after": one_of("connect", "handshake", "reading", "operation"),
    "late": SECONDS,
    "delay": SECONDS,
    "status": (lambda value: type(value) is int and value >= 200 and
               value in list(http.HTTPStatus), "a status that HTTP knows"),
    "code": TEXT,
    "message": TEXT,
    "body": TEXT,
    "headers": (are_headers, "an object of header names and text or null"),
    "date": number(-DECADES, DECADES),
    "interval": SECONDS,
    "bytes": number(-10**9, 10**9, (int,)),
    "end": one_of("keep", "close", "bare", "reset"),
}
DEFAULTS = {**dict.fromkeys(ARGUMENTS), "after": "operation", "late": 0,
            "delay": 0, "message": "", "date": 0, "interval": 0}

SETTINGS = {
    "skew": number(-DECADES, DECADES),
    "lag": SECONDS,
    "keep_alive": number(1, 10**9, (int,)),
    "idle": number(0.01, DAY),
    "fail": TEXT,
    "pending": SECONDS,
    "in_progress": SECONDS,
}


def check(table, values, place):
    for name, value in values.items():
        if name not in table:
            raise ValueError("%s%s is unknown" % (place, name))
        test, description = table[name]
        if value is not None and not test(value):
            raise ValueError("%s%s must be %s" % (place, name, description))


def read_fault(written, place="fault"):
    """An entry of the script, with all arguments as attributes."""
    entry = {} if written is None else written
    if isinstance(written, str):
        entry = {"fault": written}
    if not isinstance(entry, dict):
        raise ValueError("%s must be null, a name or an object" % place)
    check({"fault": one_of(*FAULTS), **ARGUMENTS}, entry, place + ".")
    arguments = {name: value for name, value in entry.items()
                 if value is not None}
    own = FAULTS.get(arguments.pop("fault", None), {})
    values = {**own, **arguments}
    if values.get("after") in ("connect", "handshake"):
        unfit = values.keys() - {"after", "delay", "bytes", "end"}
        if unfit:
            raise ValueError("%s has no response, and so no %s" % (
                place, ", ".join(sorted(unfit))))
    values["headers"] = {**own.get("headers", {}),
                         **arguments.get("headers", {})}
    return SimpleNamespace(**{**DEFAULTS, **values}, written=written)


NO_FAULT = read_fault(None)


# --------------------------------------------------------- script and control

class Faults:
    """The script, the log and the settings; safe to use from several threads.

    `settings` is replaced as a whole, never changed.
    """

    def __init__(self, **settings):
        self.lock = threading.Lock()
        self.first = {**dict.fromkeys(SETTINGS), "skew": 0, "lag": 0,
                      "idle": 60, **settings}
        self.settings = SimpleNamespace()
        self.change({"script": []})

    def change(self, document):
        """Apply a document. If it is wrong: ValueError, and no change."""
        if not isinstance(document, dict):
            raise ValueError("the document must be an object")
        named = dict(document)
        entries = named.pop("script", [])
        if not isinstance(entries, list):
            raise ValueError("script must be a list")
        script = deque(read_fault(entry, "script[%d]" % place)
                       for place, entry in enumerate(entries))
        check(SETTINGS, named, "")
        named = {name: self.first[name] if value is None else value
                 for name, value in named.items()}
        with self.lock:
            before = vars(self.settings)
            if "script" in document:
                before, self.script, self.served = self.first, script, []
            self.settings = SimpleNamespace(**{**before, **named})

    def state(self):
        """The document that GET returns."""
        with self.lock:
            return {"script": [fault.written for fault in self.script],
                    "served": list(self.served), **vars(self.settings)}

    def take(self, *points):
        """Take the script's next fault if it is at one of these points."""
        with self.lock:
            if self.script and self.script[0].after in points:
                return self.script.popleft()
        return NO_FAULT

    def log(self, connection, operation, fault, status, body):
        with self.lock:
            self.served.append({
                "time": time.monotonic(), "connection": connection,
                "operation": operation, "fault": fault.written,
                "status": status, "body": body.decode(errors="replace")})

    def now(self):
        """The service's clock."""
        return time.time() + self.settings.skew


class Control(http.server.BaseHTTPRequestHandler):
    """A request at the control address; its server has the `faults`."""

    def do_GET(self):
        self.reply(200, "application/json",
                   json.dumps(self.server.faults.state()))

    def do_POST(self):
        try:
            length = int(self.headers.get("Content-Length", ""))
            self.server.faults.change(json.loads(self.rfile.read(length)))
        except (ValueError, RecursionError) as error:
            self.reply(400, "text/plain", str(error))
            return
        self.do_GET()

    def reply(self, status, kind, text):
        body = text.encode(errors="backslashreplace") + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass  # the emulator prints its own log


# -------------------------------------------------------------- connections

def begins(connection):
    """Whether the client sends anything before it closes."""
    return bool(socket.socket.recv(connection, 1, socket.MSG_PEEK))


def wait(connection, seconds):
    """Wait. ConnectionAbortedError if the client goes away meanwhile."""
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    if seconds and poll.poll(seconds * 1000):
        raise ConnectionAbortedError


def send(connection, data, interval):
    connection.settimeout(PATIENCE)
    if not interval:
        connection.sendall(data)
        return
    for byte in data:
        wait(connection, interval)
        connection.sendall(bytes([byte]))


def end(connection, how):
    """End a TLS connection: "close", "bare" or "reset"."""
    with contextlib.suppress(OSError):
        if how == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                  struct.pack("ii", True, 0))
            connection.close()
            return
        connection.settimeout(PATIENCE)
        with contextlib.suppress(OSError):
            if how == "close":
                connection.unwrap()  # close_notify
        connection.shutdown(socket.SHUT_WR)  # recv() bypasses TLS from here on
        # To close with unread bytes would reset the connection.
        while connection.recv(65536):
            pass
