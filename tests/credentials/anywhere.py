"""IAM Roles Anywhere for tests: the service, a signer, and certificates.

    device = anywhere.Device(folder, "p256", "ec", authority)
    with anywhere.Service(authority.path) as service:
        ...
        service.received                 # the bytes of each request

The service verifies the signature and, with the command openssl, the chain.
The signer writes the whole request that the library sends. Both are written
after the User Guide, over the Python package cryptography; they share no code
with the library.

Source: IAM Roles Anywhere User Guide, "CreateSession" and "Signing process".
"""

import base64
import datetime
import hashlib
import io
import json
import os
import re
import subprocess
import tempfile
import time
import warnings

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

import sources

REGION = "us-east-1"
ACCOUNT = "123456789012"
ANCHOR = "arn:aws:rolesanywhere:us-east-1:%s:trust-anchor/5f3c" % ACCOUNT
PROFILE = "arn:aws:rolesanywhere:us-east-1:%s:profile/77aa" % ACCOUNT
ROLE = "arn:aws:iam::%s:role/segments" % ACCOUNT
SKEW_S = 300
ALGORITHM = {"rsa": "AWS4-X509-RSA-SHA256", "ec": "AWS4-X509-ECDSA-SHA256"}
DER = serialization.Encoding.DER
PEM = serialization.Encoding.PEM
CURVES = {"ec": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1,
          "brainpool": ec.BrainpoolP256R1}


# ------------------------------------------------------------ certificates

def new_key(kind):
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:] or "2048"))
    return ec.generate_private_key(CURVES[kind]())


class Device:
    """A certificate and its key in files: `certificate` (with the
    intermediates of `authority`, nearest first) and `key`, both PEM.

    `serial` is a number, or the content of its DER integer in bytes.
    """

    def __init__(self, folder, name, kind, authority, serial=None, days=30,
                 private_key=None):
        self.private_key = private_key or new_key(kind)
        self.kind = "rsa" if kind.startswith("rsa") else "ec"
        self.chain = list(authority.chain)
        content = serial if isinstance(serial, bytes) else None
        number = x509.random_serial_number() if serial is None else serial
        if content is not None:
            number = int.from_bytes(PLACE, "big")  # replaced below
        now = datetime.datetime.utcnow()
        day = datetime.timedelta(days=1)
        made = (x509.CertificateBuilder()
                .subject_name(x509.Name([x509.NameAttribute(
                    NameOID.COMMON_NAME, name)]))
                .issuer_name(authority.certificate.subject)
                .public_key(self.private_key.public_key())
                .serial_number(number)
                .not_valid_before(now + min(-1, days - 1) * day)
                .not_valid_after(now + days * day)
                .add_extension(x509.BasicConstraints(False, None), True)
                .sign(authority.key, hashes.SHA256()))
        self.der = made.public_bytes(DER)
        if content is not None:
            self.der = with_serial(made, content, authority.key)
        self.certificate = os.path.join(folder, name + ".pem")
        self.key = os.path.join(folder, name + "-key.pem")
        with open(self.certificate, "wb") as file:
            for der in [self.der] + [c.public_bytes(DER)
                                     for c in self.chain]:
                file.write(pem(der))
        with open(self.key, "wb") as file:
            file.write(self.private_key.private_bytes(
                PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption()))


def pem(der):
    return (b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der)
            + b"-----END CERTIFICATE-----\n")


