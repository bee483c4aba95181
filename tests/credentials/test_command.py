"""The command's credentials from a container's endpoint and EC2's metadata.

The sources are those of sources.py, the service is the emulator. botocore's
providers are the reference, with the same sources, as far as they can be: 1.29
has neither AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE nor the addresses of EKS.
"""

import gc
import os
import sys
import tempfile
import threading
import unittest
import warnings
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(os.path.dirname(HERE), folder)
             for folder in ("emulator", "integration")]

import botocore.session  # noqa: E402
from botocore.credentials import (ContainerProvider,  # noqa: E402
                                  InstanceMetadataProvider)
from botocore.httpsession import URLLib3Session  # noqa: E402
from botocore.utils import (ContainerMetadataFetcher,  # noqa: E402
                            InstanceMetadataFetcher)

import running  # noqa: E402
import sources  # noqa: E402
from command import (PATIENCE, WAS_CREATED, CommandTest,  # noqa: E402
                     environment, options)

NO_CREDENTIALS = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None,
                  "AWS_EC2_METADATA_DISABLED": None}
EXPIRED = {"fault": "throttle", "code": "ExpiredTokenException"}
SECRETS = [text for generation in sources.GENERATIONS
           for text in generation[1:]]


def setUpModule():
    global emulator
    emulator = running.Emulator(*sources.known_credentials())
    emulator.__enter__()


def tearDownModule():
    emulator.__exit__()


class SourceTest(CommandTest):
    jobs = 0

    def setUp(self):
        emulator.script()
        self.source = self.kind()
        self.source.__enter__()
        self.addCleanup(self.source.__exit__)
        self.sources = [self.source]

    def segjob(self, *arguments, **keywords):
        """Run it; again if this machine was too slow for EC2's metadata.

        A request to the metadata has a second, and is not retried. Without
        `stalls` among the faults, a time-out means a slow machine.
        """
        script = emulator.state()["script"]
        before = [(source, source.issued, list(source.requests),
                   list(source.faults)) for source in self.sources]
        for _ in range(20):
            result = super().segjob(*arguments, **keywords)
            if "EC2 instance metadata: time ran out" not in result.err or \
                    any(sources.stalls in faults for *_, faults in before):
                break
            emulator.script(*script)
            for source, source.issued, requests, faults in before:
                source.requests = list(requests)
                source.faults = list(faults)
        return result

    def environment(self, **values):
        return environment(**{**NO_CREDENTIALS,
                              "AWS_ENDPOINT_URL": emulator.endpoint,
                              "AWS_CA_BUNDLE": emulator.ca,
                              **self.where(), **values})

    def new_job(self):
        SourceTest.jobs += 1
        return options(job_name="job-%d" % SourceTest.jobs)

    def creates_job(self, *arguments, generation=1, **values):
        """A job is created, with the credentials of this generation."""
        result = self.create(*self.new_job(), *arguments, secrets=SECRETS,
                             env=self.environment(**values))
        self.assertEqual(result.code, 0, result)
        self.assertEqual(self.source.issued, generation)
        self.assertIn("job-%d" % SourceTest.jobs, emulator.jobs())
        return result

    def has_none(self, code, pattern, *arguments, **values):
        """The command fails with this line, and sends the service nothing."""
        emulator.script()
        result = self.refused(code, pattern, *self.new_job(), *arguments,
                              secrets=SECRETS,
                              env=self.environment(**values))
        self.assertEqual(emulator.served(), [])
        return result

    def signed_with(self, **values):
        """The access key id that signs a request, None without credentials.
        """
        result = self.create(*self.new_job(), "--dry-run",
                             env=self.environment(**values))
        if result.code != 0:
            return None
        return result.out.partition("Credential=")[2].partition("/")[0]

    def as_botocore(self, **values):
        """Compare the credentials, or their absence, with botocore."""
        self.source.issued = 0
        fault = list(self.source.faults)
        mine = self.signed_with(**values)
        self.source.issued = 0
        self.source.faults = fault
        self.assertEqual(mine, self.theirs(**values))
        return mine

    def theirs(self, **values):
        with mock.patch.dict(os.environ, self.environment(**values),
                             clear=True), warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            found = self.by_botocore()
            gc.collect()  # botocore leaves its connections open
        return found


