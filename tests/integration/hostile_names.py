"""Runs a program without /etc/hosts and with a hostile name server, whose
answers have a stranger's address.

    unshare --net --mount hostile_names.py REPORT CERTIFICATE KEY \
        PROGRAM [ARGUMENT]...

On loopback, ports 80 and 443 (with this certificate), a service responds to
each request with a job's ARN. On the same ports of the stranger's address, a
server without TLS receives, and sends nothing. REPORT is JSON: the names that
were looked up, the requests to the service, and what the stranger received.
The namespaces are the caller's own, so none of this is visible outside.
"""

import contextlib
import fcntl
import json
import os
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

import peer
from command import ARN

SIOCSIFFLAGS, SIOCSIFADDR = 0x8914, 0x8916  # netdevice(7)
IFF_UP = 1
STRANGER = "192.0.2.1"  # RFC 5737
GOOD = peer.http("200 OK", b'{"batchSegmentJobArn":"%s"}' % ARN.encode())
FILES = {"/etc/hosts": "", "/etc/resolv.conf": "nameserver 127.0.0.1\n",
         "/etc/nsswitch.conf": "hosts: dns\n"}

report = {"names": [], "service": [], "stranger": []}


def configure():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS,
                    struct.pack("16sh14x", b"lo", IFF_UP))
        fcntl.ioctl(control, SIOCSIFADDR, struct.pack(
            "16sH2x4s8x", b"lo:1", socket.AF_INET,
            socket.inet_aton(STRANGER)))


def replace(folder, path, text):
    """Replace a file in this namespace if it exists."""
    if os.path.exists(path):
        file = os.path.join(folder, os.path.basename(path))
        with open(file, "w", encoding="ascii") as new:
            new.write(text)
        subprocess.run(["mount", "--bind", file, path], check=True)


# ----------------------------------------------------------------- servers


def name_and_answer(query):
    """The answer: the stranger's address for A, else none (RFC 1035, 4.1)."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    question = query[12:at + 5]
    is_a = question[-4:-2] == b"\0\1"
    answer = (b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + socket.inet_aton(STRANGER)
              if is_a else b"")
    return ".".join(labels), (query[:2] + b"\x81\x80\0\1\0" +
                              bytes([is_a]) + bytes(4) + question + answer)


def serve_names(server):
    while True:
        query, client = server.recvfrom(512)
        name, answer = name_and_answer(query)
        report["names"].append(name)
        server.sendto(answer, client)


def serve(listener, context):
    while True:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.settimeout(peer.SECONDS)
            if context is not None:
                connection = context.wrap_socket(connection, True)
            request = peer.read_request(connection)
            report["service"].append(request.decode())
            connection.sendall(GOOD)
            connection.close()


def receive(listener):
    while True:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            connection.settimeout(peer.SECONDS)
            report["stranger"].append(connection.recv(65536).hex())


def start(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def start_all(certificate, key):
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 53))
    start(serve_names, names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    for port, secured in ((80, None), (443, context)):
        start(serve, socket.create_server(("127.0.0.1", port)), secured)
        start(receive, socket.create_server((STRANGER, port)))


def main():
    path, certificate, key, *program = sys.argv[1:]
    configure()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            replace(folder, name, text)
        start_all(certificate, key)
        code = subprocess.run(program, check=False).returncode
    with open(path, "w", encoding="ascii") as file:
        json.dump(report, file)
    return code


if __name__ == "__main__":
    sys.exit(main())
