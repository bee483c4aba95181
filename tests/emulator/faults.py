"""What goes wrong in the emulator: faults by a script, and odd settings.

With --control the emulator prints `control on HOST:PORT` as well: plain HTTP,
one JSON document, whatever the path.

    curl -d '{"script": ["throttle", null, {"fault": "close", "after":
        "operation"}], "lag": 2}' http://HOST:PORT/

POST with a `script` begins anew: the script replaces what is left of the one
before, the log is emptied, and settings that are not named get the values that
they began with. POST without one only changes the settings it names. What is
wrong gets 400 with the reason, and changes nothing. GET, and POST too, answer
with the script's rest, the settings, and `served`, the log: per request, or
connection that a fault ended without one, `time` (of the monotonic clock),
`connection` (its number, from 1), `operation` (null if unknown), `fault` (as
written) and `status` (null if nothing is answered). An entry stands there
before the client sees anything of the answer, and after the job was made.

Each request takes the script's first entry when it has been read: null for no
fault, the name of a fault, or an object with the name as `fault` and arguments
in place of the fault's own. Without a name, arguments change a good answer.

    throttle         400 ThrottlingException, and nothing is done
    error            500 InternalServerError, and nothing is done
    page             502 in HTML, and nothing is done
    garbage          the operation is done, and the answer is 200 and not JSON
    close            the request is read, and the connection closed
    reset            the same, with a TCP reset
    stall            the request is read, and nothing happens for an hour
    late             the operation is done 2 seconds later, even if the client
                     has gone by then
    drip             the answer comes one byte a second
    truncate         the answer lacks its last byte, and the connection is
                     closed
    no-close-notify  the answer ends with the connection, and that without
                     TLS's close_notify

    after     how far all goes well: "operation" (it is done: the job is made),
              "reading" (the request is read, nothing is done), "handshake"
              (nothing is read), "connect" (the client has begun TLS, and
              hears nothing)
    late      seconds before the operation is done, client or no client
    delay     seconds before the answer, or before what comes in its place;
              ends when the client goes away
    status    of the answer
    code      the answer is this error of the service ("status" is 400) ...
    message   ... with this message
    body      the answer's body, as text
    headers   object of headers to add or replace; null leaves one out:
              {"x-amz-retry-after": "200"}, {"Content-Length": null}
    date      seconds by which the answer's Date is wrong
    interval  seconds before each byte of the answer
    bytes     how many bytes of the answer are sent, head included; negative:
              how many of the last are not sent
    end       what then becomes of the connection: "keep", "close" (with
              close_notify), "bare" (TCP's end without it) or "reset"

So {"fault": "close", "after": "operation"} makes the job and closes without an
answer, {"end": "close"} answers well and closes untold, and {"code":
"ResourceNotFoundException"} is a Describe that cannot see the job yet.

An entry with `after` "handshake" or "connect" is taken by the next connection
instead, and takes `delay` and `end` only; requests on connections that are
there already pass it by, as if they met a null, and leave it where it is.

Settings, which hold for all requests and connections:

    skew         seconds by which the service's clock is wrong: what it judges
                 signatures by, its Date, its jobs' times
    lag          seconds before Describe and List see a new job
    keep_alive   requests per connection; the last answer says `close`
    idle         seconds a connection may be silent before it is closed
    fail         new jobs end as CREATE FAILED with this failureReason
    pending      seconds that jobs are PENDING
    in_progress  seconds that they are then IN PROGRESS

Null gives a setting the value that it began with.
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

# ----------------------------------------------------- what may be asked for

DAY = 86400
DECADES = 10**9  # seconds; dates stay within four-digit years


def number(low, high, types=(int, float)):
    """What a value must be, as a test and in words."""
    words = "whole number" if types == (int,) else "number"
    return (lambda value: type(value) in types and low <= value <= high,
            "a %s from %s to %s" % (words, low, high))


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
        test, words = table[name]
        if value is not None and not test(value):
            raise ValueError("%s%s must be %s" % (place, name, words))


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
            raise ValueError("%s has no answer, and so no %s" % (
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
        """Takes a document; ValueError if it is wrong, and changes nothing."""
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
        """The document that GET answers with."""
        with self.lock:
            return {"script": [fault.written for fault in self.script],
                    "served": list(self.served), **vars(self.settings)}

    def take(self, *points):
        """The script's next fault, if it strikes at one of these points."""
        with self.lock:
            if self.script and self.script[0].after in points:
                return self.script.popleft()
        return NO_FAULT

    def log(self, connection, operation, fault, status):
        with self.lock:
            self.served.append({
                "time": time.monotonic(), "connection": connection,
                "operation": operation, "fault": fault.written,
                "status": status})

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
        pass  # the emulator's output is its own


# -------------------------------------------------------------- connections

def begins(connection):
    """Whether the client says anything at all, beneath TLS."""
    return bool(socket.socket.recv(connection, 1, socket.MSG_PEEK))


def wait(connection, seconds):
    """Waits; ConnectionAbortedError if the client goes away meanwhile."""
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
    """Ends a TLS connection: "close", "bare" or "reset"."""
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
        connection.shutdown(socket.SHUT_WR)  # recv() is TCP's from here on
        # What is not read would make a reset of the end.
        while connection.recv(65536):
            pass
