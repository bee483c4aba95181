"""Credentials of AWS SSO, beside botocore's provider with the same cached token
and the same portal."""

import hashlib
import json
import os
import re
import subprocess
import tempfile
import time
import types
import unittest
from unittest import mock

import botocore.session
from botocore.config import Config
from botocore.credentials import JSONFileCache, SSOProvider
from botocore.exceptions import BotoCoreError, ClientError
from botocore.tokens import SSOTokenProvider

from sources import GENERATIONS, PATIENCE, http, iso, resets
from sso import Portal

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ.get("SEGJOB_SSO", os.path.join(
    HERE, "../../build/host/tests/test_sso_source"))

ACCOUNT, ROLE, SESSION = "123456789012", "segments", "team"
START = "https://example.awsapps.com/start"
TOKEN = "aoaAAAA+/=.-_ZZZ:token"
LATER = "2099-01-01T00:00:00Z"
LATER_MS = 4070908800000
LOGIN = "; run `aws sso login --sso-session team`"

# What botocore raises for files and responses that it does not expect.
FAILURES = (BotoCoreError, ClientError, LookupError, ValueError, TypeError,
            AttributeError, OverflowError, OSError, RuntimeError)


def explain(result):
    """The error of a round's line, or of an init that failed."""
    return result["Error"] if isinstance(result, dict) else result


class SsoTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = folder.name
        self.cache = os.path.join(self.home, ".aws/sso/cache")
        os.makedirs(self.cache)
        self.clients = []
        self.portal = self.enterContext(Portal())
        self.portal.tokens[TOKEN] = time.time() + 36000
        self.portal.roles.add((ACCOUNT, ROLE))

    def enterContext(self, manager):  # as of Python 3.11
        value = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return value

    # ------------------------------------------------------------- the file

    def path(self, name=SESSION):
        return os.path.join(self.cache, hashlib.sha1(
            name.encode()).hexdigest() + ".json")

    def write(self, text, name=SESSION):
        data = text if isinstance(text, bytes) else text.encode()
        with open(self.path(name), "wb") as file:
            file.write(data)

    def cache_token(self, name=SESSION, **changes):
        """A value of None removes a member."""
        members = {"startUrl": START, "region": "eu-west-1",
                   "accessToken": TOKEN, "expiresAt": LATER, **changes}
        self.write(json.dumps({key: value for key, value in members.items()
                               if value is not None}), name)

    # ------------------------------------------------------------- botocore

    def client(self, name, config):
        more = Config(retries={"max_attempts": 0}, proxies={})
        with mock.patch.dict(os.environ, {
                "AWS_CONFIG_FILE": "/nonexistent",
                "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"}, clear=True):
            made = botocore.session.Session().create_client(
                name, config=config.merge(more), endpoint_url=self.portal.url)
        self.clients.append(made)
        return made

    def by_botocore(self, session=SESSION, start_url=START, account=ACCOUNT,
                    role=ROLE):
        """Its credentials, or None if it fails."""
        where = {"sso_region": "eu-west-1", "sso_start_url": start_url}
        profile = {"sso_account_id": account, "sso_role_name": role}
        if session is not None:
            profile["sso_session"] = session
        else:
            profile.update(where)
        config = {"profiles": {"p": profile}, "sso_sessions": {session: where}}
        cache = JSONFileCache(self.cache)
        tokens = SSOTokenProvider(types.SimpleNamespace(
            full_config=config, get_config_variable=lambda _: "p"), cache)
        provider = SSOProvider(lambda: config, self.client, "p",
                               token_cache=cache, token_provider=tokens)
        try:
            return tuple(provider.load().get_frozen_credentials()[:3])
        except FAILURES:
            return None
        finally:
            while self.clients:
                self.clients.pop().close()

    # -------------------------------------------------------------- segjob

    def command(self, session=SESSION, start_url=START, account=ACCOUNT,
                role=ROLE, profile="p", cap=16384, ahead=0, home=None,
                host="127.0.0.1", region="eu-west-1"):
        return {
            "args": [PROGRAM, host, str(self.portal.port), region, account,
                     role, session or "", start_url, profile, str(cap),
                     str(ahead)],
            "env": {"HOME": self.home if home is None else home,
                    "TOKEN": TOKEN},
            "stdout": subprocess.PIPE, "text": True}

    def read(self, text):
        """A line of the program: the credentials, a dictionary with the Error,
        or why the configuration was rejected."""
        if not text.startswith("{"):
            return text.rstrip("\n")
        found = json.loads(text)
        self.assertNotIn(TOKEN, found.get("Error", ""))
        return found if "Error" in found else (
            found["AccessKeyId"], found["SecretAccessKey"], found["Token"])

    def by_segjob(self, **options):
        done = subprocess.run(**self.command(**options),
                              stdin=subprocess.DEVNULL,
                              timeout=PATIENCE)
        self.assertEqual(done.returncode, 0 if done.stdout[:1] == "{" else 3)
        return self.read(done.stdout)

    def start(self, **options):
        """One that takes more rounds."""
        return self.enterContext(subprocess.Popen(
            **self.command(**options), stdin=subprocess.PIPE))

    def round(self, process, line=None):
        if line is not None:
            process.stdin.write(line + "\n")
            process.stdin.flush()
        return self.read(process.stdout.readline())

    def reset(self):
        self.portal.issued = 0
        self.portal.requests.clear()

    def same(self, **options):
        """Compare with botocore: the credentials, or that both fail; and the
        requests. Returns segjob's result."""
        self.reset()
        expected = self.by_botocore(**options)
        asked = [(method, path, headers.get("x-amz-sso_bearer_token"))
                 for method, path, headers in self.portal.requests]
        self.reset()
        result = self.by_segjob(**options)
        if expected is None:
            self.assertIsInstance(result, dict)
            self.assertRegex(result["Error"], "^AWS SSO: ")
        else:
            self.assertEqual(result, expected)
        self.same_requests(asked, expected is not None)
        return result

    def same_requests(self, asked, is_good):
        ours = [(method, path, headers.get("x-amz-sso_bearer_token"))
                for method, path, headers in self.portal.requests]
        if is_good:
            self.assertEqual(len(ours), 1)
        if ours and asked:
            self.assertEqual(ours, asked)

    def good(self, **options):
        self.assertEqual(self.same(**options), GENERATIONS[0])

    def bad(self, why, **options):
        """Both fail, and segjob with this reason."""
        result = self.same(**options)
        self.assertIsInstance(result, dict)
        self.assertRegex(result["Error"], why)
        return result


