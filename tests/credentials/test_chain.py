"""The chain of sources beside botocore's, with the same files and environment:
the same source, the same requests, the same credentials, or both refuse.

AWS STS, the portal of SSO, a container and EC2 are on loopback. botocore gets
their URLs from here: before 1.31 it has no configured endpoints.
"""

import gc
import hashlib
import inspect
import json
import os
import re
import sys
import threading
import time
import unittest
import warnings
from unittest import mock

import botocore.configprovider
import botocore.session
from botocore.config import Config
from botocore.credentials import SSOProvider
from botocore.exceptions import BotoCoreError, ClientError
from botocore.tokens import SSOTokenProvider

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(os.path.dirname(HERE), folder)
             for folder in ("emulator", "integration")]

import running  # noqa: E402
import sources  # noqa: E402
import sso  # noqa: E402
import sts  # noqa: E402
from command import options  # noqa: E402
from test_configuration import (ConfigurationTest, creds,  # noqa: E402
                                nested, services)

TOKEN = "web/identity+token=="
SIGNED_IN = "sso+token/="
ARN = "arn:aws:iam::123456789012:role/"
START = "https://example.awsapps.com/start"
FAILURES = (BotoCoreError, ClientError, AttributeError, LookupError,
            RuntimeError, ValueError, OSError)
ROLES = 5  # as many follow from one another

# Which generations of credentials are whose.
CONTAINER, IMDS, PORTAL, STS = range(4)


def profile(name, *lines, **settings):
    """A section of the config file."""
    title = name if name == "default" else "profile " + name
    return "[%s]\n" % title + "".join("%s\n" % line for line in (
        *lines, *("%s = %s" % pair for pair in settings.items())))


def role(name, source=None, **settings):
    if source is not None:
        settings["source_profile"] = source
    return profile(name, role_arn=ARN + name, **settings)


def named(name, source, **settings):
    return role(name, credential_source=source, **settings)


def in_sso(name, *lines, **settings):
    return profile(name, *lines, **{
        "sso_account_id": "123456789012", "sso_role_name": "segments",
        **settings})


SESSION = "[sso-session team]\nsso_region = eu-west-1\nsso_start_url = %s\n" \
    % START
LEGACY = {"sso_region": "eu-west-1", "sso_start_url": START}
KEYS_E = {"AWS_ACCESS_KEY_ID": "IDE", "AWS_SECRET_ACCESS_KEY": "SECRET/E"}


class Session(botocore.session.Session):
    """One whose clients for these services go to loopback."""

    urls = {}

    def create_client(self, service_name, *arguments, **keywords):
        config = keywords.get("config") or Config()
        keywords["config"] = config.merge(
            Config(retries={"max_attempts": 0}, proxies={}))
        if service_name in self.urls:
            keywords["endpoint_url"] = self.urls[service_name]
        return super().create_client(service_name, *arguments, **keywords)


def has_configured_endpoints():
    return hasattr(botocore.configprovider, "ConfiguredEndpointProvider")


def has_tokens_of_sources():
    """Whether the token of SSO is that of the source, in a chain of roles."""
    return "profile_name" in inspect.signature(SSOTokenProvider).parameters


