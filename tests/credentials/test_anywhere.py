"""IAM Roles Anywhere: anywhere.c against anywhere.Service and its signer."""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import unittest

from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError
from botocore.loaders import Loader
from cryptography.hazmat.primitives.asymmetric import ed25519

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(os.path.dirname(HERE), folder)
             for folder in ("emulator", "integration")]

import anywhere  # noqa: E402
import certificates  # noqa: E402
import sources  # noqa: E402

PROGRAM = os.environ.get("SEGJOB_ANYWHERE")
NO_SUCH_KEYS = 77
HOUR = 3600
NAME = "IAM Roles Anywhere: "


def setUpModule():
    global folder, authority, other_authority, middle, inner, devices
    folder = tempfile.TemporaryDirectory()
    authority = certificates.authority(folder.name)
    other_authority = certificates.authority(folder.name, "other")
    middle = certificates.intermediate(authority, "middle", "rsa")
    inner = certificates.intermediate(middle, "inner")
    devices = {}


def tearDownModule():
    folder.cleanup()


def device_of(kind="ec"):
    """One for each kind of key."""
    if kind not in devices:
        devices[kind] = anywhere.Device(folder.name, "device-" + kind, kind,
                                        authority)
    return devices[kind]


def new_device(name, signer=None, **options):
    return anywhere.Device(folder.name, name, "ec", signer or authority,
                           **options)