class Names(SsoTest):
    """What names the file, and what is asked for."""

    def test_sessions(self):
        for name in (SESSION, "my session", "\u00fc", "a/b", "../x", "'\"",
                     "s" * 200, "%41", "default", "x" * 55, "x" * 56,
                     "x" * 64, "\U0001f980"):
            with self.subTest(name):
                self.cache_token(name)
                self.good(session=name)

    def test_start_urls(self):
        for url in (START, START + "#/", START + "/", "https://x/?a=b&c=d",
                    "x", "https://d-9067642ac7.awsapps.com/start",
                    "https://\u00fc.test/start"):
            with self.subTest(url):
                self.cache_token(url)
                self.good(session=None, start_url=url)

    def test_a_session_is_named_alone(self):
        """The start URL's token is not its own."""
        self.cache_token(START)
        self.bad("there is no cached token" + LOGIN)
        self.cache_token(SESSION)
        os.unlink(self.path(START))
        self.bad("there is no cached token; run `aws sso login --profile p`",
                 session=None)

    def test_roles(self):
        for role in (ROLE, "AWSReservedSSO_Admin_0123456789abcdef", "a b",
                     "a/b", "a+b", "a&b=c", "\u00fc", "100%", "~-._", "#x?y",
                     "'\"<>", "r" * 64, "%2f", "=,.@-"):
            with self.subTest(role):
                self.portal.roles.add((ACCOUNT, role))
                self.cache_token()
                self.good(role=role)

    def test_accounts(self):
        self.cache_token()
        for account in ("012345678901", "1", "a&b", "4" * 40):
            with self.subTest(account):
                self.portal.roles.add((account, ROLE))
                self.good(account=account)

    def test_roles_of_others(self):
        self.cache_token()
        for options in ({"role": "Segments"}, {"account": "210987654321"}):
            with self.subTest(options):
                result = self.bad(
                    "^AWS SSO: ForbiddenException .HTTP 403.: No access$",
                    **options)
                self.assertFalse(result["Retry"])


