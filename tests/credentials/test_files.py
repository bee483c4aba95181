"""The shared files in all kinds of syntax, read as botocore reads them.

Where botocore fails, or reads impossible credentials, AWS's SDKs are the
reference: the rows of AsSdks are from the tests of parsing that they share
(profile-parser-tests.json of smithy-rs, commit 1f1c4997), with settings that
matter here.
"""

import os
import random
import re
import sys
import unittest

from botocore.configloader import raw_config_parse
from botocore.exceptions import ConfigParseError

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.join(os.path.dirname(HERE), "integration")]

from command import environment, options  # noqa: E402
from test_configuration import ConfigurationTest, creds  # noqa: E402

CASES = 300


def can_be(found):
    """Whether the key id, secret, token and region are possible."""
    key_id, secret, token, region = found
    return (re.fullmatch(r"\w+", key_id, re.ASCII) is not None and
            all(re.fullmatch("[!-~]+", text) for text in (secret, token or "t"))
            and isinstance(region, str) and
            re.fullmatch("[a-z0-9-]+", region) is not None)


class AsSdks(ConfigurationTest):
    def reads(self, credentials, config=None, profile="default", **expected):
        """The command reads these values, which botocore cannot."""
        env = self.environment(credentials, config)
        arguments = ["--profile", profile]
        found = self.by_botocore(arguments, env)
        self.assertFalse(found and can_be(found), found)
        expected = {"key_id": "IDA", "secret": "SECRET/A", "token": None,
                    "region": "eu-west-1", **expected}
        secret = expected["secret"]
        self.assertEqual(self.resolved(*arguments, env=env, secret=secret),
                         tuple(expected.values()))

    def test_comments(self):
        """After a value and a blank; without a blank they are part of it."""
        for comment in (" # mine", " ; mine", "\t# mine", " #", " ;#;"):
            with self.subTest(comment):
                self.reads("[default]\naws_access_key_id = IDA%s\n"
                           "aws_secret_access_key = SECRET/A%s\n"
                           "aws_session_token = # none\n"
                           "region = eu-west-1%s\n" % ((comment,) * 3))
        self.reads("[default] # [old]\nregion = eu-west-1\n" + creds("A"))
        self.reads("[default];[old]\nregion = eu-west-1\n" + creds("A"))
        self.reads("[default]\nregion = eu-west-1\n" + creds("A") +
                   "aws_session_token = TOKEN#;A # mine\n", token="TOKEN#;A")

    def test_flags(self):
        env = self.environment(
            "[default]\nregion = eu-west-1\n" + creds("A"),
            "[default]\nuse_fips_endpoint = true # at work\n")
        result = self.create(*options(), "--dry-run", env=env)
        self.assertIn("Host: personalize-fips.eu-west-1.", result.out)

    def test_a_path_may_look_like_a_comment(self):
        """It is part of the path, as in botocore."""
        self.refused(253, "^segjob: %s #x: No such file" % self.folder,
                     *options(), env=self.environment(
                         "[default]\nregion = eu-west-1\nca_bundle = %s #x\n"
                         % self.folder + creds("A")))

    def test_duplicates(self):
        """Sections are merged, and the last of equal settings is used."""
        for credentials in (
                "[default]\n" + creds("B") + "[default]\n" + creds("A"),
                "[default]\n" + creds("B") + creds("A"),
                "[default]\n" + creds("A") + "[default]\noutput = text\n",
                "[default]\naws_access_key_id = IDA\n[x]\n[default]\n"
                "Aws_Secret_Access_Key = SECRET/B\n"
                "AWS_SECRET_ACCESS_KEY = SECRET/A\n",
                "[x]\na = 1\n[default]\n" + creds("A") + "[x]\na = 1\na = 2\n"):
            with self.subTest(credentials):
                self.reads(credentials, "[default]\nregion = eu-west-1\n")
        self.reads("[w]\n" + creds("A"), "[profile w]\nregion = eu-west-2\n"
                   "[default]\nregion = eu-west-3\n"
                   "[profile w]\nregion = eu-west-1\n", profile="w")

    def test_ill_named_profiles(self):
        """They are skipped with their settings."""
        for title in ("[]", "[] # none"):
            with self.subTest(title):
                self.reads("%s\n%s[default]\n%s" % (title, creds("B"),
                                                    creds("A")),
                           "%s\nregion = b\n[default]\nregion = eu-west-1\n"
                           % title)

    def test_byte_order_mark(self):
        self.reads("\ufeff[default]\n" + creds("A"),
                   "\ufeff# c\n[default]\nregion = eu-west-1\n")

    def test_errors_of_all_readers(self):
        for text in ("[default\n", "[default]\nnonsense\n", "a = b\n",
                     "[default]\n= b\n", "\n \ufeff[default]\n"):
            with self.subTest(text):
                env = self.environment(text)
                self.assertIsNone(self.by_botocore([], env))
                self.refused(253, ", line [12]: ", *options(), env=env)


