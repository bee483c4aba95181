"""Names of this device, without /etc/hosts and with a hostile name server."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import command
from command import ARN, CommandTest, environment, options

import certificates  # in a folder that `command` adds

UNSHARE = ["unshare", "--net", "--mount"]

resources = contextlib.ExitStack()


def setUpModule():
    global folder, authority, issued
    if (os.geteuid() != 0 or not shutil.which("unshare") or
            subprocess.run([*UNSHARE, "true"], capture_output=True,
                           check=False).returncode != 0):
        raise unittest.SkipTest("namespaces are not permitted")
    folder = resources.enter_context(tempfile.TemporaryDirectory())
    authority = certificates.authority(folder)
    issued = certificates.issue(authority, ["localhost", "a.localhost"])


def tearDownModule():
    resources.close()


class Localhost(CommandTest):
    def run_inside(self, **env):
        """Run the command. Returns the result, and hostile_names' report."""
        report = os.path.join(folder, "report")
        result = self.create(
            *options(), "--timeout=100",
            env=environment(AWS_CA_BUNDLE=authority.path, **env),
            before=[*UNSHARE, sys.executable, "-B",
                    os.path.join(command.HERE, "hostile_names.py"), report,
                    issued.certificate, issued.key])
        with open(report, encoding="ascii") as file:
            return result, json.load(file)

    def reaches_the_service(self, requests=1, **env):
        result, report = self.run_inside(**env)
        self.assertEqual(report["names"], [])
        self.assertEqual(report["stranger"], [])
        self.assertEqual(result.code, 0, result)
        self.assertIn(ARN, result.out)
        self.assertEqual(len(report["service"]), requests)
        return report["service"][-1]

    def test_with_tls(self):
        for host in ("localhost", "LocalHost", "a.localhost"):
            with self.subTest(host):
                request = self.reaches_the_service(
                    AWS_ENDPOINT_URL="https://" + host)
                self.assertIn("\r\nHost: %s\r\n" % host, request)

    def test_without_tls(self):
        for host in ("localhost", "LOCALHOST", "a.localhost", "127.0.0.1"):
            with self.subTest(host):
                self.reaches_the_service(AWS_ENDPOINT_URL="http://" + host)

    def test_no_server(self):
        for url in ("http://localhost:81", "https://localhost:81"):
            with self.subTest(url):
                result, report = self.run_inside(AWS_ENDPOINT_URL=url)
                self.assertRegex(result.err,
                                 "localhost:81: .*Connection refused")
                self.assertEqual(report,
                                 {"names": [], "service": [], "stranger": []})

    def test_the_stranger_is_reached(self):
        """With another name: TLS alone protects that."""
        result, report = self.run_inside(AWS_ENDPOINT_URL="https://name.test")
        self.assertEqual(result.code, 255, result)
        self.assertEqual(set(report["names"]), {"name.test"})
        self.assertEqual(report["service"], [])
        self.assertTrue(report["stranger"])

    def test_proxy(self):
        """The proxy's name is this device's too; there is no proxy."""
        result, report = self.run_inside(
            HTTPS_PROXY="http://localhost:3128",
            AWS_ENDPOINT_URL="https://name.test")
        self.assertRegex(result.err, "Connection refused")
        self.assertEqual(report["names"], [])

    def test_metadata(self):
        """Without TLS, only this device's names may give credentials."""
        for name in ("AWS_CONTAINER_CREDENTIALS_FULL_URI",
                     "AWS_EC2_METADATA_SERVICE_ENDPOINT"):
            with self.subTest(name):
                result, report = self.run_inside(**{
                    "AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None,
                    "AWS_EC2_METADATA_DISABLED": None,
                    "AWS_ENDPOINT_URL": "https://localhost",
                    name: "http://name.test"})
                self.assertEqual(result.code, 253, result)
                self.assertIn("http:// is for loopback", result.err)
                self.assertEqual(report["names"], [])
                self.assertEqual(report["stranger"], [])


if __name__ == "__main__":
    unittest.main()
