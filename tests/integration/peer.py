"""A TLS server that sends what a test wants, to a client that trusts it.

    with Peer(certificate) as peer:
        peer.behave = peer.sends(b"HTTP/1.1 200 OK...")
        ...                                  # run the command
        peer.requests[-1]                    # what it sent

It serves one connection at a time: reads the request, then calls `behave` with
the connection.
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
            # The test decides whether a client may go away, not the peer.
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
    """A request's operation, such as CreateBatchSegmentJob."""
    return re.search(rb"\r\nX-Amz-Target: \w+\.(\w+)\r\n",
                     request)[1].decode()


# ------------------------------------------------------------- behaviours


def sends(*pieces, notify=True):
    """Send each piece in a record; close, with close_notify or without."""
    def behave(connection):
        for piece in pieces:
            connection.sendall(piece)
        if notify:
            connection.unwrap()
    return behave


def in_turn(*behaviours):
    """Each in turn for a connection, the last one for all that follow."""
    left = list(behaviours)

    def behave(connection):
        (left.pop(0) if len(left) > 1 else left[0])(connection)
    return behave


def sends_bytewise(response):
    return sends(*(response[i:i + 1] for i in range(len(response))))


def sends_forever(beginning, piece):
    def behave(connection):
        connection.sendall(beginning)
        while True:
            connection.sendall(piece)
    return behave


def stays_silent(connection):
    """Wait until the client gives up."""
    with contextlib.suppress(ConnectionError):
        receive(connection)


def sends_and_stays(response):
    """Send, and leave the connection open."""
    def behave(connection):
        connection.sendall(response)
        stays_silent(connection)
    return behave


# -------------------------------------------------------------- responses


def http(status, body=b"", *headers, length=True, version="1.1"):
    """A response, with a Content-Length if `length`."""
    head = ["HTTP/%s %s" % (version, status), *headers]
    if length:
        head.append("Content-Length: %d" % len(body))
    return "\r\n".join(head + ["", ""]).encode() + body


def described(job, status="PENDING", created=None, **more):
    """The response to Describe for a job, which is given as JSON."""
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
