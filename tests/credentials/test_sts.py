"""Credentials from AWS STS, beside botocore's client and fetchers.

The service is sts.Sts. Ours is sts.c, which prints what the source gives.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
from unittest import mock

import botocore.credentials
import botocore.session
from botocore.config import Config
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.retries import standard

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path += [os.path.join(os.path.dirname(HERE), folder)
             for folder in ("emulator", "integration")]

import certificates  # noqa: E402
import command  # noqa: E402
import sources  # noqa: E402
import sts  # noqa: E402

PROGRAM = os.environ.get("SEGJOB_STS",
                         os.path.join(ROOT, "build/host/tests/test_sts"))
ROLE = "arn:aws:iam::123456789012:role/segments"
FIRST = "arn:aws:iam::123456789012:role/path/first"
TOKEN = "web/identity+token=="
SECRETS = [text for generation in sources.GENERATIONS
           for text in generation[1:]] + [sts.SECRET, TOKEN]
DENIED = {"Effect": "Deny", "Action": "*", "Resource": "*"}
NAMES = {"RoleSessionName": "session", "ExternalId": "external",
         "Policy": "policy", "DurationSeconds": "duration"}


def setUpModule():
    global folder
    folder = tempfile.TemporaryDirectory()


def tearDownModule():
    folder.cleanup()


def environment(**values):
    return command.environment(
        **{"AWS_ACCESS_KEY_ID": sts.KEY_ID,
           "AWS_SECRET_ACCESS_KEY": sts.SECRET, **values})


def write(name, content):
    path = os.path.join(folder.name, name)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes)
                   else content.encode())
    return path


class Program:
    """A run of sts.c, which can be asked for more."""

    def __init__(self, service, *arguments, role=ROLE, env=None, **options):
        given = {"host": "127.0.0.1", "port": service.port, "plain": 1,
                 "region": "us-east-1", "role": role, "base": "static",
                 **options}
        self.process = subprocess.Popen(
            [PROGRAM, *("%s=%s" % pair for pair in given.items()
                        if pair[1] is not None), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=env or environment(), text=True)
        self.guard = threading.Timer(sources.PATIENCE, self.process.kill)
        self.guard.daemon = True
        self.guard.start()

    def ask(self, line=None):
        """The next round, which begins by itself or with a line."""
        if line is not None:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        return {name: text.encode("latin-1").decode()  # a byte each
                if isinstance(text, str) else text for name, text in
                json.loads(self.process.stdout.readline()).items()}

    def end(self):
        out, err = self.process.communicate()
        self.guard.cancel()
        return self.process.returncode, out, err


class StsTest(unittest.TestCase):
    def setUp(self):
        self.service = self.begin(sts.Sts())

    def begin(self, source):
        source.__enter__()
        self.addCleanup(source.__exit__)
        return source

    def ours(self, *arguments, service=None, rounds=(), **options):
        """What each round gave; an error holds no secret."""
        program = Program(service or self.service, *arguments, **options)
        results = [program.ask()]
        if not results[0].get("Config"):
            results += [program.ask(line) for line in rounds]
        self.assertEqual(program.end(), (0, "", ""))
        for result in results:
            for secret in SECRETS:
                self.assertNotIn(secret, result.get("Error", ""))
        return results if rounds else results[0]

    def gives(self, generation, result):
        self.assertEqual(result, dict(zip(
            ("AccessKeyId", "SecretAccessKey", "Token"),
            sources.GENERATIONS[generation - 1])))

    def fails(self, pattern, result, retry=False):
        self.assertRegex(result.get("Error", str(result)), "^AWS STS: ")
        self.assertRegex(result["Error"], pattern)
        self.assertEqual(result["Retry"], retry)

    def with_token(self, content=TOKEN, **options):
        return self.ours(token=write("token", content), base=None, **options)


# ------------------------------------------------------------- beside botocore

def client_creator(service, clients):
    """As botocore's own credential resolver has it, but without retries. The
    fetcher of web identity has a configuration of its own."""
    session = botocore.session.Session()

    def create(name, config=Config(), **options):
        clients.append(session.create_client(
            name, region_name="us-east-1", endpoint_url=service.url,
            config=config.merge(Config(retries={"total_max_attempts": 1})),
            **options))
        return clients[-1]
    return create


def by_botocore(service, action="AssumeRole", token=None, role=ROLE,
                source=None, **extra):
    """Its credentials, or None and why it fails."""
    source = source or botocore.credentials.Credentials(*sts.BASE)
    clients = []
    with mock.patch.dict(os.environ, environment(), clear=True):
        if action == "AssumeRole":
            fetcher = botocore.credentials.AssumeRoleCredentialFetcher(
                client_creator(service, clients), source, role,
                extra_args=extra)
        else:
            fetcher = botocore.credentials \
                .AssumeRoleWithWebIdentityCredentialFetcher(
                    client_creator(service, clients), lambda: token, role,
                    extra_args=extra)
        try:
            found = fetcher.fetch_credentials()
        except (BotoCoreError, ClientError, ResponseParserError, KeyError,
                ValueError, AttributeError, TypeError) as error:
            return None, error
        finally:
            for client in clients:
                client.close()
    return tuple(found[name] for name in ("access_key", "secret_key",
                                          "token")), None


class Same(StsTest):
    """The same parameters arrive, and the same credentials come out."""

    COMMON = [
        {}, {"RoleSessionName": "ab"}, {"RoleSessionName": "nightly-2026"},
        {"RoleSessionName": "s" * 64}, {"RoleSessionName": "_=,.@+-"},
        {"RoleSessionName": "A z"}, {"RoleSessionName": "a"},
        {"RoleSessionName": "s" * 65},
        {"RoleSessionName": "a/b"}, {"RoleSessionName": "\u00fc\u00fc"},
        {"RoleSessionName": "%41%42"}, {"RoleSessionName": "a&b"},
        {"DurationSeconds": 900}, {"DurationSeconds": 3600},
        {"DurationSeconds": 43200}, {"DurationSeconds": 899},
        {"DurationSeconds": 43201}, {"DurationSeconds": 1},
        {"Policy": "{}"}, {"Policy": json.dumps({"Statement": [DENIED]})},
        {"Policy": json.dumps({"Statement": [DENIED]}, indent="\t")},
        {"Policy": json.dumps({" ~-._%&=+?/#;:'": "\"\\"})},
        {"Policy": "\r\n{}\r\n"}, {"Policy": '"\u00fc\u00e9\u00ff"'},
        {"Policy": '"%s"' % ("p" * 2046)}, {"Policy": '"%s"' % ("p" * 2047)},
        {"Policy": '"\u20ac"'},
        {"RoleSessionName": "all-of-it", "DurationSeconds": 1800,
         "Policy": "{}"},
    ]
    EXTERNAL = [
        {"ExternalId": "ab"}, {"ExternalId": "e" * 1224},
        {"ExternalId": "a_=,.@:/-+Z"}, {"ExternalId": "a"},
        {"ExternalId": "e" * 1225}, {"ExternalId": ""}, {"ExternalId": "a b"},
        {"ExternalId": "\u00e4\u00e4"}, {"ExternalId": "a*b"},
        {"ExternalId": "x-1", "RoleSessionName": "n-1", "Policy": "{}",
         "DurationSeconds": 43200},
    ]
    ROLES = [
        "arn:aws:iam::123456789012:role/a", "arn:aws-cn:iam::1:role/a/b+c=,.@",
        "arn:aws:iam::12:r/a", "arn:aws:iam::1:ro/a~" + "b" * 2028,
        "arn:aws:iam::1:ro/a~" + "b" * 2029, "arn:aws:iam::1:r/a", "",
        "arn:aws:iam::123456789012:role/a%2Fb&c=d",
    ]

    def compare(self, action, extra, role=ROLE):
        with sts.Sts() as theirs, sts.Sts() as service:
            found, _ = by_botocore(theirs, action, TOKEN, role, **extra)
            options = {NAMES[name]: value for name, value in extra.items()}
            if action != "AssumeRole":
                options.update(token=write("token", TOKEN), base=None)
            result = self.ours(service=service, role=role, **options)
            if found is None:
                self.fails(".", result)
                self.assertEqual(service.issued, 0)
                return False
            self.gives(1, result)
            self.assertEqual(found, sources.GENERATIONS[0])
            self.assertEqual(*map(self.named, (service, theirs)))
            # All but the unreserved characters of RFC 3986 are encoded.
            self.assertEqual(service.body.decode(), urllib.parse.urlencode(
                urllib.parse.parse_qsl(service.body.decode()),
                quote_via=urllib.parse.quote, safe=""))
        return True

    def named(self, service):
        """The one call; a name that was made is as botocore makes it."""
        (action, parameters), = service.calls
        name = parameters["RoleSessionName"]
        made = re.fullmatch(r"(segjob|botocore)-session-(\d+)", name)
        if made:
            self.assertLess(abs(int(made[2]) - time.time()), 3600)
            parameters = {**parameters, "RoleSessionName": "made"}
        return action, parameters

    def test_assume_role(self):
        good = 0
        for extra in self.COMMON + self.EXTERNAL:
            with self.subTest(str(extra)[:100]):
                good += self.compare("AssumeRole", extra)
        self.assertGreater(good, 15)

    def test_web_identity(self):
        good = 0
        for extra in self.COMMON:
            with self.subTest(str(extra)[:100]):
                good += self.compare("AssumeRoleWithWebIdentity", extra)
        self.assertGreater(good, 10)

    def test_roles(self):
        for action in ("AssumeRole", "AssumeRoleWithWebIdentity"):
            for role in self.ROLES:
                with self.subTest(action=action, role=role[:100]):
                    self.compare(action, {}, role)

    def test_headers(self):
        """What is signed, and how, but for the fields that differ."""
        by_botocore(self.service)
        self.ours()
        (_, _, theirs), (_, _, ours) = self.service.requests
        for name in ("content-type", "host"):
            self.assertEqual(ours[name], theirs[name])
        self.assertEqual(*(re.sub(r"(Signature|Credential)=[^,]*", "",
                                  headers["authorization"])
                           for headers in (ours, theirs)))


class Responses(StsTest):
    """What is not the usual response."""

    @staticmethod
    def body(action="AssumeRole", **changes):
        values = dict(zip(sts.NAMES, (*sources.GENERATIONS[0],
                                      sources.iso(time.time() + 3600))))
        values.update(changes)
        return sts.response_body(
            action, {name: text for name, text in values.items()
                     if text is not None}, ROLE, "session")

    def both(self, body, status="200 OK", action="AssumeRole"):
        """Whether botocore and we take credentials from it, and our result."""
        response = sources.http(status, body)
        self.service.fail(response, always=True)
        found, _ = by_botocore(self.service, action, TOKEN)
        result = self.with_token() if action != "AssumeRole" else self.ours()
        return found, result

    def edited(self, *pairs, **changes):
        body = self.body(**changes)
        for old, new in pairs:
            self.assertIn(old, body)
            body = body.replace(old, new)
        return body

    def test_same(self):
        key = "<AccessKeyId>%s</AccessKeyId>" % sources.GENERATIONS[0][0]
        for body in (
                self.body(), '<?xml version="1.0"?>\n' + self.body(),
                '<?xml version="1.0" encoding="UTF-8"?>' + self.body(),
                self.edited((sts.NAMESPACE, "urn:other")),
                self.edited((' xmlns="%s"' % sts.NAMESPACE, "")),
                self.edited(("\n", "\r\n")), self.edited(("\n", "")),
                self.edited(("+1", "&#43;1")), self.edited(("+1", "&#x2b;1")),
                self.edited(("<Credentials>", "<More><AccessKeyId>X"
                             "</AccessKeyId></More><Credentials>")),
                self.edited(("ASIA", "&#65;SIA")),
                *(self.body(**{name: None}) for name in sts.NAMES),
                "", "<html><body>Welcome</body></html>", "{}", "<", "\0",
                "<!DOCTYPE html><html><head><title>Log in</title><br>",
                self.body()[:-3], self.body()[:len(self.body()) // 2],
                self.edited((key, "&nosuch;" + key)),
                self.edited(("</AccessKeyId>", "</AccessKeyID>")),
                self.edited((key, key + "\x01")), self.body() + "x",
                self.body() + self.body()):
            with self.subTest(body[:200]):
                found, result = self.both(body)
                if found is None:
                    self.fails(".", result)
                else:
                    self.assertEqual(found, sources.GENERATIONS[0])
                    self.gives(1, result)

    def test_web_identity(self):
        action = "AssumeRoleWithWebIdentity"
        found, result = self.both(self.body(action), action=action)
        self.assertEqual(found, sources.GENERATIONS[0])
        self.gives(1, result)
        # botocore does not look at the names of the two outer elements.
        found, result = self.both(self.body("AssumeRole"), action=action)
        self.fails("accessKeyId: is required", result)

    def test_stricter(self):
        """botocore takes these, or fails later."""
        key = "<AccessKeyId>%s</AccessKeyId>" % sources.GENERATIONS[0][0]
        for body, why in (
                (self.edited((key, "<!-- c -->" + key)), "accessKeyId"),
                (self.edited(("ASIA", "<![CDATA[ASIA]]>")), "accessKeyId"),
                (self.edited((key, key + key)), "accessKeyId"),
                (self.edited((key, "<?c?>" + key)), "accessKeyId"),
                ("<!DOCTYPE a>" + self.body(), "accessKeyId"),
                ('<!DOCTYPE a [<!ENTITY c "%s">]>' % ("c" * 50)
                 + self.edited(("ASIA", "&c;")), "accessKeyId"),
                ('<!DOCTYPE a [<!ENTITY c SYSTEM "file:///etc/passwd">]>'
                 + self.edited(("ASIA", "&c;")), "accessKeyId"),
                (self.body(AccessKeyId=""), "accessKeyId: must be at least 1"),
                (self.body(SecretAccessKey=""), "secretAccessKey: must be at"),
                (self.body(SessionToken=""), "sessionToken: must be at least"),
                (self.body(SessionToken="a b"), "sessionToken: must be vis"),
                (self.body(SessionToken="a\nb"), "sessionToken: must be vis"),
                (self.body(AccessKeyId=" A"), "accessKeyId: must be visible"),
                (self.body(Expiration=""), "expiration: must be an RFC 3339"),
                (self.body(Expiration="soon"), "expiration: must be an RFC"),
                (self.edited(("AssumeRoleResult", "AssumeRoleResults")),
                 "accessKeyId: is required")):
            with self.subTest(body[:200]):
                self.fails(why, self.both(body)[1])

    def test_every_cut(self):
        body = self.body()
        for n in range(0, len(body) - 1, 37):
            with self.subTest(n):
                self.service.fail(sources.http("200 OK", body[:n]))
                self.fails("is required", self.ours())

    def test_entities_in_entities(self):
        """A billion laughs are not begun."""
        laughs = "".join('<!ENTITY l%d "%s">' % (n, "&l%d;" % (n - 1) * 10)
                         for n in range(1, 10))
        self.service.fail(sources.http("200 OK", '<!DOCTYPE l [<!ENTITY l0 "l">'
                                       + laughs + "]>" + self.body().replace(
                                           "ASIA", "&l9;")), always=True)
        self.fails("accessKeyId: is required", self.ours())

    def test_depth(self):
        self.service.fail(sources.http("200 OK", "<a>" * 10000), always=True)
        self.fails("accessKeyId: is required", self.ours())

    def test_oversized(self):
        self.service.fail(sources.http("200 OK", self.body(
            SessionToken="t" * 5000)), always=True)
        self.fails("the buffer is too small: bytes needed: [0-9]+",
                   self.ours(size=4096))
        self.assertEqual(self.ours(size=16384)["Token"], "t" * 5000)

    def test_long_token(self):
        self.service.changes = {"SessionToken": "t" * 4096}
        self.assertEqual(self.ours(size=16384)["Token"], "t" * 4096)

    def test_pages(self):
        for status, retry in (("403 Forbidden", False), ("404 x", False),
                              ("502 Bad Gateway", True),
                              ("503 Service Unavailable", True)):
            with self.subTest(status):
                self.service.fail(sources.http(
                    status, "<html>Proxy &nbsp; says no<br></html>"),
                    always=True)
                self.fails(r"HTTP %s\)?$" % status[:3], self.ours(), retry)

    def test_redirect(self):
        self.service.fail(sources.http("302 Found", "",
                                       "Location: http://evil/\r\n"))
        self.fails("redirect", self.ours())

    def test_broken_connections(self):
        for fault in (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<a",
                      sources.resets):
            with self.subTest(fault):
                self.service.fail(fault)
                self.fails(".", self.ours(), retry=True)

    def test_no_service(self):
        port = self.service.port
        self.service.__exit__()
        self.service.__exit__ = lambda: None
        self.fails("cannot connect", self.ours(port=port), retry=True)


class Errors(StsTest):
    """Errors of the service."""

    LIST = [  # whether the request may succeed later
        (403, "AccessDenied", False), (403, "ExpiredToken", False),
        (403, "InvalidClientTokenId", False),
        (403, "RegionDisabledException", False),
        (403, "SignatureDoesNotMatch", False),
        (400, "MalformedPolicyDocument", False),
        (400, "PackedPolicyTooLarge", False),
        (400, "InvalidIdentityToken", False),
        (403, "IDPRejectedClaim", False),
        (400, "ExpiredTokenException", False),
        (400, "ValidationError", False),
        (400, "IDPCommunicationError", True), (400, "Throttling", True),
        (400, "RequestLimitExceeded", True), (500, "InternalFailure", True),
        (503, "ServiceUnavailable", True),
    ]

    def test_codes(self):
        for status, code, retry in self.LIST:
            for action in ("AssumeRole", "AssumeRoleWithWebIdentity"):
                with self.subTest(code, action=action):
                    error = (status, code, "Because of <this> & \u00fc.")
                    self.service.errors = [error, error]
                    _, raised = by_botocore(self.service, action, TOKEN)
                    self.assertEqual(raised.response["Error"]["Code"], code)
                    result = self.ours() if action == "AssumeRole" else \
                        self.with_token()
                    self.fails(r"%s \(HTTP %d\): Because of <this> & \u00fc\.$"
                               % (code, status), result, retry)
        self.assertEqual(self.service.issued, 0)

    def test_classes_of_botocore(self):
        """It retries the same, by its standard mode and the list of what else
        this service has."""
        more = json.dumps(botocore.session.Session().get_component(
            "data_loader").load_data("_retry")["retry"]["sts"])
        checkers = (standard.TransientRetryableChecker(),
                    standard.ThrottledRetryableChecker())
        for status, code, retry in self.LIST:
            context = standard.RetryContext(
                1, mock.Mock(), {"Error": {"Code": code}},
                mock.Mock(status_code=status))
            with self.subTest(code):
                self.assertEqual('"%s"' % code in more or any(
                    checker.is_retryable(context) for checker in checkers),
                    retry)

    def test_secrets_in_messages(self):
        self.service.errors = [(400, "InvalidIdentityToken",
                                "Token %s is no good" % TOKEN)]
        self.fails(r"Token \*\*\* is no good$", self.with_token())
        self.service.errors = [(403, "AccessDenied", "with token/+=1 not")]
        self.service.identities.append(sources.GENERATIONS[0])
        key_id, secret, token = sources.GENERATIONS[0]
        self.fails(r"with \*\*\* not$", self.ours(env=environment(
            AWS_ACCESS_KEY_ID=key_id, AWS_SECRET_ACCESS_KEY=secret,
            AWS_SESSION_TOKEN=token)))

    def test_controls_in_messages(self):
        self.service.fail(sources.http("403 x", sts.error_body(
            "AccessDenied", "a\tb").replace("a\tb", "a&#27;b")))
        self.fails(r"HTTP 403$", self.ours())  # no character of XML
        self.service.errors = [(403, "AccessDenied", "a\u0085b")]
        self.fails(r"a\\xc2\\x85b$|a\\x85b$|ab$", self.ours())

    def test_no_external_id(self):
        self.service.external_id = "required"
        self.fails("AccessDenied", self.ours())
        self.fails("AccessDenied", self.ours(external="wrong"))
        self.gives(1, self.ours(external="required"))

    def test_role_that_is_not_there(self):
        self.service.roles = {FIRST}
        self.fails("AccessDenied", self.ours())
        self.gives(1, self.ours(role=FIRST))

    def test_region(self):
        self.service.regions = {"eu-west-1"}
        self.fails("RegionDisabledException", self.ours())
        self.gives(1, self.ours(region="eu-west-1"))


class Base(StsTest):
    """What signs."""

    def only(self, *generations):
        self.service.identities = [sources.GENERATIONS[n - 1]
                                   for n in generations]

    def container(self):
        container = self.begin(sources.Container())
        return container, environment(
            AWS_CONTAINER_CREDENTIALS_FULL_URI=container.url)

    def test_static_with_token(self):
        key_id, secret, token = sources.GENERATIONS[8]
        self.only(9)
        self.gives(1, self.ours(env=environment(
            AWS_ACCESS_KEY_ID=key_id, AWS_SECRET_ACCESS_KEY=secret,
            AWS_SESSION_TOKEN=token)))
        self.fails("InvalidClientTokenId", self.ours(env=environment(
            AWS_ACCESS_KEY_ID=key_id, AWS_SECRET_ACCESS_KEY=secret)))

    def test_container(self):
        container, env = self.container()
        self.only(1)
        self.service.issued = 5
        self.gives(6, self.ours(base="container", env=env))
        self.assertEqual(len(container.requests), 1)

    def test_ec2(self):
        imds = self.begin(sources.Imds())
        self.only(1)
        self.service.issued = 5
        self.gives(6, self.ours(base="imds", env=environment(
            AWS_EC2_METADATA_DISABLED=None,
            AWS_EC2_METADATA_SERVICE_ENDPOINT=imds.url)))

    def test_chain(self):
        """Each role is assumed with the credentials of the one before."""
        self.gives(2, self.ours(via=FIRST))
        self.assertEqual([parameters["RoleArn"]
                          for _, parameters in self.service.calls],
                         [FIRST, ROLE])
        self.assertIn("Credential=" + sources.GENERATIONS[0][0] + "/",
                      self.service.requests[1][2]["authorization"])

    def test_chain_on_a_container(self):
        container, env = self.container()
        self.only(1)
        self.service.issued = 1
        self.gives(3, self.ours(base="container", env=env, via=FIRST))
        self.assertEqual(len(container.requests), 1)

    def test_chain_that_is_refused(self):
        self.service.roles = {ROLE}
        self.fails("AccessDenied", self.ours(via=FIRST))
        self.assertEqual(len(self.service.calls), 1)
        self.service.roles = {FIRST}
        self.fails("AccessDenied", self.ours(via=FIRST))
        self.assertEqual(len(self.service.calls), 3)

    def test_a_chain_beside_botocore(self):
        first, _ = by_botocore(self.service, role=FIRST)
        second, _ = by_botocore(
            self.service, source=botocore.credentials.Credentials(*first))
        self.service.issued = 0
        result = self.ours(via=FIRST)
        self.assertEqual(tuple(result.values()), second)

    def test_base_that_fails(self):
        container, env = self.container()
        container.fail(sources.http("500 x"))
        result = self.ours(base="container", env=env)
        self.assertEqual(result, {"Error": "AWS STS: container credentials: "
                                  "HTTP 500", "Retry": True})
        container.authorization = "required"
        result = self.ours(base="container", env=env)
        self.assertRegex(result["Error"], "container credentials: .*HTTP 401")
        self.assertEqual((result["Retry"], self.service.calls), (False, []))

    def test_expired_base_is_renewed_once(self):
        container, env = self.container()
        self.only(1, 2, 3, 4)
        self.service.issued = 5
        self.service.expired = {sources.GENERATIONS[0][0]}
        self.gives(6, self.ours(base="container", env=env))
        self.assertEqual((len(container.requests), len(self.service.calls)),
                         (2, 2))
        self.service.expired |= {generation[0]
                                 for generation in sources.GENERATIONS}
        self.fails("ExpiredToken", self.ours(base="container", env=env))
        self.assertEqual((len(container.requests), len(self.service.calls)),
                         (4, 4))

    def test_expired_static_credentials(self):
        self.service.expired = {sts.KEY_ID}
        self.fails("ExpiredToken", self.ours())
        self.assertEqual(len(self.service.calls), 1)

    def test_expired_role_of_a_chain(self):
        self.service.errors = [None, (403, "ExpiredToken", "expired")]
        self.gives(3, self.ours(via=FIRST))
        self.assertEqual([parameters["RoleArn"]
                          for _, parameters in self.service.calls],
                         [FIRST, ROLE, FIRST, ROLE])

    def test_wrong_secret(self):
        self.fails("SignatureDoesNotMatch", self.ours(env=environment(
            AWS_SECRET_ACCESS_KEY="wrong")))
        self.assertEqual(len(self.service.calls), 1)


class Clock(StsTest):
    def test_wrong_by_hours(self):
        for hours in (-7, 5, 24 * 400):
            with self.subTest(hours):
                self.service.issued = 0
                self.service.calls = []
                self.gives(1, self.ours(clock=hours * 3600))
                self.assertEqual(len(self.service.calls), 2)

    def test_it_stays_corrected(self):
        results = self.ours(clock=7200, rounds=["refresh", "refresh"])
        for n, result in enumerate(results, 1):
            self.gives(n, result)
        self.assertEqual(len(self.service.calls), 4)

    def test_once(self):
        error = (403, "SignatureDoesNotMatch", "Signature expired")
        self.service.errors = [error] * 5
        self.fails("SignatureDoesNotMatch", self.ours(clock=7200))
        self.assertEqual(len(self.service.calls), 2)

    def test_without_a_date(self):
        self.service.date = None
        self.fails("SignatureDoesNotMatch", self.ours(clock=7200))
        self.assertEqual(len(self.service.calls), 1)

    def test_a_clock_that_is_right(self):
        self.service.errors = [(403, "SignatureDoesNotMatch", "no")]
        self.fails("SignatureDoesNotMatch", self.ours())
        self.assertEqual(len(self.service.calls), 1)

    def test_before_1970(self):
        self.fails("the clock shows no valid date",
                   self.ours(clock=-int(time.time()) - 86400))
        self.assertEqual(self.service.calls, [])

    def test_chain(self):
        self.gives(2, self.ours(clock=-7200, via=FIRST))
        self.assertLessEqual(len(self.service.calls), 4)


class Refresh(StsTest):
    """Before the credentials expire, and when the service says they have."""

    def test_before_expiry(self):
        """300 s before; no sooner. The token names the device, not its
        clock."""
        self.service.life = 3600
        for step, generations in ((3000, (1, 1, 2)), (3500, (1, 2, 3)),
                                  (100, (1, 1, 1))):
            with self.subTest(step):
                self.service.issued = 0
                self.assertEqual(
                    [result["AccessKeyId"] for result in self.with_token(
                        step=step, rounds=["get", "get"])],
                    [sources.GENERATIONS[n - 1][0] for n in generations])

    def test_assume_role(self):
        program = Program(self.service, step=3500)
        self.gives(1, program.ask())
        self.service.date = 3500
        self.gives(2, program.ask("get"))
        self.assertEqual(program.end()[0], 0)
        self.assertEqual(len(self.service.calls), 2)

    def test_refresh(self):
        for n, result in enumerate(self.ours(rounds=["refresh", "get"]), 1):
            self.gives(min(n, 2), result)

    def test_failure_keeps_the_old_ones(self):
        self.service.errors = [None, (500, "InternalFailure", "later")]
        results = self.with_token(step=3500, rounds=["get", "get"])
        self.gives(1, results[0])
        self.gives(1, results[1])
        self.gives(2, results[2])

    def test_session_name_is_kept(self):
        self.ours(rounds=["refresh", "refresh"])
        names = {parameters["RoleSessionName"]
                 for _, parameters in self.service.calls}
        self.assertEqual((len(names), len(self.service.calls)), (1, 3))


class Token(StsTest):
    """The file with the token."""

    def test_read_anew(self):
        path = write("token", "token-one")
        self.service.tokens = {"token-one", "token-two"}
        program = Program(self.service, token=path, base=None)
        self.gives(1, program.ask())
        write("token", "token-two")
        self.gives(2, program.ask("refresh"))
        self.assertEqual(program.end()[0], 0)
        self.assertEqual([parameters["WebIdentityToken"]
                          for _, parameters in self.service.calls],
                         ["token-one", "token-two"])

    def test_lengths(self):
        for n in (4, 100, 20000):
            with self.subTest(n):
                self.service.tokens = {"t" * n}
                self.service.issued = 0
                self.gives(1, self.with_token("t" * n))

    def test_flaws(self):
        self.service.tokens = None  # nothing is sent
        for content, flaw in (
                ("", "is empty"), (TOKEN + "\n", "ends in white space"),
                (" " + TOKEN, "begins with white space"),
                ("a\nbcdef", "contains a line end"),
                ("abc def", "contains white space"),
                ('"%s"' % TOKEN, "is in quotes"),
                ("t\u00f6ken", "must be visible ASCII"),
                ("tok\0en", "must be visible ASCII"),
                ("t" * 70000, "does not fit into the buffer")):
            with self.subTest(content[:30]):
                self.fails("the token file: %s.*: %s$" % (
                    flaw, re.escape(os.path.join(folder.name, "token"))),
                    self.with_token(content))
        for content in ("abc", "t" * 20001):
            with self.subTest(content[:30]):
                self.fails("must be 4 to 20000 visible ASCII",
                           self.with_token(content))
        self.assertEqual(self.service.requests, [])

    def test_no_file(self):
        for path, why in (("/nonexistent/token", "No such file or directory"),
                          (folder.name, "Is a directory")):
            self.fails("the token file: %s: %s$" % (why, re.escape(path)),
                       self.ours(token=path, base=None))

    def test_not_signed(self):
        self.with_token()
        (_, _, headers), = self.service.requests
        self.assertFalse({"authorization", "x-amz-date",
                          "x-amz-security-token"} & set(headers))

    def test_expired(self):
        self.service.expired = {TOKEN}
        self.fails("ExpiredTokenException", self.with_token())
        self.assertEqual(len(self.service.calls), 1)

    def test_chain_on_a_token(self):
        """A role by a token, which assumes another."""
        self.gives(2, self.with_token(via=FIRST))
        self.assertEqual([action for action, _ in self.service.calls],
                         ["AssumeRoleWithWebIdentity", "AssumeRole"])


class Configuration(StsTest):
    def test_refused(self):
        token = write("token", TOKEN)
        for options, why in (
                ({"role": "role"}, "role_arn must be an ARN of 20 to 2048"),
                ({"role": None}, "role_arn must be an ARN of 20 to 2048"),
                ({"role": ROLE.replace("arn", "urn")}, "role_arn must be"),
                ({"role": ROLE + " x"}, "role_arn must be an ARN"),
                ({"session": "a"}, "role_session_name must be 2 to 64 of"),
                ({"session": ""}, "role_session_name must be 2 to 64 of"),
                ({"session": "a b"}, "role_session_name must be 2 to 64 of"),
                ({"external": "a"}, "external_id must be 2 to 1224 of"),
                ({"external": "a$b"}, "external_id must be 2 to 1224 of"),
                ({"policy": ""}, "the policy is empty"),
                ({"duration": 899}, "duration_seconds must be 900 to 43200"),
                ({"base": None}, "there are neither credentials nor a token"),
                ({"token": token}, "one of credentials, their provider and"),
                ({"token": token, "base": None, "external": "ab"},
                 "an external id does not go with a token"),
                ({"region": None}, "there is no region"),
                ({"region": "no region"}, "region"),
                ({"region": None, "host": None, "base": None, "token": token},
                 "there is neither a region nor a host"),
                ({"host": "no host", "plain": None}, "endpoint"),
                ({"host": "sts.example"}, "http:// is for loopback"),
                ({"fips": 1}, "FIPS|fips|variant"),
                ({"env": environment(AWS_ACCESS_KEY_ID="A B")}, "accessKeyId"),
                ({"env": environment(AWS_SECRET_ACCESS_KEY="")},
                 "secretAccessKey: is required")):
            with self.subTest(why):
                result = self.ours(**options)
                self.fails(why, result)
                self.assertTrue(result["Config"])
        self.assertEqual(self.service.requests, [])

    def test_every_capacity(self):
        """Too small a buffer is refused with the size that it needs, which in
        the end is enough."""
        for action in (self.ours, self.with_token):
            size, tries = 64, 0
            while True:
                result = action(size=size, policy="{}" + " " * 700)
                if "Error" not in result:
                    break
                self.assertRegex(result["Error"], "buffer")
                needed = re.search(r"bytes needed: (\d+)", result["Error"])
                size = max(size + 64, int(needed[1]) if needed else 0)
                tries += 1
            self.assertGreater(tries, 1)
            self.assertLess(size, 8192)

    def test_tls(self):
        authority = certificates.authority(folder.name)
        service = self.begin(sts.Sts(certificates.issue(authority,
                                                        ["localhost"])))
        self.gives(2, self.ours(
            service=service, host="localhost", plain=None, via=FIRST,
            env=environment(AWS_CA_BUNDLE=authority.path)))
        other = certificates.authority(folder.name, "other")
        self.fails("certificate", self.ours(
            service=service, host="localhost", plain=None,
            env=environment(AWS_CA_BUNDLE=other.path)))


class Endpoints(unittest.TestCase):
    """The hosts that the source takes; conformance/endpoint.py has those of all
    regions."""

    def host(self, region, fips, dual):
        done = subprocess.run(
            [PROGRAM, "region=" + region, "fips=%d" % fips, "dual=%d" % dual,
             "role=" + ROLE, "base=static", "show=host"], check=True,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            env=environment(), timeout=sources.PATIENCE)
        return done.stdout.strip()

    def test_hosts(self):
        loader = botocore.session.Session().get_component("data_loader")
        rules = EndpointProvider(
            loader.load_service_model("sts", "endpoint-rule-set-1"),
            loader.load_data("partitions"))
        for region in ("us-east-1", "cn-north-1", "us-gov-west-1"):
            for fips, dual in ((0, 0), (0, 1), (1, 0), (1, 1)):
                with self.subTest(region, fips=fips, dual=dual):
                    self.assertEqual(
                        "https://" + self.host(region, fips, dual),
                        rules.resolve_endpoint(
                            Region=region, UseFIPS=bool(fips),
                            UseDualStack=bool(dual),
                            UseGlobalEndpoint=False).url)


if __name__ == "__main__":
    unittest.main()
