#!/usr/bin/python3
"""A local Amazon Personalize over TLS, for the batch segment job operations.

It checks requests against botocore's service model (model.py) and recomputes
signatures with botocore (signature.py): an independent reference for clients.
Jobs are kept in SQLite and go PENDING, IN PROGRESS, ACTIVE as time passes
(operations.py). It listens on loopback only. With --control it accepts scripts
of faults (faults.py).

    personalize.py --dir DIR [--port 0] [--database FILE] [--verbose]
                   [--control]

It writes ca.pem, the certificate to trust, and the server's own files to DIR.
If there is an authority already, use --certificate instead. It prints
`listening on HOST:PORT` when ready; SIGTERM or SIGINT ends it.
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
# Of the certificate in --dir; the addresses are for clients that use them.
NAMES = ("localhost", "personalize.test", "127.0.0.1", "::1")

# The example of AWS's documentation, known not to be a real key.
DEFAULT_KEY = "AKIAIOSFODNN7EXAMPLE=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

HEAD_MAX = 64 * 1024  # bytes; enough for long session tokens
BODY_MAX = 1024 * 1024

Request = namedtuple("Request", "method path headers body")  # names lower-case
Response = namedtuple("Response", "status type body close")


class HttpError(Exception):
    """Malformed HTTP: the response is not JSON, and the connection ends."""

    def __init__(self, status, reason):
        super().__init__(status, reason)
        self.status = status
        self.reason = reason


HEAD = re.compile(rb"([A-Z]+) (/[!-~]*) HTTP/1\.1\r\n"
                  rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*\r\n)*)\r\n")


class Connection(socketserver.BaseRequestHandler):
    """One connection: requests, responses, and faults."""

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
            end = "bare"  # the client went away, or TLS failed
        faults.end(self.request, end)

    def converse(self):
        """Serve until the connection must end. Returns how to end it."""
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
        """Apply a fault at this point, if any. Returns how to go on."""
        fault = self.faults.take(point)
        if fault is not faults.NO_FAULT:
            self.emulator.log(self, None, fault, None)
            faults.wait(self.request, fault.delay)
        return fault.end or "keep"

    def serve(self):
        """Serve one request. Returns how to go on with the connection."""
        request, fault = None, faults.NO_FAULT
        try:
            request = self.read_request()
            if request is None:
                return "close"
            check_host(request.headers.get("host", ""), self.emulator.names,
                       self.server.server_address[1])
            fault = self.faults.take("reading", "operation")
            time.sleep(fault.late)
            response = self.emulator.respond(request, fault,
                                             self.is_last(request))
        except HttpError as error:
            response = Response(error.status, "text/plain",
                                error.reason.encode() + b"\n", True)
        self.emulator.log(self, request, fault, response)
        faults.wait(self.request, fault.delay)
        if response is not None:
            date = self.faults.now() + fault.date
            data = encode(response, date, fault.headers)[:fault.bytes]
            faults.send(self.request, data, fault.interval)
        closes = response is None or response.close
        return fault.end or ("close" if closes else "keep")

    def is_last(self, request):
        """Whether this request is the last one on its connection."""
        self.requests += 1
        limit = self.faults.settings.keep_alive
        return request.headers.get("connection", "").lower() == "close" \
            or self.requests == limit

    def read_request(self):
        """The next request, None if it does not arrive."""
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
        """The next bytes; none if the client closed or timed out."""
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

    Any port will do: a relay in front has its own.
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


def encode(response, date, changes):
    """The response's bytes, with headers added, replaced or (None) removed."""
    headers = {
        "x-amzn-RequestId": str(uuid.uuid4()),
        "Content-Type": response.type,
        "Content-Length": str(len(response.body)),
        "Date": email.utils.formatdate(date, usegmt=True),
    }
    if response.close:
        headers["Connection"] = "close"
    changed = [name.lower() for name in changes]
    lines = ["HTTP/1.1 %d %s" % (response.status,
                                 http.HTTPStatus(response.status).phrase)]
    lines += ["%s: %s" % (name, text) for name, text in headers.items()
              if name.lower() not in changed]
    lines += ["%s: %s" % (name, text) for name, text in changes.items()
              if text is not None]
    return "\r\n".join(lines + ["", ""]).encode() + response.body