# The members of a response, and their names in the command's messages.
MEMBERS = {
    "AccessKeyId": "accessKeyId", "SecretAccessKey": "secretAccessKey",
    "Token": "sessionToken", "Expiration": "expiration",
}
HOSTILE = [
    (sources.http("302 Found", head="Location: http://127.0.0.1:1/\r\n"),
     "redirect"),
    (sources.http("200 OK", "<html></html>"), "not one that this service"),
    (sources.http("200 OK", "[]"), "accessKeyId: is required"),
    (sources.http("200 OK", "x" * 1000000), "buffer is too small"),
    (sources.http("404 Not Found", '{"code":"C","message":"M\\u0007"}'),
     r"C \(HTTP 404\): M\\x07"),
    (b"SSH-2.0-OpenSSH\r\n", "not one that this service"),
]


class Container(SourceTest):
    kind = sources.Container

    def where(self):
        return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.source.url,
                "AWS_EC2_METADATA_DISABLED": "true"}

    def by_botocore(self):
        provider = ContainerProvider(fetcher=ContainerMetadataFetcher(
            URLLib3Session(timeout=PATIENCE), sleep=lambda _: None))
        try:
            found = provider.load()
            return found and found.access_key
        except Exception:  # of many kinds
            return None

    def test_a_job(self):
        result = self.creates_job("--debug")
        self.assertRegex("\n".join(result.debug),
                         "not from the environment: AWS_ACCESS_KEY_ID is not "
                         "set\n(.*\n)*.*not from the config file of .*: .*\n"
                         ".*: from a container")
        self.assertEqual(self.as_botocore(), "ASIAGENERATION1")

    def test_authorization(self):
        self.source.authorization = "Basic aHVzaA=="
        name = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
        self.creates_job(**{name: "Basic aHVzaA=="})
        self.assertIsNotNone(self.as_botocore(**{name: "Basic aHVzaA=="}))
        self.assertIsNone(self.as_botocore(**{name: "another"}))
        self.assertIsNone(self.as_botocore())
        self.has_none(253, r"container credentials: Unauthorized \(HTTP 401\):"
                      " wrong token", **{name: "another"})
        sent = len(self.source.requests)
        for text, flaw in (("a\r\nX-Evil: yes", "contains a line end"),
                           ("Basic aHVzaA==\n", "ends in white space")):
            self.has_none(253, "container credentials: %s: %s" % (name, flaw),
                          **{name: text})
        self.assertEqual(len(self.source.requests), sent)

    def test_authorization_file(self):
        """It is preferred to the variable with a token; no line ends."""
        self.source.authorization = "token of a file"
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "token")
            variables = {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": path,
                         "AWS_CONTAINER_AUTHORIZATION_TOKEN": "another"}
            self.has_none(253, "_TOKEN_FILE: cannot be read", **variables)
            for text, flaw in (("token of a file", None),
                               ("token of a file\n", "ends in white space"),
                               ("token of a file\r\n", "ends in white space"),
                               ("token\r\nX-Evil: yes", "contains a line end"),
                               ("x" * 200000, "does not fit")):
                with open(path, "w", encoding="ascii", newline="") as file:
                    file.write(text)
                if flaw is None:
                    self.creates_job(**variables)
                else:
                    self.has_none(253, "container credentials: AWS_CONTAINER_"
                                  "AUTHORIZATION_TOKEN_FILE: " + flaw,
                                  **variables)

    def test_uris(self):
        """URIs that botocore refuses are refused before any request."""
        for uri in ("http://example.com/x", "http://169.254.169.254/x",
                    "http://127.0.0.1.example.com/", "nonsense", "ftp://x/"):
            with self.subTest(uri):
                name = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
                self.assertIsNone(self.as_botocore(**{name: uri}))
                self.has_none(253, "container credentials: ", **{name: uri})
        for name, text, flaw in (
                ("RELATIVE", "x", "must begin with a slash"),
                ("RELATIVE", "/x\n", "ends in white space"),
                ("FULL", self.source.url + " ", "ends in white space"),
                ("FULL", " " + self.source.url, "begins with white space"),
                ("FULL", "'%s'" % self.source.url, "is in quotes")):
            name = "AWS_CONTAINER_CREDENTIALS_%s_URI" % name
            self.has_none(253, "%s: %s" % (name, flaw), **{name: text})

    def test_members(self):
        for name, ours in MEMBERS.items():
            with self.subTest(name):
                if name in ("AccessKeyId", "SecretAccessKey"):
                    self.source.changes = {name: None}
                    self.assertIsNone(self.as_botocore())
                    self.source.issued = 0
                    self.has_none(253, "container credentials: %s: is "
                                  "required" % ours)
                for value in (7, "", "a\r\nb", "a\0b", []):
                    self.source.changes = {name: value}
                    self.source.issued = 0
                    self.has_none(253, "container credentials: %s: " % ours)

    def test_lasting_credentials(self):
        """Without token or expiration: AWS's SDKs for Java and Go accept them,
        botocore does not."""
        self.source.changes = {"Expiration": None}
        self.creates_job()
        emulator.script(EXPIRED)
        self.creates_job(generation=3)
        self.source.issued = 0
        self.source.changes = {"Expiration": None, "Token": None}
        result = self.create(*self.new_job(), "--dry-run",
                             env=self.environment())
        self.assertEqual(result.code, 0, result)
        self.assertIn("Credential=ASIAGENERATION1/", result.out)
        self.assertNotIn("X-Amz-Security-Token", result.out)

    def test_expired(self):
        """They are used, as by AWS's SDKs on EC2: the service decides."""
        self.source.life = -5
        self.creates_job()

    def test_hostile(self):
        for fault, pattern in HOSTILE:
            with self.subTest(pattern):
                self.source.fail(fault, always=True)
                self.assertIsNone(self.as_botocore())
                sent = len(self.source.requests)
                self.has_none(253, "there are no credentials: container "
                              "credentials: .*" + pattern)
                self.assertEqual(len(self.source.requests), sent + 1)

    def test_transient_failures(self):
        """Three attempts, as by botocore; the third succeeds or fails."""
        broken = sources.http("500 Internal Server Error")
        for fault in (broken, sources.http("429 Too Many Requests"), b"",
                      sources.resets, b"HTTP/1.1 200 OK\r\nContent-Len"):
            with self.subTest(fault):
                self.source.issued = 0
                self.source.fail(fault, fault)
                self.creates_job()
                self.source.fail(fault, always=True)
                sent = len(self.source.requests)
                self.has_none(255, "the source of credentials failed: "
                              "container credentials: ")
                self.assertEqual(len(self.source.requests), sent + 3)

    def test_silence(self):
        self.source.fail(sources.stalls, always=True)
        for seconds in (1.5, 6, 24, 96):  # a slow machine needs more
            result = self.has_none(255, "time ran out",
                                   "--timeout=%g" % seconds)
            if self.source.requests:
                break
        self.assertRegex(result.err, "time ran out: while getting credentials|"
                         "container credentials: time ran out")
        self.assertIn(len(self.source.requests), (1, 2, 3))

    def test_service_says_expired(self):
        """They are refreshed once."""
        emulator.script(EXPIRED)
        self.creates_job(generation=2)
        self.source.issued = 0
        emulator.script(EXPIRED,
                        EXPIRED)
        self.refused(254, "ExpiredTokenException", *self.new_job(),
                     env=self.environment(), secrets=SECRETS)
        self.assertEqual(self.source.issued, 2)

    def test_no_credentials_for_the_wait(self):
        """The job was created before, and the line ends with its ARN."""
        respond = self.source.respond
        self.source.respond = lambda *request: (
            (404, {"code": "Gone", "message": "no more"})
            if self.source.issued else respond(*request))
        emulator.script(None, EXPIRED)
        job = self.new_job()
        self.refused(253, r"container credentials: Gone \(HTTP 404\): no more"
                     "%s[^ ]*/%s$" % (WAS_CREATED, job[1]), *job, "--wait",
                     env=self.environment(), secrets=SECRETS)

    def test_a_bad_parameter_comes_first(self):
        """A typing error is reported before missing credentials."""
        self.refused(252, "jobName", *options(job_name="-"),
                     env=self.environment())
        self.assertEqual(self.source.requests, [])