def tlv(tag, content):
    n = len(content)
    size = bytes([n]) if n < 128 else \
        bytes([0x80 + (n.bit_length() + 7) // 8]) + n.to_bytes(
            (n.bit_length() + 7) // 8, "big")
    return bytes([tag]) + size + content


PLACE = b"\x41" * 16


def with_serial(certificate, content, key):
    """Its DER with another serial number in place of PLACE, signed anew:
    cryptography makes none that is negative or longer than 20 bytes."""
    tbs = certificate.tbs_certificate_bytes
    tbs = tbs[4:] if tbs[1] == 0x82 else tbs[3:]  # after the SEQUENCE's head
    assert tbs.count(tlv(2, PLACE)) == 1
    tbs = tlv(0x30, tbs.replace(tlv(2, PLACE), tlv(2, content)))
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")  # ECDSA, SHA-256
    assert algorithm in tbs
    signature = key.sign(tbs, ec.ECDSA(hashes.SHA256()))
    return tlv(0x30, tbs + algorithm + tlv(3, b"\0" + signature))


def load(der):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a negative serial number
        return x509.load_der_x509_certificate(der)


def serial_of(der):
    """The serial number in decimal, by the command openssl."""
    text = openssl("x509", "-inform", "DER", "-noout", "-serial", data=der)
    return str(int(text.partition("=")[2], 16))


def openssl(*arguments, data=b""):
    done = subprocess.run(["openssl", *arguments], input=data, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stdout.decode()


# ------------------------------------------------------------------ signer

def canonical_request(method, path, headers, names, body):
    """SigV4's; `headers` maps names in lower case to values."""
    lines = [method, path, ""]
    lines += ["%s:%s" % (name, headers[name].strip()) for name in names]
    lines += ["", ";".join(names), hashlib.sha256(body).hexdigest()]
    return "\n".join(lines)


def string_to_sign(algorithm, date, scope, canonical):
    return "\n".join([algorithm, date, scope, hashlib.sha256(
        canonical.encode()).hexdigest()]).encode()


def version():
    """The library's."""
    path = os.path.join(os.path.dirname(__file__), "../../core/segjob.h")
    with open(path, encoding="utf-8") as file:
        return ".".join(re.findall(
            r"^#define SEGJOB_VERSION_\w+ (\d+)$", file.read(), re.MULTILINE))


def signed_request(device, authority, date, members, region=REGION,
                   signature=None):
    """The bytes of a request for CreateSession. `authority` is its Host. An
    ECDSA signature is never the same twice, and can be given."""
    body = json.dumps(members, sort_keys=True,
                      separators=(",", ":")).encode()
    headers = {"content-type": "application/json", "host": authority,
               "x-amz-date": date,
               "x-amz-x509": base64.b64encode(device.der).decode()}
    if device.chain:
        headers["x-amz-x509-chain"] = ",".join(
            base64.b64encode(c.public_bytes(DER)).decode()
            for c in device.chain)
    names = sorted(headers)
    scope = "%s/%s/rolesanywhere/aws4_request" % (date[:8], region)
    text = string_to_sign(
        ALGORITHM[device.kind], date, scope,
        canonical_request("POST", "/sessions", headers, names, body))
    if signature is None:
        signature = device.private_key.sign(
            text, padding.PKCS1v15(), hashes.SHA256()) \
            if device.kind == "rsa" else device.private_key.sign(
                text, ec.ECDSA(hashes.SHA256()))
    head = ["POST /sessions HTTP/1.1", "Host: " + headers.pop("host"),
            "Accept: */*", "User-Agent: segjob/" + version(),
            "Content-Length: %d" % len(body)]
    head += ["%s: %s" % item for item in headers.items()]
    head.append("authorization: %s Credential=%s/%s, SignedHeaders=%s, "
                "Signature=%s" % (ALGORITHM[device.kind],
                                  serial_of(device.der), scope,
                                  ";".join(names), signature.hex()))
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


# ----------------------------------------------------------------- service

class Refused(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.response = (status, code, message)


def denied(message):
    return Refused(403, "AccessDeniedException", message)


class Recorder(sources.Handler):
    """Keeps each request's bytes, and sends the service's own headers."""

    def setup(self):
        super().setup()
        self.rfile = Tee(self.rfile)

    def do_POST(self):
        self.server.source.wire = self.rfile.data
        self.do_GET()

    def end_headers(self):
        for name, value in self.server.source.extra_headers:
            self.send_header(name, value)
        super().end_headers()


class Tee(io.RawIOBase):
    def __init__(self, file):
        super().__init__()
        self.file = file
        self.data = bytearray()

    def readline(self, limit=-1):
        line = self.file.readline(limit)
        self.data += line
        return line

    def read(self, n=-1):
        data = self.file.read(n)
        self.data += data
        return data


class Service(sources.Source):
    """`anchor` is the path of the trust anchor's certificate, `server` that of
    TLS, if it is spoken. `date` moves the service's clock."""

    def __init__(self, anchor, server=None):
        super().__init__()
        self.anchor = anchor
        self.certificate = server
        self.region = REGION
        self.roles = {ROLE}
        self.takes_session_name = True
        self.received = []
        self.wire = bytearray()  # what the connection has received
        self.extra_headers = []
        self.members = None  # of the last request

    def __enter__(self):
        super().__enter__()
        self.server.RequestHandlerClass = Recorder
        return self

    def context(self):
        if self.certificate is None:
            return None
        context = sources.ssl.SSLContext(sources.ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.certificate)
        return context

    def respond(self, method, path, headers):
        self.received.append(bytes(self.wire))
        self.wire.clear()
        try:
            self.extra_headers = []
            return 201, self.create_session(method, path, headers)
        except Refused as refused:
            status, code, message = refused.response
            self.extra_headers = [("x-amzn-ErrorType", code)]
            return status, {"message": message}

    def create_session(self, method, path, headers):
        if (method, path) != ("POST", "/sessions"):
            raise Refused(404, "UnknownOperationException", "")
        if headers["content-type"] != "application/json":
            raise Refused(400, "ValidationException", "not JSON")
        device, chain = self.certificates(headers)
        self.verify_signature(method, path, headers, device)
        self.verify_chain(device, chain)
        self.members = json.loads(self.body)
        self.check(self.members)
        return self.session(device)

    def certificates(self, headers):
        def read(text):
            if re.search(r"\s", text):
                raise denied("Invalid certificate")
            return load(base64.b64decode(text, validate=True))
        chain = headers.get("x-amz-x509-chain")
        return (read(headers["x-amz-x509"]),
                [] if chain is None else [read(t) for t in chain.split(",")])

    def verify_signature(self, method, path, headers, device):
        key = device.public_key()
        kind = "rsa" if isinstance(key, rsa.RSAPublicKey) else "ec"
        match = re.fullmatch(
            r"(AWS4-X509-\w+-SHA256) Credential=(-?\d+)/(\d{8})/([\w-]+)/"
            r"rolesanywhere/aws4_request, SignedHeaders=([a-z0-9;-]+), "
            r"Signature=([0-9a-f]+)", headers["authorization"])
        if match is None:
            raise Refused(400, "ValidationException", "authorization")
        algorithm, serial, day, region, signed, signature = match.groups()
        names = signed.split(";")
        needed = {"host", "content-type", *(name for name in headers
                                            if name.startswith("x-amz-"))}
        if (algorithm != ALGORITHM[kind] or region != self.region
                or serial != serial_of(device.public_bytes(DER))
                or names != sorted(names) or not needed <= set(names)):
            raise denied("Invalid credential scope")
        self.verify_date(headers["x-amz-date"], day)
        text = string_to_sign(
            algorithm, headers["x-amz-date"],
            "%s/%s/rolesanywhere/aws4_request" % (day, region),
            canonical_request(method, path, headers, names, self.body))
        try:
            if kind == "rsa":
                key.verify(bytes.fromhex(signature), text,
                           padding.PKCS1v15(), hashes.SHA256())
            else:
                key.verify(bytes.fromhex(signature), text,
                           ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise denied("Invalid signature") from None

    def now(self):
        return time.time() + (self.date or 0)

    def verify_date(self, date, day):
        sent = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(
            tzinfo=datetime.timezone.utc).timestamp()
        if day != date[:8] or abs(sent - self.now()) > SKEW_S:
            raise denied("Signature expired")

    def verify_chain(self, device, chain):
        """By openssl verify: signatures, dates and constraints."""
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("own", "chain")]
            for path, listed in zip(paths, ([device], chain)):
                with open(path, "wb") as file:
                    for certificate in listed:
                        file.write(certificate.public_bytes(PEM))
            untrusted = ["-untrusted", paths[1]] if chain else []
            done = subprocess.run(
                ["openssl", "verify", "-no-CApath", "-no-CAstore", "-CAfile",
                 self.anchor, "-attime", str(int(self.now())), *untrusted,
                 paths[0]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise denied("Untrusted certificate. Certificate expired"
                         if b"expired" in done.stdout
                         else "Untrusted signing certificate")

    def check(self, members):
        known = {"durationSeconds", "profileArn", "roleArn",
                 "roleSessionName", "trustAnchorArn"}
        if not set(members) <= known:
            raise Refused(400, "ValidationException", "unknown member")
        if not 900 <= members.get("durationSeconds", 3600) <= 43200:
            raise Refused(400, "ValidationException", "durationSeconds")
        for name, arn in (("trustAnchorArn", ANCHOR),
                          ("profileArn", PROFILE)):
            if members[name] != arn:
                raise Refused(404, "ResourceNotFoundException",
                              "%s not found" % name)
        if members["roleArn"] not in self.roles:
            raise denied("Unable to assume role for %s" % members["roleArn"])
        if "roleSessionName" in members and not self.takes_session_name:
            raise denied("Not authorized to set roleSessionName.")

    def session(self, device):
        name = "%x" % abs(int(serial_of(device.public_bytes(DER))))
        return {
            "credentialSet": [{
                "assumedRoleUser": {"arn": "%s/%s" % (ROLE, name),
                                    "assumedRoleId": "AROA:" + name},
                "credentials": self.issue(
                    ("accessKeyId", "secretAccessKey", "sessionToken",
                     "expiration")),
                "packedPolicySize": 10, "roleArn": ROLE,
                "sourceIdentity": device.subject.rfc4514_string()}],
            "subjectArn": "arn:aws:rolesanywhere:%s:%s:subject/41cl0bae"
                          % (REGION, ACCOUNT)}
