"""The command line: errors, help, and the API's rules."""

import re
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
                (["wait", "--help"], ["--batch-segment-job-arn", "10800",
                                      "--poll-interval", "86400"]),
                (["list", "--help"], ["--solution-version-arn"]),
                (["create", "--help"], ["--num-results", "25", "5 million",
                                        "end in /", "--timeout"]),
                (["create", *options(), "--help"], ["--job-name"]),
                (["help"], ["create", "describe", "list", "wait", "help"]),
                (["help", "help"], ["create", "describe", "list", "wait"]),
                (["help", "--debug"], ["create", "describe", "list", "wait"]),
                (["help", "create"], ["--num-results"]),
                (["help", "wait", "x"], ["10800"]),
                (["list", "help"], ["--solution-version-arn"])]:
            with self.subTest(arguments):
                result = self.segjob(*arguments)
                self.assertEqual(result.code, 0)
                for word in words:
                    self.assertIn(word, result.out)
                for line in result.out.splitlines():
                    self.assertLessEqual(len(line), 80)

    def test_help_is_the_same_in_each_way(self):
        for command in ("create", "describe", "list", "wait"):
            helps = {self.segjob(*arguments).out for arguments in
                     ([command, "--help"], ["help", command],
                      [command, "help"])}
            self.assertEqual(len(helps), 1)
        self.assertEqual(self.segjob("help").out, self.segjob("--help").out)

    def test_help_names_every_option(self):
        out = self.segjob("create", "--help").out
        for name in [*JOB, "cli-input-json", "filter-arn", "input-kms-key-arn",
                     "output-kms-key-arn", "num-results", "tag", "dry-run",
                     "ensure", "wait", "poll-interval",
                     "region", "endpoint-url", "ca-bundle", "profile",
                     "timeout", "output", "debug", "version", "help"]:
            self.assertIn("--" + name, out)

    def test_version(self):
        with open(command.ROOT + "/core/segjob.h", encoding="utf-8") as file:
            numbers = re.findall(
                r"(?m)^#define SEGJOB_VERSION_\w+ (\d+)$", file.read())
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
            (["create", "--jobname=x"],
             "unknown option --jobname; did you mean --job-name?"),
            (["create", "--job"],
             "unknown option --job; did you mean --job-name?"),
            (["create", "--tags", "a=b"], "create takes no --tags"),
            (["create", "--inputpath"], "did you mean --input-path?"),
            (["create", "--endpoint", "x"], "did you mean --endpoint-url?"),
            (["list", "--nonsense"],
             "unknown option --nonsense; `segjob help COMMAND` lists them"),
            (["create", "--"], "argument 2 is unknown"),
            (["create", "-x"], "argument 2 is unknown"),
            (["create", "-"], "argument 2 is unknown"),
            (["create", ""], "argument 2 belongs to no option"),
            (["create", "stray"], "argument 2 belongs to no option"),
            (["create", "--tag", "a=b", "secretword"],
             "argument 4 belongs to no option"),
            (["create", "--SECRET"], "argument 2 is unknown"),
            (["create", "--\x1b[2J"], "argument 2 is unknown"),
            (["creat"], "'creat' is not a command; did you mean create?"),
            (["cretae"], "did you mean create?"),
            (["waits"], "did you mean wait?"),
            (["desc"], "did you mean describe?"),
            (["halp"], "did you mean help?"),
            (["help", "lst"], "did you mean list?"),
            (["delete"],
             "'delete' is not a command; `segjob help` lists them"),
            (["SECRET"], "argument 1 is not a command"),
            (["no\x1b[2J"], "argument 1 is not a command"),
            ([""], "argument 1 is not a command"),
            (["--tag", "a=b", "secretword", "create"],
             "argument 3 is not a command"),
            (["create", "--job-name"], "--job-name needs a value"),
            (["create", "--job-name", "--dry-run"],
             "--job-name needs a value"),
            (["create", "--dry-run=yes"], "--dry-run takes no value"),
            (["create", "--debug="], "--debug takes no value"),
            (["create", "--output", "xml"],
             "--output must be json, text or table, not 'xml'"),
            (["create", "--timeout", "soon"], "such as 30 or 0.5, not 'soon'"),
            (["create", "--output="], "--output must be json, text or table"),
        ]
        rows += [(["create", "--timeout=" + text], "--timeout must be")
                 for text in ("", "0", "0.0", "-1", "x", "1s", "1.", ".5",
                              "1.2345", "1e3", "86401", "86400.001", "inf",
                              "999999999999", "1,5", " 1", "0x10")]
        wait = ["wait", "--batch-segment-job-arn", command.ARN]
        rows += [([*wait, "--poll-interval=" + text],
                  "--poll-interval must be a number of seconds, at least 1 and "
                  "at most 86400, such as 10")
                 for text in ("", "0", "0.999", "-1", "x", "1s", "86401",
                              "86400.001", "1e3", "4294968", "1.0001")]
        rows += [
            (["create", *options(), "--poll-interval=10"],
             "--poll-interval needs --wait"),
            (["create", *options(), "--poll-interval=x"],
             "--poll-interval needs --wait"),
            (["list", "--poll-interval=10"], "list takes no --poll-interval"),
            (["describe", "--poll-interval=10"],
             "describe takes no --poll-interval"),
            ([*wait, "--poll-interval"], "--poll-interval needs a value")]
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
        # Time may run out, but the value is valid.
        result = self.create(*options(timeout="0.001"), "--dry-run")
        if result.code != 0:
            self.assertEqual(result.code, 255)
            self.assertIn("time ran out", result.err)

    def test_good_poll_intervals(self):
        for text in ("1", "1.000", "00001", "10", "12.5", "86400"):
            for arguments in (
                    ["create", *options(), "--wait"],
                    ["wait", "--batch-segment-job-arn", command.ARN]):
                self.assertEqual(
                    self.segjob(*arguments, "--dry-run", "--poll-interval",
                                text).code, 0, text)

    def test_options_at_any_place(self):
        result = self.segjob("--region", "eu-west-1", "create", "--dry-run",
                             *options())
        self.assertIn("Host: personalize.eu-west-1.amazonaws.com\r\n",
                      result.out)

    def test_value_that_begins_with_dashes(self):
        for arguments in (["--job-name=--x"], ["--job-name", "-x"]):
            self.refused(252, r"^segjob: --job-name \(jobName\): ", *options(),
                         *arguments)

    def test_num_results(self):
        for text in ("", "-", "1.0", "1e3", "x", " ", "1 2", "2147483648",
                     "-2147483649", "99999999999999999999",
                     "0x10", "٣"):
            self.refused(252, r"^segjob: --num-results \(numResults\): .*not "
                         "'%s'$" % re.escape(text), *options(num_results=text))
        for text in ("0", "-1", "2147483647", "-2147483648", "007", "+1",
                     " 1", "1 "):
            result = self.create(*options(num_results=text), "--dry-run")
            self.assertIn('"numResults":%d' % int(text), result.out)

    def test_tags_in_other_notations(self):
        for tag in ("secretword", "Key=secretword,Value=b", "a=b,secretword=d",
                    "Value=b,Key=secretword", "tagKey=secretword,tagValue=b",
                    '[{"tagKey": "secretword"}]'):
            self.refused(252, r"^segjob: --tag \(tags\[1\]\): must be "
                         "KEY=VALUE, ", *options(), "--tag", "a=b", "--tag",
                         tag, secrets=["secretword"])

    def test_no_environment_at_all(self):
        result = self.create(*options(), env={})
        self.assertEqual(result.code, 253)