class Tokens(SsoTest):
    """What the file contains."""

    GOOD = [
        {}, {"expiresAt": "2099-01-01T00:00:00UTC"},
        {"expiresAt": "2099-01-01T00:00:00+02:00"},
        {"expiresAt": "2099-01-01T00:00:00.123456Z"},
        {"startUrl": None, "region": None},
        {"clientId": "c", "registrationExpiresAt": LATER},
        {"more": [{"a": [1, 2.5e3, True, None]}]}]
    EXPIRED = ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00UTC",
               "1970-01-01T00:00:00Z"]
    MISSING = [("accessToken", "no accessToken"), ("expiresAt", "no expiresAt")]
    NOT_JSON = ["", "{", "garbage\n", "[]", "null", "7", '"accessToken"',
                "{'accessToken': 1}", b'{"accessToken": "\xff"}', "\0",
                "[" * 5000, '{"accessToken": "x", "expiresAt": "y"} x',
                "\ufeff{}"]
    # botocore reads more dates, and in 1.29 none in the older form.
    NO_TIME = ["tomorrow", "", 4070908800, "2099-01-01", "20990101T000000Z",
               "2099-01-01T00:00:00", "2099-02-30T00:00:00Z", "UTC", "Z",
               "2099-01-01T00:00:00 UTC", ["x"], {}, True]

    def forms(self):
        yield SESSION, {}
        yield START, {"session": None}

    def test_good(self):
        for name, options in self.forms():
            for changes in self.GOOD:
                with self.subTest(name=name, changes=changes):
                    self.cache_token(name, **changes)
                    self.good(**options)

    def test_tokens(self):
        for token in ("x", "a b", "t" * 4000,
                      "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~",
                      "\\\\", "\\u0041"):
            with self.subTest(token[:50]):
                self.portal.tokens[token] = time.time() + 36000
                self.cache_token(accessToken=token)
                self.good()

    def test_expired(self):
        for name, options in self.forms():
            command = "session team" if not options else "--profile p"
            for time_ in self.EXPIRED:
                with self.subTest(name=name, time=time_):
                    self.portal.tokens[TOKEN] = 0
                    self.cache_token(name, expiresAt=time_)
                    self.bad("^AWS SSO: the cached token has expired; run "
                             "`aws sso login .*%s`$" % command, **options)
                    self.assertEqual(self.portal.requests, [])

    def test_missing(self):
        for name, options in self.forms():
            for member, why in self.MISSING:
                with self.subTest(name=name, member=member):
                    self.cache_token(name, **{member: None})
                    self.bad("the cached token has %s.*; run `aws sso login"
                             % why, **options)

    def test_not_json(self):
        for name, options in self.forms():
            for text in self.NOT_JSON:
                with self.subTest(name=name, text=text[:50]):
                    self.write(text, name)
                    self.bad("the cached token is not a JSON object; run "
                             "`aws sso login", **options)

    def test_no_time(self):
        for text in self.NO_TIME:
            with self.subTest(text):
                self.cache_token(expiresAt=text)
                self.assertIn("no expiresAt with a time of RFC 3339" + LOGIN,
                              explain(self.by_segjob()))
                self.assertEqual(self.portal.requests, [])

    def test_stricter(self):
        """Files that no AWS CLI writes, and tokens that no header carries."""
        for text, why in (
                ('{"accessToken": "a", "accessToken": "%s", "expiresAt": "%s"}'
                 % (TOKEN, LATER), "not a JSON object"),
                (json.dumps({"accessToken": "", "expiresAt": LATER}),
                 "no accessToken"),
                (json.dumps({"accessToken": 7, "expiresAt": LATER}),
                 "no accessToken"),
                (json.dumps({"accessToken": "t\u00f6ken", "expiresAt": LATER}),
                 "must be visible ASCII"),
                (json.dumps({"accessToken": "a\r\nb: c", "expiresAt": LATER}),
                 "must be visible ASCII")):
            with self.subTest(text):
                self.write(text)
                self.assertIn(why, explain(self.by_segjob()))
                self.assertEqual(self.portal.requests, [])

    def test_the_clock(self):
        """A token that expires in an hour, by clocks that are ahead. For
        botocore, one that expires that much earlier."""
        for ahead, is_good in ((3000, True), (7200, False), (-7200, True),
                               (10 ** 9, False)):
            with self.subTest(ahead):
                self.cache_token(expiresAt=iso(time.time() + 3600 - ahead))
                theirs = self.by_botocore()
                self.assertEqual(theirs is not None, is_good)
                self.reset()
                self.cache_token(expiresAt=iso(time.time() + 3600))
                ours = self.by_segjob(ahead=ahead)
                self.assertEqual(isinstance(ours, tuple), is_good, ours)