class Emulator:
    """Makes the response to a request."""

    def __init__(self, service, identities, names, faults, verbose):
        self.service = service
        self.identities = identities
        self.names = names
        self.faults = faults
        self.verbose = verbose

    def respond(self, request, fault, close):
        """The response, or None if the fault prevents it."""
        response, changes = None, {}
        if fault.after == "operation":
            response = self.operate(request)
        if fault.code is not None:
            changes = self.refuse(ServiceError(fault.code,
                                               fault.message))._asdict()
        if fault.body is not None:
            changes["body"] = fault.body.encode()
        if fault.status is not None:
            changes["status"] = fault.status
        if fault.bytes == 0 or not (response or changes):
            return None
        response = response or Response(200, CONTENT_TYPE, b"", close)
        return response._replace(**{**changes, "close": close})

    def operate(self, request):
        operation = self.operation(request)
        if operation is None:
            return Response(404, "application/xml",
                            b"<UnknownOperationException/>\n", False)
        now = self.faults.now()
        try:
            signature.authenticate(request, self.identities,
                                   self.service.region, now)
            return json_response(200, self.service.call(
                operation, request.body, now))
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
        """The response for an error, in the two spellings of AWS's services.

        Errors in the service's model have bare names; those of the framework
        below it have a namespace.
        """
        modelled = self.service.model.error_shapes
        if error.code in [shape.name for shape in modelled]:
            return json_response(400, {"__type": error.code,
                                       "message": error.message})
        name = "Message" if error.code == "SerializationException" \
            else "message"
        return json_response(400, {
            "__type": "com.amazon.coral.service#" + error.code,
            name: error.message})

    def log(self, connection, request, fault, response):
        status = response.status if response else None
        self.faults.log(connection.number,
                        self.operation(request) if request else None, fault,
                        status, request.body if request else b"")
        if not self.verbose:
            return
        method = target = "-"
        if request:
            method = request.method
            target = request.headers.get("x-amz-target", "-")[:80]
        tls = connection.request
        session = "resumed" if tls.session_reused else "new"
        # In one write: each connection has a thread.
        print("connection %d, %s, %s session: %s %s %s\n" % (
            connection.number, tls.version() or "no TLS", session, method,
            target, status or "-"), end="", flush=True)


def json_response(status, result):
    body = json.dumps(result, separators=(",", ":")).encode()
    return Response(status, CONTENT_TYPE, body, False)


class Listener(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves each connection in a daemon thread."""

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
        # Else the second piece of a response waits for the client's ACK.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        # The connection's own thread does the handshake.
        return self.context.wrap_socket(
            connection, server_side=True,
            do_handshake_on_connect=False), address


def read_key(text):
    key_id, _, rest = text.partition("=")
    secret, _, token = rest.partition(":")
    if not key_id or not secret:
        raise argparse.ArgumentTypeError("not ID=SECRET[:TOKEN]")
    return key_id, signature.Identity(secret, token or None)


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
    server.add_argument("--dir", help="folder for ca.pem; created if absent")
    server.add_argument("--certificate", nargs=2, metavar=("CHAIN", "KEY"),
                        help="the server's PEM files, instead of --dir")
    add("--tls", type=tls_version, default="1.3", metavar="VERSION",
        help="the newest version, 1.2 or 1.3; default: 1.3")
    add("--host", type=loopback, default="127.0.0.1")
    add("--port", type=int, default=0, help="0, the default, is any free port")
    add("--database", default=":memory:", help="SQLite file; default: none")
    add("--key", action="append", type=read_key, metavar="ID=SECRET[:TOKEN]",
        help="valid credentials, repeatable; default: " + DEFAULT_KEY)
    add("--region", default="us-east-1")
    add("--pending", type=float, default=2, metavar="SECONDS",
        help="how long a new job is PENDING")
    add("--in-progress", type=float, default=5, metavar="SECONDS",
        help="how long it is then IN PROGRESS")
    add("--control", action="store_true",
        help="accept faults by plain HTTP on another port (faults.py)")
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
    # Blocked in all threads, for sigwait() below.
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        scripted = faults.Faults(pending=options.pending,
                                 in_progress=options.in_progress)
        jobs = Jobs(options.database, scripted)
        identities = dict(options.key or [read_key(DEFAULT_KEY)])
        issued = make_certificate(options.dir) if options.dir \
            else certificates.Issued(*options.certificate)
        emulator = Emulator(Personalize(options.region, jobs), identities,
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
