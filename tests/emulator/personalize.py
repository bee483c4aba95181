#!/usr/bin/python3
"""A local Amazon Personalize over TLS, for the batch segment job operations.

It judges requests by botocore's service model (model.py) and recomputes
signatures with botocore (signature.py), so it is a check from elsewhere on a
client. Jobs are kept in SQLite and go PENDING, IN PROGRESS, ACTIVE as time
passes (operations.py). It listens on loopback only.

    personalize.py --dir DIR [--port 0] [--database FILE] [--verbose]

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
import signature
from model import ServiceError
from operations import Jobs, Personalize

CONTENT_TYPE = "application/x-amz-json-1.1"
NAMES = ("localhost", "127.0.0.1", "::1")  # of the certificate in --dir

# AWS's own documentation example, so that nobody takes it for a real key.
DEFAULT_KEY = "AKIAIOSFODNN7EXAMPLE=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

HEAD_MAX = 64 * 1024  # bytes; room for long session tokens
BODY_MAX = 1024 * 1024
IDLE_SECONDS = 60

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
    """One connection: requests in, answers out."""

    def handle(self):
        self.buffer = b""
        self.number = next(self.server.connections)
        try:
            self.request.settimeout(IDLE_SECONDS)
            self.request.do_handshake()
            while self.serve():
                pass
            self.request.settimeout(2)
            self.request.unwrap()  # close_notify
        except OSError:
            pass  # the client's business; TLS failures and time-outs too

    def serve(self):
        """Answers one request; False if the connection is to end."""
        request = None
        try:
            request = self.read_request()
            if request is None:
                return False
            check_host(request.headers.get("host", ""),
                       self.server.emulator.names,
                       self.server.server_address[1])
            answer = self.server.emulator.answer(request)
        except HttpError as error:
            answer = Answer(error.status, "text/plain",
                            error.reason.encode() + b"\n", True)
        self.server.emulator.log(self, request, answer)
        self.request.sendall(encode(answer))
        return not answer.close

    def read_request(self):
        """The next request, None if the client closed before it."""
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
        piece = self.request.recv(65536)
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


def encode(answer):
    head = [
        "HTTP/1.1 %d %s" % (answer.status,
                            http.HTTPStatus(answer.status).phrase),
        "x-amzn-RequestId: %s" % uuid.uuid4(),
        "Content-Type: " + answer.type,
        "Content-Length: %d" % len(answer.body),
        "Date: " + email.utils.formatdate(usegmt=True),
    ]
    if answer.close:
        head.append("Connection: close")
    return "\r\n".join(head + ["", ""]).encode() + answer.body


class Emulator:
    """From a request to its answer."""

    def __init__(self, service, keys, names, verbose):
        self.service = service
        self.keys = keys
        self.names = names
        self.verbose = verbose

    def answer(self, request):
        close = request.headers.get("connection", "").lower() == "close"
        operation = self.operation(request)
        if operation is None:
            return Answer(404, "application/xml",
                          b"<UnknownOperationException/>\n", close)
        now = time.time()
        try:
            signature.authenticate(request, self.keys, self.service.region,
                                   now)
            status, result = 200, self.service.call(operation, request.body,
                                                    now)
        except ServiceError as error:
            status, result = 400, self.error(error)
        body = json.dumps(result, separators=(",", ":")).encode()
        return Answer(status, CONTENT_TYPE, body, close)

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

    def error(self, error):
        """The JSON of an error, in the two spellings that AWS's services have.

        Errors of the service itself stand in its model and are told by name;
        those of the framework below it are qualified.
        """
        modelled = self.service.model.error_shapes
        if error.code in [shape.name for shape in modelled]:
            return {"__type": error.code, "message": error.message}
        name = "Message" if error.code == "SerializationException" \
            else "message"
        return {"__type": "com.amazon.coral.service#" + error.code,
                name: error.message}

    def log(self, connection, request, answer):
        if not self.verbose:
            return
        method = target = "-"
        if request:
            method = request.method
            target = request.headers.get("x-amz-target", "-")[:80]
        tls = connection.request
        session = "resumed" if tls.session_reused else "new"
        # In one write, since connections have threads of their own.
        print("connection %d, %s, %s session: %s %s %d\n" % (
            connection.number, tls.version(), session, method, target,
            answer.status), end="", flush=True)


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, host, port, context, emulator):
        self.address_family = socket.AF_INET6 if ":" in host \
            else socket.AF_INET
        self.context = context
        self.emulator = emulator
        self.connections = itertools.count(1)
        super().__init__((host, port), Connection)

    def get_request(self):
        connection, address = super().get_request()
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
        jobs = Jobs(options.database, options.pending, options.in_progress)
        keys = dict(options.key or [read_key(DEFAULT_KEY)])
        issued = make_certificate(options.dir) if options.dir \
            else certificates.Issued(*options.certificate)
        emulator = Emulator(Personalize(options.region, jobs), keys,
                            certificates.names(issued), options.verbose)
        server = Server(options.host, options.port,
                        make_context(issued, options.tls), emulator)
    except (OSError, OverflowError, ValueError, sqlite3.Error) as error:
        sys.exit("personalize.py: %s" % error)
    threading.Thread(target=server.serve_forever, args=(0.1,),
                     daemon=True).start()
    host = "[%s]" % options.host if ":" in options.host else options.host
    print("listening on %s:%d" % (host, server.server_address[1]), flush=True)
    signal.sigwait(signals)
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    main()