class ChainTest(ConfigurationTest):
    def setUp(self):
        super().setUp()
        self.sts = self.start(sts.Sts())
        self.portal = self.start(sso.Portal())
        self.container = self.start(sources.Container())
        self.imds = self.start(sources.Imds())
        self.reset()
        self.cache = os.path.join(self.folder, ".aws/sso/cache")
        os.makedirs(self.cache)
        self.token = self.write("token", TOKEN)
        self.write("other", "bad token")
        for name in "team", START:
            self.write(".aws/sso/cache/%s.json" % hashlib.sha1(
                name.encode()).hexdigest(), json.dumps({
                    "startUrl": START, "region": "eu-west-1",
                    "accessToken": SIGNED_IN,
                    "expiresAt": "2099-01-01T00:00:00Z"}))

        self.helper = self.write("helper.sh", "#!/bin/sh\necho '%s'\n"
                                 % json.dumps({
                                     "Version": 1, "AccessKeyId": "IDP",
                                     "SecretAccessKey": "SECRET/P"}))
        os.chmod(self.helper, 0o700)

    def start(self, source):
        self.addCleanup(source.__exit__)
        return source.__enter__()

    def segjob(self, *arguments, **keywords):
        """Run it; again if this machine was too slow: see test_command."""
        for _ in range(20):
            self.reset()
            result = super().segjob(*arguments, **keywords)
            if not re.search("(EC2 instance metadata|container credentials): "
                             "time ran out", result.err):
                break
        return result

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def reset(self):
        """Everything as before the first request."""
        for issued, source in enumerate((self.container, self.imds,
                                         self.portal, self.sts)):
            source.requests.clear()
            source.issued = issued
        self.sts.calls.clear()
        self.sts.regions = {"us-east-1", "us-west-2", "eu-west-1"}
        self.sts.identities = [
            ("ID" + name, "SECRET/" + name, None) for name in "ABCDEFP"
        ] + sources.GENERATIONS[:STS] + [("IDT", "SECRET/T", "TOKENT")]
        self.portal.tokens = {SIGNED_IN: time.time() + 36000}
        self.portal.roles = {("123456789012", "segments"),
                             ("210987654321", "other")}

    def shared(self, credentials, config, **values):
        """The environment, with places for paths in the texts."""
        places = {"token": self.token, "folder": self.folder,
                  "helper": self.helper}
        texts = (text and re.sub(r"\{(\w+)\}", lambda m: places[m[1]], text)
                 for text in (credentials, config))
        return self.environment(*texts, **{
            "HOME": self.folder, "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_STS": self.sts.url,
            "AWS_ENDPOINT_URL_SSO": self.portal.url,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.imds.url,
            "AWS_METADATA_SERVICE_TIMEOUT": str(sources.PATIENCE),
            "AWS_STS_REGIONAL_ENDPOINTS": "regional",  # as in version 2
            **{name: value and value.format(
                **places, container=self.container.url)
               for name, value in values.items()}})

    def requests(self):
        """What the sources were asked, in a form that can be compared."""
        found = []
        for (action, given), (_, _, headers) in zip(self.sts.calls,
                                                    self.sts.requests):
            given = {**given, "RoleSessionName": re.sub(
                r"^(segjob|botocore)-session-\d+$", "made of the time",
                given["RoleSessionName"])}
            scope = re.search("Credential=([^/]*)/[^/]*/([^/]*)",
                              headers.get("authorization", ""))
            found.append((action, sorted(given.items()),
                          scope and scope.groups()))
        for source in self.portal, self.container:
            found += [path for _, path, _ in source.requests]
        return sorted(map(str, found)), len(self.imds.requests) > 0

    def by_botocore(self, arguments, env):
        given = dict(zip(arguments[::2], arguments[1::2]))
        Session.urls = {"sts": self.sts.url, "sso": self.portal.url}
        with mock.patch.dict(os.environ, env, clear=True), \
                warnings.catch_warnings(), \
                mock.patch.object(SSOProvider, "_SSO_TOKEN_CACHE_DIR",
                                  self.cache), \
                mock.patch.object(SSOTokenProvider, "_SSO_TOKEN_CACHE_DIR",
                                  self.cache):
            warnings.simplefilter("ignore", ResourceWarning)
            try:
                session = Session(profile=given.get("--profile"))
                session.get_scoped_config()
                region = given.get("--region",
                                   session.get_config_variable("region"))
                session.create_client("personalize", region_name=region)
                found = session.get_credentials().get_frozen_credentials()
            except FAILURES:
                return None
            finally:
                gc.collect()  # botocore leaves its connections open
        return found.access_key, found.secret_key, found.token, region

    def same(self, *arguments, env):
        """Compare the command with botocore. Returns whether both succeed."""
        self.reset()
        expected = self.by_botocore(arguments, env)
        requests = self.requests()
        if expected is None:
            self.refused(253, "", *options(), "--dry-run", *arguments,
                         env=env, secrets=[TOKEN, SIGNED_IN])
            return False
        self.assertEqual(
            self.resolved(*arguments, env=env, secret=expected[1]), expected)
        self.assertEqual(self.requests(), requests)
        return True