class Chain(SourceTest):
    """The order of sources, as in botocore's session."""

    kind = sources.Container
    container = Container.where

    def where(self):
        return {"AWS_EC2_METADATA_DISABLED": "true"}

    def by_botocore(self):
        found = botocore.session.Session().get_credentials()
        return found and found.access_key

    def test_order(self):
        with sources.Imds() as imds, tempfile.TemporaryDirectory() as folder:
            self.sources.append(imds)
            path = os.path.join(folder, "credentials")
            with open(path, "w", encoding="ascii") as file:
                file.write("[default]\naws_access_key_id = FILE\n"
                           "aws_secret_access_key = s\n")
            rest = {"AWS_ACCESS_KEY_ID": "ENV", "AWS_SECRET_ACCESS_KEY": "s",
                    "AWS_SHARED_CREDENTIALS_FILE": path,
                    **self.container(), "AWS_EC2_METADATA_DISABLED": None,
                    "AWS_METADATA_SERVICE_TIMEOUT": str(PATIENCE),
                    "AWS_EC2_METADATA_SERVICE_ENDPOINT": imds.url}
            found = []
            for less in (None, "AWS_ACCESS_KEY_ID",
                         "AWS_SHARED_CREDENTIALS_FILE",
                         "AWS_CONTAINER_CREDENTIALS_FULL_URI"):
                rest.pop(less, None)
                imds.issued = 3
                mine = self.signed_with(**rest)
                imds.issued = 3
                self.source.issued = 0
                self.assertEqual(mine, self.theirs(**rest))
                self.source.issued = 0
                found.append(mine)
            self.assertEqual(found, ["ENV", "FILE", "ASIAGENERATION1",
                                     "ASIAGENERATION4"])

    def test_web_identity(self):
        self.has_none(253, "role_arn must be an ARN",
                      AWS_WEB_IDENTITY_TOKEN_FILE="x", AWS_ROLE_ARN="y",
                      **self.container())

    def test_a_failing_source_is_not_skipped(self):
        with sources.Imds() as imds:
            self.source.fail(sources.http("403 Forbidden"), always=True)
            self.has_none(253, "container credentials: HTTP 403",
                          **{**self.container(),
                             "AWS_EC2_METADATA_DISABLED": None,
                             "AWS_EC2_METADATA_SERVICE_ENDPOINT": imds.url})
            self.assertEqual(imds.requests, [])


