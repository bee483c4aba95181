"""The command line: what is refused and how, help, and the API's rules."""

import subprocess
import unittest

import command
from command import ACCOUNT, CommandTest, JOB, environment, options


class Help(CommandTest):
    def test_help(self):
        for arguments, words in [
                (["--help"], ["create", "describe", "list", "wait",
                              "AWS_ACCESS_KEY_ID", "253"]),
                (["describe", "--help"], ["--batch-segment-job-arn"]),
                (["wait", "--help"], ["--batch-segment-job-arn", "10800"]),
                (["list", "--help"], ["--solution-version-arn"]),
                (["create", "--help"], ["--num-results", "25", "5 million",
                                        "end in /", "--timeout"]),
                (["create", *options(), "--help"], ["--job-name"])]:
            with self.subTest(arguments):
                result = self.segjob(*arguments)
                self.assertEqual(result.code, 0)
                for word in words:
                    self.assertIn(word, result.out)
                for line in result.out.splitlines():
                    self.assertLessEqual(len(line), 80)

    def test_help_names_every_option(self):
        out = self.segjob("create", "--help").out
        for name in [*JOB, "cli-input-json", "filter-arn", "input-kms-key-arn",
                     "output-kms-key-arn", "num-results", "tag", "dry-run",
                     "ensure", "wait",
                     "region", "endpoint-url", "ca-bundle", "profile",
                     "timeout", "output", "debug", "version", "help"]:
            self.assertIn("--" + name, out)

    def test_version(self):
        with open(command.ROOT + "/core/segjob.h", encoding="utf-8") as file:
            numbers = [line.split()[2] for line in file
                       if line.startswith("#define SEGJOB_VERSION_")]
        for arguments in (["--version"], ["create", "--version"]):
            self.assertEqual(self.segjob(*arguments).out,
                             "segjob %s\n" % ".".join(numbers))

    def test_no_command(self):
        for arguments in ([], ["--debug"], ["--region", "us-east-1"]):
            result = self.segjob(*arguments)
            self.assertEqual(result.code, 252)
            self.assertIn("usage: segjob COMMAND", result.err)

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            process = subprocess.run(
                [command.SEGJOB, "--help"], stdout=full,
                timeout=command.PATIENCE, stderr=subprocess.PIPE, text=True,
                check=False)
        self.assertEqual(process.returncode, 255)
        self.assertRegex(process.stderr, "^segjob: cannot write[^\n]*\n$")


class BadOptions(CommandTest):
    def test_bad_options(self):
        rows = [
            (["create", "--jobname=x"], "unknown option --jobname;"),
            (["create", "--job"], "unknown option --job;"),
            (["create", "--"], "argument 2 is unknown"),
            (["create", "-x"], "argument 2 is unknown"),
            (["create", "-"], "argument 2 is unknown"),
            (["create", ""], "argument 2 belongs to no option"),
            (["create", "stray"], "argument 2 belongs to no option"),
            (["create", "--tag", "a=b", "secretword"],
             "argument 4 belongs to no option"),
            (["create", "--SECRET"], "argument 2 is unknown"),
            (["create", "--\x1b[2J"], "argument 2 is unknown"),
            (["delete"], "argument 1 is not a command"),
            (["secretword"], "argument 1 is not a command"),
            (["create", "--job-name"], "--job-name needs a value"),
            (["create", "--job-name", "--dry-run"],
             "--job-name needs a value"),
            (["create", "--dry-run=yes"], "--dry-run takes no value"),
            (["create", "--debug="], "--debug takes no value"),
            (["create", "--output", "xml"], "--output must be json or text"),
            (["create", "--output="], "--output must be json or text"),
        ]
        rows += [(["create", "--timeout=" + text], "--timeout must be")
                 for text in ("", "0", "0.0", "-1", "x", "1s", "1.", ".5",
                              "1.2345", "1e3", "86401", "86400.001", "inf",
                              "999999999999", "1,5", " 1", "0x10")]
        for arguments, words in rows:
            with self.subTest(arguments):
                result = self.segjob(*arguments, secrets=["secretword",
                                                          "SECRET"])
                self.assertEqual(result.code, 252, result)
                self.assertIn(words, result.err)

    def test_good_timeouts(self):
        for text in ("600", "00600", "600.5", "86400", "86400.000"):
            self.assertEqual(
                self.create(*options(timeout=text), "--dry-run").code, 0, text)
        # It may well be too short, but is none that cannot be.
        result = self.create(*options(timeout="0.001"), "--dry-run")
        if result.code != 0:
            self.assertEqual(result.code, 255)
            self.assertIn("time ran out", result.err)

    def test_options_stand_anywhere(self):
        result = self.segjob("--region", "eu-west-1", "create", "--dry-run",
                             *options())
        self.assertIn("Host: personalize.eu-west-1.amazonaws.com\r\n",
                      result.out)

    def test_value_that_begins_with_dashes(self):
        self.refused(252, "^segjob: jobName: ", *options(), "--job-name=--x")
        self.refused(252, "^segjob: jobName: ", *options(), "--job-name", "-x")

    def test_num_results(self):
        for text in ("", "-", "+1", "1.0", "1e3", "x", " 1", "1 ",
                     "2147483648", "-2147483649", "99999999999999999999",
                     "0x10", "٣"):
            self.refused(252, "^segjob: numResults: ",
                         *options(num_results=text))
        for text in ("0", "-1", "2147483647", "-2147483648", "007"):
            result = self.create(*options(num_results=text), "--dry-run")
            self.assertIn('"numResults":%d' % int(text), result.out)

    def test_tag_without_value(self):
        self.refused(252, r"^segjob: tags\[1\]: --tag must be KEY=VALUE$",
                     *options(), "--tag", "a=b", "--tag", "secretword",
                     secrets=["secretword"])

    def test_no_environment_at_all(self):
        result = self.create(*options(), env={})
        self.assertEqual(result.code, 253)


