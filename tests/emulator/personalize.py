#!/usr/bin/python3
"""A local Amazon Personalize over TLS, for the batch segment job operations.

It judges requests by botocore's service model (model.py) and recomputes
signatures with botocore (signature.py), so it is a check from elsewhere on a
client. Jobs are kept in SQLite and go PENDING, IN PROGRESS, ACTIVE as time
passes (operations.py). It listens on loopback only. Whatever can go wrong with
a service goes wrong by a script that --control takes (faults.py).

    personalize.py --dir DIR [--port 0] [--database FILE] [--verbose]
                   [--control]

DIR receives ca.pem, the certificate to trust, beside the server's own files;
--certificate takes its place where an authority is there already. `listening
on HOST:PORT` is printed when ready; SIGTERM or SIGINT ends it.
"""

import argparse
import email.utils
import http
import ipaddress
import itertools
import json
import os
import re
import signal
import socket
import socketserver
import sqlite3
import ssl
import sys
import threading
import time
import uuid
from collections import namedtuple

import certificates
import faults
import signature
from model import ServiceError
from operations import Jobs, Personalize

CONTENT_TYPE = "application/x-amz-json-1.1"
# Of the certificate in --dir; the second is for who sees it at an address.
NAMES = ("localhost", "personalize.test", "127.0.0.1", "::1")

# AWS's own documentation example, so that nobody takes it for a real key.
DEFAULT_KEY = "AKIAIOSFODNN7EXAMPLE=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

HEAD_MAX = 64 * 1024  # bytes; room for long session tokens
BODY_MAX = 1024 * 1024

Request = namedtuple("Request", "method path headers body")  # names lower-case
Answer = namedtuple("Answer", "status type body close")


class HttpError(Exception):
    """Not a request that can be answered in JSON; the connection ends."""

    def __init__(self, status, reason):
        super().__init__(status, reason)
        self.status = status
        self.reason = reason


HEAD = re.compile(rb"([A-Z]+) (/[!-~]*) HTTP/1\.1\r\n"
                  rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*\r\n)*)\r\n")


class Connection(socketserver.BaseRequestHandler):
    """One connection: requests in, answers out, and faults in between."""

    def setup(self):
        self.buffer = b""
        self.requests = 0
        self.number = next(self.server.connections)
        self.emulator = self.server.emulator
        self.faults = self.server.emulator.faults

    def handle(self):
        try:
            end = self.converse()
        except OSError:
            end = "bare"  # the client's business; TLS failures too
        faults.end(self.request, end)

    def converse(self):
        """Serves until the connection is to end, and tells how."""
        self.request.settimeout(faults.PATIENCE)
        if not faults.begins(self.request):
            return "bare"
        end = self.strike("connect")
        if end == "keep":
            self.request.do_handshake()
            end = self.strike("handshake")
        while end == "keep":
            end = self.serve()
        return end

    def strike(self, point):
        """What a fault makes of a connection that has come to this point."""
        fault = self.faults.take(point)
        if fault is not faults.NO_FAULT:
            self.emulator.log(self, None, fault, None)
            faults.wait(self.request, fault.delay)
        return fault.end or "keep"

    def serve(self):
        """Answers one request, and tells how the connection goes on."""
        request, fault = None, faults.NO_FAULT
        try:
            request = self.read_request()
            if request is None:
                return "close"
            check_host(request.headers.get("host", ""), self.emulator.names,
                       self.server.server_address[1])
            fault = self.faults.take("reading", "operation")
            time.sleep(fault.late)
            answer = self.emulator.answer(request, fault,
                                          self.is_last(request))
        except HttpError as error:
            answer = Answer(error.status, "text/plain",
                            error.reason.encode() + b"\n", True)
        self.emulator.log(self, request, fault, answer)
        faults.wait(self.request, fault.delay)
        if answer is not None:
            date = self.faults.now() + fault.date
            data = encode(answer, date, fault.headers)[:fault.bytes]
            faults.send(self.request, data, fault.interval)
        closes = answer is None or answer.close
        return fault.end or ("close" if closes else "keep")

    def is_last(self, request):
        """Whether no request is served on this connection after this one."""
        self.requests += 1
        limit = self.faults.settings.keep_alive
        return request.headers.get("connection", "").lower() == "close" \
            or self.requests == limit

    def read_request(self):
        """The next request, None if it does not come."""
        while b"\r\n\r\n" not in self.buffer:
            if len(self.buffer) > HEAD_MAX:
                raise HttpError(431, "the head is too long")
            if not self.receive():
                return None
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        match = HEAD.fullmatch(head + b"\r\n\r\n")
        if not match:
            raise HttpError(400, "the head is malformed")
        method, path, lines = (part.decode() for part in match.groups())
        headers = read_headers(lines)
        length = body_length(method, headers)
        while len(self.buffer) < length:
            if not self.receive():
                return None
        if len(self.buffer) > length:
            raise HttpError(400, "the body is longer than Content-Length")
        body, self.buffer = self.buffer, b""
        return Request(method, path, headers, body)

    def receive(self):
        """The next bytes, none if the client closed or is silent too long."""
        self.request.settimeout(self.faults.settings.idle)
        try:
            piece = self.request.recv(65536)
        except TimeoutError:
            piece = b""
        self.buffer += piece
        return piece


