"""A TLS server that says whatever a test wants, to a client that trusts it.

    with Peer(certificate) as peer:
        peer.behave = peer.answers(b"HTTP/1.1 200 OK...")
        ...                                  # run the command
        peer.requests[-1]                    # what it had sent

Connections are served one after the other. `behave` is called with each,
after its request was read.
"""

import contextlib
import json
import re
import socket
import ssl
import threading
import time

SECONDS = 600  # with a client; only one that hangs takes as long


class Peer:
    def __init__(self, issued):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(issued.certificate, issued.key)
        self.requests = []
        self.behave = lambda connection: None

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.endpoint = "https://localhost:%d" % self.port
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self.thread.join()
        self.listener.close()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            # A client that goes away is the test's business, not the peer's.
            with connection, contextlib.suppress(OSError):
                connection.settimeout(SECONDS)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY,
                                      True)
                with self.context.wrap_socket(connection, True) as tls:
                    self.requests.append(read_request(tls))
                    self.behave(tls)


def read_request(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive(connection)
    length = int(re.search(rb"\r\nContent-Length: (\d+)\r\n", data)[1])
    head = data.index(b"\r\n\r\n") + 4
    while len(data) < head + length:
        data += receive(connection)
    return data


def receive(connection):
    piece = connection.recv(65536)
    if not piece:
        raise ConnectionError("the client closed early")
    return piece


def operation(request):
    """What a request asks for: CreateBatchSegmentJob and so on."""
    return re.search(rb"\r\nX-Amz-Target: \w+\.(\w+)\r\n",
                     request)[1].decode()


# ------------------------------------------------------------- behaviours


def says(*pieces, notify=True):
    """Sends the pieces, each in a record, and closes, in good order or not."""
    def behave(connection):
        for piece in pieces:
            connection.sendall(piece)
        if notify:
            connection.unwrap()
    return behave


def in_turn(*behaviours):
    """One after the other, a connection each; the last goes on."""
    left = list(behaviours)

    def behave(connection):
        (left.pop(0) if len(left) > 1 else left[0])(connection)
    return behave


def says_bytewise(answer):
    return says(*(answer[i:i + 1] for i in range(len(answer))))


def says_for_ever(beginning, piece):
    def behave(connection):
        connection.sendall(beginning)
        while True:
            connection.sendall(piece)
    return behave


def stays_silent(connection):
    """Waits for the client to give up."""
    with contextlib.suppress(ConnectionError):
        receive(connection)


def says_and_stays(answer):
    """Sends and leaves the connection open."""
    def behave(connection):
        connection.sendall(answer)
        stays_silent(connection)
    return behave


# ---------------------------------------------------------------- answers


def http(status, body=b"", *headers, length=True, version="1.1"):
    """An answer, with a Content-Length if `length`."""
    head = ["HTTP/%s %s" % (version, status), *headers]
    if length:
        head.append("Content-Length: %d" % len(body))
    return "\r\n".join(head + ["", ""]).encode() + body


def described(job, status="PENDING", created=None, **more):
    """The answer to a look at a job, given as its request's JSON."""
    job = {**job, "status": status, "creationDateTime":
           time.time() if created is None else created, **more}
    return http("200 OK", json.dumps({"batchSegmentJob": job}).encode(),
                "Content-Type: application/x-amz-json-1.1")


def chunked(body, size, *headers):
    """The body in chunks of `size` bytes, with extensions and a trailer."""
    chunks = [body[i:i + size] for i in range(0, len(body), size)]
    encoded = b"".join(b"%x;name=value\r\n%s\r\n" % (len(chunk), chunk)
                       for chunk in chunks)
    return http("200 OK", encoded + b"0\r\nX-Trailer: 1\r\n\r\n",
                "Transfer-Encoding: chunked", *headers, length=False)
