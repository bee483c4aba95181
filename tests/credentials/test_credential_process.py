"""credential_process, beside botocore: the same command for both."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(os.path.dirname(HERE), "integration")]

from command import PATIENCE, SEGJOB, options  # noqa: E402
from test_configuration import ConfigurationTest, creds  # noqa: E402

RANDOM_COMMANDS = 150

# It leaves its arguments in the file `arguments` beside itself, does what
# `action` says, and prints the file `output`.
HELPER = """#!/bin/sh
here=$(dirname "$0")
: >"$here/arguments"
for argument; do
    printf '%s\\0' "$argument" >>"$here/arguments"
done
. "$here/action"
cat "$here/output"
"""
GOOD = {"Version": 1, "AccessKeyId": "IDP", "SecretAccessKey": "SECRET/P",
        "SessionToken": "TOKENP", "Expiration": "2099-01-01T00:00:00Z"}


def without(*names, **changes):
    members = {**GOOD, **changes}
    return json.dumps({name: members[name] for name in members
                       if name not in names})


class ProcessTest(ConfigurationTest):
    def setUp(self):
        super().setUp()
        self.helper = os.path.join(self.folder, "helper")
        self.write("helper", HELPER)
        os.chmod(self.helper, 0o700)
        self.prepare()

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w",
                  encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    def prepare(self, output=json.dumps(GOOD), action=""):
        self.write("output", output)
        self.write("action", action)

    def arguments(self):
        """Those of the last run, None if there was none."""
        path = os.path.join(self.folder, "arguments")
        if not os.path.exists(path):
            return None
        with open(path, "rb") as file:
            arguments = file.read().split(b"\0")[:-1]
        os.unlink(path)
        return arguments

    def profile(self, command=None, more=""):
        return self.environment(config="[default]\nregion = eu-west-1\n"
                                "credential_process = %s\n%s" % (
                                    command or self.helper, more))

    def by_botocore(self, arguments, env):
        try:
            found = super().by_botocore(arguments, env)
            return found and (*found[:2], found[2] or None, found[3])
        except (ValueError, OSError, LookupError, AttributeError,
                RecursionError):  # it expects JSON, an object, a program ...
            return None


class Commands(ProcessTest):
    """Split into words as by botocore, which calls shlex.split()."""

    PARTS = ["a", "b c", '"', "'", "\\", '\\"', "\\'", '""', "''", " ", "\t",
             "#", "$HOME", "*", "~", ";", "|", "`", "=", "\u00e4", "\\\\"]

    def compare(self, command):
        env = self.profile(command)
        expected = self.by_botocore([], env)
        words = self.arguments()
        if expected is None:
            self.refused(253, "", *options(), "--dry-run", env=env)
            self.assertIsNone(self.arguments())
        else:
            self.resolved(env=env, secret="SECRET/P")
            self.assertEqual(self.arguments(), words)
        return expected is not None

    def test_words(self):
        for words in ("", "one", "one two", '"one two"', "'one two'", "a\\ b",
                      '"a\\"b"', "'a\\b'", '"a\\b"', "''", '"" x', "a''b",
                      "$HOME `id` $(id) *", "a;b|c>d&", "-x=1 --y 2", "\\",
                      '"open', "'open", 'a"b c"d', "\\'", "a\tb", '"\\\\"'):
            with self.subTest(words):
                self.compare(self.helper + " " + words)

    def test_random_words(self):
        chance = random.Random(20)
        good = 0
        for number in range(RANDOM_COMMANDS):
            words = "".join(chance.choices(self.PARTS, k=chance.randint(1, 8)))
            with self.subTest(number=number, words=words):
                good += self.compare(self.helper + " x" + words + "x")
        self.assertGreater(good, RANDOM_COMMANDS / 4)
        self.assertLess(good, RANDOM_COMMANDS)

    def test_many_words(self):
        self.assertTrue(self.compare(self.helper + " x" * 126))
        for command, flaw in ((self.helper + " x" * 127, "too many words"),
                              (self.helper + " " + "x" * 4096, "too long")):
            self.refused(253, "default: credential_process: the command .*"
                         + flaw, *options(), env=self.profile(command))

    def test_no_program(self):
        for command, why in (("/nonexistent/helper", "No such file"),
                             ("no-such-helper-1", "No such file"),
                             (self.folder, "Permission denied")):
            with self.subTest(command):
                self.assertIsNone(self.by_botocore([], self.profile(command)))
                self.refused(253, "credential_process: the program cannot be "
                             "started: " + why, *options(), "--dry-run",
                             env=self.profile(command))


class Output(ProcessTest):
    """What the program prints."""

    SAME = [
        json.dumps(GOOD), without("SessionToken"), without("Expiration"),
        without("SessionToken", "Expiration"), without(SessionToken=None),
        without(Expiration=None), json.dumps(GOOD, indent=8) + "\n\n",
        without(SessionToken=""), without(AccountId="123456789012"),
        without(Expiration="2099-01-01T00:00:00+02:00"),
        without("AccessKeyId"), without("SecretAccessKey"), without("Version"),
        without(Version=2), without(Version="1"), without(Version=0),
        without(Version=None), "", "{", "{}", "[]", "null", "7", "garbage\n",
        json.dumps(GOOD) + "}", "\ufeff" + json.dumps(GOOD),
        json.dumps({"Code": "AccessDenied", "Message": "no"}),
        "\u00e4" * 5000, "[" * 5000]
    # botocore takes what no request can carry, or fails later.
    STRICTER = [
        without(AccessKeyId=""), without(SecretAccessKey=""),
        without(AccessKeyId="A B"), without(SessionToken="line\nend"),
        without(SessionToken=7), without(AccessKeyId=["x"]),
        without(Expiration="tomorrow"), without(Expiration=4070908800),
        without(Version=True), without(Version=1.0),
        '{"Version": 1, "Version": 1, ' + json.dumps(GOOD)[1:]]

    def test_same(self):
        for output in self.SAME:
            with self.subTest(output[:200]):
                self.prepare(output)
                self.same(env=self.profile())

    def test_stricter(self):
        for output in self.STRICTER:
            with self.subTest(output):
                self.prepare(output)
                self.refused(253, "^segjob: .*credential_process: ",
                             *options(), "--dry-run", env=self.profile(),
                             secrets=["SECRET/P", "TOKENP"])

    def test_version(self):
        self.prepare(without(Version=2))
        self.refused(253, "the program did not print JSON with Version 1",
                     *options(), "--dry-run", env=self.profile())

    def test_too_much(self):
        self.prepare(action="head -c 300000 /dev/zero")
        self.refused(253, "the program printed too much", *options(),
                     "--dry-run", env=self.profile())

    def test_an_old_expiration(self):
        """The service judges it; botocore fails."""
        self.prepare(without(Expiration="2020-01-01T00:00:00Z"))
        self.resolved(env=self.profile(), secret="SECRET/P")


class Ends(ProcessTest):
    """How the program ends."""

    def test_exit_status(self):
        for action, why in (("exit 1", "exited with status 1"),
                            ("exit 77", "exited with status 77"),
                            ("cat $here/output; exit 3", "with status 3"),
                            ("kill -KILL $$", "ended by signal 9"),
                            ("kill -TERM $$", "ended by signal 15")):
            with self.subTest(action):
                self.prepare(action=action)
                self.assertIsNone(self.by_botocore([], self.profile()))
                self.refused(253, "credential_process: the program .*%s$" % why,
                             *options(), "--dry-run", env=self.profile())

    def test_standard_error_is_passed_on(self):
        self.prepare(action="echo 'touch the key' >&2")
        result = subprocess.run(
            [SEGJOB, "create", *options(), "--dry-run"], env=self.profile(),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
        self.assertEqual(result.stderr, b"touch the key\n")

    def test_what_it_inherits(self):
        """No standard input, no ignored signal, no pipe but its own."""
        self.prepare(action="cat >$here/input; ls -l /proc/$$/fd >$here/files; "
                            "grep SigIgn: /proc/$$/status >$here/ignored")
        result = self.create(*options(), "--dry-run", stdin=b"line\n",
                             env=self.profile())
        self.assertEqual(result.code, 0, result)
        self.assertEqual(self.read("input"), "")
        self.assertEqual(self.read("files").count("pipe:"), 2)  # 1, and 2
        ignored = int(self.read("ignored").split()[1], 16)
        for number in signal.SIGPIPE, signal.SIGXFSZ:
            self.assertFalse(ignored >> (number - 1) & 1, hex(ignored))

    def test_ignored_children(self):
        """Some supervisors leave SIGCHLD ignored."""
        result = self.segjob("create", *options(), "--dry-run",
                             env=self.profile(),
                             before=["env", "--ignore-signal=CHLD"])
        self.assertEqual(result.code, 0, result)

    def test_output_that_ends_early(self):
        self.prepare(action="cat $here/output; exec >&-; sleep 0.3; exit 0")
        self.resolved(env=self.profile(), secret="SECRET/P")

    def test_one_that_hangs_is_killed(self):
        for action in ("exec sleep 1000", "exec >&-; exec sleep 1000"):
            with self.subTest(action):
                self.prepare(action="echo $$ >$here/child; " + action)
                self.assert_gone(self.time_out())

    def time_out(self):
        """Returns the program's process, for which there was time to begin."""
        path = os.path.join(self.folder, "child")
        seconds = 1
        while True:
            self.refused(255, "time ran out", *options(), "--timeout",
                         str(seconds), env=self.profile())
            if os.path.exists(path) and self.read("child"):
                child = int(self.read("child"))
                os.unlink(path)
                return child
            seconds *= 2

    def assert_gone(self, child):
        """It was killed: it ends soon, and somebody may yet reap it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                with open("/proc/%d/stat" % child, encoding="ascii") as file:
                    if file.read().rpartition(")")[2].split()[0] == "Z":
                        return
            except FileNotFoundError:
                return
            time.sleep(0.01)
        os.kill(child, signal.SIGKILL)
        self.fail("%d is alive" % child)


class Order(ProcessTest):
    def test_order(self):
        """After credentials in the credentials file, before the config's."""
        for credentials in (None, "[default]\n" + creds("C"),
                            "[default]\naws_access_key_id = IDC\n"):
            for more in ("", creds("F")):
                with self.subTest(credentials=credentials, config=more):
                    config = ("[default]\nregion = eu-west-1\n"
                              "credential_process = %s\n%s"
                              % (self.helper, more))
                    self.same(env=self.environment(credentials, config))
        self.same("--profile", "p", env=self.environment(
            "[p]\ncredential_process = %s\n" % self.helper,
            "[profile p]\nregion = eu-west-1\n"))

    def test_the_environment_is_first(self):
        env = self.environment(
            config="[default]\nregion = eu-west-1\ncredential_process = %s\n"
            % self.helper, AWS_ACCESS_KEY_ID="IDE",
            AWS_SECRET_ACCESS_KEY="SECRET/E")
        self.assertTrue(self.same(env=env))
        self.assertIsNone(self.arguments())

    def test_debug(self):
        result = self.create(*options(), "--dry-run", "--debug",
                             env=self.profile())
        self.assertIn("from credential_process of profile default",
                      "".join(result.debug))


if __name__ == "__main__":
    unittest.main()