def read_headers(text):
    headers = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.lower() in headers:
            raise HttpError(400, "the header %s is repeated" % name)
        headers[name.lower()] = value.strip()
    return headers


def check_host(host, names, own_port):
    """Host must be a name of the certificate, with a port unless it is 443.

    Which other port is not asked: a relay in front has one of its own.
    """
    match = re.fullmatch(r"(\[[0-9a-f:]+\]|[^:]+)(?::([1-9][0-9]{0,4}))?",
                         host.lower())
    if not match or match[1].strip("[]") not in names:
        raise HttpError(400, "Host does not name this service")
    if match[2] == "443" or (match[2] is None and own_port != 443):
        raise HttpError(400, "Host must hold the port, unless it is 443")


def body_length(method, headers):
    if "transfer-encoding" in headers:
        raise HttpError(501, "Transfer-Encoding is not supported")
    length = headers.get("content-length", "" if method == "POST" else "0")
    if not length:
        raise HttpError(411, "Content-Length is missing")
    if not re.fullmatch("[0-9]{1,9}", length):
        raise HttpError(400, "Content-Length is malformed")
    if int(length) > BODY_MAX:
        raise HttpError(413, "the body is too long")
    return int(length)


def encode(answer, date, changes):
    """The answer's bytes, with headers added, replaced or (None) left out."""
    headers = {
        "x-amzn-RequestId": str(uuid.uuid4()),
        "Content-Type": answer.type,
        "Content-Length": str(len(answer.body)),
        "Date": email.utils.formatdate(date, usegmt=True),
    }
    if answer.close:
        headers["Connection"] = "close"
    changed = [name.lower() for name in changes]
    lines = ["HTTP/1.1 %d %s" % (answer.status,
                                 http.HTTPStatus(answer.status).phrase)]
    lines += ["%s: %s" % (name, text) for name, text in headers.items()
              if name.lower() not in changed]
    lines += ["%s: %s" % (name, text) for name, text in changes.items()
              if text is not None]
    return "\r\n".join(lines + ["", ""]).encode() + answer.body


class Emulator:
    """From a request to its answer."""

    def __init__(self, service, keys, names, faults, verbose):
        self.service = service
        self.keys = keys
        self.names = names
        self.faults = faults
        self.verbose = verbose

    def answer(self, request, fault, close):
        """The answer, or None if the fault leaves none."""
        answer, changes = None, {}
        if fault.after == "operation":
            answer = self.operate(request)
        if fault.code is not None:
            changes = self.refuse(ServiceError(fault.code,
                                               fault.message))._asdict()
        if fault.body is not None:
            changes["body"] = fault.body.encode()
        if fault.status is not None:
            changes["status"] = fault.status
        if fault.bytes == 0 or not (answer or changes):
            return None
        answer = answer or Answer(200, CONTENT_TYPE, b"", close)
        return answer._replace(**{**changes, "close": close})

    def operate(self, request):
        operation = self.operation(request)
        if operation is None:
            return Answer(404, "application/xml",
                          b"<UnknownOperationException/>\n", False)
        now = self.faults.now()
        try:
            signature.authenticate(request, self.keys, self.service.region,
                                   now)
            return answer_json(200, self.service.call(operation, request.body,
                                                      now))
        except ServiceError as error:
            return self.refuse(error)

    def operation(self, request):
        """The operation's name, or None if it is not one for this service."""
        if (request.method, request.path) != ("POST", "/"):
            return None
        if request.headers.get("content-type") != CONTENT_TYPE:
            return None
        target = request.headers.get("x-amz-target", "")
        prefix, _, name = target.partition(".")
        if prefix != self.service.model.metadata["targetPrefix"]:
            return None
        return name if name in self.service.operations else None

    def refuse(self, error):
        """The answer for an error, in the two spellings of AWS's services.

        Errors of the service itself stand in its model and are told by name;
        those of the framework below it are qualified.
        """
        modelled = self.service.model.error_shapes
        if error.code in [shape.name for shape in modelled]:
            return answer_json(400, {"__type": error.code,
                                     "message": error.message})
        name = "Message" if error.code == "SerializationException" \
            else "message"
        return answer_json(400, {
            "__type": "com.amazon.coral.service#" + error.code,
            name: error.message})

    def log(self, connection, request, fault, answer):
        status = answer.status if answer else None
        self.faults.log(connection.number,
                        self.operation(request) if request else None, fault,
                        status)
        if not self.verbose:
            return
        method = target = "-"
        if request:
            method = request.method
            target = request.headers.get("x-amz-target", "-")[:80]
        tls = connection.request
        session = "resumed" if tls.session_reused else "new"
        # In one write, since connections have threads of their own.
        print("connection %d, %s, %s session: %s %s %s\n" % (
            connection.number, tls.version() or "no TLS", session, method,
            target, status or "-"), end="", flush=True)


