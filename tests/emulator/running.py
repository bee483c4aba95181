"""Runs the emulator for a test: a context manager around personalize.py.

    with running.Emulator() as emulator:
        subprocess.run(["segjob", "create", ...], env=emulator.environment)

    emulator.script("throttle", {"fault": "close", "after": "operation"})
    ...
    emulator.served()                    # the log of requests
    emulator.jobs()                      # the names of the jobs that exist

The emulator has a folder of its own, a free port and a database file. At the
end of the context it is always stopped, by its process id.
"""

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       "personalize.py")
CONTROL = "control on "
LISTENING = "listening on "  # the last line at the start
PATIENCE = 600  # seconds; only an emulator that hangs takes as long

# Without the environment's proxies, which are not for loopback.
open_url = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


@contextlib.contextmanager
def free_port():
    """A reserved port that nothing listens on.

    A test's own server may: both sockets have SO_REUSEADDR (socket(7)).
    """
    with socket.socket() as own:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
        own.bind(("127.0.0.1", 0))
        yield own.getsockname()[1]


class Emulator:
    """A running emulator.

    `options` are added to its command line, such as "--pending", "0". With
    `token` the valid credentials are temporary. With `certificate`, of
    certificates.issue(), the authority is the caller's, and there is no `ca`.
    """

    # The example of AWS's documentation, also the emulator's default.
    key_id = "AKIAIOSFODNN7EXAMPLE"
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

    def __init__(self, *options, region="us-east-1", token=None,
                 certificate=None):
        self.options = options
        self.region = region
        self.token = token
        self.certificate = certificate
        self.process = None

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="emulator-")
        self.dir = self._folder.name
        self.ca = os.path.join(self.dir, "ca.pem")
        self.database = os.path.join(self.dir, "jobs.sqlite")
        try:
            self._start()
            ready = self._lines_when_ready()
            self.control = "http://" + ready[CONTROL]
            self.port = int(ready[LISTENING].rpartition(":")[2])
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        self._folder.cleanup()

    @property
    def endpoint(self):
        return "https://localhost:%d" % self.port

    @property
    def environment(self):
        """This process's environment, with all AWS settings replaced."""
        env = {name: value for name, value in os.environ.items()
               if not name.startswith("AWS_")
               and not name.lower().endswith("_proxy")}
        env.update(AWS_ACCESS_KEY_ID=self.key_id,
                   AWS_SECRET_ACCESS_KEY=self.secret,
                   AWS_REGION=self.region,
                   AWS_ENDPOINT_URL=self.endpoint,
                   AWS_CA_BUNDLE=self.ca,
                   AWS_CONFIG_FILE=os.devnull,
                   AWS_SHARED_CREDENTIALS_FILE=os.devnull)
        if self.token is not None:
            env["AWS_SESSION_TOKEN"] = self.token
        return env

    def output(self):
        """The emulator's output so far; with --verbose it has requests."""
        with open(self._log, encoding="utf-8") as log:
            return log.read()

    def script(self, *faults, **settings):
        """Restart with these faults and settings, and an empty log.

        A fault is an entry of faults.py's script: None, a name, or a dict of
        `fault` and arguments. Other settings get their initial values. Raises
        ValueError with the reason if an argument is wrong.
        """
        return self._control({"script": faults, **settings})

    def settings(self, **settings):
        """Change these settings; script and log remain."""
        return self._control(settings)

    def state(self):
        """The script's rest, the log and the settings."""
        return self._control(None)

    def served(self):
        """The log of requests since the last script()."""
        return self.state()["served"]

    def jobs(self):
        """The names of the jobs that exist, older ones first."""
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            return [name for name, in database.execute(
                "SELECT name FROM jobs ORDER BY id")]

    def stop(self):
        """Stop the emulator. Returns its exit status."""
        if self.process is None:
            return None
        self.process.terminate()
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def _start(self):
        key = "%s=%s" % (self.key_id, self.secret)
        if self.token is not None:
            key += ":" + self.token
        server = ["--dir", self.dir]
        if self.certificate is not None:
            server = ["--certificate", *self.certificate]
        self._log = os.path.join(self.dir, "output")
        # A file: a pipe that is not read would block the emulator.
        with open(self._log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, PROGRAM, *server, "--port", "0",
                 "--database", self.database, "--region", self.region,
                 "--key", key, "--control", *self.options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _lines_when_ready(self):
        """The lines printed at the start: a dict from CONTROL and LISTENING
        to the rest of each line."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            ended = self.process.poll() is not None
            lines = {start: line[len(start):-1]
                     for line in self.output().splitlines(keepends=True)
                     for start in (CONTROL, LISTENING)
                     if line.startswith(start) and line.endswith("\n")}
            if LISTENING in lines:
                return lines
            if ended:
                raise RuntimeError("emulator ended: " + self.output())
            time.sleep(0.01)
        raise RuntimeError("emulator not ready: " + self.output())

    def _control(self, document):
        """The control address's response to GET, or to POST of a document."""
        data = None if document is None else json.dumps(document).encode()
        try:
            with open_url(self.control, data, PATIENCE) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                raise ValueError(error.read().decode().strip()) from None
