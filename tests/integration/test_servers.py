"""The command, beside curl, with TLS servers that a careful client refuses.

curl, with OpenSSL, also checks every chain; the differences are listed here.
"""

import contextlib
import ipaddress
import os
import ssl
import subprocess
import tempfile
import unittest

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import command
import peer
from command import ARN, CommandTest, environment, options

import certificates  # in a folder that `command` adds

GOOD = peer.http("200 OK", b'{"batchSegmentJobArn":"%s"}' % ARN.encode())

resources = contextlib.ExitStack()


def setUpModule():
    global folder, authority
    folder = resources.enter_context(tempfile.TemporaryDirectory())
    authority = certificates.authority(folder)


def tearDownModule():
    resources.close()


def mbedtls3():
    """The version of mbedTLS if it is 3 or later."""
    return os.environ.get("SEGJOB_MBEDTLS3")


class ServerTest(CommandTest):
    @contextlib.contextmanager
    def serving(self, issued, root=None):
        with peer.Peer(issued) as server:
            server.behave = peer.sends(GOOD)
            self.root = (root or authority).path
            self.env = environment(AWS_ENDPOINT_URL=server.endpoint,
                                   AWS_CA_BUNDLE=self.root,
                                   AWS_MAX_ATTEMPTS="1")
            yield server

    def accepts(self, server):
        result = self.create(*options())
        self.assertEqual(result.code, 0, result)
        self.assertEqual(len(server.requests), 1)

    def refuses(self, server, pattern):
        self.refused(255, pattern, *options())
        self.assertEqual(server.requests, [])

    def curl_accepts(self, server):
        done = subprocess.run(
            ["curl", "-sS", "--noproxy", "*", "--cacert", self.root,
             "--data", "{}", server.endpoint],
            stdin=subprocess.DEVNULL, capture_output=True,
            timeout=command.PATIENCE, env=self.env)
        del server.requests[:]
        # 60: the peer's certificate cannot be authenticated
        self.assertIn(done.returncode, (0, 60), done.stderr)
        return done.returncode == 0


class Suites(ServerTest):
    """RFC 9325, sections 4.1 and 4.2, with servers that have one suite."""

    def suite(self, name, key, good=True):
        with self.subTest(name), self.serving(certificates.issue(
                authority, ["localhost"], "suite", key)) as server:
            server.context.load_dh_params(self.dh)
            server.context.maximum_version = ssl.TLSVersion.TLSv1_2
            server.context.set_ciphers(name + ":@SECLEVEL=0")
            if good:
                self.accepts(server)
            else:
                self.refuses(server, "TLS.*the peer refused it, perhaps for "
                             "want of ECDHE with AES-GCM or ChaCha20-Poly1305")

    def setUp(self):
        self.dh = os.path.join(folder, "dh.pem")
        if not os.path.exists(self.dh):  # RFC 7919's, so none is computed
            subprocess.run(
                ["openssl", "genpkey", "-genparam", "-algorithm", "DH",
                 "-pkeyopt", "group:ffdhe2048", "-out", self.dh],
                check=True, capture_output=True, stdin=subprocess.DEVNULL)

    def test_forward_secrecy_and_aead(self):
        for name in ("ECDHE-ECDSA-AES128-GCM-SHA256",
                     "ECDHE-ECDSA-AES256-GCM-SHA384",
                     "ECDHE-ECDSA-CHACHA20-POLY1305"):
            self.suite(name, "ec")
        if mbedtls3() == "3.6.6":
            self.skipTest("mbedTLS 3.6.6 refuses RSA-PSS from such a server")
        for name in ("ECDHE-RSA-AES128-GCM-SHA256",
                     "ECDHE-RSA-AES256-GCM-SHA384",
                     "ECDHE-RSA-CHACHA20-POLY1305"):
            self.suite(name, "rsa")

    def test_nothing_else(self):
        for name in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA",
                     "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA384",
                     "DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES256-SHA",
                     "DHE-RSA-CHACHA20-POLY1305"):
            self.suite(name, "rsa", good=False)
        for name in ("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-CCM",
                     "ECDHE-ECDSA-AES256-CCM8"):
            self.suite(name, "ec", good=False)