class Files(SsoTest):
    """Files that cannot be read."""

    def test_no_file(self):
        self.bad("^AWS SSO: there is no cached token" + LOGIN + "$")

    def test_no_cache(self):
        os.rmdir(self.cache)
        self.bad("there is no cached token" + LOGIN)

    def test_a_folder(self):
        os.mkdir(self.path())
        self.bad("the cached token cannot be read: Is a directory" + LOGIN)

    def test_a_loop(self):
        os.symlink(self.path(), self.path())
        self.bad("the cached token cannot be read: Too many levels of symbolic "
                 "links" + LOGIN)

    def test_a_file_as_home(self):
        self.write("x", "y")
        self.assertIn("cannot be read: Not a directory" + LOGIN, explain(
            self.by_segjob(home=self.path("y"))))

    @unittest.skipIf(os.geteuid() == 0, "root reads any file")
    def test_unreadable(self):
        self.cache_token()
        os.chmod(self.path(), 0)
        self.bad("cannot be read: Permission denied" + LOGIN)

    def test_a_link(self):
        self.cache_token("elsewhere")
        os.symlink(self.path("elsewhere"), self.path())
        self.good()

    def test_a_large_file(self):
        """botocore reads any; the buffer has a size."""
        self.cache_token(clientSecret="s" * 8000)
        self.good()
        self.reset()
        self.cache_token(clientSecret="s" * 20000)
        self.assertEqual(explain(self.by_segjob()), "AWS SSO: the cached "
                         "token does not fit in the buffer")
        self.assertEqual(self.by_segjob(cap=32768), GENERATIONS[0])

    def test_small_buffers(self):
        """Whatever the size, there are credentials or a clear error."""
        self.cache_token()
        errors = set()
        good = 0
        for cap in range(0, 2600, 100):
            self.reset()
            result = self.by_segjob(cap=cap)
            if isinstance(result, tuple):
                self.assertEqual(result, GENERATIONS[0])
                good += 1
            else:
                errors.add(re.sub(r"\d+", "N", explain(result)))
        self.assertGreater(good, 0)
        self.assertGreater(len(errors), 1)
        for error in errors:
            self.assertRegex(error, "buffer")