class Rules(CommandTest):
    """The API's rules: the field as the API spells it, and the rule."""

    def test_rules(self):
        arn = ACCOUNT + "filter/"
        example = "arn:aws:personalize:REGION:ACCOUNT:"
        rows = [
            (dict(job_name=None), "job-name", "jobName", "is required"),
            (dict(job_name=""), "job-name", "jobName",
             "must be at least 1 char"),
            (dict(job_name="x" * 64), "job-name", "jobName",
             "must be at most 63 char"),
            (dict(job_name="a b"), "job-name", "jobName", "must be letters"),
            (dict(job_name="a\n"), "job-name", "jobName", "must be letters"),
            (dict(solution_version_arn=None), "solution-version-arn",
             "solutionVersionArn", "is required"),
            (dict(solution_version_arn="x"), "solution-version-arn",
             "solutionVersionArn", "must be an ARN such as " + example +
             "solution/NAME/ID"),
            (dict(filter_arn=""), "filter-arn", "filterArn",
             "must be an ARN such as " + example + "filter/NAME"),
            (dict(filter_arn=arn + "x" * 256), "filter-arn", "filterArn",
             "must be at most 256"),
            (dict(role_arn=None), "role-arn", "roleArn", "is required"),
            (dict(role_arn="arn:aws:iam::1:role/x"), "role-arn", "roleArn",
             "must be an ARN such as arn:aws:iam::ACCOUNT:role/NAME"),
            (dict(input_path=None), "input-path",
             "jobInput.s3DataSource.path", "is required"),
            (dict(input_path="ftp://b/"), "input-path",
             "jobInput.s3DataSource.path",
             "must be a URI such as s3://BUCKET/"),
            (dict(input_kms_key_arn="x"), "input-kms-key-arn",
             "jobInput.s3DataSource.kmsKeyArn",
             "must be an ARN such as arn:aws:kms:REGION:ACCOUNT:key/ID"),
            (dict(output_path=None), "output-path",
             "jobOutput.s3DataDestination.path", "is required"),
            (dict(output_kms_key_arn="arn:aws:kms:x:123456789012:key/" +
                  "x" * 2048), "output-kms-key-arn",
             "jobOutput.s3DataDestination.kmsKeyArn", "must be at most 2048"),
        ]
        for changes, option, member, words in rows:
            with self.subTest(member + ": " + words):
                result = self.create(*options(**changes))
                self.assertEqual(result.code, 252, result)
                self.assertTrue(result.err.startswith(
                    "segjob: --%s (%s): %s" % (option, member, words)),
                                result.err)

    def test_all_that_is_missing(self):
        self.refused(
            252, r"^segjob: --job-name \(jobName\), --solution-version-arn "
            r"\(solutionVersionArn\), --role-arn \(roleArn\), --input-path "
            r"\(jobInput\.s3DataSource\.path\), --output-path "
            r"\(jobOutput\.s3DataDestination\.path\): are required$")
        self.refused(
            252, r"^segjob: --role-arn \(roleArn\), --input-path \(jobInput\."
            r"s3DataSource\.path\): are required$", *options(
                role_arn=None, input_path=None, job_name=None),
            "--cli-input-json", "-", stdin=b'{"jobName": "a b"}')

    def test_members_that_were_typed_in_json(self):
        for text, words in (
                ('{"jobName": "a b"}', "jobName: must be letters"),
                ('{"tags": [{"tagKey": "a", "tagValue": "!"}]}',
                 "tags[0].tagValue: must be letters"),
                ('{"tags": [{"tagKey": "a"}]}',
                 "tags[0].tagValue: is required")):
            self.refused(252, "^segjob: " + re.escape(words),
                         *options(job_name=None if "jobName" in text else "n"),
                         "--cli-input-json", "-", stdin=text.encode())

    def test_tags(self):
        long = "x" * 129
        rows = [
            (["ok=1", "=empty"], "(tags[1].tagKey): must be at least 1 char"),
            (["ok=1", "b=2", "c=3", long + "=1"],
             "(tags[3].tagKey): must be at most 128 char"),
            (["ok=" + "y" * 257], "(tags[0].tagValue): must be at most 256"),
            (["no!=1"], "(tags[0].tagKey): must be letters"),
            (["same=1", "same=2"], "(tags[1].tagKey): must differ"),
            (["aws:x=1"], "(tags[0].tagKey): must not begin with aws:"),
            (["x=aws:1"], "(tags[0].tagValue): must not begin with aws:"),
            (["%d=" % i for i in range(201)], "(tags): must be at most 200"),
            (["%d=" % i for i in range(2001)], "(tags): must be at most 200"),
        ]
        for tags, words in rows:
            with self.subTest(words):
                arguments = ["--tag=" + tag for tag in tags]
                result = self.create(*options(), *arguments)
                self.assertEqual(result.code, 252, result)
                self.assertTrue(result.err.startswith(
                    "segjob: --tag " + words), result.err)

    def test_not_utf_8(self):
        result = self.create(*options(), "--tag", "key=\udcff")
        self.assertEqual(result.code, 252)
        self.assertIn("(tags[0].tagValue): must be well-formed", result.err)

    def test_parameters_before_credentials(self):
        env = environment(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
        self.refused(252, "jobName", *options(job_name="-"), env=env)


if __name__ == "__main__":
    unittest.main()