class AnywhereTest(unittest.TestCase):
    def setUp(self):
        self.service = anywhere.Service(authority.path)
        self.service.__enter__()
        self.addCleanup(self.service.__exit__)

    def run_program(self, device, kind="memory", rounds=(), **words):
        """Its end; the words are those of a valid configuration, changed."""
        given = {"region": anywhere.REGION, "host": "localhost",
                 "port": self.service.port, "plain": 1,
                 "anchor": anywhere.ANCHOR, "profile": anywhere.PROFILE,
                 "role": anywhere.ROLE, **words}
        done = subprocess.run(
            [PROGRAM, kind, device.certificate, device.key,
             *("%s=%s" % (name.replace("_", "-"), value)
               for name, value in given.items() if value is not None)],
            input="".join(line + "\n" for line in rounds), text=True,
            capture_output=True, env={**os.environ,
                                      "AWS_CA_BUNDLE": authority.path},
            timeout=sources.PATIENCE)
        if done.returncode == NO_SUCH_KEYS:
            self.skipTest("mbedTLS has no such keys")
        return done

    def gets(self, device, generations=(0,), **options):
        """It gets these credentials in turn. Returns the last request."""
        done = self.run_program(device, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(
            [tuple(json.loads(line).values())
             for line in done.stdout.splitlines()],
            [sources.GENERATIONS[n] for n in generations])
        return self.service.received[-1]

    def signs(self, device, signer=None, members=None, **options):
        """It gets credentials by the request that the signer signs, too."""
        self.service.issued = 0
        sent = self.gets(device, **options)
        date = re.search(rb"\r\nx-amz-date: (\w+)\r\n", sent)[1].decode()
        signature = None
        if device.kind == "ec":
            signature = bytes.fromhex(re.search(
                rb"Signature=(\w+)", sent)[1].decode())
        expected = anywhere.signed_request(
            signer or device, "localhost:%d" % self.service.port, date,
            {"profileArn": anywhere.PROFILE, "roleArn": anywhere.ROLE,
             "trustAnchorArn": anywhere.ANCHOR, **(members or {})},
            signature=signature)
        self.assertEqual(sent, expected)
        return sent

    def fails(self, pattern, device=None, retry=False, requests=1, **options):
        """It gets an error in place of credentials."""
        self.service.requests.clear()
        done = self.run_program(device or device_of(), **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        line, = map(json.loads, done.stdout.splitlines())
        self.assertRegex(line["Error"], "^%s.*%s" % (NAME, pattern))
        self.assertEqual(line["Retry"], retry, line)
        self.assertEqual(len(self.service.requests), requests)
        return done

    def refused(self, text, device=None, **options):
        """The configuration is."""
        done = self.run_program(device or device_of(), **options)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr, "anywhere: %s\n" % text)
        self.assertEqual(self.service.requests, [])


class Keys(AnywhereTest):
    def test_rsa_2048(self):
        self.signs(device_of("rsa"))

    def test_rsa_3072(self):
        self.signs(device_of("rsa3072"))

    def test_rsa_4096(self):
        self.signs(device_of("rsa4096"))

    def test_p_256(self):
        self.signs(device_of("ec"))

    def test_p_384(self):
        self.signs(device_of("p384"))

    def test_p_521(self):
        self.signs(device_of("p521"))

    def test_der(self):
        for kind in ("ec", "rsa"):
            with self.subTest(kind):
                files = certificates.as_der(device_of(kind))
                device = device_of(kind)
                self.service.issued = 0
                self.gets(files)
                self.service.issued = 0
                self.signs(device)

    def test_traditional(self):
        for kind in ("ec", "rsa"):
            with self.subTest(kind):
                self.service.issued = 0
                self.gets(certificates.traditional(device_of(kind)))

    def test_rsa_alt(self):
        self.signs(device_of("rsa"), kind="rsa-alt")

    def test_opaque_p_256(self):
        self.signs(device_of("ec"), kind="opaque")

    def test_opaque_p_384(self):
        self.signs(device_of("p384"), kind="opaque")

    def test_opaque_rsa(self):
        self.signs(device_of("rsa"), kind="opaque")

    def test_opaque_key_for_another_algorithm(self):
        for kind in ("pss", "both"):
            with self.subTest(kind):
                self.refused(NAME + "the key cannot sign by RSA (PKCS #1 1.5) "
                             "or ECDSA", device_of("rsa"), kind=kind)

    def test_no_key(self):
        self.refused(NAME + "the key cannot sign by RSA (PKCS #1 1.5) or ECDSA",
                     kind="empty")

    def test_ed25519(self):
        """mbedTLS has none: segjob_identity_parse() refuses it."""
        device = new_device("ed25519",
                            private_key=ed25519.Ed25519PrivateKey.generate())
        self.refused("there is no certificate of the device in it", device)


class Serials(AnywhereTest):
    """In decimal, as OpenSSL reads them."""

    def check(self, *serials):
        for serial in serials:
            name = serial.hex() if isinstance(serial, bytes) else str(serial)
            with self.subTest(name):
                self.signs(new_device("serial-" + name[:40], serial=serial))

    def test_short(self):
        self.check(1, 9, 10, 127)

    def test_high_bit(self):
        """The integer begins with a zero byte."""
        self.check(128, 255, 0x80 << 56, 2 ** 152 - 1)

    def test_powers_of_ten(self):
        self.check(10 ** 9, 10 ** 19, 10 ** 20, 10 ** 38)

    def test_long(self):
        self.check(2 ** 159 - 1, 2 ** 158, b"\0" + b"\xff" * 20,
                   b"\x7f" + b"\xff" * 31)

    def test_random(self):
        random.seed(b"serials")
        self.check(*(random.getrandbits(random.randint(1, 159)) | 1
                     for _ in range(20)))

    def test_zero(self):
        self.check(b"\0")

    def test_negative(self):
        """Some authorities have issued them, against RFC 5280."""
        self.check(b"\xff", b"\x80", b"\x80\0\0\0\0", b"\xfe\x01\x02",
                   b"\x80" + b"\0" * 19)

    def test_too_long(self):
        device = new_device("serial-33", serial=b"\1" * 33)
        self.refused(NAME + "the certificate's serial number must have 1 to 32 "
                     "bytes", device)


class Chains(AnywhereTest):
    def test_one_intermediate(self):
        sent = self.signs(new_device("under-middle", middle))
        self.assertIn(b"\r\nx-amz-x509-chain: MII", sent)

    def test_two_intermediates(self):
        sent = self.signs(new_device("under-inner", inner))
        self.assertRegex(sent, rb"\r\nx-amz-x509-chain: MII[^,]+,MII[^,]+\r\n")

    def test_no_intermediate(self):
        self.assertNotIn(b"chain:", self.signs(device_of()))

    def test_missing_intermediate(self):
        device = new_device("bare", inner)
        with open(device.certificate, "rb") as file:
            own = file.read().split(b"-----END CERTIFICATE-----\n")[0]
        with open(device.certificate, "wb") as file:
            file.write(own + b"-----END CERTIFICATE-----\n")
        self.fails("AccessDeniedException .*Untrusted signing certificate",
                   device)

    def test_another_authority(self):
        self.fails("AccessDeniedException .*Untrusted signing certificate",
                   new_device("stranger", other_authority))

    def test_expired(self):
        """The service judges it."""
        self.fails("AccessDeniedException .*Certificate expired",
                   new_device("expired", days=-2))

    def test_key_of_another_certificate(self):
        device = new_device("mixed")
        device.key = device_of().key
        self.refused("the device's key is not the one of its certificate",
                     device)


class Parameters(AnywhereTest):
    def test_durations(self):
        for seconds in (900, 901, 3600, 43200):
            with self.subTest(seconds):
                self.signs(device_of(), members={"durationSeconds": seconds},
                           duration=seconds)

    def test_wrong_durations(self):
        for seconds in (1, 899, 43201, 2 ** 32 - 1):
            with self.subTest(seconds):
                self.refused(NAME + "the duration must be 900 to 43200 seconds",
                             duration=seconds)

    def test_session_names(self):
        for name in ("ab", "x" * 64, "Az09_+=,.@-"):
            with self.subTest(name):
                self.signs(device_of(), members={"roleSessionName": name},
                           session=name)

    def test_wrong_session_names(self):
        for name in ("", "a", "x" * 65, "a b", 'a"b', "a/b", "a\xe9"):
            with self.subTest(name):
                self.refused(NAME + "the session's name must be 2 to 64 of "
                             "A-Z a-z 0-9 _ + = , . @ -", session=name)

    def test_both(self):
        self.signs(device_of("rsa"), session="device-7", duration=1234,
                   members={"roleSessionName": "device-7",
                            "durationSeconds": 1234})

    def test_role_with_a_path(self):
        """IAM's paths may have any visible character."""
        for path in ("a/b/", 'a"b\\c/', "%s/" % "x" * 200):
            role = "arn:aws:iam::123456789012:role/%sname" % path
            self.service.roles.add(role)
            with self.subTest(path):
                self.signs(device_of(), members={"roleArn": role}, role=role)

    def test_wrong_anchors(self):
        good = anywhere.ANCHOR
        for arn in (None, "", "arn", anywhere.PROFILE, anywhere.ROLE,
                    good.replace("aws:", "awsx:"),
                    good.replace("aws:", "aws-:"), "x" + good,
                    good.replace("trust-anchor", "trust"), good + "\n",
                    good + " ", good + "\xe9", good + "x" * 1011,
                    good.rpartition(":")[0]):
            with self.subTest(arn):
                self.refused(NAME + "the trust anchor must be arn:aws:rolesany"
                             "where:REGION:ACCOUNT:trust-anchor/ID", anchor=arn)

    def test_wrong_profiles(self):
        for arn in (None, "", anywhere.ANCHOR, "arn:aws:iam::1:profile/x"):
            with self.subTest(arn):
                self.refused(NAME + "the profile must be arn:aws:rolesanywhere"
                             ":REGION:ACCOUNT:profile/ID", profile=arn)

    def test_wrong_roles(self):
        for arn in (None, "", "role", anywhere.PROFILE,
                    "arn:aws:iam::123456789012:user/x",
                    "arn:aws:iam::123456789012:role/\tx"):
            with self.subTest(arn):
                self.refused(NAME + "the role must be arn:aws:iam::ACCOUNT:"
                             "role/NAME", role=arn)

    def test_another_region(self):
        text = NAME + ("trust anchor and profile must be of the region of the "
                       "service")
        self.refused(text, region="eu-west-1")
        self.refused(text, region=None)
        self.refused(text, region="us-east-1x")
        self.refused(text, profile=anywhere.PROFILE.replace("-1:", "-2:"))
        self.refused(text, anchor=anywhere.ANCHOR.replace("-1:", "-2:"))

    def test_plain_is_for_loopback(self):
        self.refused(NAME + "http:// is for loopback and AWS's own addresses "
                     "only", host="example.com")

    def test_longest_arn(self):
        """The service judges it."""
        arn = anywhere.ANCHOR + "x" * (1011 - len(anywhere.ANCHOR))
        self.fails("ResourceNotFoundException .*trustAnchorArn not found",
                   anchor=arn)
        self.assertEqual(json.loads(self.service.body)["trustAnchorArn"], arn)

    def test_buffers(self):
        """Too small a buffer fails, and names a size that leads to success."""
        for kind in ("ec", "rsa4096"):
            size = 64
            for _ in range(6):
                self.service.issued = 0
                done = self.run_program(device_of(kind), buffer=size)
                if '"Error"' not in done.stdout:
                    break
                self.assertIn("the buffer is too small", json.loads(
                    done.stdout)["Error"])
                needed = int(done.stderr.partition(" bytes")[0])
                self.assertGreater(needed, size)
                size = needed
            with self.subTest(kind, size=size):
                self.assertNotIn('"Error"', done.stdout)
                self.assertLess(size, 10000)


class Hosts(AnywhereTest):
    """AWS's own, beside the rules of botocore, for a region of each partition;
    tests/conformance/endpoint.py has all regions."""

    def test_hosts(self):
        loader = Loader([Loader.BUILTIN_DATA_PATH],
                        include_default_search_paths=False)
        partitions = loader.load_data("partitions")
        rules = EndpointProvider(loader.load_service_model(
            "rolesanywhere", "endpoint-rule-set-1"), partitions)
        compared = 0
        for partition in partitions["partitions"]:
            region = min(partition["regions"])
            for fips, dual_stack in ((0, 0), (0, 1), (1, 0), (1, 1)):
                try:
                    url = rules.resolve_endpoint(
                        Region=region, UseFIPS=bool(fips),
                        UseDualStack=bool(dual_stack)).url
                except EndpointProviderError:
                    continue  # a partition that it does not know well
                compared += 1
                with self.subTest(url):
                    self.assertEqual("https://" + self.host(
                        partition["id"], region, fips, dual_stack), url)
        self.assertGreater(compared, 12)

    def host(self, partition, region, fips, dual_stack):
        def arn(text):
            return text.replace("aws", partition, 1).replace(
                anywhere.REGION, region)
        done = self.run_program(
            device_of(), region=region, fips=fips, dual_stack=dual_stack,
            host=None, plain=None, port=None, role=arn(anywhere.ROLE),
            anchor=arn(anywhere.ANCHOR), profile=arn(anywhere.PROFILE))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.strip()


class Tls(AnywhereTest):
    def test_tls(self):
        server = certificates.issue(authority, ["localhost"])
        self.service.certificate = server
        self.service.server.context = self.service.context()
        self.signs(device_of("rsa"), plain=None)

    def test_server_is_verified(self):
        server = certificates.issue(other_authority, ["localhost"], "wrong")
        self.service.certificate = server
        self.service.server.context = self.service.context()
        self.fails("certificate of the service was refused", plain=None,
                   requests=0)


class Refusals(AnywhereTest):
    """By the service."""

    def test_unknown_anchor(self):
        self.fails(r"ResourceNotFoundException \(HTTP 404\): trustAnchorArn "
                   "not found", anchor=anywhere.ANCHOR + "0")

    def test_unknown_profile(self):
        self.fails(r"ResourceNotFoundException \(HTTP 404\): profileArn not "
                   "found", profile=anywhere.PROFILE + "0")

    def test_role_of_no_profile(self):
        self.fails(r"AccessDeniedException \(HTTP 403\): Unable to assume "
                   "role", role=anywhere.ROLE + "0")

    def test_session_name_not_allowed(self):
        self.service.takes_session_name = False
        self.fails("Not authorized to set roleSessionName", session="name")

    def test_validation(self):
        self.service.fail(sources.http(
            "400 Bad Request", '{"message": "no"}',
            "x-amzn-errortype: ValidationException:http://x/\r\n"))
        self.fails(r"ValidationException \(HTTP 400\): no")

    def test_throttled(self):
        for status, body, head in (
                ("429 Too Many Requests", '{"message":"slow"}', ""),
                ("400 Bad Request", '{"message":"slow"}',
                 "x-amzn-errortype: ThrottlingException\r\n"),
                ("503 Service Unavailable", "", "")):
            with self.subTest(status):
                self.service.fail(sources.http(status, body, head))
                self.fails(status[:3], retry=True)

    def test_internal_error(self):
        self.service.fail(sources.http(
            "500 Internal Server Error", '{"message":"oops"}'))
        self.fails("HTTP 500: oops", retry=True)

    def test_pages(self):
        for status, retry in (("403 Forbidden", False),
                              ("502 Bad Gateway", True)):
            self.service.fail(sources.http(status, "<html>no</html>"))
            with self.subTest(status):
                self.fails("HTTP " + status[:3], retry=retry)

    def test_redirect(self):
        self.service.fail(sources.http("302 Found", "",
                                       "Location: http://localhost/\r\n"))
        self.fails("redirect")

    def test_recovers(self):
        self.service.fail(sources.http("500 Internal Server Error"))
        done = self.run_program(device_of(), rounds=["get"])
        first, second = map(json.loads, done.stdout.splitlines())
        self.assertTrue(first["Retry"])
        self.assertEqual(tuple(second.values()), sources.GENERATIONS[0])


class Responses(AnywhereTest):
    def response(self, **changes):
        members = dict(zip(("accessKeyId", "secretAccessKey", "sessionToken"),
                           sources.GENERATIONS[0]))
        members["expiration"] = "2099-01-01T00:00:00Z"
        members.update(changes)
        return json.dumps({"credentialSet": [{"credentials": {
            name: value for name, value in members.items()
            if value is not None}}], "subjectArn": "x"})

    def test_status_200(self):
        """As good as 201."""
        self.service.fail(sources.http("200 OK", self.response()))
        done = self.run_program(device_of())
        self.assertEqual(tuple(json.loads(done.stdout).values()),
                         sources.GENERATIONS[0])

    def test_malformed(self):
        for body, pattern in (
                ("", "not one"), ("{", "not one"), ("[]", "accessKeyId|access"),
                ("{}", "access"), ('{"credentialSet": []}', "access"),
                ('{"credentialSet": [{}]}', "access"),
                ('{"credentialSet": {"credentials": {}}}', "access"),
                (self.response(accessKeyId=None), "access"),
                (self.response(secretAccessKey=None), "secret"),
                (self.response(secretAccessKey=7), "secret"),
                (self.response(sessionToken=[]), "token|Token"),
                (self.response(expiration="soon"), "expiration"),
                (self.response(expiration=7), "expiration")):
            with self.subTest(body):
                self.service.fail(sources.http("201 Created", body))
                self.fails(pattern)

    def test_cut(self):
        """At each byte of the body, and some of the head."""
        whole = sources.http("201 Created", self.response())
        for length in {*range(0, len(whole) - 1, 23), len(whole) - 1}:
            with self.subTest(length):
                self.service.fail(whole[:length])
                self.fails("", retry=True)

    def test_too_long(self):
        self.service.fail(sources.http(
            "201 Created", self.response(sessionToken="x" * 100000)))
        done = self.fails("buffer is too small")
        self.assertGreater(int(done.stderr.partition(" bytes")[0]), 100000)

    def test_secrets_are_not_printed(self):
        done = self.run_program(device_of("rsa"), rounds=["get"])
        for secret in sources.GENERATIONS[0][1:]:
            self.assertNotIn(secret, done.stderr)


class Clock(AnywhereTest):
    def corrected(self, skew):
        self.service.date = skew
        self.service.life = HOUR + skew
        self.gets(device_of())
        self.assertEqual(len(self.service.requests), 2)

    def test_hours_behind(self):
        self.corrected(3 * HOUR)

    def test_hours_ahead(self):
        self.corrected(-3 * HOUR)

    def test_a_day(self):
        """The date in the credential scope changes too."""
        self.corrected(26 * HOUR)

    def test_kept(self):
        """The next request begins with the corrected clock."""
        self.service.date = 3 * HOUR
        self.service.life = 4 * HOUR
        self.gets(device_of(), (0, 1), rounds=["refresh"])
        self.assertEqual(len(self.service.requests), 3)

    def test_small_skew(self):
        """The service takes it."""
        self.service.date = 200
        self.signs(device_of())
        self.assertEqual(len(self.service.requests), 1)

    def test_no_date(self):
        self.service.date = None
        self.service.now = lambda: 10 ** 9
        self.fails("Signature expired")

    def test_other_reasons(self):
        """A wrong signature is not sent again with the same date."""
        self.fails("Untrusted", new_device("foreign", other_authority))


class Refresh(AnywhereTest):
    def test_kept_while_they_last(self):
        self.gets(device_of(), (0, 0), rounds=["get"])
        self.assertEqual(len(self.service.requests), 1)

    def test_about_to_expire(self):
        self.service.life = 200
        self.gets(device_of(), (0, 0), rounds=["get"])
        self.assertEqual(len(self.service.requests), 1)  # one a minute

    def test_service_says_expired(self):
        self.gets(device_of(), (0, 1, 2), rounds=["refresh", "refresh"])
        self.assertEqual(len(self.service.requests), 3)

    def test_old_ones_serve(self):
        """If new ones cannot be had, and the old ones are not refused."""
        self.service.life = 200
        self.service.fail(None, sources.http("500 Internal Server Error"))
        self.gets(device_of(), (0, 0), rounds=["get"])


class Opposites(AnywhereTest):
    """The service refuses what is wrong: the tests above could fail."""

    def refuses(self, device, change, message):
        request = anywhere.signed_request(
            device, "localhost:%d" % self.service.port, self.date(),
            {"profileArn": anywhere.PROFILE, "roleArn": anywhere.ROLE,
             "trustAnchorArn": anywhere.ANCHOR})
        changed = change(request)
        self.assertNotEqual(changed, request)
        self.assertIn(message, self.send(changed))

    def date(self):
        return sources.time.strftime("%Y%m%dT%H%M%SZ", sources.time.gmtime())

    def send(self, request):
        with sources.socket.create_connection(
                ("127.0.0.1", self.service.port), sources.PATIENCE) as client:
            client.sendall(request)
            client.shutdown(sources.socket.SHUT_WR)
            return b"".join(iter(lambda: client.recv(65536), b""))

    def test_accepts_its_signer(self):
        for kind in ("ec", "rsa"):
            request = anywhere.signed_request(
                device_of(kind), "localhost:%d" % self.service.port,
                self.date(), {"profileArn": anywhere.PROFILE,
                              "roleArn": anywhere.ROLE,
                              "trustAnchorArn": anywhere.ANCHOR})
            with self.subTest(kind):
                self.assertIn(b"201 Created", self.send(request))

    def test_changes(self):
        for kind in ("ec", "rsa"):
            for old, new, message in (
                    (b"segments", b"segmentx", b"Invalid signature"),
                    (b"Host: localhost", b"Host: Localhost",
                     b"Invalid signature"),
                    (b"Credential=", b"Credential=1", b"Invalid credential"),
                    (b"ECDSA" if kind == "ec" else b"RSA",
                     b"RSA" if kind == "ec" else b"ECDSA",
                     b"Invalid credential"),
                    (b"content-type;", b"", b"Invalid credential"),
                    (b"x-amz-x509, ", b", ", b"Invalid credential"),
                    (b"/us-east-1/", b"/us-east-2/", b"Invalid credential")):
                with self.subTest(kind, old=old):
                    self.refuses(device_of(kind),
                                 lambda r: r.replace(old, new), message)

    def test_key_of_another_certificate(self):
        device = new_device("swapped")
        device.private_key = anywhere.new_key("ec")
        request = anywhere.signed_request(
            device, "localhost:%d" % self.service.port, self.date(), {})
        self.assertIn(b"Invalid signature", self.send(request))


if __name__ == "__main__":
    unittest.main()