def answer_json(status, result):
    body = json.dumps(result, separators=(",", ":")).encode()
    return Answer(status, CONTENT_TYPE, body, False)


class Listener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves each connection in a thread that nobody waits for."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, host, port, handler):
        self.address_family = socket.AF_INET6 if ":" in host \
            else socket.AF_INET
        super().__init__((host, port), handler)

    def start(self, name):
        threading.Thread(target=self.serve_forever, args=(0.1,),
                         daemon=True).start()
        host, port = self.server_address[:2]
        print("%s on %s:%d" % (name, "[%s]" % host if ":" in host else host,
                               port), flush=True)


class Server(Listener):
    def __init__(self, host, port, context, emulator):
        self.context = context
        self.emulator = emulator
        self.connections = itertools.count(1)
        super().__init__(host, port, Connection)

    def get_request(self):
        connection, address = super().get_request()
        # Else the second piece of an answer waits for the client's ACK.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        # The handshake waits for the connection's own thread.
        return self.context.wrap_socket(
            connection, server_side=True,
            do_handshake_on_connect=False), address


def read_key(text):
    key_id, _, rest = text.partition("=")
    secret, _, token = rest.partition(":")
    if not key_id or not secret:
        raise argparse.ArgumentTypeError("not ID=SECRET[:TOKEN]")
    return key_id, signature.Key(secret, token or None)


def loopback(text):
    try:
        if ipaddress.ip_address(text).is_loopback:
            return text
    except ValueError:
        pass
    raise argparse.ArgumentTypeError("not a loopback address")


def tls_version(text):
    if text not in ("1.2", "1.3"):
        raise argparse.ArgumentTypeError("not 1.2 or 1.3")
    return ssl.TLSVersion["TLSv" + text.replace(".", "_")]


def read_options():
    parser = argparse.ArgumentParser(
        allow_abbrev=False, description="A local Amazon Personalize over TLS.")
    add = parser.add_argument
    server = parser.add_mutually_exclusive_group(required=True)
    server.add_argument("--dir", help="folder for ca.pem; made if need be")
    server.add_argument("--certificate", nargs=2, metavar=("CHAIN", "KEY"),
                        help="PEM files of the server, nothing is made then")
    add("--tls", type=tls_version, default="1.3", metavar="VERSION",
        help="the newest that is spoken, 1.2 or 1.3, the default")
    add("--host", type=loopback, default="127.0.0.1")
    add("--port", type=int, default=0, help="0, the default: a free one")
    add("--database", default=":memory:", help="SQLite file; default: none")
    add("--key", action="append", type=read_key, metavar="ID=SECRET[:TOKEN]",
        help="a known key, repeatable; default: " + DEFAULT_KEY)
    add("--region", default="us-east-1")
    add("--pending", type=float, default=2, metavar="SECONDS",
        help="how long a new job is PENDING")
    add("--in-progress", type=float, default=5, metavar="SECONDS",
        help="how long it is then IN PROGRESS")
    add("--control", action="store_true",
        help="take faults by plain HTTP on another port (faults.py)")
    add("--verbose", action="store_true", help="print a line per request")
    return parser.parse_args()


def make_certificate(folder):
    os.makedirs(folder, exist_ok=True)
    return certificates.issue(certificates.authority(folder), NAMES)


def make_context(server, newest):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = newest
    context.load_cert_chain(server.certificate, server.key)
    return context


def main():
    options = read_options()
    # Blocked in all threads, to be taken by sigwait below.
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        scripted = faults.Faults(pending=options.pending,
                                 in_progress=options.in_progress)
        jobs = Jobs(options.database, scripted)
        keys = dict(options.key or [read_key(DEFAULT_KEY)])
        issued = make_certificate(options.dir) if options.dir \
            else certificates.Issued(*options.certificate)
        emulator = Emulator(Personalize(options.region, jobs), keys,
                            certificates.names(issued), scripted,
                            options.verbose)
        server = Server(options.host, options.port,
                        make_context(issued, options.tls), emulator)
    except (OSError, OverflowError, ValueError, sqlite3.Error) as error:
        sys.exit("personalize.py: %s" % error)
    if options.control:
        control = Listener(options.host, 0, faults.Control)
        control.faults = scripted
        control.start("control")
    server.start("listening")
    signal.sigwait(signals)
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    main()
