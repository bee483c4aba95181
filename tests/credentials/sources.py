"""Sources of devices' credentials, on loopback for a test.

    with sources.Iot(server, device_authority) as iot:
        iot.aliases["alias"] = None
        ...
        iot.requests                     # (method, path, headers), in turn

Each source issues generations of credentials, from 1 on. The emulator accepts
all GENERATIONS with the options of known_credentials(). A test may change
attributes at any time. What it passes to `fail` replaces the next responses, or
all: bytes to send, or a function of the connection. Names of headers are in
lower case.

Source: AWS IoT Core Developer Guide, "Authorizing direct calls to AWS
services"; AWS SDKs and Tools Reference Guide, "Container credential provider";
Amazon EC2 User Guide, "Use IMDSv2".
"""

import email.utils
import http.server
import json
import secrets
import socket
import ssl
import threading
import time

PATIENCE = 600  # seconds; only a client that hangs takes as long

GENERATIONS = [("ASIAGENERATION%d" % n, "secret/+%d" % n, "token/+=%d" % n)
               for n in range(1, 10)]


def known_credentials():
    """The emulator's options to accept all generations."""
    return [option for key_id, secret, token in GENERATIONS
            for option in ("--key", "%s=%s:%s" % (key_id, secret, token))]


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE

    def do_GET(self):
        source = self.server.source
        headers = {name.lower(): text for name, text in self.headers.items()}
        source.body = self.rfile.read(int(headers.get("content-length", 0)))
        source.requests.append((self.command, self.path, headers))
        if source.faults and source.faults[0] is not None:
            fault = source.faults[0]
            if not source.faults_repeat:
                source.faults.pop(0)
            self.close_connection = True
            if callable(fault):
                fault(self.connection)
            else:
                self.wfile.write(fault)
            return
        if source.faults:
            source.faults.pop(0)
        status, body = source.respond(self.command, self.path, headers)
        data = body.encode() if isinstance(body, str) else \
            json.dumps(body).encode()
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(data)))
        if source.date is not None:
            self.send_header("Date", email.utils.formatdate(
                time.time() + source.date, usegmt=True))
        self.end_headers()
        self.wfile.write(data)

    do_PUT = do_POST = do_GET

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    context = None

    def get_request(self):
        connection, address = super().get_request()
        if self.context is not None:
            connection.settimeout(PATIENCE)
            connection = self.context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, *_):
        """Ignore clients that go away, or that TLS refuses."""


class Source:
    """The base of all sources. `life` is in seconds; `changes` replace members
    of the issued credentials, None removes one. `body` is the last request's.
    """

    def __init__(self):
        self.requests = []
        self.faults = []
        self.faults_repeat = False
        self.date = 0  # added to the Date, in seconds; None for no Date
        self.life = 3600
        self.issued = 0
        self.changes = {}

    def __enter__(self):
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.source = self
        self.server.context = self.context()
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,),
                         daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def context(self):
        return None

    def fail(self, *faults, always=False):
        """Replace the next responses; with `always`, all by the first."""
        self.faults = list(faults)
        self.faults_repeat = always

    def issue(self, names):
        """The next generation of credentials, with these names of members."""
        key_id, secret, token = GENERATIONS[self.issued]
        self.issued += 1
        values = dict(zip(names, (key_id, secret, token,
                                  iso(time.time() + self.life))))
        values.update(self.changes)
        return {name: value for name, value in values.items()
                if value is not None}


class Container(Source):
    """`authorization` is the header to require, None for none."""

    path = "/v2/credentials"
    authorization = None

    @property
    def url(self):
        return "http://127.0.0.1:%d%s" % (self.port, self.path)

    def respond(self, method, path, headers):
        if (method, path) != ("GET", self.path):
            return 404, {"code": "NotFound", "message": "no such path"}
        if headers.get("authorization") != self.authorization:
            return 401, {"code": "Unauthorized",
                         "message": "wrong token"}
        return 200, self.issue(("AccessKeyId", "SecretAccessKey", "Token",
                                "Expiration"))


class Imds(Source):
    """`role` is None if the instance has none; `token_life` in seconds."""

    TOKEN = "/latest/api/token"
    ROLES = "/latest/meta-data/iam/security-credentials/"
    role = "segments"
    token_life = 21600
    disabled = False

    def __init__(self):
        super().__init__()
        self.tokens = {}

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.port

    def respond(self, method, path, headers):
        if self.disabled:
            return 403, ""
        if path == self.TOKEN:
            return self.issue_token(method, headers)
        expiry = self.tokens.get(headers.get("x-aws-ec2-metadata-token"), 0)
        if expiry <= time.monotonic():
            return 401, ""
        if method != "GET":
            return 405, ""
        if self.role is None:
            return 404, "<html>Not Found</html>"
        if path == self.ROLES:
            return 200, self.role
        if path != self.ROLES + self.role:
            return 404, ""
        return 200, {"Code": "Success", "Type": "AWS-HMAC",
                     "LastUpdated": iso(time.time()),
                     **self.issue(("AccessKeyId", "SecretAccessKey", "Token",
                                   "Expiration"))}

    def issue_token(self, method, headers):
        if method != "PUT":
            return 405, ""
        ttl = headers.get("x-aws-ec2-metadata-token-ttl-seconds", "")
        if not ttl.isdigit() or not 1 <= int(ttl) <= 21600:
            return 400, ""
        token = secrets.token_urlsafe(40) + "=="
        self.tokens[token] = time.monotonic() + self.token_life
        return 200, token


class Iot(Source):
    """`aliases` maps an alias to None, or to the status and message of an
    error."""

    def __init__(self, server, devices):
        """`server` is the server's certificate, `devices` the PEM file of the
        authority for the certificates of devices."""
        super().__init__()
        self.certificate = server
        self.devices = devices
        self.things = {"thing"}
        self.aliases = {"alias": None}
        self.names = []  # from SNI

    def context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.certificate)
        context.load_verify_locations(self.devices)
        context.verify_mode = ssl.CERT_REQUIRED
        context.sni_callback = lambda _, name, __: self.names.append(name)
        return context

    def respond(self, method, path, headers):
        alias = path.removeprefix("/role-aliases/").removesuffix(
            "/credentials")
        if method != "GET" or path != "/role-aliases/%s/credentials" % alias:
            return 404, {"message": "no such path"}
        if alias not in self.aliases:
            return 404, {"message": "Role alias does not exist"}
        thing = headers.get("x-amzn-iot-thingname")
        if thing is not None and thing not in self.things:
            return 403, {"message": "Invalid thing name passed"}
        if self.aliases[alias] is not None:
            status, message = self.aliases[alias]
            return status, {"message": message}
        return 200, {"credentials": self.issue(
            ("accessKeyId", "secretAccessKey", "sessionToken",
             "expiration"))}


def stalls(connection):
    """Send nothing until the client goes away."""
    connection.settimeout(PATIENCE)
    try:
        while connection.recv(4096):
            pass
    except OSError:
        pass


def resets(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                          b"\1\0\0\0\0\0\0\0")


def http(status, body="", head=""):
    """A response's bytes."""
    data = body.encode()
    return ("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n"
            % (status, head, len(data))).encode() + data
