"""The command when the connection fails: certificates, ports, silence."""

import contextlib
import datetime
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import command
import peer
from command import (ARN, CREATE, DESCRIBE, ENDS, MAY_EXIST, REPORTED,
                     WAS_CREATED, CommandTest, environment, options, sent)

import certificates  # in a folder that `command` adds
import running

DAY = datetime.timedelta(days=1)
GOOD = peer.http("200 OK", b'{"batchSegmentJobArn":"%s"}' % ARN.encode())


resources = contextlib.ExitStack()


def setUpModule():
    global folder, authority, issued
    folder = resources.enter_context(tempfile.TemporaryDirectory())
    authority = certificates.authority(folder)
    issued = certificates.issue(authority, ["localhost"])


def tearDownModule():
    resources.close()


class ConnectionTest(CommandTest):
    def serve(self, certificate=None):
        server = peer.Peer(certificate or issued)
        self.addCleanup(server.__exit__)
        server.__enter__()
        server.behave = peer.sends(GOOD)
        self.env = environment(AWS_ENDPOINT_URL=server.endpoint,
                               AWS_CA_BUNDLE=authority.path)
        return server

    def nothing_sent(self, pattern, *arguments, **keywords):
        result = self.refused(255, pattern, *options(), *arguments, **keywords)
        self.assertNotIn("may exist", result.err)
        return result


class Certificates(ConnectionTest):
    def test_good(self):
        server = self.serve()
        self.assertEqual(self.create(*options()).code, 0)
        self.assertEqual(len(server.requests), 1)

    def test_chain_with_intermediate(self):
        middle = certificates.intermediate(authority)
        self.serve(certificates.issue(middle, ["localhost"], "below"))
        self.assertEqual(self.create(*options()).code, 0)

    def test_rsa(self):
        self.serve(certificates.issue(authority, ["localhost"], "rsa", "rsa"))
        self.assertEqual(self.create(*options()).code, 0)

    def refuses(self, pattern, **dates_and_names):
        names = dates_and_names.pop("names", ["localhost"])
        server = self.serve(certificates.issue(
            authority, names, "bad", **dates_and_names))
        self.nothing_sent("certificate.*" + pattern)
        self.assertEqual(server.requests, [])

    def test_expired(self):
        now = datetime.datetime.utcnow()
        self.refuses("expired", not_before=now - 9 * DAY,
                     not_after=now - DAY)

    def test_not_yet_valid(self):
        now = datetime.datetime.utcnow()
        self.refuses("not yet valid", not_before=now + DAY,
                     not_after=now + 9 * DAY)

    def test_other_host(self):
        self.refuses("host name", names=["personalize.example"])

    def test_name_is_not_a_suffix(self):
        self.refuses("host name", names=["a.localhost", "localhos"])

    def test_other_authority(self):
        server = self.serve()
        os.makedirs(folder + "/other", exist_ok=True)
        other = certificates.authority(folder + "/other")
        self.nothing_sent("certificate.*not signed by a trusted authority",
                          "--ca-bundle", other.path)
        self.assertEqual(server.requests, [])

    def test_system_does_not_trust_it(self):
        self.serve()
        self.env.pop("AWS_CA_BUNDLE")
        if not os.path.exists("/etc/ssl/certs/ca-certificates.crt"):
            self.skipTest("the system has no certificates")
        self.nothing_sent("certificate.*not signed by a trusted authority")

    def test_option_beats_variable(self):
        self.serve()
        self.env["AWS_CA_BUNDLE"] = "/nowhere.pem"
        self.assertEqual(
            self.create(*options(ca_bundle=authority.path)).code, 0)

    def test_bad_bundle(self):
        self.serve()
        not_pem = os.path.join(folder, "not.pem")
        with open(not_pem, "w", encoding="utf-8") as file:
            file.write("no certificate\n")
        for path in ("/nowhere.pem", not_pem, os.devnull):
            with self.subTest(path=path):
                self.refused(253, "segjob: " + path,
                             *options(ca_bundle=path))