# --------------------------------------------------------------------- names


def san(*names):
    return x509.SubjectAlternativeName(names)


class Names(ServerTest):
    """RFC 9525: only what subjectAltName has, as DNS name or address."""

    def refuses_name(self, pattern, *extensions, curl):
        with self.serving(certificates.issue_nameless(
                authority, "localhost", extensions=extensions)) as server:
            self.assertEqual(self.curl_accepts(server), curl)
            self.refuses(server, "certificate.*" + pattern)

    def test_common_name(self):
        """curl still accepts it."""
        self.refuses_name("not for this host name: it has no subjectAltName, "
                          "and its common name does not count", curl=True)

    def test_names_of_other_types(self):
        self.refuses_name(
            "not for this host name",
            san(x509.UniformResourceIdentifier("localhost")), curl=True)
        self.refuses_name("not for this host name",
                          san(x509.RFC822Name("localhost")), curl=True)
        self.refuses_name("not for this host name",
                          san(x509.RegisteredID(NameOID.COMMON_NAME)),
                          curl=True)

    def test_dns_name_beside_a_common_name(self):
        self.refuses_name("not for this host name",
                          san(x509.DNSName("other.example")), curl=False)


# -------------------------------------------------------------------- chains


def usage(*oids, critical=False):
    return x509.ExtendedKeyUsage(oids), critical


def constraints(permitted=None, excluded=None, critical=False):
    return x509.NameConstraints(permitted, excluded), critical


def dns(*names):
    return [x509.DNSName(name) for name in names]


def ip(*networks):
    return [x509.IPAddress(ipaddress.ip_network(text)) for text in networks]


def directory(name):
    return [x509.DirectoryName(x509.Name([
        x509.NameAttribute(NameOID.COMMON_NAME, name)]))]


SERVER = ExtendedKeyUsageOID.SERVER_AUTH
CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
ANY = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE
SIGNING = ExtendedKeyUsageOID.CODE_SIGNING

MEANT = "certificate.*authority in its chain, is not meant for a TLS server"
CONSTRAINED = "certificate.*name constraints of an authority in its chain"

# An authority's extension, the names that it signs, and the reason to refuse.
CHAINS = [
    (usage(SERVER), ["localhost"], None),
    (usage(SERVER, CLIENT, critical=True), ["localhost"], None),
    (usage(CLIENT), ["localhost"], MEANT),
    (usage(CLIENT, SIGNING, critical=True), ["localhost"], MEANT),
    (constraints(dns("localhost")), ["localhost"], None),
    (constraints(dns("LocalHost")), ["localhost"], None),
    (constraints(dns("")), ["localhost"], None),
    (constraints(dns("example", "localhost")), ["localhost"], None),
    (constraints(dns("localhost", "example")), ["localhost", "a.example"],
     None),
    (constraints(dns("localhost", ".example")), ["localhost", "a.b.example"],
     None),
    (constraints(dns("localhost", "b.example")), ["localhost", "*.b.example"],
     None),
    (constraints(dns("example")), ["localhost"], CONSTRAINED),
    (constraints(dns("host")), ["localhost"], CONSTRAINED),
    (constraints(dns("a.localhost")), ["localhost"], CONSTRAINED),
    (constraints(dns(".localhost")), ["localhost"], CONSTRAINED),
    (constraints(dns("localhost")), ["localhost", "a.example"], CONSTRAINED),
    (constraints(dns("localhost", "a.example")), ["localhost", "*.example"],
     CONSTRAINED),
    (constraints(None, dns("localhost")), ["localhost"], CONSTRAINED),
    (constraints(None, dns("LOCALHOST")), ["localhost"], CONSTRAINED),
    (constraints(None, dns("")), ["localhost"], CONSTRAINED),
    (constraints(None, dns("host", "example")), ["localhost"], None),
    (constraints(None, dns("example")), ["localhost", "b.a.example"],
     CONSTRAINED),
    (constraints(dns("localhost"), dns("localhost")), ["localhost"],
     CONSTRAINED),
    (constraints(ip("127.0.0.0/8")), ["localhost", "127.0.0.1"], None),
    (constraints(ip("127.0.0.1/32")), ["localhost", "127.0.0.1"], None),
    (constraints(ip("10.0.0.0/8")), ["localhost"], None),
    (constraints(ip("10.0.0.0/8")), ["localhost", "127.0.0.1"], CONSTRAINED),
    (constraints(ip("127.0.0.0/8")), ["localhost", "::1"], CONSTRAINED),
    (constraints(ip("2001:db8::/32")), ["localhost", "2001:db8:1::5"], None),
    (constraints(ip("2001:db8::/33")), ["localhost", "2001:db8:8000::"],
     CONSTRAINED),
    (constraints(None, ip("0.0.0.0/0", "::/0")), ["localhost"], None),
    (constraints(None, ip("0.0.0.0/0")), ["localhost", "::1"], None),
    (constraints(None, ip("::/0")), ["localhost", "::1"], CONSTRAINED),
    (constraints(dns("localhost"), ip("0.0.0.0/0", "::/0")), ["localhost"],
     None),
    (constraints(directory("localhost")), ["localhost"], None),
    (constraints(directory("other")), ["localhost"], CONSTRAINED),
    (constraints(None, directory("localhost")), ["localhost"], CONSTRAINED),
    (constraints(None, directory("localhos")), ["localhost"], None),
    (constraints([x509.RFC822Name("example")]), ["localhost"], None),
    (constraints(None, [x509.UniformResourceIdentifier("example")]),
     ["localhost"], None),
]


