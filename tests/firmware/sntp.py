"""A time server on loopback that reports the time a test wants (RFC 4330).

    with sntp.Server(time.time() + 7200) as server:
        ...                          # query 127.0.0.1, port server.port
        server.requests              # number of requests
"""

import socket
import struct
import threading

UNIX_EPOCH = 2208988800  # seconds from 1900-01-01, NTP's beginning
PACKET = struct.Struct("!BBbb11I")
CLIENT, SERVER = 3, 4  # modes


class Server:
    """Responds with `unix_time`, always the same."""

    def __init__(self, unix_time):
        self.now = (UNIX_EPOCH + int(unix_time)) % 2**32
        self.requests = 0

    def __enter__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"", ("127.0.0.1", self.port))  # ends serve()
        self.thread.join()
        self.socket.close()

    def serve(self):
        while True:
            request, client = self.socket.recvfrom(1024)
            if not request:
                return
            if len(request) >= PACKET.size and request[0] & 7 == CLIENT:
                self.socket.sendto(self.response(request), client)
                self.requests += 1

    def response(self, request):
        """The request's version, stratum 1, and four times: of the reference,
        of the client, of arrival and of departure."""
        version = request[0] & 0x38
        sent = PACKET.unpack_from(request)[-2:]
        return PACKET.pack(version | SERVER, 1, 0, -20, 0, 0,
                           int.from_bytes(b"TEST", "big"), self.now, 0, *sent,
                           self.now, 0, self.now, 0)