class Connecting(ConnectionTest):
    def test_after_a_long_sleep(self):
        """After a sleep, Linux's clocks differ by its duration."""
        slept = ["unshare", "--time", "--boottime", "1000000", "--fork"]
        if subprocess.run([*slept, "true"], capture_output=True,
                          check=False).returncode != 0:
            self.skipTest("namespaces are not permitted")
        self.serve()
        result = self.create(*options(), before=slept)
        self.assertEqual(result.code, 0, result)

    def test_closed_port(self):
        with running.free_port() as port:
            self.nothing_sent(
                "localhost:%d: cannot connect: Connection refused" % port,
                "--endpoint-url", "https://localhost:%d" % port)

    def test_unknown_host(self):
        # RFC 6761: `invalid` never resolves
        self.nothing_sent("host name cannot be resolved",
                          "--endpoint-url", "https://nobody.invalid",
                          "--timeout", "20")

    def test_addresses(self):
        """From mbedTLS 3.5 on, certificates may have addresses."""
        good, other = (self.serve(certificates.issue(
            authority, [name], "address" + name))
            for name in ("127.0.0.1", "127.0.0.2"))
        url = "https://127.0.0.1:%d"
        if os.environ.get("SEGJOB_MBEDTLS3"):
            result = self.create(*options(endpoint_url=url % good.port))
            self.assertEqual(result.code, 0, result)
            for server in (other, self.serve()):
                self.nothing_sent("certificate.*not for this host",
                                  "--endpoint-url", url % server.port)
        else:
            self.refused(253, "address",
                         *options(endpoint_url=url % good.port))
            self.assertEqual(good.requests, [])
        self.assertEqual(other.requests, [])

    def test_plain(self):
        """HTTP without TLS, for this device alone."""
        def serve(listener):
            connection, _ = listener.accept()
            with connection:
                data = b""
                while b"}}" not in data:
                    data += connection.recv(4096)
                requests.append(data)
                connection.sendall(GOOD)

        requests = []
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            thread = threading.Thread(target=serve, args=(listener,))
            thread.start()
            result = self.create(*options(), "--endpoint-url",
                                 "http://127.0.0.1:%d" % port)
            thread.join()
        self.assertEqual(result.code, 0, result)
        self.assertIn(b"\r\nHost: 127.0.0.1:%d\r\n" % port, requests[0])

    def test_not_tls(self):
        with raw_server(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
            self.nothing_sent("TLS", "--endpoint-url",
                              "https://localhost:%d" % port)

    def test_closed_in_the_handshake(self):
        with raw_server(b"") as port:
            self.nothing_sent(
                "the connection broke: .* closed it during the TLS handshake",
                "--endpoint-url", "https://localhost:%d" % port)

    def test_old_tls(self):
        server = self.serve()
        with warnings_ignored():
            server.context.minimum_version = ssl.TLSVersion.TLSv1
            server.context.maximum_version = ssl.TLSVersion.TLSv1_1
        server.context.set_ciphers("ALL:@SECLEVEL=0")
        self.nothing_sent("TLS")
        self.assertEqual(server.requests, [])


@contextlib.contextmanager
def warnings_ignored():
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def raw_server(response):
    """A server without TLS: responds to the first bytes, and closes."""
    def serve():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(peer.SECONDS)
                connection.recv(65536)
                connection.sendall(response)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()


class Silence(ConnectionTest):
    """Time-outs: each test takes a second, or more on a slow machine."""

    def test_before_tls(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            result = self.runs_out(
                "connecting to", "time ran out: while connecting", *options(),
                "--endpoint-url",
                "https://localhost:%d" % listener.getsockname()[1])
        self.assertNotIn("may exist", result.err)

    def test_after_the_request(self):
        self.serve().behave = peer.stays_silent
        result = self.runs_out(
            sent(CREATE) + ".*" + sent(DESCRIBE),
            "localhost:.*time ran out: [^;]*" + MAY_EXIST + "$", *options())
        self.assertEqual("\n".join(result.debug).count(sent(CREATE)), 1)

    def test_within_the_response(self):
        self.serve().behave = peer.sends_and_stays(GOOD[:-1])
        self.runs_out(sent(CREATE), "time ran out.*" + MAY_EXIST + "$",
                      *options())

    def test_head_without_end(self):
        self.serve().behave = peer.in_turn(
            peer.sends_forever(b"HTTP/1.1 200 OK\r\n",
                               b"X-Filler: filler\r\n" * 100),
            peer.sends(peer.described(REPORTED)))
        self.assertEqual(self.create(*options()).code, 0)

    def test_body_without_end(self):
        self.serve().behave = peer.sends_forever(
            peer.http("200 OK", length=False), b"x" * 10000)
        self.runs_out(sent(CREATE), MAY_EXIST + "$", *options())

    def test_complete_response_needs_no_close(self):
        self.serve().behave = peer.sends_and_stays(GOOD)
        self.assertEqual(self.create(*options()).code, 0)

    @unittest.skipIf(os.geteuid() != 0, "namespaces need root")
    @unittest.skipIf(not shutil.which("unshare"), "no unshare")
    def test_name_server(self):
        unshare = ["unshare", "--net", "--mount"]
        if subprocess.run([*unshare, "true"], capture_output=True,
                          check=False).returncode != 0:
            self.skipTest("namespaces are not permitted")
        inside = [sys.executable,
                  os.path.join(command.HERE, "silent_name_server.py")]
        begun = time.monotonic()
        result = self.runs_out(
            "resolving ", "time ran out while resolving the host name$",
            *options(), before=[*unshare, *inside])
        self.assertNotIn("may exist", result.err)
        # The C library's resolver alone would take 150 s or more.
        self.assertLess(time.monotonic() - begun, 120)


class Ends(ConnectionTest):
    """Signals, and failures of standard output."""

    def begun(self, **keywords):
        """Run the command with a server that never responds."""
        server, self.when = self.serve(), threading.Event()

        def behave(connection):
            self.when.set()
            peer.stays_silent(connection)

        server.behave = behave
        return command.running("create", *options(), env=self.env, **keywords)

    def ended(self, process, number):
        """Signal the command when `self.when` is set: its status and line."""
        self.assertTrue(self.when.wait(command.PATIENCE))
        process.send_signal(number)
        out, err = process.communicate(timeout=command.PATIENCE)
        self.assertEqual(out, "")
        return process.returncode, err

    def test_signals_after_sending(self):
        for number, word in ENDS.items():
            with self.begun() as process:
                self.assertEqual(self.ended(process, number), (
                    -number, "segjob: %s%s\n" % (word, MAY_EXIST)))

    def test_signals_before_sending(self):
        def wait():
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(1)
                self.when.set()
                while connection.recv(65536):
                    pass

        for number, word in ENDS.items():
            self.when = threading.Event()
            with socket.create_server(("127.0.0.1", 0)) as listener:
                self.env = environment(AWS_ENDPOINT_URL="https://localhost:%d"
                                       % listener.getsockname()[1])
                threading.Thread(target=wait, daemon=True).start()
                with command.running("create", *options(),
                                     env=self.env) as process:
                    self.assertEqual(self.ended(process, number),
                                     (-number, "segjob: %s\n" % word))

    def test_ignored_signals(self):
        """Signals that are ignored at the start, as with nohup, remain so."""
        server, when = self.serve(), threading.Event()
        sent = threading.Event()

        def behave(connection):
            when.set()
            sent.wait(peer.SECONDS)
            peer.sends(GOOD)(connection)

        server.behave = behave
        with command.running("create", *options(), env=self.env,
                             before=command.IGNORED_SIGNALS) as process:
            self.assertTrue(when.wait(command.PATIENCE))
            for number in ENDS:
                process.send_signal(number)
            sent.set()
            out, err = process.communicate(timeout=command.PATIENCE)
        self.assertEqual((process.returncode, err), (0, ""))
        self.assertIn(ARN, out)

    def test_second_signal(self):
        """It ends the command even if the first one's line blocks."""
        read, write = os.pipe()
        with open(read, "rb"), open(write, "wb") as pipe:
            os.set_blocking(write, False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(write, b"x" * 4096)
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(write, b"x")
            os.set_blocking(write, True)
            with self.begun(stderr=pipe) as process:
                self.assertTrue(self.when.wait(command.PATIENCE))
                patience = time.monotonic() + command.PATIENCE
                while process.poll() is None and time.monotonic() < patience:
                    process.send_signal(signal.SIGTERM)
                    time.sleep(0.01)
                self.assertEqual(process.returncode, -signal.SIGTERM)

    def test_first_process_of_a_container(self):
        """Signals have no default action there."""
        alone = ["unshare", "--pid", "--fork", "--kill-child"]
        if subprocess.run([*alone, "true"], capture_output=True,
                          check=False).returncode != 0:
            self.skipTest("namespaces are not permitted")
        for number, word in ENDS.items():
            with self.begun(before=[*command.DEFAULT_SIGNALS,
                                    *alone]) as process:
                self.assertTrue(self.when.wait(command.PATIENCE))
                with open("/proc/%d/task/%d/children" % (
                        process.pid, process.pid), encoding="ascii") as file:
                    child, = file.read().split()
                os.kill(int(child), number)
                out, err = process.communicate(timeout=command.PATIENCE)
            self.assertEqual((process.returncode, out, err), (
                128 + number, "", "segjob: %s%s\n" % (word, MAY_EXIST)))

    def ends_badly(self, redirection, pattern, requests, before=""):
        server = self.serve()
        process = subprocess.run(
            ["sh", "-c", before + '"$0" create "$@" ' + redirection,
             command.SEGJOB, *options()], env=self.env, text=True,
            stderr=subprocess.PIPE,
            timeout=command.PATIENCE, check=False)
        self.assertEqual(process.returncode, 255, process.stderr)
        self.assertRegex(process.stderr, pattern)
        self.assertEqual(len(server.requests), requests)

    def test_closed_output(self):
        self.ends_badly(">&-", "^segjob: standard output is closed\n$", 0)

    def test_full_disk(self):
        self.ends_badly(
            ">/dev/full", "^segjob: cannot write to standard output: No space "
            "left on device%s\n$" % (WAS_CREATED + ARN), 1)

    def test_size_limit(self):
        self.ends_badly(
            '>"%s/out"' % folder, "^segjob: cannot write to standard output: "
            "File too large%s\n$" % (WAS_CREATED + ARN), 1, "ulimit -f 0; ")

    def test_broken_pipe(self):
        server = self.serve()
        read, write = os.pipe()
        os.close(read)
        with open(write, "wb") as pipe:
            process = subprocess.run(
                [command.SEGJOB, "create", *options()], env=self.env,
                stdout=pipe, stderr=subprocess.PIPE, text=True,
                timeout=command.PATIENCE, check=False)
        self.assertEqual(process.returncode, 255)
        self.assertEqual(
            process.stderr, "segjob: cannot write to standard output: Broken "
            "pipe%s\n" % (WAS_CREATED + ARN))
        self.assertEqual(len(server.requests), 1)

    def test_closed_error_output(self):
        # Debug lines must not go to a socket that got its descriptor.
        server = self.serve()
        process = subprocess.run(
            ["sh", "-c", 'exec "$0" create --debug "$@" 2>&-',
             command.SEGJOB, *options()], env=self.env,
            stdout=subprocess.PIPE, text=True, timeout=command.PATIENCE,
            check=False)
        self.assertEqual(process.returncode, 0)
        self.assertIn(ARN, process.stdout)
        self.assertTrue(server.requests[0].startswith(b"POST / HTTP/1.1\r\n"))


if __name__ == "__main__":
    unittest.main()
