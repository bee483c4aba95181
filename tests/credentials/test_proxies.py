"""The command with a real proxy, tinyproxy; curl is the reference for the hosts
that need none."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(os.path.dirname(HERE), folder)
             for folder in ("emulator", "integration")]

import running  # noqa: E402
from command import PATIENCE, CommandTest, environment, options  # noqa: E402

PASSWORD = "hushhush77"
FORBIDDEN = b"HTTP/1.1 403 x\r\nContent-Length: 0\r\n\r\n"
NO_PROXIES = {name: None for name in ("http_proxy", "https_proxy", "no_proxy",
                                      "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")}


def setUpModule():
    global emulator
    emulator = running.Emulator()
    emulator.__enter__()


def tearDownModule():
    emulator.__exit__()


class Tinyproxy:
    """A running tinyproxy; `lines` are added to its configuration."""

    def __init__(self, *lines):
        self.lines = lines

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.log = os.path.join(self.folder.name, "log")
        with running.free_port() as self.port:
            if self.start():
                return self
        raise RuntimeError(self.output())

    def start(self):
        path = os.path.join(self.folder.name, "tinyproxy.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write("\n".join([
                "Port %d" % self.port, "Listen 127.0.0.1",
                "Timeout %d" % PATIENCE,
                'LogFile "%s"' % self.log, "LogLevel Connect",
                "MaxClients 10", "Allow 127.0.0.1", *self.lines, ""]))
        self.process = subprocess.Popen(
            ["tinyproxy", "-d", "-c", path], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=self.resolver())
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port)).close()
                return True
            time.sleep(0.02)
        self.end()
        return False

    def resolver(self):
        """An environment that resolves localhost: without /etc/hosts, as on a
        bare Debian, glibc 2.36 queries a name server for it."""
        hosts = os.path.join(self.folder.name, "hosts")
        with open(hosts, "w", encoding="ascii") as file:
            file.write("127.0.0.1 localhost\n")
        return {**os.environ, "LD_PRELOAD": "libnss_wrapper.so",
                "NSS_WRAPPER_HOSTS": hosts}

    def __exit__(self, *_):
        self.end()
        self.folder.cleanup()

    def end(self):
        self.process.kill()
        self.process.wait()

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def tunnels(self):
        return self.output().count("CONNECT localhost:%d" % emulator.port)


class FixedProxy:
    """A proxy that sends the same response to every request.

    `requests` may have some of other programs, which try a port that was free.
    """

    def __init__(self, response):
        self.response = response
        self.requests = []

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self.listener.close()

    def received(self, beginning=b"CONNECT "):
        return any(text.startswith(beginning) for text in self.requests)

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            # The test decides whether a client may go away.
            with connection, contextlib.suppress(OSError):
                connection.settimeout(PATIENCE)
                self.requests.append(connection.recv(4096))
                connection.sendall(self.response)


class ProxyTest(CommandTest):
    jobs = 0

    def environment(self, **values):
        return environment(**{**NO_PROXIES, "AWS_ENDPOINT_URL":
                              emulator.endpoint, "AWS_CA_BUNDLE": emulator.ca,
                              **values})

    def new_job(self):
        ProxyTest.jobs += 1
        return options(job_name="job-%d" % ProxyTest.jobs)

    def creates_job(self, **values):
        result = self.create(*self.new_job(), env=self.environment(**values),
                             secrets=[PASSWORD, "hush%68ush77"])
        self.assertEqual(result.code, 0, result)

    def fails(self, code, pattern, **values):
        return self.refused(code, pattern, *self.new_job(),
                            secrets=[PASSWORD, "hush%68ush77"],
                            env=self.environment(**values))


class Real(ProxyTest):
    def tinyproxy(self, *lines):
        proxy = Tinyproxy(*lines)
        self.addCleanup(proxy.__exit__)
        return proxy.__enter__()

    def test_variables(self):
        proxy = self.tinyproxy()
        url = "http://127.0.0.1:%d" % proxy.port
        dead = "http://127.0.0.1:1"
        for tunnels, values in enumerate((
                {"HTTPS_PROXY": url}, {"https_proxy": url},
                {"https_proxy": url, "HTTPS_PROXY": dead},
                {"https_proxy": url + "/"},
                {"HTTPS_PROXY": "127.0.0.1:%d" % proxy.port},
                {"https_proxy": url, "no_proxy": "example.com,10.0.0.0/8"}),
                1):
            with self.subTest(values):
                self.creates_job(**values)
                self.assertEqual(proxy.tunnels(), tunnels)
        for values in ({"HTTP_PROXY": dead}, {"https_proxy": ""},
                       {"https_proxy": "", "HTTPS_PROXY": dead},
                       {"https_proxy": dead, "no_proxy": "localhost"},
                       {"https_proxy": dead, "NO_PROXY": ".localhost"},
                       {"https_proxy": dead, "NO_PROXY": "*"}):
            with self.subTest(values):
                self.creates_job(**values)
                self.assertEqual(proxy.tunnels(), tunnels)

    def test_user_and_password(self):
        proxy = self.tinyproxy("BasicAuth user " + PASSWORD)
        place = "127.0.0.1:%d" % proxy.port
        self.creates_job(HTTPS_PROXY="http://user:hush%68ush77@" + place)
        self.assertEqual(proxy.tunnels(), 1)
        self.fails(255, "localhost:%d by proxy %s: the proxy refused: it "
                   r"requires a user name and a password \(40[17]\)"
                   % (emulator.port, place), HTTPS_PROXY="http://" + place)
        self.fails(255, "it rejects this user name and password",
                   HTTPS_PROXY="http://user:hushhush@" + place)

    def test_forbidden_port(self):
        proxy = self.tinyproxy("ConnectPort 443")
        self.fails(255, "the proxy refused: it does not connect to this host "
                   r"\(403\)",
                   HTTPS_PROXY="http://127.0.0.1:%d" % proxy.port)

    def test_unreachable_host(self):
        """This is not a refusal, and is retried."""
        proxy = self.tinyproxy()
        self.fails(255, r"cannot connect: the proxy cannot reach the host \(50",
                   HTTPS_PROXY="http://127.0.0.1:%d" % proxy.port,
                   AWS_ENDPOINT_URL="https://localhost:1")
        self.assertEqual(proxy.output().count("CONNECT localhost:1 "), 3)

    def test_certificates_are_verified(self):
        proxy = self.tinyproxy()
        self.fails(255, "certificate",
                   HTTPS_PROXY="http://127.0.0.1:%d" % proxy.port,
                   AWS_CA_BUNDLE=None)


class Bad(ProxyTest):
    def test_urls(self):
        for url, pattern in (("https://a:1", "only http:// proxies"),
                             ("socks5://a:1", "only http:// proxies"),
                             ("http://a:1/path", "must not contain a path"),
                             ("http://", "there is no host"),
                             ("http://a:x", "the port must be"),
                             ("http://u:%zz@a:1", "is malformed"),
                             ("http://" + "a" * 2000, "too long")):
            with self.subTest(pattern):
                self.fails(253, "https_proxy: .*" + pattern, https_proxy=url)

    def test_line_ends(self):
        with FixedProxy(b"") as proxy:
            self.fails(253, "user name or password cannot be sent",
                       https_proxy="http://u:a%%0d%%0aX:y@127.0.0.1:%d"
                       % proxy.port)
            self.assertFalse(proxy.received())

    def test_the_proxy_resolves_names(self):
        with FixedProxy(FORBIDDEN) as proxy:
            self.fails(255, "the proxy refused",
                       AWS_ENDPOINT_URL="https://nowhere.invalid",
                       https_proxy="http://127.0.0.1:%d" % proxy.port)
            self.assertTrue(proxy.received(
                b"CONNECT nowhere.invalid:443 HTTP/1.1\r\n"))
        self.fails(255, "cannot be resolved",
                   AWS_ENDPOINT_URL="https://127.0.0.1",
                   https_proxy="http://nowhere.invalid:1")

    def test_responses(self):
        for response, pattern in (
                (b"HTTP/1.1 200 OK\r\n\r\nSSH-2.0-x\r\n",
                 "response is malformed"),
                (b"HTTP/1.1 301 x\r\nLocation: http://x/\r\nContent-Length: 0"
                 b"\r\n\r\n", "response is malformed"),
                (b"<html>\r\n", "response is malformed"),
                (b"", "the proxy closed it"),
                (b"HTTP/1.1 200 OK\r\n\r\n", "the connection broke: ")):
            with self.subTest(response), FixedProxy(response) as proxy:
                self.fails(255, pattern,
                           https_proxy="http://127.0.0.1:%d" % proxy.port)
                self.assertTrue(proxy.received(
                    b"CONNECT localhost:%d HTTP/1.1\r\n" % emulator.port))


class NoProxy(ProxyTest):
    """The command and curl decide alike for the same list and host."""

    LISTS = ("", "*", "localhost", ".localhost", "LOCALHOST", "host",
             "local", "x,localhost", "localhost.", "a.localhost",
             "127.0.0.0/8", "127.0.0.1", "10.0.0.0/8", ",")

    def curl_bypasses(self, proxy, url, no_proxy):
        proxy.requests.clear()
        subprocess.run(
            ["curl", "-sk", "-o", os.devnull, url], timeout=PATIENCE,
            stdin=subprocess.DEVNULL, env={
                "PATH": os.environ["PATH"], "no_proxy": no_proxy,
                "https_proxy": "http://127.0.0.1:%d" % proxy.port})
        return not proxy.received()

    def test_lists(self):
        with FixedProxy(FORBIDDEN) as proxy:
            url = "http://127.0.0.1:%d" % proxy.port
            for no_proxy in self.LISTS:
                with self.subTest(no_proxy):
                    if self.curl_bypasses(proxy, emulator.endpoint, no_proxy):
                        self.creates_job(https_proxy=url, no_proxy=no_proxy)
                    else:
                        self.fails(255, "the proxy refused", https_proxy=url,
                                   no_proxy=no_proxy)

    def test_blanks(self):
        """Blanks also separate names, as in curl 7.88; curl 8.14 ignores the
        rest of a list after a blank without a comma."""
        with FixedProxy(FORBIDDEN) as proxy:
            self.creates_job(no_proxy="x localhost",
                             https_proxy="http://127.0.0.1:%d" % proxy.port)
            self.assertFalse(proxy.received())


if __name__ == "__main__":
    unittest.main()
