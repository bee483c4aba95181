"""Runs the emulator for a test: a context manager around personalize.py.

    with running.Emulator() as emulator:
        subprocess.run(["segjob", "create", ...], env=emulator.environment)

    emulator.script("throttle", {"fault": "close", "after": "operation"})
    ...
    emulator.served()                    # what became of each request
    emulator.jobs()                      # the names of the jobs that exist

The emulator gets a folder of its own, a free port and a database file, and is
ended by its own process id, whatever happens in between.
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
LISTENING = "listening on "  # the last that is printed at the start
PATIENCE = 600  # seconds; only an emulator that hangs takes as long

# Whatever proxy the environment names is not for loopback.
open_url = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


@contextlib.contextmanager
def free_port():
    """A port that nobody else is given, and nobody listens at.

    A server that is told of it may: both sockets have SO_REUSEADDR (socket(7)).
    """
    with socket.socket() as own:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
        own.bind(("127.0.0.1", 0))
        yield own.getsockname()[1]


class Emulator:
    """A running emulator.

    `options` are more of its command line, such as "--pending", "0".
    With `token` the one known key is a temporary one. With `certificate`, of
    certificates.issue(), the authority is the caller's and `ca` is not made.
    """

    # AWS's own documentation example: also the emulator's default key.
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
        """All that the emulator printed so far; requests if --verbose."""
        with open(self._log, encoding="utf-8") as log:
            return log.read()

    def script(self, *faults, **settings):
        """Begins anew with these faults and settings, and an empty log.

        A fault is an entry of faults.py's script: None, a name, or a dict of
        `fault` and arguments. Settings that are not named go back to where
        they began. ValueError says what is wrong with them.
        """
        return self._tell({"script": faults, **settings})

    def settings(self, **settings):
        """Changes these settings; script and log stay."""
        return self._tell(settings)

    def state(self):
        """The script's rest, the log and the settings."""
        return self._tell(None)

    def served(self):
        """The log: what was asked since the last script() and how it went."""
        return self.state()["served"]

    def jobs(self):
        """The names of the jobs that exist, older ones first."""
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            return [name for name, in database.execute(
                "SELECT name FROM jobs ORDER BY id")]

    def stop(self):
        """Ends the emulator and returns its exit status."""
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
        # A file, not a pipe: nobody has to read it for the emulator to go on.
        with open(self._log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, PROGRAM, *server, "--port", "0",
                 "--database", self.database, "--region", self.region,
                 "--key", key, "--control", *self.options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _lines_when_ready(self):
        """What was printed at the start: the rest of each line, by its words.
        """
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            ended = self.process.poll() is not None
            lines = {words: line[len(words):-1]
                     for line in self.output().splitlines(keepends=True)
                     for words in (CONTROL, LISTENING)
                     if line.startswith(words) and line.endswith("\n")}
            if LISTENING in lines:
                return lines
            if ended:
                raise RuntimeError("emulator ended: " + self.output())
            time.sleep(0.01)
        raise RuntimeError("emulator not ready: " + self.output())

    def _tell(self, document):
        """The control address's answer to GET, or POST of a document."""
        data = None if document is None else json.dumps(document).encode()
        try:
            with open_url(self.control, data, PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise ValueError(error.read().decode().strip()) from None
