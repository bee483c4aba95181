"""Profiles, region, endpoint and credentials: precedence and bad input.

botocore is the reference where it can be. It has AWS_REGION by its older name
alone, and no configured endpoints before 1.31: for these the rows have the
expectation, from the AWS CLI's documentation.
"""

import os
import tempfile
import unittest
from unittest import mock

import botocore.configprovider
import botocore.session
from botocore.exceptions import BotoCoreError

from command import (CommandTest, KEY_ID, SECRET, environment, error_of,
                     options)
from test_dry_run import Signed

CREDENTIALS = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
NO_CREDENTIALS = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None,
                  "AWS_REGION": None}


def creds(name, token=False):
    """A profile's credentials; their values contain `name`."""
    return ("aws_access_key_id = ID%s\naws_secret_access_key = SECRET/%s\n"
            % (name, name)) + (
                "aws_session_token = TOKEN%s\n" % name if token else "")


class ConfigurationTest(CommandTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.credentials = os.path.join(self.folder, "credentials")
        self.config = os.path.join(self.folder, "config")

    def environment(self, credentials=None, config=None, **values):
        """With these texts in the shared files; None for no file."""
        for path, text in ((self.credentials, credentials),
                           (self.config, config)):
            if os.path.exists(path):
                os.unlink(path)
            if text is not None:
                with open(path, "w", encoding="utf-8", newline="") as file:
                    file.write(text)
        return environment(**{
            **NO_CREDENTIALS, "AWS_SHARED_CREDENTIALS_FILE": self.credentials,
            "AWS_CONFIG_FILE": self.config, **values})

    def resolved(self, *arguments, env, secret):
        """What the command signs with: key id, secret, token, region.

        The secret is never printed: the signature shows whether it was used.
        """
        result = self.create(*options(), "--dry-run", *arguments, env=env)
        self.assertEqual(result.code, 0, result)
        signed = Signed(result.out)
        token = signed.headers.get("X-Amz-Security-Token")
        self.assertEqual(signed.signature,
                         signed.signature_by_botocore(secret, token))
        return signed.key_id, secret, token, signed.region

    def by_botocore(self, arguments, env):
        """The same from botocore's session, None if it has none or fails."""
        given = dict(zip(arguments[::2], arguments[1::2]))
        env = {**env, "AWS_EC2_METADATA_DISABLED": "true"}
        with mock.patch.dict(os.environ, env, clear=True):
            try:
                session = botocore.session.Session(
                    profile=given.get("--profile"))
                session.get_scoped_config()  # the profile must exist
                found = session.get_credentials()
                region = given.get("--region",
                                   session.get_config_variable("region"))
            except BotoCoreError:
                return None
        if found is None or not region:
            return None
        return found.access_key, found.secret_key, found.token, region

    def same(self, *arguments, env):
        """Compare the command with botocore. Returns whether both succeed."""
        expected = self.by_botocore(arguments, env)
        if expected is None:
            self.refused(253, "", *options(), "--dry-run", *arguments,
                         env=env)
            return False
        self.assertEqual(
            self.resolved(*arguments, env=env, secret=expected[1]), expected)
        return True


class AsBotocore(ConfigurationTest):
    def test_order(self):
        """Every set of sources, with and without the name of a profile."""
        both = {
            "credentials": "[default]\n" + creds("C") + "[work]\n" +
                           creds("W", True),
            "config": "[default]\nregion = eu-west-1\n" + creds("F") +
                      "[profile work]\nregion = eu-west-2\n[profile only]\n"
                      "region = eu-west-3\n" + creds("O"),
        }
        files = [{}, both, {"credentials": both["credentials"]},
                 {"config": both["config"]},
                 {"credentials": "", "config": ""}]
        variables = [
            {}, CREDENTIALS, {"AWS_ACCESS_KEY_ID": KEY_ID},
            {"AWS_SECRET_ACCESS_KEY": SECRET},
            {**CREDENTIALS, "AWS_SESSION_TOKEN": "TOKENENV"},
            {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}]
        arguments = [[], ["--profile", "work"], ["--profile", "only"],
                     ["--profile", "missing"], ["--profile", "default"],
                     ["--region", "us-west-1"],
                     ["--profile", "work", "--region", "us-west-2"]]
        good = bad = 0
        for texts in files:
            for values in variables:
                for given in arguments:
                    for more in ({"AWS_PROFILE": "work"},
                                 {"AWS_DEFAULT_REGION": "ca-central-1"}):
                        env = self.environment(**texts, **values, **more)
                        with self.subTest(texts=texts, given=given,
                                          variables=[*values, *more]):
                            if self.same(*given, env=env):
                                good += 1
                            else:
                                bad += 1
        self.assertGreater(good, 100)
        self.assertGreater(bad, 50)

    def test_syntax_of_the_files(self):
        rows = [
            "[default]\naws_access_key_id=ID\naws_secret_access_key=S=E:C\n",
            "[default]\r\naws_access_key_id = ID \r\naws_secret_access_key\t="
            "\tSEC \t\r\nregion: eu-west-1\r\n",
            "[default]\naws_access_key_id: ID\naws_secret_access_key : SEC",
            "[default]\nAWS_ACCESS_KEY_ID = ID\nAws_Secret_Access_Key = SEC\n",
            "# comment\n; comment\n\n[default] ; more\n" + creds("A"),
            "[default]\n  aws_access_key_id = ID\n  aws_secret_access_key = "
            "SEC\n",
            "[default]\naws_access_key_id = ID#no;comment\n"
            "aws_secret_access_key = SEC\n",
            "[other]\ns3 =\n  a = b\n\n  c = d\n[default]\n" + creds("A"),
            "[default]\n" + creds("A") + "s3 =\n  region = nested\n"
            "region = eu-west-1\n",
            "[Default]\n" + creds("A"),
            "[ default ]\n" + creds("A"),
            "[default]\naws_access_key_id = ID\n",
            "[default]\naws_secret_access_key = SEC\n",
            creds("A"),
            "[default\n" + creds("A"),
            "[default]\nno setting\n" + creds("A"),
            "[default]\n= value\n" + creds("A"),
        ]
        good = 0
        for text in rows:
            with self.subTest(text):
                env = self.environment(text, AWS_DEFAULT_REGION="us-east-1")
                good += self.same(env=env)
        self.assertGreater(good, 6)

    def test_names_of_profiles(self):
        config = ("[profile  spaced ]\nregion = eu-west-1\n"
                  '[profile "in quotes"]\nregion = eu-west-2\n'
                  "[profile 'single']\nregion = eu-west-3\n"
                  "[plain]\nregion = eu-south-1\n"
                  "[profileless]\nregion = eu-south-2\n"
                  "[profile]\nregion = eu-north-1\n"
                  "[profile default]\nregion = eu-central-1\n")
        env = self.environment("[in quotes]\n" + creds("Q"), config,
                               **CREDENTIALS)
        for name in ("spaced", "in quotes", "single", "plain", "profileless",
                     "profile", "", "less", "default"):
            with self.subTest(name):
                self.same("--profile", name, env=env)
                self.same(env={**env, "AWS_PROFILE": name or "x"})

    def test_credentials_file_comes_first(self):
        env = self.environment("[default]\nregion = eu-west-1\n" + creds("C"),
                               "[default]\nregion = eu-west-2\n" + creds("F"))
        self.assertTrue(self.same(env=env))
        # The missing half of a pair does not come from the other file.
        env = self.environment("[default]\naws_access_key_id = ID\n",
                               "[default]\nregion = eu-west-2\n" + creds("F"))
        self.assertFalse(self.same(env=env))

    def test_files_at_home(self):
        env = self.environment(AWS_SHARED_CREDENTIALS_FILE=None,
                               AWS_CONFIG_FILE=None, HOME=self.folder)
        os.mkdir(self.folder + "/.aws")
        self.assertFalse(self.same(env=env))
        for name, text in (("credentials", "[default]\n" + creds("H")),
                           ("config", "[default]\nregion = eu-west-1\n")):
            with open(self.folder + "/.aws/" + name, "w",
                      encoding="utf-8") as file:
                file.write(text)
        self.assertTrue(self.same(env=env))
        env["AWS_CONFIG_FILE"] = "~/.aws/credentials"
        self.assertFalse(self.same(env=env))

    def test_ca_bundle(self):
        env = self.environment(
            config="[default]\nregion = eu-west-1\nca_bundle = /in/profile\n",
            **CREDENTIALS)
        for values, given in (({}, []), ({"AWS_CA_BUNDLE": "/in/env"}, []),
                              ({"AWS_CA_BUNDLE": "/in/env"},
                               ["--ca-bundle", "/in/option"])):
            with mock.patch.dict(os.environ, {**env, **values}, clear=True):
                path = given[1] if given else botocore.session.Session() \
                    .get_config_variable("ca_bundle")
            self.refused(253, "^segjob: %s: No such file" % path, *options(),
                         *given, env={**env, **values})


class Region(ConfigurationTest):
    def region(self, *arguments, **values):
        env = self.environment(config="[default]\nregion = profile-1\n",
                               **{**CREDENTIALS, **values})
        return self.resolved(*arguments, env=env, secret=SECRET)[3]

    def test_order(self):
        self.assertEqual(self.region(), "profile-1")
        self.assertEqual(self.region(AWS_DEFAULT_REGION="old-1"), "old-1")
        self.assertEqual(self.region(AWS_DEFAULT_REGION="old-1",
                                     AWS_REGION="env-1"), "env-1")
        self.assertEqual(self.region("--region", "opt-1",
                                     AWS_REGION="env-1"), "opt-1")
        self.assertEqual(self.region(AWS_REGION="", AWS_DEFAULT_REGION=""),
                         "profile-1")

    def test_bad_regions(self):
        for text in ("", "a b", "-a", "a-", "us-east-1.example.org", "12",
                     "x" * 64, "é", "a/b", "a@b", "a\r\nX: y"):
            with self.subTest(text):
                self.refused(252, r"^segjob: region: must .*\(from --region\)",
                             *options(region=text), "--dry-run")
                if text:
                    self.refused(
                        253, r"^segjob: region: must .*\(from AWS_REGION\)",
                        *options(), "--dry-run",
                        env=environment(AWS_REGION=text))

    def test_none(self):
        self.refused(253, "no region", *options(),
                     env=environment(AWS_REGION=None))


class Endpoint(ConfigurationTest):
    def host(self, *arguments, **values):
        config = "[default]\nendpoint_url = https://profile.example\n"
        env = self.environment(config=config, **{
            **CREDENTIALS, "AWS_REGION": "us-east-1", **values})
        result = self.create(*options(), "--dry-run", *arguments, env=env)
        return Signed(result.out).headers["Host"]

    def test_order(self):
        self.assertEqual(self.host(), "profile.example")
        both = {"AWS_ENDPOINT_URL": "https://all.example"}
        self.assertEqual(self.host(**both), "all.example")
        both["AWS_ENDPOINT_URL_PERSONALIZE"] = "https://own.example:8443/"
        self.assertEqual(self.host(**both), "own.example:8443")
        self.assertEqual(self.host("--endpoint-url", "https://opt.example",
                                   **both), "opt.example")

    def test_ignored(self):
        urls = {"AWS_ENDPOINT_URL": "https://all.example"}
        own = "personalize.us-east-1.amazonaws.com"
        name = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
        self.assertEqual(self.host(**urls, **{name: "True"}), own)
        self.assertEqual(self.host(**urls, **{name: "false"}), "all.example")
        self.assertEqual(self.host("--endpoint-url", "https://opt.example",
                                   **urls, **{name: "true"}), "opt.example")
        env = self.environment(
            config="[default]\nignore_configured_endpoint_urls = true\n"
            "endpoint_url = https://profile.example\n",
            **CREDENTIALS, AWS_REGION="us-east-1")
        result = self.create(*options(), "--dry-run", env=env)
        self.assertEqual(Signed(result.out).headers["Host"], own)

    def test_variants(self):
        """The flags, in environment and profile, as botocore reads them."""
        for flag, setting, host in (
                ("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint",
                 "personalize-fips.us-east-1.amazonaws.com"),
                ("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint",
                 "personalize.us-east-1.api.aws")):
            for value in (None, "true", "TRUE", "false", "1", ""):
                for in_file in (None, "true", "True", "no"):
                    config = "[default]\n" + (
                        "%s = %s\n" % (setting, in_file) if in_file else "")
                    env = self.environment(config=config, **{
                        **CREDENTIALS, "AWS_REGION": "us-east-1", flag: value})
                    result = self.create(*options(), "--dry-run", env=env)
                    with mock.patch.dict(os.environ, env, clear=True):
                        expected = botocore.session.Session(
                            ).get_config_variable(setting)
                    # Here an empty variable counts as absent.
                    if value == "":
                        expected = in_file is not None and \
                            in_file.lower() == "true"
                    with self.subTest(flag, value=value, in_file=in_file):
                        self.assertEqual(
                            Signed(result.out).headers["Host"] == host,
                            bool(expected))
            self.refused(252, "no FIPS or dual-stack form .*endpoint-url",
                         *options(endpoint_url="https://a.example"),
                         env=environment(**{flag: "true"}))

    def test_addresses(self):
        for url, host in (("https://127.0.0.1", "127.0.0.1"),
                          ("https://[::1]", "[::1]"),
                          ("https://[fd00:ec2::1]:8443/",
                           "[fd00:ec2::1]:8443"),
                          ("http://[::1]", "[::1]"),
                          ("http://[::1]:80", "[::1]"),
                          ("http://127.0.0.1:8080", "127.0.0.1:8080"),
                          ("HTTP://localhost:443/", "localhost:443"),
                          ("HTTPS://LOCALHOST:80/", "LOCALHOST:80")):
            with self.subTest(url):
                self.assertEqual(self.host("--endpoint-url", url), host)

    def test_bad_endpoints(self):
        rows = [
            ("http://example.com", "loopback without TLS"),
            ("HTTP://127.0.0.1.example.com:8080/", "loopback without TLS"),
            ("http://10.0.0.1", "loopback without TLS"),
            ("http://[::2]", "loopback without TLS"),
            ("localhost", "must begin with http"),
            ("ftp://localhost", "must begin with http"),
            ("https:/localhost", "must begin with http"),
            (" https://localhost", "must begin with http"),
            ("https://localhost/path", "path, query or fragment"),
            ("https://localhost//", "path, query or fragment"),
            ("https://localhost?query", "path, query or fragment"),
            ("https://localhost/#part", "path, query or fragment"),
            ("https://me@localhost", "user name"),
            ("https://me:secretword@localhost/", "user name"),
            ("https://localhost:", "the port"),
            ("https://localhost:0", "the port"),
            ("https://localhost:65536", "the port"),
            ("https://localhost:99999999999999999999", "the port"),
            ("https://localhost:443x", "the port"),
            ("https://localhost:+443", "the port"),
            ("https://localhost:443:443", "the port"),
            ("https://[::1", "lacks its bracket"),
            ("https://[::1]443", "the port"),
            ("https://[localhost]", "only IPv6 addresses"),
            ("https://[127.0.0.1]:443", "only IPv6 addresses"),
            ("https://[::1%25eth0]", "endpoint: must"),
            ("https://[1:2]", "endpoint: must"),
            ("https://::1", "the port"),
            ("https://", "endpoint: must"),
            ("https:///", "endpoint: must"),
            ("https://:443", "endpoint: must"),
            ("https://a b", "endpoint: must"),
            ("https://a\\b", "endpoint: must"),
            ("https://local\r\nX: y", "the port|endpoint: must"),
            ("https://-a.example", "endpoint: must"),
            ("https://a..example", "endpoint: must"),
            ("https://é.example", "endpoint: must"),
            ("https://" + "a." * 127 + "example", "endpoint: must"),
        ]
        for url, pattern in rows:
            with self.subTest(url):
                result = self.refused(
                    252, "from --endpoint-url.*(%s)|(%s).*from --endpoint-url"
                    % (pattern, pattern), *options(endpoint_url=url),
                    "--dry-run",
                    secrets=["secretword"])
                self.assertNotIn(url, error_of(result))
                self.refused(253, "AWS_ENDPOINT_URL", *options(), "--dry-run",
                             env=environment(AWS_ENDPOINT_URL=url))
        self.refused(252, "endpoint", *options(endpoint_url=""))


OWN = "personalize.us-east-1.amazonaws.com"


def services(lines, name="c"):
    """A profile with a services section, of these lines."""
    return ("[default]\nservices = c\nendpoint_url = https://profile.example\n"
            "[services %s]\n%s" % (name, lines))


def nested(*lines):
    return "personalize =\n" + "".join("  %s\n" % line for line in lines)


URL = "endpoint_url = https://own.example"


class Services(ConfigurationTest):
    """The config file, and the host or None for an error."""

    ROWS = [
        (services(nested(URL)), "own.example"),
        (services("s3 =\n  endpoint_url = https://s3.example\n" +
                  nested("parameter_validation = false", "a = b", URL) +
                  "sts =\n  endpoint_url = https://sts.example\n"),
         "own.example"),
        (services(nested(URL), "c") + "[services d]\n" +
         nested("endpoint_url = https://d.example"), "own.example"),
        ("[services c]\n" + nested(URL) + "[default]\nservices = c\n",
         "own.example"),
        (services(nested(URL), "'c'"), "own.example"),
        (services(nested(URL), '"c"'), "own.example"),
        (services(nested(URL), " c "), "own.example"),
        ("[default]\nservices = my name\n[services 'my name']\n" + nested(URL),
         "own.example"),
        ("[default]\nservices = 'c'\n[services 'c']\n" + nested(URL), None),
        ("[default]\nservices = c\n", None),
        (services(nested(URL), "d"), None),
        (services(nested(URL), "c d"), None),
        (services(nested(URL), "it's"), None),
        # What is not there, or not for this service, changes nothing.
        (services("s3 =\n  endpoint_url = https://s3.example\n"),
         "profile.example"),
        (services(nested("endpoint_url =")), "profile.example"),
        (services(nested("region = us-west-2")), "profile.example"),
        ("[default]\nservices = c\n[services c]\n" + nested("a = b"), OWN),
        ("[services default]\n" + nested(URL) + "[default]\na = b\n", OWN),
        # Names: that of the service without regard to case, as settings are.
        (services("Personalize =\n  " + URL), "own.example"),
        (services(nested("ENDPOINT_URL = https://own.example")),
         "profile.example"),
        (services(nested("endpoint_url: https://own.example/?a=b")),
         "profile.example"),
        (services(nested("endpoint_url=https://own.example")), "own.example"),
        (services(nested("# c", "", " ; c", "", URL)), "own.example"),
        (services(nested("endpoint_url = https://first.example", URL)),
         "own.example"),
        (services("personalize:\n\t" + URL.replace(" ", "\u00a0")),
         "own.example"),
        # What is no setting.
        (services("personalize = https://own.example\n"), None),
        (services("personalize = a = b\n  " + URL), None),
        (services(nested("https://own.example")), None),
        # [DEFAULT], and a name that is spelled twice: the last replaces it.
        ("[DEFAULT]\n" + nested(URL) + services("x = y\n"), "own.example"),
        ("[DEFAULT]\n" + nested(URL) + services(nested("a = b")),
         "profile.example"),
        (services(nested(URL)) + "[services 'c']\nx = y\n",
         "profile.example"),
        ("[default]\nservices = c\n  d\n[services c]\n" + nested(URL), None),
        # Other settings, known to other programs or to none.
        ("[default]\nparameter_validation = false\nunknown = 1\n"
         "s3 =\n  a = b\ntcp_keepalive = x\n", OWN),
    ]

    def environment(self, credentials=None, config=None, **values):
        return super().environment(credentials, config, **{
            **CREDENTIALS, "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1", **values})

    def host(self, *arguments, env):
        result = self.create(*options(), "--dry-run", *arguments, env=env)
        return Signed(result.out).headers["Host"]

    def test_rows(self):
        for config, host in self.ROWS:
            with self.subTest(config):
                env = self.environment(config=config)
                if host:
                    self.assertEqual(self.host(env=env), host)
                else:
                    self.refused(253, "config, line [0-9]+: ", *options(),
                                 "--dry-run", env=env)

    @unittest.skipUnless(hasattr(botocore.configprovider,
                                 "ConfiguredEndpointProvider"),
                         "services sections need botocore 1.31, not "
                         + botocore.__version__)
    def test_rows_by_botocore(self):
        for config, host in self.ROWS:
            with self.subTest(config):
                env = self.environment(config=config)
                try:
                    with mock.patch.dict(os.environ, env, clear=True):
                        found = botocore.session.Session().create_client(
                            "personalize").meta.endpoint_url
                except (BotoCoreError, AttributeError):
                    found = None
                self.assertEqual(found, host and "https://" + host)

    def test_order(self):
        both = services(nested(URL))
        env = self.environment(config=both)
        self.assertEqual(self.host(env={
            **env, "AWS_ENDPOINT_URL": "https://all.example"}), "all.example")
        self.assertEqual(self.host("--endpoint-url", "https://opt.example",
                                   env=env), "opt.example")
        self.assertEqual(self.host(env={
            **env, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}), OWN)

    def test_credentials_file(self):
        """It may name the section, which is in the config file."""
        named = "[default]\nservices = c\nendpoint_url = https://x.example\n"
        section = "[services c]\n" + nested(URL)
        self.assertEqual(self.host(env=self.environment(named, section)),
                         "own.example")
        self.assertEqual(self.host(env=self.environment(
            named, section + "[default]\nservices = d\n")), "own.example")
        for config in None, "", "[default]\n":
            self.refused(253, "credentials, line 2: the config file has no "
                         "such services section", *options(),
                         env=self.environment(named + section, config))

    def test_a_missing_section_matters_if_it_is_looked_for(self):
        env = self.environment(config="[default]\nservices = SECRETWORD\n")
        self.refused(253, "config, line 2: ", *options(), env=env,
                     secrets=["SECRETWORD"])
        for values in ({"AWS_ENDPOINT_URL": "https://all.example"},
                       {"AWS_ENDPOINT_URL_PERSONALIZE": "https://p.example"},
                       {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}):
            self.host(env={**env, **values})
        self.host("--endpoint-url", "https://opt.example", env=env)

    def test_bad_url(self):
        env = self.environment(config=services(nested(URL + " # mine")))
        self.refused(253, "endpoint, from the profile: ", *options(), env=env)


class Attempts(ConfigurationTest):
    def test_bad_settings(self):
        for setting, bad in (("max_attempts", ("0", "-1", "+1", "1.5", "x")),
                             ("retry_mode", ("Standard", "standard;", "x"))):
            for text in bad:
                with self.subTest(setting, text=text):
                    self.refused(253, "^segjob: %s, from AWS_%s, must be "
                                 % (setting, setting.upper()), *options(),
                                 env=environment(**{
                                     "AWS_" + setting.upper(): text}))
                    self.refused(253, "^segjob: %s, from the profile, must be "
                                 % setting, *options(), env=self.environment(
                                     config="[default]\n%s = %s\n"
                                     % (setting, text),
                                     AWS_REGION="us-east-1", **CREDENTIALS))


class Credentials(ConfigurationTest):
    def test_none(self):
        self.refused(253, "no credentials", *options(),
                     env=self.environment(AWS_REGION="us-east-1"))

    def test_missing_profile_is_named(self):
        env = self.environment("[work]\n" + creds("W"), AWS_REGION="us-east-1")
        self.refused(253, "profile wrok ", *options(profile="wrok"), env=env)
        self.refused(253, "profile wrok ", *options(),
                     env={**env, "AWS_PROFILE": "wrok"})

    def test_half_a_pair(self):
        self.refused(253, "from the environment: .*no secret access key",
                     *options(),
                     env=environment(AWS_SECRET_ACCESS_KEY=None))

    def test_credentials_that_must_not_be_in_headers(self):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                     "AWS_SESSION_TOKEN"):
            for text in ("broken\r\nX-Other: header", "with space", "tab\tbed",
                         "ümlaut"):
                with self.subTest(name=name, text=text):
                    self.refused(253, "^segjob: %s: " % name, *options(),
                                 secrets=[text],
                                 env=environment(**{name: text}))

    def test_unreadable_files(self):
        env = environment(AWS_CONFIG_FILE=self.folder)
        self.refused(253, "%s: Is a directory" % self.folder, *options(),
                     env=env)
        env = environment(AWS_CONFIG_FILE="/" + "x" * 5000)
        self.refused(253, "too long", *options(), env=env)
        env = self.environment("x" * (2**20 + 1))
        self.refused(253, "too large", *options(), env=env)

    def test_malformed_files_show_no_line(self):
        for text in ("[default]\naws_secret_access_key SECRETWORD\n",
                     "aws_secret_access_key = SECRETWORD\n",
                     "[default]\nregion = us-east-1\naws_access_key_id = ID\n"
                     "aws_secret_access_key = SECRET\n WORD\n",
                     "[default]\nkey = SECRETWORD\0\n"):
            with self.subTest(text):
                self.refused(253, "line [0-9]+: ", *options(),
                             env=self.environment(text),
                             secrets=["SECRETWORD", "WORD"])

    def test_error_names_the_line(self):
        env = self.environment(config="[default]\n\n# c\nregion = a\nwhat\n")
        self.refused(253, "config, line 5: a setting is written NAME = VALUE",
                     *options(), env=env)


if __name__ == "__main__":
    unittest.main()