class Responses(SsoTest):
    """What the portal says."""

    def setUp(self):
        super().setUp()
        self.cache_token()

    def document(self, *without, **changes):
        members = {"accessKeyId": "ASIAX", "secretAccessKey": "secret/x",
                   "sessionToken": "token/x", "expiration": LATER_MS,
                   **changes}
        return {"roleCredentials": {name: members[name] for name in members
                                    if name not in without}}

    def respond(self, body, status="200 OK"):
        text = body if isinstance(body, str) else json.dumps(body)
        self.portal.fail(http(status, text), always=True)

    def test_an_unknown_token(self):
        self.portal.tokens.clear()
        result = self.bad(
            "^AWS SSO: the token is not valid%s: UnauthorizedException .HTTP "
            "401.: Session token not found or invalid$" % LOGIN)
        self.assertFalse(result["Retry"])

    def test_errors(self):
        for status, code, retry in (
                ("400 x", "InvalidRequestException", False),
                ("401 x", "UnauthorizedException", False),
                ("403 x", "ForbiddenException", False),
                ("404 x", "ResourceNotFoundException", False),
                ("429 x", "TooManyRequestsException", True),
                ("500 x", "InternalServerException", True),
                ("503 x", "ServiceUnavailable", True)):
            with self.subTest(status):
                self.respond({"message": "it is %s" % TOKEN,
                              "__type": "a.b#" + code}, status)
                result = self.bad(r"%s \(HTTP %s\): it is \*\*\*$" %
                                  (code, status[:3]))
                self.assertEqual(result["Retry"], retry)
                self.assertEqual("aws sso login" in result["Error"],
                                 status.startswith("401"))

    def test_pages_of_errors(self):
        for status in ("401 x", "403 x", "404 x", "429 x", "500 x", "502 x"):
            for body in ("<html>", "", "[]", '{"message": 7}', "\ufeff"):
                with self.subTest(status=status, body=body):
                    self.respond(body, status)
                    self.bad("HTTP " + status[:3])

    def test_no_errors_and_no_credentials(self):
        for status in ("302 x", "204 x", "202 x", "299 x"):
            with self.subTest(status):
                self.respond("", status)
                self.bad("^AWS SSO: ")

    def test_same_documents(self):
        for body in (
                self.document(), self.document(more="x"),
                {**self.document(), "more": {"a": [1]}},
                self.document(expiration=LATER_MS + 1),
                self.document(accessKeyId="A\u0041"),
                self.document("accessKeyId"), self.document("secretAccessKey"),
                self.document("expiration"), self.document(expiration=None),
                self.document(expiration="tomorrow"),
                self.document(expiration=LATER), self.document(expiration=[]),
                self.document(expiration=10 ** 18),
                self.document(expiration=10 ** 30),
                self.document(expiration=-10 ** 18),
                self.document(accessKeyId=None),
                {"roleCredentials": None}, {"roleCredentials": []},
                {"roleCredentials": "x"}, {}, {"credentials": {}}, [], 7, None,
                "", "{", "garbage", "<html>", "[" * 5000, "x" * 5000,
                json.dumps(self.document()) + "}"):
            with self.subTest(str(body)[:200]):
                self.respond(body)
                self.same()

    # Why the results differ, and segjob's: the credentials, or its error.
    DIFFERENT = [
        ("the service judges credentials without a token",
         ("sessionToken",), {}, ("ASIAX", "secret/x", "")),
        ("static stability: AWS's services may accept them", (),
         {"expiration": 1577836800000}, ("ASIAX", "secret/x", "token/x")),
        ("after the year 9999, which Python does not know", (),
         {"expiration": 10 ** 15 - 1}, ("ASIAX", "secret/x", "token/x")),
        ("before 1970", (), {"expiration": -1},
         ("ASIAX", "secret/x", "token/x")),
        ("no header carries it", (), {"accessKeyId": "A B"}, "accessKeyId"),
        ("no header carries it", (), {"sessionToken": "a\nb"}, "sessionToken"),
        ("empty", (), {"secretAccessKey": ""}, "secretAccessKey"),
        ("empty", (), {"sessionToken": ""}, "sessionToken"),
        ("no text", (), {"accessKeyId": 7}, "accessKeyId"),
        ("no number", (), {"expiration": True}, "expiration"),
    ]

    def test_different_documents(self):
        for why, without, changes, expected in self.DIFFERENT:
            with self.subTest(why, changes=changes):
                self.respond(self.document(*without, **changes))
                result = self.by_segjob()
                self.assertNotEqual(self.by_botocore(), result)
                if isinstance(expected, str):
                    self.assertRegex(explain(result), "^AWS SSO: " + expected)
                else:
                    self.assertEqual(result, expected)

    def test_connections(self):
        for fault in (b"", resets, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n"
                      b"\r\n{", b"SSH-2.0\r\n", b"\0" * 100,
                      b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}"):
            with self.subTest(str(fault)):
                self.portal.fail(fault, always=True)
                self.bad("^AWS SSO: ")

    def test_a_response_that_is_too_long(self):
        self.respond(" " * 50000)
        self.assertIn("buffer", explain(self.by_segjob()))

    def test_nobody_listens(self):
        self.portal.server.server_close()
        result = self.bad("^AWS SSO: cannot connect: ")
        self.assertTrue(result["Retry"])