class AsBotocore(ChainTest):
    # Credentials file, config file, environment, arguments.
    GOOD = [
        # A role with another profile's keys, in either file.
        ("[b]\n" + creds("B"), role("default", "b"), {}, []),
        (None, role("default", "b") + profile("b", creds("B")), {}, []),
        ("[b]\n" + creds("T", True), role("default", "b"), {}, []),
        ("[b]\n" + creds("B"), profile("b", creds("C")) + role("default", "b"),
         {}, []),
        ("[b]\n" + creds("B"), role("a", "b"), {}, ["--profile", "a"]),
        ("[b]\n" + creds("B"), role("a", "b"), {"AWS_PROFILE": "a"}, []),
        ("[default]\n" + creds("D"), role("a", "default"), {},
         ["--profile", "a"]),
        ("[b]\n" + creds("B") + "[a]\nrole_arn = %sa\nsource_profile = b\n"
         % ARN, None, {}, ["--profile", "a"]),
        ("[a]\nsource_profile = b\n[b]\n" + creds("B"),
         profile("a", role_arn=ARN + "x"), {}, ["--profile", "a"]),
        # Its parameters.
        ("[b]\n" + creds("B"), role("default", "b", role_session_name="me@x"),
         {}, []),
        ("[b]\n" + creds("B"), role("default", "b", external_id="a:b/c=1"),
         {}, []),
        ("[b]\n" + creds("B"), role("default", "b", duration_seconds="900"),
         {}, []),
        ("[b]\n" + creds("B"), role("default", "b", duration_seconds="43200",
                                    external_id="id", role_session_name="s1"),
         {}, []),
        ("[b]\n" + creds("B"), role("default", "b"),
         {"AWS_ROLE_SESSION_NAME": "unused", "AWS_ROLE_ARN": "unused"}, []),
        # Its region is the session's, not that of the source.
        ("[b]\n" + creds("B"), role("default", "b", region="eu-west-1")
         + profile("b", region="us-west-2"), {"AWS_DEFAULT_REGION": None}, []),
        ("[b]\n" + creds("B"), role("default", "b", region="eu-west-1"), {},
         ["--region", "us-west-2"]),
        # Its own keys.
        ("[default]\n" + creds("A"), role("default", "default"), {}, []),
        (None, role("a", "a") + creds("A"), {}, ["--profile", "a"]),
        ("[a]\n" + creds("B"), role("a", "a") + creds("A"), {},
         ["--profile", "a"]),
        # Roles that follow from one another.
        ("[c]\n" + creds("C"), role("default", "b") + role("b", "c"), {}, []),
        ("[c]\n" + creds("C"), role("default", "b", external_id="first")
         + role("b", "c", external_id="second", duration_seconds="1000"), {},
         []),
        ("[r5]\n" + creds("C"), "".join(
            role("r%d" % n, "r%d" % (n + 1)) for n in range(ROLES)),
         {}, ["--profile", "r0"]),
        # A source with keys and a role: the keys.
        ("[b]\n" + creds("B"), role("default", "b") + role("b", "c"), {}, []),
        (None, role("default", "b") + role("b", "c") + creds("B"), {}, []),
        # A source that loops, but has keys.
        ("[b]\n" + creds("B"), role("default", "b") + role("b", "default"), {},
         []),
        # What credential_source names.
        (None, named("a", "Environment"), KEYS_E, ["--profile", "a"]),
        (None, named("a", "EcsContainer"),
         {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{container}"},
         ["--profile", "a"]),
        (None, named("a", "Ec2InstanceMetadata"),
         {"AWS_EC2_METADATA_DISABLED": None}, ["--profile", "a"]),
        (None, role("a", "b") + named("b", "Environment"), KEYS_E,
         ["--profile", "a"]),
        (None, role("a", "b") + named("b", "EcsContainer"),
         {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{container}"},
         ["--profile", "a"]),
        # The environment is before all.
        ("[b]\n" + creds("B"), role("default", "b"), KEYS_E, []),
        ("[b]\n" + creds("B"), role("a", "b"), {**KEYS_E, "AWS_PROFILE": "a"},
         []),
        ("[b]\n" + creds("B"), role("a", "b"), KEYS_E, ["--profile", "a"]),
        (None, role("default", "default"), KEYS_E, []),
        # Web identity: of a profile ...
        (None, profile("default", role_arn=ARN + "w",
                       web_identity_token_file="{token}"), {}, []),
        (None, profile("default", role_arn=ARN + "w", role_session_name="me",
                       web_identity_token_file="{token}"), {}, []),
        (None, profile("default", role_arn=ARN + "w", source_profile="x",
                       web_identity_token_file="{token}"), {}, []),
        ("[default]\n" + creds("A"), profile(
            "default", role_arn=ARN + "w", web_identity_token_file="{token}"),
         {}, []),
        (None, role("a", "b") + profile(
            "b", role_arn=ARN + "w", web_identity_token_file="{token}"), {},
         ["--profile", "a"]),
        ("[b]\n" + creds("B"), role("a", "b") + profile(
            "b", role_arn=ARN + "w", web_identity_token_file="{token}"), {},
         ["--profile", "a"]),
        # ... of the environment, and of both.
        (None, None, {"AWS_WEB_IDENTITY_TOKEN_FILE": "{token}",
                      "AWS_ROLE_ARN": ARN + "env"}, []),
        (None, None, {"AWS_WEB_IDENTITY_TOKEN_FILE": "{token}",
                      "AWS_ROLE_ARN": ARN + "env",
                      "AWS_ROLE_SESSION_NAME": "pod-1"}, []),
        (None, profile("default", role_session_name="mine"),
         {"AWS_WEB_IDENTITY_TOKEN_FILE": "{token}",
          "AWS_ROLE_ARN": ARN + "env"}, []),
        (None, profile("default", web_identity_token_file="{token}",
                       role_arn=ARN + "w"),
         {"AWS_ROLE_ARN": ARN + "env", "AWS_ROLE_SESSION_NAME": "pod-1"}, []),
        ("[default]\n" + creds("A"), None,
         {"AWS_WEB_IDENTITY_TOKEN_FILE": "{token}",
          "AWS_ROLE_ARN": ARN + "env"}, []),
        ("[a]\n" + creds("A"), None,
         {"AWS_WEB_IDENTITY_TOKEN_FILE": "{token}",
          "AWS_ROLE_ARN": ARN + "env", "AWS_PROFILE": "a"}, []),
        ("[a]\n" + creds("A"), None,
         {"AWS_WEB_IDENTITY_TOKEN_FILE": "{token}",
          "AWS_ROLE_ARN": ARN + "env"}, ["--profile", "a"]),
        ("[b]\n" + creds("B"), role("default", "b"),
         {"AWS_WEB_IDENTITY_TOKEN_FILE": "{token}",
          "AWS_ROLE_ARN": ARN + "env"}, []),
        ("[b]\n" + creds("B"), role("default", "b") + profile("b"),
         {"AWS_WEB_IDENTITY_TOKEN_FILE": "{token}",
          "AWS_ROLE_ARN": ARN + "env"}, []),
        ("[default]\n" + creds("A"), None, {"AWS_ROLE_ARN": ARN + "env"}, []),
        # SSO, in both forms.
        (None, in_sso("default", sso_session="team") + SESSION, {}, []),
        (None, in_sso("a", sso_session="team") + SESSION, {},
         ["--profile", "a"]),
        (None, in_sso("a", sso_session="team", sso_start_url=START) + SESSION,
         {}, ["--profile", "a"]),
        (None, in_sso("default", **LEGACY), {}, []),
        (None, in_sso("a", **{**LEGACY, "sso_account_id": "210987654321",
                              "sso_role_name": "other"}), {},
         ["--profile", "a"]),
        ("[default]\n" + creds("A"), in_sso("default", **LEGACY), {}, []),
        ("[a]\nsso_account_id = 123456789012\n" + creds("A"),
         profile("a", sso_role_name="segments", **LEGACY), {},
         ["--profile", "a"]),
        (None, role("a", "b") + in_sso("b", **LEGACY), {}, ["--profile", "a"]),
        ("[b]\n" + creds("B"), role("a", "b") + in_sso("b", **LEGACY), {},
         ["--profile", "a"]),
        ("[default]\n" + creds("A"), profile("default", **LEGACY), {}, []),
        (None, in_sso("default", role_arn=ARN + "w",
                      web_identity_token_file="{token}", **LEGACY), {}, []),
        # A program, also as a source.
        (None, profile("default", credential_process="{helper}"), {}, []),
        (None, role("a", "b") + profile("b", credential_process="{helper}"),
         {}, ["--profile", "a"]),
        (None, role("a", "b") + profile("b", creds("B"),
                                        credential_process="{helper}"), {},
         ["--profile", "a"]),
        ("[b]\n" + creds("B"), role("a", "b") + profile(
            "b", credential_process="{helper}"), {}, ["--profile", "a"]),
        (None, in_sso("default", credential_process="{helper}", **LEGACY), {},
         []),
        ("[b]\n" + creds("B"), role("default", "b",
                                    credential_process="{helper}"), {}, []),
        # What is last.
        (None, profile("a"),
         {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{container}"},
         ["--profile", "a"]),
        (None, profile("a"), {"AWS_EC2_METADATA_DISABLED": None},
         ["--profile", "a"]),
        ("[b]\n" + creds("B"), role("default", "b"),
         {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{container}"}, []),
    ]
    BAD = [  # ... and what the command says
        (None, role("default"), {}, [], "profile default: role_arn: needs one "
         "of source_profile and credential_source$"),
        ("[default]\n" + creds("A"), role("default"), {}, [],
         "profile default: role_arn: needs one"),
        ("[b]\n" + creds("B"), named("default", "Environment",
                                     source_profile="b"), KEYS_E,
         ["--profile", "default"], "profile default: role_arn: needs one"),
        (None, role("a", "nobody"), {}, ["--profile", "a"],
         "profile a: source_profile: profile nobody is in neither"),
        (None, role("a", "default"), {}, ["--profile", "a"],
         "profile a: source_profile: profile default is in neither"),
        (None, role("default", "b") + profile("b"), {}, [],
         "profile b: it is a source_profile, and has no credentials$"),
        ("[b]\naws_secret_access_key = SECRET/B\n", role("default", "b"), {},
         [], "profile b: it is a source_profile, and has no credentials$"),
        ("[b]\naws_access_key_id = IDB\n", role("default", "b"), {}, [],
         "there is an access key id, but no secret access key$"),
        (None, role("default", "b") + profile("b"),
         {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{container}"}, [],
         "profile b: it is a source_profile, and has no credentials$"),
        (None, role("a", "b") + profile("b"), KEYS_E, ["--profile", "a"],
         "profile b: it is a source_profile, and has no credentials$"),
        # Loops.
        (None, role("a", "a"), {}, ["--profile", "a"],
         "profile a: source_profile: profile a is a source of itself$"),
        (None, role("a", "b") + role("b", "a"), {}, ["--profile", "a"],
         "profile b: source_profile: profile a is a source of itself$"),
        (None, role("a", "b") + role("b", "b"), {}, ["--profile", "a"],
         "profile b: source_profile: profile b is a source of itself$"),
        (None, role("a", "b") + role("b", "c") + role("c", "b"), {},
         ["--profile", "a"],
         "profile c: source_profile: profile b is a source of itself$"),
        ("[a]\n" + creds("A"), role("a", "b") + role("b", "a"), {},
         ["--profile", "a"],
         "profile b: source_profile: profile a is a source of itself$"),
        # What credential_source names, and is not there.
        (None, named("a", "Environment"), {}, ["--profile", "a"],
         "profile a: credential_source: AWS_ACCESS_KEY_ID is not set$"),
        (None, named("a", "Environment"), {"AWS_ACCESS_KEY_ID": "IDE"},
         ["--profile", "a"], "from the environment: .* no secret access key$"),
        (None, named("a", "EcsContainer"), {}, ["--profile", "a"],
         "profile a: credential_source: AWS_CONTAINER_.* are not set$"),
        (None, named("a", "Ec2InstanceMetadata"), {}, ["--profile", "a"],
         "profile a: credential_source: AWS_EC2_METADATA_DISABLED is true$"),
        *((None, named("a", name), KEYS_E, ["--profile", "a"],
           "profile a: credential_source: must be Environment, EcsContainer "
           "or Ec2InstanceMetadata$")
          for name in ("environment", "ENVIRONMENT", "Metadata", "Process",
                       "SharedConfig", "x")),
        # Web identity.
        (None, profile("default", web_identity_token_file="{token}"), {}, [],
         "profile default: web identity needs role_arn or AWS_ROLE_ARN$"),
        (None, None, {"AWS_WEB_IDENTITY_TOKEN_FILE": "{token}"}, [],
         "profile default: web identity needs role_arn or AWS_ROLE_ARN$"),
        (None, profile("a", web_identity_token_file="{token}"),
         {"AWS_ROLE_ARN": ARN + "env"}, ["--profile", "a"],
         "profile a: web identity needs role_arn or AWS_ROLE_ARN$"),
        (None, profile("default", web_identity_token_file="{folder}/none",
                       role_arn=ARN + "w"), {}, [],
         "the token file: No such file or directory: .*none$"),
        (None, profile("default", web_identity_token_file="{folder}/other",
                       role_arn=ARN + "w"), {}, [], "the token file: contains "
         "white space: .*other$"),
        # SSO.
        *((None, in_sso("default", **{**LEGACY, name: ""}).replace(
            "%s = \n" % name, ""), {}, [],
           "profile default: %s: is not set, and SSO needs it$" % name)
          for name in ("sso_region", "sso_start_url", "sso_account_id",
                       "sso_role_name")),
        (None, in_sso("default", sso_session="team"), {}, [],
         "line 4: the config file has no such sso-session section$"),
        (None, in_sso("default", sso_session="team")
         + "[sso-session team]\nsso_region = eu-west-1\n", {}, [],
         "profile default: sso_start_url: is not set, and SSO needs it$"),
        (None, in_sso("default", sso_session="team", sso_region="us-east-1")
         + SESSION, {}, [],
         "line 7: sso_region: is not that of profile default$"),
        (None, in_sso("default", sso_session="team", region="us-east-1")
         + SESSION + "region = us-west-2\n", {}, [],
         "line 9: region: is not that of profile default$"),
        (None, in_sso("default", sso_session="team") + SESSION.replace(
            "team", "staff").replace("session staff", "session team"), {}, [],
         None),
        (None, in_sso("default", **{**LEGACY, "sso_role_name": "nobody"}), {},
         [], "AWS SSO: .*ForbiddenException"),
        (None, in_sso("default", **{**LEGACY, "sso_start_url": START + "2"}),
         {}, [], "there is no cached token; run `aws sso login --profile "
         "default`$"),
        # The service refuses.
        ("[b]\n" + creds("X"), role("default", "b"), {}, [],
         "AWS STS: .*InvalidClientTokenId"),
        ("[b]\n" + creds("B"), role("default", "b"), {},
         ["--region", "ap-south-2"], "AWS STS: .*RegionDisabledException"),
        ("[c]\n" + creds("X"), role("default", "b") + role("b", "c"), {}, [],
         "AWS STS: .*InvalidClientTokenId"),
        # Nothing.
        (None, profile("a"), {}, ["--profile", "a"], "no credentials: set AWS_"
         "ACCESS_KEY_ID .* into profile a of the credentials file$"),
    ]

    def test_good(self):
        for credentials, config, values, arguments in self.GOOD:
            with self.subTest(credentials=credentials, config=config,
                              values=values, arguments=arguments):
                self.assertTrue(self.same(*arguments, env=self.shared(
                    credentials, config, **values)))

    def test_bad(self):
        for credentials, config, values, arguments, message in self.BAD:
            with self.subTest(credentials=credentials, config=config,
                              values=values, arguments=arguments):
                env = self.shared(credentials, config, **values)
                same = self.same(*arguments, env=env)
                if message is None:
                    self.assertTrue(same)
                    continue
                self.assertFalse(same)
                self.refused(253, message, *options(), "--dry-run",
                             *arguments, env=env)

    def test_how_many(self):
        self.assertGreater(len(self.GOOD) + len(self.BAD), 100)


class Differences(ChainTest):
    """What is wanted otherwise than botocore has it."""

    def refuses(self, message, *arguments, env):
        """botocore has credentials, the command sends nothing."""
        self.assertIsNotNone(self.by_botocore(arguments, env))
        self.refused(253, message, *options(), "--dry-run", *arguments,
                     env=env, secrets=[TOKEN, "SECRET/B"])
        self.assertEqual(self.requests(), ([], False))

    def test_nobody_types_a_code(self):
        env = self.shared("[b]\n" + creds("B"), role(
            "default", "b", mfa_serial="arn:aws:iam::123456789012:mfa/me"))
        self.refused(253, "profile default: mfa_serial: nobody is there to "
                     "type a code$", *options(), env=env)
        self.assertEqual(self.requests(), ([], False))

    def test_too_many_roles(self):
        self.refuses("profile r5: role_arn: more than 5 roles follow",
                     "--profile", "r0", env=self.shared(
                         "[r6]\n" + creds("B"), "".join(
                             role("r%d" % n, "r%d" % (n + 1))
                             for n in range(ROLES + 1))))

    def test_duration(self):
        """botocore ignores what is no number, and has no maximum."""
        for text in "x", "1h", "1e3", "900.5", "-900":
            with self.subTest(text):
                env = self.shared("[b]\n" + creds("B"), role(
                    "default", "b", duration_seconds=text))
                self.refused(253, "profile default: duration_seconds: must be "
                             "a number from 900 to 43200$", *options(),
                             env=env)
        for text in "0", "899", "43201", "4294967296":
            with self.subTest(text):
                env = self.shared("[b]\n" + creds("B"), role(
                    "default", "b", duration_seconds=text))
                self.assertIsNone(self.by_botocore([], env))
                self.refused(253, "duration_seconds: must be a number from 900 "
                             "to 43200$", *options(), env=env)

    def test_empty_variables_and_settings(self):
        """They count as absent."""
        config = profile("default", role_arn=ARN + "w",
                         web_identity_token_file="{token}")
        env = self.shared(None, config, AWS_WEB_IDENTITY_TOKEN_FILE="",
                          AWS_ROLE_ARN="", AWS_ROLE_SESSION_NAME="")
        self.assertIsNone(self.by_botocore([], env))
        self.resolved(env=env, secret=sources.GENERATIONS[STS][1])
        env = self.shared("[b]\n" + creds("B"), role(
            "default", "b", credential_source="", external_id="",
            mfa_serial=""))
        self.assertIsNone(self.by_botocore([], env))
        self.resolved(env=env, secret=sources.GENERATIONS[STS][1])

    def test_the_token_of_a_source(self):
        """Older botocore takes the session of the first profile."""
        env = self.shared(None, role("a", "b") + in_sso(
            "b", sso_session="team") + SESSION)
        if has_tokens_of_sources():
            self.assertTrue(self.same("--profile", "a", env=env))
        else:
            self.assertIsNone(self.by_botocore(["--profile", "a"], env))
        self.resolved("--profile", "a", env=env,
                      secret=sources.GENERATIONS[STS][1])

    def test_a_session_that_is_not_needed(self):
        """botocore looks for a bearer token, which Personalize has no use
        for."""
        env = self.shared("[default]\n" + creds("A"),
                          profile("default", sso_session="none"))
        self.assertIsNone(self.by_botocore([], env))
        self.resolved(env=env, secret="SECRET/A")

    def test_login(self):
        """Sessions of `aws login`, which botocore has as of 1.42. In its order
        they come after the credentials file."""
        login = profile("a", login_session="arn:aws:iam::123456789012:user/me")
        say = (r"profile a: login_session: .*credential_process = aws "
               r"configure export-credentials --format process --profile NAME")
        for config in login, login + creds("F"), login + \
                "credential_process = {helper}\n":
            self.refused(253, say, *options(profile="a"),
                         env=self.shared(None, config))
        self.refused(253, say, *options(profile="r"),
                     env=self.shared(None, role("r", "a") + login))
        env = self.shared("[a]\n" + creds("A"), login)
        self.resolved("--profile", "a", env=env, secret="SECRET/A")


class BadInput(ChainTest):
    """Refused with the profile, the setting and the reason; nothing is sent."""

    def check(self, message, config, *arguments, credentials="", **values):
        self.refused(253, message, *options(), *arguments, secrets=[
            TOKEN, SIGNED_IN, "SECRET/B"], env=self.shared(
                "[b]\n" + creds("B") + credentials, config, **values))
        self.assertEqual(self.requests(), ([], False))

    def test_arns(self):
        for arn in ("x", "segments", "arn:aws:iam", "123456789012:role/aaaaaa",
                    "arn:aws:iam::123456789012:role/a b", "arn:" + "a" * 2045,
                    '"%s"' % (ARN + "a"), "arn:aws:iam::1:role/\u00e4" * 2):
            with self.subTest(arn):
                self.check("profile default: .*role_arn must be an ARN of 20 "
                           "to 2048", profile("default", role_arn=arn,
                                              source_profile="b"))
                self.check("profile default: .*must be an ARN",
                           profile("default", role_arn=arn,
                                   web_identity_token_file="{token}"))
                self.check("must be an ARN", None, AWS_ROLE_ARN=arn,
                           AWS_WEB_IDENTITY_TOKEN_FILE="{token}")
        self.check("profile c: .*must be an ARN", role("default", "c") +
                   profile("c", role_arn="none", source_profile="b"))

    def test_names(self):
        for setting, texts in (
                ("role_session_name", ("x", "a b", "a/b", "x" * 65)),
                ("external_id", ("x", "a b", "a;b", "x" * 1225))):
            for text in texts:
                with self.subTest(setting, text=text):
                    self.check("profile default: .*%s must be" % setting,
                               role("default", "b", **{setting: text}))

    def test_tokens(self):
        for text, why in (
                (TOKEN + "\n", "ends in white space"),
                (TOKEN + "\r\n", "ends in white space"),
                ("\n" + TOKEN, "begins with white space"),
                ("a\nb" + TOKEN, "contains a line end"), ("", "is empty"),
                ('"%s"' % TOKEN, "is in quotes"), ("x", "must be 4 to 20000"),
                ("x" * 20001, "must be 4 to 20000"),
                ("x" * 200000, "does not fit")):
            with self.subTest(text[:40]):
                self.write("token", text)
                self.check("AWS STS: the token.* %s" % why, profile(
                    "default", role_arn=ARN + "w",
                    web_identity_token_file="{token}"))
        self.check("AWS STS: the token file: Is a directory", None,
                   AWS_ROLE_ARN=ARN + "w",
                   AWS_WEB_IDENTITY_TOKEN_FILE="{folder}")

    def test_files(self):
        self.check("config, line 6: a setting is written NAME = VALUE",
                   role("default", "b") + "[profile b]\nregion = x\nwhat\n")
        self.check("keys?: .*ends? in|access_key: is in quotes",
                   role("default", "q"), credentials="[q]\n"
                   "aws_access_key_id = IDQ\naws_secret_access_key = 'x'\n")

    def test_program(self):
        self.check("profile b2: credential_process: the command has a quote "
                   "that is not closed", role("default", "b2") + profile(
                       "b2", credential_process='"open'))

    def test_endpoints(self):
        for url, why in (("ftp://x", "the URI must begin with"),
                         ("http://sts.example", "http:// is for loopback"),
                         ("https://u:p@x", "must not contain a user name"),
                         ("https://x/path", "must not contain a path"),
                         ("https://x:0", "the port must be")):
            with self.subTest(url):
                self.check("sts endpoint, from AWS_ENDPOINT_URL_STS: %s" % why
                           if "loopback" not in why else why,
                           role("default", "b"), AWS_ENDPOINT_URL_STS=url)
                self.check("sso endpoint, from AWS_ENDPOINT_URL_SSO: %s" % why
                           if "loopback" not in why else why,
                           in_sso("default", **LEGACY),
                           AWS_ENDPOINT_URL_SSO=url)
        self.check("no FIPS or dual-stack form", role("default", "b"),
                   AWS_USE_FIPS_ENDPOINT="true")

    def test_a_service_that_is_not_there(self):
        """It may yet be: the failure is that of a connection."""
        env = self.shared("[b]\n" + creds("B"), role("default", "b"),
                          AWS_ENDPOINT_URL_STS="http://127.0.0.1:1")
        self.refused(255, "AWS STS: cannot connect", *options(), env=env)


class Proxy(sources.Source):
    """Notes what a tunnel is asked to, and refuses."""

    hosts = ()

    def __enter__(self):
        super().__enter__()
        self.server.RequestHandlerClass = ProxyHandler
        self.hosts = []
        return self


class ProxyHandler(sources.Handler):
    def do_CONNECT(self):
        self.server.source.hosts.append(self.path)
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")


class Endpoints(ChainTest):
    """Where STS and the portal are: of which the tests of segjob_sts.h and
    segjob_sso.h know more."""

    def setUp(self):
        super().setUp()
        self.proxy = self.start(Proxy())

    def hosts(self, config, *arguments, **values):
        """The hosts that a connection is wanted to."""
        self.proxy.hosts.clear()
        self.create(*options(), "--dry-run", *arguments, env=self.shared(
            "[b]\n" + creds("B"), config, **{
                "AWS_ENDPOINT_URL_STS": None, "AWS_ENDPOINT_URL_SSO": None,
                "https_proxy": "http://127.0.0.1:%d" % self.proxy.port,
                **values}))
        return set(self.proxy.hosts)

    def by_botocore_client(self, service, region, env):
        with mock.patch.dict(os.environ, env, clear=True):
            url = botocore.session.Session().create_client(
                service, region_name=region,
                aws_access_key_id="x", aws_secret_access_key="x",
            ).meta.endpoint_url
        return {url.removeprefix("https://") + ":443"}

    def test_variants(self):
        for region in "us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1":
            for values in ({}, {"AWS_USE_FIPS_ENDPOINT": "true"},
                           {"AWS_USE_DUALSTACK_ENDPOINT": "true"}):
                if values and region != "us-east-1":
                    continue
                env = {"AWS_STS_REGIONAL_ENDPOINTS": "regional", **values}
                with self.subTest(region, values=values):
                    self.assertEqual(
                        self.hosts(role("default", "b"), "--region", region,
                                   **values),
                        self.by_botocore_client("sts", region, env))
                    self.assertEqual(
                        self.hosts(in_sso("default", sso_region=region,
                                          sso_start_url=START), **values),
                        self.by_botocore_client("sso", region, env))

    def test_configured(self):
        one = {"sts": self.sts, "sso": self.portal}
        configs = {"sts": role("default", "b"),
                   "sso": in_sso("default", **LEGACY)}
        for service, source in one.items():
            name = "AWS_ENDPOINT_URL_" + service.upper()
            config = configs[service]
            section = "[services c]\n%s =\n  endpoint_url = %s\n" % (
                service, source.url)
            wrong = "http://127.0.0.1:1"
            for more, values in (
                    ("", {name: source.url}),
                    ("", {name: source.url, "AWS_ENDPOINT_URL": wrong}),
                    ("", {"AWS_ENDPOINT_URL": source.url}),
                    ("endpoint_url = %s\n" % source.url, {}),
                    ("endpoint_url = %s\n" % wrong, {name: source.url}),
                    ("services = c\n" + section, {}),
                    ("services = c\nendpoint_url = %s\n%s" % (wrong, section),
                     {})):
                with self.subTest(service, config=more, values=values):
                    self.assertEqual(self.hosts(config + more, **values), set())
                    self.assertEqual(len(source.requests), 1)
            own = {"sts": {"sts.us-east-1.amazonaws.com:443"},
                   "sso": {"portal.sso.eu-west-1.amazonaws.com:443"}}[service]
            ignored = {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
            self.assertEqual(self.hosts(config, **{name: wrong, **ignored}),
                             own)
            # The option is for Personalize alone.
            self.assertEqual(self.hosts(config, "--endpoint-url", wrong), own)

    @unittest.skipUnless(has_configured_endpoints(), "needs botocore 1.31")
    def test_configured_by_botocore(self):
        for config in (services(nested("endpoint_url = https://a.example")),
                       "[default]\nendpoint_url = https://a.example\n"):
            config = config.replace("personalize", "sts")
            env = self.shared(None, config, AWS_ENDPOINT_URL_STS=None)
            self.assertEqual(self.by_botocore_client("sts", "us-east-1", env),
                             {"a.example:443"})

    def test_the_first_profile_has_them(self):
        """Not that of a source, as in botocore."""
        wrong = profile("b", endpoint_url="http://127.0.0.1:1")
        self.assertEqual(self.hosts(role("default", "b") + wrong),
                         {"sts.us-east-1.amazonaws.com:443"})
        self.assertEqual(self.hosts(
            role("default", "c", endpoint_url=self.portal.url,
                 ignore_configured_endpoint_urls="false")
            + in_sso("c", **LEGACY)), set())
        self.assertEqual(len(self.portal.requests), 2)  # STS is there too


class Debug(ChainTest):
    def debug(self, credentials, config, *arguments, **values):
        result = self.create(*options(), "--dry-run", "--debug", *arguments,
                             env=self.shared(credentials, config, **values),
                             secrets=[TOKEN, SIGNED_IN])
        return [line.partition(": credentials: ")[2] for line in result.debug
                if ": credentials: " in line]

    def test_a_chain_of_roles(self):
        self.assertEqual(
            self.debug("[c]\n" + creds("C"), role("a", "b") + role("b", "c"),
                       "--profile", "a"), [
                "not from the environment: the profile is named",
                "from a role of profile a", "from a role of profile b",
                "not from web identity of profile c: there is no "
                "web_identity_token_file",
                "not from SSO of profile c: there is no sso_account_id and no "
                "sso_role_name",
                "from the credentials file of profile c"])

    def test_last_of_all(self):
        self.assertEqual(
            self.debug(None, None, AWS_EC2_METADATA_DISABLED=None), [
                "not from the environment: AWS_ACCESS_KEY_ID is not set",
                "not from a role of profile default: there is no role_arn",
                "not from web identity of profile default: there is no "
                "web_identity_token_file",
                "not from SSO of profile default: there is no sso_account_id "
                "and no sso_role_name",
                "not from the credentials file of profile default: it has no "
                "aws_access_key_id",
                "not from credential_process of profile default: it is not "
                "set",
                "not from the config file of profile default: it has no "
                "aws_access_key_id",
                "not from a container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI "
                "and ..._FULL_URI are not set",
                "from EC2 instance metadata"])

    def test_each_source(self):
        for config, values, last in (
                (named("default", "EcsContainer"),
                 {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{container}"},
                 ["from a role of profile default", "from a container"]),
                (None, {"AWS_WEB_IDENTITY_TOKEN_FILE": "{token}",
                        "AWS_ROLE_ARN": ARN + "w"},
                 ["from web identity of profile default"]),
                (in_sso("default", **LEGACY), {},
                 ["from SSO of profile default"]),
                (profile("default", credential_process="{helper}"), {},
                 ["from credential_process of profile default"]),
                (profile("default", creds("F")), {},
                 ["from the config file of profile default",
                  "without session token"]),
                (None, {**KEYS_E, "AWS_SESSION_TOKEN": "TOKEN/E"},
                 ["from the environment", "with session token"])):
            with self.subTest(last):
                self.assertEqual(self.debug(None, config, **values)
                                 [-len(last):], last)

    def test_a_refusal(self):
        """What was found until then."""
        self.assertEqual(
            self.debug(None, role("a", "b") + role("b", "a"), "--profile",
                       "a"),
            ["not from the environment: the profile is named",
             "from a role of profile a", "from a role of profile b"])


class Renewed(ChainTest):
    """Keys that assume a role are read again when STS calls them expired. A
    pipe replaces the file: each read gets another text."""

    def write_in_turn(self, names):
        for name in names:
            with open(self.credentials, "w", encoding="ascii") as pipe:
                os.mkfifo(self.credentials + "-next")
                os.rename(self.credentials + "-next", self.credentials)
                pipe.write("[b]\n" + creds(name))

    def test_keys(self):
        for config, name in ((role("a", "b"), "a"), (role("b", "b"), "b")):
            with self.subTest(name):
                env = self.shared(None, config)
                os.mkfifo(self.credentials)
                writer = threading.Thread(
                    target=self.write_in_turn, daemon=True,
                    args=("AAB",))  # the profile, its source, and again
                writer.start()
                self.sts.expired = {"IDA"}
                self.resolved("--profile", name, env=env,
                              secret=sources.GENERATIONS[STS][1])
                writer.join()
                requests = self.requests()
                self.assertIn("('IDB', 'us-east-1')", str(requests))


class Jobs(ChainTest):
    """Jobs are created with such credentials, over TLS."""

    def test_jobs(self):
        with running.Emulator(*sources.known_credentials()) as emulator:
            for number, (config, values, source) in enumerate((
                    (role("default", "b") + role("b", "c"), {}, self.sts),
                    (in_sso("default", **LEGACY), {}, self.portal),
                    (None, {"AWS_WEB_IDENTITY_TOKEN_FILE": "{token}",
                            "AWS_ROLE_ARN": ARN + "w"}, self.sts))):
                name = "job-%d" % number
                with self.subTest(config=config, values=values):
                    result = self.create(
                        *options(job_name=name), secrets=[TOKEN, SIGNED_IN],
                        env=self.shared("[c]\n" + creds("C"), config,
                                        AWS_ENDPOINT_URL=emulator.endpoint,
                                        AWS_CA_BUNDLE=emulator.ca, **values))
                    self.assertEqual(result.code, 0, result)
                    self.assertIn(name, emulator.jobs())
                    self.assertTrue(source.requests)


if __name__ == "__main__":
    unittest.main()
