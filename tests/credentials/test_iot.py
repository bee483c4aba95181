"""Credentials from AWS IoT Core's provider, with a device's certificate.

The source is sources.Iot, with OpenSSL's TLS. The clients are examples/gateway,
and keys.c with private keys of all kinds.
"""

import datetime
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(os.path.dirname(HERE), folder)
             for folder in ("emulator", "integration")]

import certificates  # noqa: E402
import running  # noqa: E402
import sources  # noqa: E402

GATEWAY = os.environ.get("SEGJOB_GATEWAY")
KEYS = os.environ.get("SEGJOB_KEYS")
NO_SUCH_KEYS = 77
EXPIRED = {"fault": "throttle", "code": "ExpiredTokenException"}
ARN = ("arn:aws:personalize:us-east-1:123456789012:batch-segment-job/"
       "nightly-2026-07\n")


def setUpModule():
    global folder, authority, devices, server, device, rsa_device
    folder = tempfile.TemporaryDirectory()
    authority = certificates.authority(folder.name)
    server = certificates.issue(authority, ["localhost"])
    devices = certificates.authority(folder.name, "devices")
    device = certificates.issue_device(devices)
    rsa_device = certificates.issue_device(devices, "rsa-device", "rsa")


def tearDownModule():
    folder.cleanup()


class IotTest(unittest.TestCase):
    def setUp(self):
        self.iot = sources.Iot(server, devices.path)
        self.iot.__enter__()
        self.addCleanup(self.iot.__exit__)
        self.emulator = running.Emulator(*sources.known_credentials(),
                                         certificate=server)
        self.emulator.__enter__()
        self.addCleanup(self.emulator.__exit__)

    def run_program(self, *command):
        environment = {**os.environ, "AWS_REGION": "us-east-1",
                       "AWS_CA_BUNDLE": authority.path}
        done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True,
                              capture_output=True, env=environment,
                              timeout=sources.PATIENCE)
        for generation in sources.GENERATIONS:
            for secret in generation[1:]:
                self.assertNotIn(secret, done.stdout + done.stderr)
        return done

    def gateway(self, alias="alias", thing="thing", identity=None, port=None):
        return self.run_program(
            GATEWAY, "localhost:%d" % (port or self.iot.port), alias, thing,
            *(identity or device), "localhost", str(self.emulator.port))

    def creates_job(self, **keywords):
        done = self.gateway(**keywords)
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, ARN, ""))
        self.assertEqual(len(self.emulator.jobs()), 1)

    def has_none(self, pattern, **keywords):
        """It fails with this line, and sends the service nothing."""
        done = self.gateway(**keywords)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, pattern)
        self.assertEqual(self.emulator.served(), [])