class Renewal(SsoTest):
    """A process that lives longer than a token."""

    def test_a_token_that_was_renewed(self):
        self.cache_token()
        process = self.start()
        self.assertEqual(self.round(process), GENERATIONS[0])
        del self.portal.tokens[TOKEN]
        self.portal.tokens["second"] = time.time() + 36000
        self.cache_token(accessToken="second")
        self.assertEqual(self.round(process, "refresh"), GENERATIONS[1])
        self.assertEqual([headers["x-amz-sso_bearer_token"]
                          for _, _, headers in self.portal.requests],
                         [TOKEN, "second"])

    def test_a_login_that_comes_later(self):
        process = self.start()
        self.assertIn("no cached token", explain(self.round(process)))
        self.cache_token(expiresAt="2020-01-01T00:00:00Z")
        self.assertIn("has expired", explain(self.round(process, "get")))
        self.assertEqual(self.portal.requests, [])
        self.cache_token()
        self.assertEqual(self.round(process, "get"), GENERATIONS[0])

    def test_credentials_outlive_the_token(self):
        """They are used on; the token is not asked for until they end."""
        self.cache_token()
        process = self.start()
        self.assertEqual(self.round(process), GENERATIONS[0])
        os.unlink(self.path())
        self.assertEqual(self.round(process, "get"), GENERATIONS[0])
        self.assertEqual(len(self.portal.requests), 1)
        result = self.round(process, "refresh")
        self.assertIn("no cached token" + LOGIN, explain(result))

    def test_short_lives(self):
        """Credentials that end within five minutes are renewed at once, but
        not within a minute."""
        self.portal.life = 200
        self.cache_token()
        process = self.start()
        self.assertEqual(self.round(process), GENERATIONS[0])
        self.assertEqual(self.round(process, "get"), GENERATIONS[0])
        self.assertEqual(self.round(process, "refresh"), GENERATIONS[1])

    def test_after_errors(self):
        self.cache_token()
        process = self.start()
        self.assertEqual(self.round(process), GENERATIONS[0])
        self.portal.fail(http("500 x"), http("401 x"))
        for why in "HTTP 500", "the token is not valid" + LOGIN:
            self.assertIn(why, explain(self.round(process, "refresh")))
        self.assertEqual(self.round(process, "get"), GENERATIONS[1])


class Configuration(SsoTest):
    def rejected(self, why, **options):
        result = self.by_segjob(**options)
        self.assertIsInstance(result, str)
        self.assertRegex(result, "^AWS SSO: " + why)

    def test_what_is_missing(self):
        for why, options in (
                ("HOME is not set, so there is no ~/.aws/sso/cache$",
                 {"home": ""}),
                ("HOME is too long$", {"home": "/" + "h" * 2000}),
                ("there is neither a session nor a start URL$",
                 {"session": None, "start_url": ""}),
                ("there is no account id$", {"account": ""}),
                ("there is no role name$", {"role": ""}),
                ("role name and account id are too long$",
                 {"role": "\u00fc" * 100}),
                ("region: is required", {"host": "", "region": ""}),
                ("region: ", {"host": "", "region": "a.b"}),
                ("region: ", {"host": "", "region": "r" * 200}),
                ("http:// is for loopback", {"host": "portal.test"})):
            with self.subTest(why):
                self.rejected(why, **options)

    def test_the_command(self):
        """The one that renews the token: of a session, or of a profile."""
        for options, command in (
                ({}, "aws sso login --sso-session team"),
                ({"profile": ""}, "aws sso login --sso-session team"),
                ({"session": None}, "aws sso login --profile p"),
                ({"session": None, "profile": ""}, "aws sso login")):
            with self.subTest(options):
                self.assertEqual(
                    explain(self.by_segjob(**options)),
                    "AWS SSO: there is no cached token; run `%s`" % command)

    def test_long_names(self):
        error = explain(self.by_segjob(session="s" * 2000))
        self.assertTrue(error.startswith(
            "AWS SSO: there is no cached token; run `aws sso login "
            "--sso-session sss"))
        self.assertLess(len(error), 256)


if __name__ == "__main__":
    unittest.main()