class Files(SourceTest):
    """Credentials in a file that another program renews."""

    kind = sources.Container  # not used

    def where(self):
        return {}

    def test_renewed_file(self):
        """A pipe replaces the file: each read gets another text. The region of
        the second text is ignored."""
        key_id, secret, token = sources.GENERATIONS[0]
        texts = [
            "[default]\nregion = us-east-1\naws_access_key_id = OLD\n"
            "aws_secret_access_key = hush\n",
            "# renewed\n[default]\naws_access_key_id = %s\n"
            "aws_secret_access_key = %s\naws_session_token = %s\n"
            "region = mars-north-7\n" % (key_id, secret, token)]

        def write():
            for text in texts:
                with open(path, "w", encoding="ascii") as pipe:
                    os.mkfifo(path + "-next")
                    os.rename(path + "-next", path)
                    pipe.write(text)

        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "credentials")
            os.mkfifo(path)
            writer = threading.Thread(target=write, daemon=True)
            writer.start()
            emulator.script(EXPIRED)
            result = self.create(
                *self.new_job(), secrets=["hush", *SECRETS],
                env=self.environment(AWS_SHARED_CREDENTIALS_FILE=path,
                                     AWS_REGION=None))
            self.assertEqual(result.code, 0, result)
            writer.join(PATIENCE)
            self.assertFalse(writer.is_alive())