class Flaws(ConfigurationTest):
    """Malformed credentials: the message says which, where, and why."""

    VARIABLES = {"aws_access_key_id": "AWS_ACCESS_KEY_ID",
                 "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
                 "aws_session_token": "AWS_SESSION_TOKEN"}
    FLAWS = [("%s\n", "ends in white space"), ("%s\r\n", "ends in white space"),
             ("%s ", "ends in white space"), ("%s\t", "ends in white space"),
             (" %s", "begins with white space"),
             ("\n%s", "begins with white space"),
             ('"%s"', "is in quotes"), ("'%s'", "is in quotes"),
             ("%s\nX", "contains a line end"), ("%s X", "contains white space"),
             ("%s\u00a0", "must be visible ASCII characters"),
             ("\ufeff%s", "must be visible ASCII characters")]

    def test_variables(self):
        for name in self.VARIABLES.values():
            for notation, flaw in self.FLAWS:
                with self.subTest(name, notation=notation):
                    text = notation % "WORDWORD"
                    self.refused(253, "^segjob: %s: %s$" % (name, flaw),
                                 *options(), env=environment(**{name: text}),
                                 secrets=["WORDWORD"])
        self.refused(253, "AWS_ACCESS_KEY_ID: must contain neither", *options(),
                     env=environment(AWS_ACCESS_KEY_ID="a/b"))

    def test_lines(self):
        """In the file with the credentials; blanks around them are removed."""
        for name in self.VARIABLES:
            for notation, flaw in self.FLAWS[6:10]:
                lines = ["[default]", "region = us-east-1",
                         *("%s = x" % other for other in self.VARIABLES)]
                line = 3 + list(self.VARIABLES).index(name)
                lines[line - 1] = "%s = %s" % (
                    name, notation.replace("\n", "\n ") % "WORDWORD")
                for text in ("\n".join(lines), "\r\n".join(lines)):
                    for texts, path in (((text, None), self.credentials),
                                        ((None, text), self.config)):
                        with self.subTest(name, notation=notation, texts=texts):
                            self.refused(
                                253, "^segjob: %s, line %d: %s: %s$"
                                % (path, line, name, flaw), *options(),
                                env=self.environment(*texts),
                                secrets=["WORDWORD"])

    def test_blanks_around_values(self):
        """They are removed, as by botocore."""
        env = self.environment(
            "[default]\nregion = eu-west-1\naws_access_key_id = \tID \t\n"
            "aws_secret_access_key =\u00a0SEC\u00a0\n")
        self.assertTrue(self.same(env=env))


class AsBotocore(ConfigurationTest):
    """Random files, valid or not."""

    TITLES = ["[default]", "[work]", "[profile work]", "[DEFAULT]"]
    ODD_TITLES = [
        "[profile default]", "[profile  work ]", '[profile "work"]',
        "[profile wo\\rk]", "[profile 'wo'rk]", "[profile work more]",
        "[profilework]", "[profilex work]", "[profile it's]",
        '[profile "work\\""]', "[ default ]", "[default] ; c",
        "[default];", "[other]", "[sso-session work]", "[default]]",
        "[Default]", "[profile]", "[profile ]", "[work] x", "[profile\twork]",
        "\t[default]", "\u00a0[work]\u00a0", "[profile work\\",
        "[profile 'work]", "[profile \"wo\\rk\"]", "[profile ''work]"]
    NAMES = [("aws_access_key_id", "AB"), ("aws_secret_access_key", "CD/+"),
             ("aws_session_token", "EF=="), ("region", "x-1"),
             ("cli_pager", "text"), ("s3", "\n  region = v-5")]
    DELIMITERS = [" = ", "=", ":", " : ", "\t=\t", " =", "= ",
                  "\u3000=\u00a0"]
    ODD_VALUES = ["%s ", "\u00a0%s\u2003", "%s=", "%s:", "%s#", "%s;", "",
                  "%s B", "%s # c", "# %s", "%s\r", "%s\n  CD",
                  "%s\n\n  # c\n\tCD", "%s\\", "\x1f%s", "%s\x0b"]
    OTHERS = ["", "# comment", "  ; comment", "\t", " # [work]"]

    def section(self, chance, title):
        lines = [title]
        for name, value in chance.sample(self.NAMES, chance.randint(2, 6)):
            if chance.random() < 0.1:
                value = chance.choice(self.ODD_VALUES).replace("%s", value)
            if chance.random() < 0.1:
                name = chance.choice([name.upper(), name.title(), "\t" + name])
            lines.append(name + chance.choice(self.DELIMITERS) + value)
            if chance.random() < 0.1:
                lines.append(chance.choice(self.OTHERS))
        return lines

    def text(self, chance):
        titles = chance.sample(self.TITLES, chance.randint(0, 3)) + \
            chance.sample(self.ODD_TITLES, chance.randint(0, 2))
        chance.shuffle(titles)
        lines = [line for title in titles
                 for line in self.section(chance, title)]
        return chance.choice(["\n", "\n", "\r\n", "\r"]).join(lines)

    def reads_both(self):
        """Whether botocore can read both files."""
        try:
            for path in (self.credentials, self.config):
                if os.path.exists(path):
                    raw_config_parse(path)
        except ConfigParseError:
            return False
        return True

    def test_random_files(self):
        chance = random.Random(16)
        good = bad = 0
        for case in range(CASES):
            texts = self.text(chance), self.text(chance)
            env = self.environment(
                *texts, AWS_DEFAULT_REGION=chance.choice([None, "z-3"]))
            given = chance.choice([[], ["--profile", "work"],
                                   ["--profile", "default"]])
            expected = self.by_botocore(given, env)
            with self.subTest(case, given=given, texts=texts):
                if not self.reads_both():
                    continue  # AWS's SDKs can, and the command may
                if expected is None:
                    bad += 1
                    self.refused(253, "", *options(), *given, "--dry-run",
                                 env=env)
                elif can_be(expected):
                    good += 1
                    key_id, secret, token, region = expected
                    self.assertEqual(
                        self.resolved(*given, env=env, secret=secret),
                        (key_id, secret, token or None, region))
        self.assertGreater(good, CASES // 6)
        self.assertGreater(bad, CASES // 6)


if __name__ == "__main__":
    unittest.main()