class Rules(CommandTest):
    """The API's rules: the field as the API spells it, and what it breaks."""

    def test_rules(self):
        arn = ACCOUNT + "filter/"
        rows = [
            (dict(job_name=None), "jobName: is required"),
            (dict(job_name=""), "jobName: must be at least 1 char"),
            (dict(job_name="x" * 64), "jobName: must be at most 63 char"),
            (dict(job_name="a b"), "jobName: must match"),
            (dict(job_name="a\n"), "jobName: must match"),
            (dict(solution_version_arn=None),
             "solutionVersionArn: is required"),
            (dict(solution_version_arn="x"), "solutionVersionArn: must match"),
            (dict(filter_arn=""), "filterArn: must match"),
            (dict(filter_arn=arn + "x" * 256),
             "filterArn: must be at most 256"),
            (dict(role_arn=None), "roleArn: is required"),
            (dict(role_arn="arn:aws:iam::1:role/x"), "roleArn: must match"),
            (dict(input_path=None), "jobInput.s3DataSource.path: is required"),
            (dict(input_path="ftp://b/"),
             "jobInput.s3DataSource.path: must match"),
            (dict(input_kms_key_arn="x"),
             "jobInput.s3DataSource.kmsKeyArn: must match"),
            (dict(output_path=None),
             "jobOutput.s3DataDestination.path: is required"),
            (dict(output_kms_key_arn="arn:aws:kms:x:123456789012:key/" +
                  "x" * 2048),
             "jobOutput.s3DataDestination.kmsKeyArn: must be at most 2048"),
        ]
        for changes, words in rows:
            with self.subTest(words):
                result = self.create(*options(**changes))
                self.assertEqual(result.code, 252, result)
                self.assertTrue(result.err.startswith("segjob: " + words),
                                result.err)

    def test_tags(self):
        long = "x" * 129
        rows = [
            (["ok=1", "=empty"], "tags[1].tagKey: must be at least 1 char"),
            (["ok=1", "b=2", "c=3", long + "=1"],
             "tags[3].tagKey: must be at most 128 char"),
            (["ok=" + "y" * 257], "tags[0].tagValue: must be at most 256"),
            (["no!=1"], "tags[0].tagKey: must match"),
            (["k=a,b"], "tags[0].tagValue: must match"),
            (["same=1", "same=2"], "tags[1].tagKey: must differ"),
            (["aws:x=1"], "tags[0].tagKey: must not begin with aws:"),
            (["x=aws:1"], "tags[0].tagValue: must not begin with aws:"),
            (["%d=" % i for i in range(201)], "tags: must be at most 200"),
            (["%d=" % i for i in range(2001)], "tags: must be at most 200"),
        ]
        for tags, words in rows:
            with self.subTest(words):
                arguments = ["--tag=" + tag for tag in tags]
                result = self.create(*options(), *arguments)
                self.assertEqual(result.code, 252, result)
                self.assertTrue(result.err.startswith("segjob: " + words),
                                result.err)

    def test_not_utf_8(self):
        result = self.create(*options(), "--tag", "key=\udcff")
        self.assertEqual(result.code, 252)
        self.assertIn("tags[0].tagValue: must be well-formed", result.err)

    def test_parameters_before_credentials(self):
        env = environment(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
        self.refused(252, "jobName", *options(job_name="-"), env=env)


if __name__ == "__main__":
    unittest.main()