class Imds(SourceTest):
    kind = sources.Imds

    def where(self):
        return {"AWS_EC2_METADATA_SERVICE_ENDPOINT": self.source.url}

    def by_botocore(self):
        fetcher = InstanceMetadataFetcher(
            timeout=PATIENCE, num_attempts=1, config={
                "ec2_metadata_service_endpoint": self.source.url})
        try:
            found = InstanceMetadataProvider(fetcher).load()
            return found and found.access_key
        except Exception:
            return None

    def test_a_job(self):
        self.creates_job()
        self.assertEqual(
            [request[:2] for request in self.source.requests],
            [("PUT", sources.Imds.TOKEN), ("GET", sources.Imds.ROLES),
             ("GET", sources.Imds.ROLES + "segments")])
        self.assertEqual(self.as_botocore(), "ASIAGENERATION1")

    def test_disabled(self):
        result = self.has_none(253, "no credentials: set AWS_ACCESS_KEY_ID",
                               "--debug", AWS_EC2_METADATA_DISABLED="True")
        self.assertIn("AWS_EC2_METADATA_DISABLED is true",
                      "\n".join(result.debug))
        self.assertEqual(self.source.requests, [])
        self.assertIsNone(self.as_botocore(AWS_EC2_METADATA_DISABLED="true"))

    def test_refused(self):
        """One attempt: a refusal means that there are no credentials."""
        for change, pattern in (({"disabled": True}, "HTTP 403"),
                                ({"role": None}, "HTTP 404"),
                                ({"token_life": 0}, "HTTP 401")):
            with self.subTest(pattern):
                for name, value in change.items():
                    setattr(self.source, name, value)
                self.has_none(253, "EC2 instance metadata: %s; set AWS_ACC"
                              % pattern)
                # botocore 1.29 goes on without a token after a refusal.
                self.assertIsNone(self.as_botocore())
                for name in change:
                    setattr(self.source, name, getattr(sources.Imds, name))

    def test_no_such_service(self):
        self.has_none(253, "EC2 instance metadata: cannot connect: Connection "
                      r"refused \(\d+\); set AWS_ACCESS_KEY_ID",
                      AWS_EC2_METADATA_SERVICE_ENDPOINT="http://127.0.0.1:1")

    def test_endpoints(self):
        name = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
        for url, flaw in (("127.0.0.1", "the URI must begin"),
                          ("ftp://127.0.0.1", "the URI must begin"),
                          ("http://127.0.0.1/path", "must not contain a path"),
                          ("http://a b", "contains white space"),
                          (self.source.url + "\n", "ends in white space"),
                          ("http://127.0.0.1:0", "the port must"),
                          ("http://[::1", "the address lacks its bracket")):
            with self.subTest(url):
                self.has_none(253, "EC2 instance metadata: %s: %s"
                              % (name, flaw), **{name: url})
        self.assertEqual(self.source.requests, [])

    def test_silence(self):
        self.source.fail(sources.stalls, always=True)
        self.has_none(253, "time ran out: while waiting for the response")
        self.assertEqual(len(self.source.requests), 1)

    def test_hostile(self):
        """In the response to each of the three requests."""
        for fault, pattern in HOSTILE:
            for before in range(3):
                with self.subTest(pattern, before=before):
                    self.source.fail(*[None] * before, fault)
                    # Any body may be a token or a role.
                    result = self.has_none(253, "EC2 instance metadata: ")
                    if before == 2:
                        self.assertRegex(result.err, pattern)

    def test_failure_in_json(self):
        self.source.changes = {"Code": "AssumeRoleUnauthorizedAccess",
                               "Message": "EC2 cannot assume it",
                               "AccessKeyId": None}
        self.assertIsNone(self.as_botocore())
        self.source.issued = 0
        self.has_none(253, r"EC2 instance metadata: AssumeRoleUnauthorizedAcce"
                      r"ss \(HTTP 200\): EC2 cannot assume it")

    def test_code(self):
        """It does not matter if there are credentials."""
        for code in ("Success", "success", "Unavailable", "", 7, None):
            with self.subTest(code):
                self.source.changes = {"Code": code, "Message": "none"}
                self.assertEqual(self.as_botocore(), "ASIAGENERATION1")

    def test_expired(self):
        """AWS's "static stability": they are used, and the service decides."""
        self.source.life = -6 * 3600
        self.assertIsNotNone(self.theirs())
        self.source.issued = 0
        self.creates_job()
        self.source.issued = 0
        emulator.script(EXPIRED, EXPIRED)
        self.refused(254, "ExpiredTokenException", *self.new_job(),
                     env=self.environment(), secrets=SECRETS)
        self.assertEqual(self.source.issued, 2)

    def test_service_says_expired(self):
        emulator.script(EXPIRED)
        self.creates_job(generation=2)


if __name__ == "__main__":
    unittest.main()