class Gateway(IotTest):
    def test_a_job(self):
        self.creates_job()
        (method, path, headers), = self.iot.requests
        self.assertEqual((method, path),
                         ("GET", "/role-aliases/alias/credentials"))
        self.assertEqual(headers["x-amzn-iot-thingname"], "thing")
        self.assertEqual(self.iot.names, ["localhost"])

    def test_encodings(self):
        """Of certificates and keys, in files that the gateway reads."""
        for identity in (rsa_device, certificates.as_der(device),
                         certificates.as_der(rsa_device),
                         certificates.traditional(device),
                         certificates.traditional(rsa_device)):
            with self.subTest(identity):
                self.iot.issued = 0
                done = self.gateway(identity=identity)
                self.assertEqual(done.stderr.partition(" (HTTP")[0],
                                 "" if done.returncode == 0 else
                                 "gateway: ResourceAlreadyExistsException")

    def test_files(self):
        missing = os.path.join(folder.name, "missing")
        nothing = os.path.join(folder.name, "nothing")
        endless = os.path.join(folder.name, "endless")
        with open(nothing, "wb"):
            pass
        with open(endless, "wb") as file:
            file.write(b"x" * 20000)
        for identity, pattern in (
                ((missing, device.key), "certificate cannot be read"),
                ((device.certificate, missing), "key cannot be read"),
                ((endless, device.key), "too (long|large)"),
                ((nothing, device.key), "no certificate of the device"),
                ((device.key, device.key), "no certificate of the device"),
                ((device.certificate, nothing), "key cannot be read"),
                ((device.certificate, device.certificate),
                 "key cannot be read"),
                ((device.certificate, rsa_device.key), "not the one of its"),
                (certificates.traditional(rsa_device, b"password"),
                 "needs a password")):
            with self.subTest(pattern, identity=identity):
                self.has_none(pattern, identity=identity)
        self.assertEqual(self.iot.requests, [])

    def test_refusals(self):
        self.iot.aliases.update(
            denied=(403, "Access Denied"),
            unable=(400, "Unable to assume the role"))
        for alias, thing, pattern in (
                ("alias", "other", "HTTP 403: Invalid thing name passed"),
                ("other", "thing", "HTTP 404: Role alias does not exist"),
                ("denied", "thing", "HTTP 403: Access Denied"),
                ("unable", "thing", "HTTP 400: Unable to assume the role")):
            with self.subTest(pattern):
                sent = len(self.iot.requests)
                self.has_none("there are no credentials: AWS IoT credentials "
                              "provider: " + pattern, alias=alias, thing=thing)
                self.assertEqual(len(self.iot.requests), sent + 1)

    def test_names(self):
        for alias, thing, pattern in (("a/b", "thing", "role alias must be"),
                                      ("a\r\nX: y", "thing", "role alias"),
                                      ("alias", "a\nb", "thing name must be"),
                                      ("", "thing", "role alias must be")):
            with self.subTest(pattern):
                self.has_none(pattern, alias=alias, thing=thing)
        self.assertEqual(self.iot.requests, [])

    def test_throttled(self):
        throttled = sources.http("429 Too Many Requests")
        self.iot.fail(throttled, throttled)
        self.creates_job()
        self.iot.fail(throttled, always=True)
        self.emulator.script()
        self.has_none("credentials failed: AWS IoT credentials provider: "
                      "HTTP 429")

    def test_refused_certificates(self):
        """OpenSSL refuses in the handshake or, with TLS 1.3, just after it."""
        others = certificates.authority(folder.name, "others")
        day = datetime.timedelta(days=1)
        for identity in (
                certificates.issue_device(others, "stranger"),
                certificates.issue_device(
                    devices, "expired",
                    not_after=datetime.datetime.utcnow() - day)):
            with self.subTest(identity):
                self.has_none("AWS IoT credentials provider: (the TLS "
                              "handshake failed: the peer refused|the "
                              "connection broke)", identity=identity)
        self.assertEqual(self.iot.requests, [])

    def test_server_is_verified(self):
        """It gets no request, which would identify the device."""
        other = certificates.authority(folder.name, "another")
        self.iot.server.context.load_cert_chain(
            *certificates.issue(other, ["localhost"], "wrong"))
        self.has_none("the certificate of the service was refused: it is not "
                      "signed by a trusted authority")
        self.assertEqual(self.iot.requests, [])

    def test_hostile(self):
        for fault, pattern in (
                (sources.http("302 Found", head="Location: https://x/\r\n"),
                 "redirect"),
                (sources.http("200 OK", "{}"), "accessKeyId: is required"),
                (sources.http("200 OK", '{"credentials":[]}'), "accessKeyId"),
                (sources.http("200 OK", "x" * 100000), "buffer is too small"),
                (b"\0" * 100, "not one that this service")):
            with self.subTest(pattern):
                self.iot.fail(fault, always=True)
                self.has_none(pattern)

    def test_service_says_expired(self):
        self.emulator.script(EXPIRED)
        self.creates_job()
        self.assertEqual(self.iot.issued, 2)


class Keys(IotTest):
    """Keys that are not in files, such as those of a secure element."""

    def signs(self, kind, identity):
        done = self.run_program(KEYS, kind, *identity, str(self.iot.port),
                                str(self.emulator.port))
        if done.returncode == NO_SUCH_KEYS:
            self.skipTest("mbedTLS has no such keys")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.emulator.jobs(), ["kept"])
        return int(done.stdout.splitlines()[0])

    def test_memory(self):
        self.assertEqual(self.signs("memory", device), 0)

    def test_memory_der(self):
        self.assertEqual(self.signs("memory", certificates.as_der(device)), 0)

    def test_rsa_alt(self):
        """It signs with PKCS #1 1.5, so TLS must be 1.2."""
        self.iot.server.context.maximum_version = sources.ssl.TLSVersion.TLSv1_2
        self.assertEqual(self.signs("rsa-alt", rsa_device), 1)

    def test_opaque(self):
        self.signs("opaque", device)


if __name__ == "__main__":
    unittest.main()