class Chains(ServerTest):
    """RFC 5280, sections 4.2.1.10 and 4.2.1.12."""

    def check(self, root, issuer, names, reason, curl=None):
        with self.serving(certificates.issue(issuer, names, "below"),
                          root) as server:
            self.assertEqual(self.curl_accepts(server),
                             reason is None if curl is None else curl)
            if reason is None:
                self.accepts(server)
            else:
                self.refuses(server, reason)

    def test_intermediates(self):
        for extension, names, reason in CHAINS:
            with self.subTest(extension=extension, names=names):
                self.check(None, certificates.intermediate(
                    authority, extensions=[extension]), names, reason)

    def test_roots(self):
        for extension, names, reason in CHAINS:
            with self.subTest(extension=extension, names=names):
                root = certificates.authority(folder, "constrained",
                                              extensions=[extension])
                self.check(root, root, names, reason)

    def test_any_usage(self):
        """RFC 5280: for any use. OpenSSL requires serverAuth nevertheless."""
        middle = certificates.intermediate(authority, extensions=[usage(ANY)])
        self.check(None, middle, ["localhost"], None, curl=False)

    def test_far_above(self):
        top = certificates.intermediate(authority, "top", extensions=[
            constraints(dns("localhost")), usage(SERVER)])
        middle = certificates.intermediate(top)
        self.check(None, middle, ["localhost"], None)
        self.check(None, middle, ["localhost", "example"], CONSTRAINED)

    def test_both_constrain(self):
        top = certificates.intermediate(authority, "top", extensions=[
            constraints(dns("localhost", "a.example"))])
        middle = certificates.intermediate(top, extensions=[
            constraints(dns("localhost", "b.example"))])
        self.check(None, middle, ["localhost"], None)
        self.check(None, middle, ["localhost", "a.example"], CONSTRAINED)
        self.check(None, middle, ["localhost", "b.example"], CONSTRAINED)

    def test_critical_constraints(self):
        """mbedTLS does not read them; curl accepts permitted names."""
        for names, curl in (["localhost"], True), (["localhost", "a"], False):
            middle = certificates.intermediate(authority, extensions=[
                constraints(dns("localhost"), critical=True)])
            with self.serving(certificates.issue(middle, names,
                                                 "below")) as server:
                self.assertEqual(self.curl_accepts(server), curl)
                self.refuses(server, "certificate.*cannot read all of it, "
                             "such as critical name constraints")


if __name__ == "__main__":
    unittest.main()
