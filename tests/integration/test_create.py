"""The command against the emulator: jobs that are created, and errors."""

import json
import os
import re
import sqlite3
import subprocess
import tempfile
import unittest

import command
from command import ACCOUNT, ARN, CommandTest, options

import running  # in a folder that `command` adds

TOKEN = "FQoGZXIvYXdzEBYaDEXAMPLETOKEN/" + "x" * 3000
ALL = {
    "jobName": "everything",
    "solutionVersionArn": ACCOUNT + "solution/films/4f8a21",
    "filterArn": ACCOUNT + "filter/recent",
    "numResults": 5000000,
    "jobInput": {"s3DataSource": {
        "path": "s3://bucket/users/",
        "kmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/in"}},
    "jobOutput": {"s3DataDestination": {
        "path": "s3://bucket/segments/",
        "kmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/out"}},
    "roleArn": "arn:aws:iam::123456789012:role/segments",
    "tags": [{"tagKey": "team", "tagValue": "films"},
             {"tagKey": "empty", "tagValue": ""}],
}
ALL_OPTIONS = [
    "--job-name=everything",
    "--solution-version-arn", ALL["solutionVersionArn"],
    "--filter-arn", ALL["filterArn"],
    "--role-arn", ALL["roleArn"],
    "--input-path", "s3://bucket/users/",
    "--input-kms-key-arn", "arn:aws:kms:us-east-1:123456789012:key/in",
    "--output-path", "s3://bucket/segments/",
    "--output-kms-key-arn", "arn:aws:kms:us-east-1:123456789012:key/out",
    "--num-results", "5000000", "--tag", "team=films", "--tag", "empty=",
]


emulator = running.Emulator(token=TOKEN)


def setUpModule():
    emulator.__enter__()


def tearDownModule():
    emulator.__exit__()


class EmulatorTest(CommandTest):
    """Against the emulator, without jobs at the start of each test."""

    def setUp(self):
        self.env = emulator.environment
        self.sql("DELETE FROM jobs")

    def sql(self, statement):
        database = sqlite3.connect(emulator.database)
        try:
            with database:
                return database.execute(statement).fetchall()
        finally:
            database.close()

    def requests(self):
        """The parameters of all jobs."""
        return [json.loads(row[0])
                for row in self.sql("SELECT request FROM jobs ORDER BY id")]

    def created(self, *arguments, **keywords):
        """Run it successfully. Returns the parameters of the only job."""
        result = self.create(*arguments, **keywords)
        self.assertEqual(result.code, 0, result)
        request, = self.requests()
        self.assertEqual(json.loads(result.out), {
            "batchSegmentJobArn":
                ACCOUNT + "batch-segment-job/" + request["jobName"]})
        return request


class Created(EmulatorTest):
    def test_least(self):
        self.assertEqual(self.created(*options()), {
            "jobName": "nightly",
            "solutionVersionArn": command.JOB["solution-version-arn"],
            "roleArn": command.JOB["role-arn"],
            "jobInput": {"s3DataSource": {"path": "s3://bucket/users/"}},
            "jobOutput": {"s3DataDestination": {
                "path": "s3://bucket/segments/"}}})

    def test_output_exactly(self):
        self.assertEqual(self.create(*options()).out,
                         '{\n    "batchSegmentJobArn": "%s"\n}\n' % ARN)

    def test_output_text(self):
        self.assertEqual(self.create(*options(output="text")).out, ARN + "\n")

    def test_output_json(self):
        self.created(*options(output="json"))

    def test_every_option(self):
        self.assertEqual(self.created(*ALL_OPTIONS), ALL)

    def test_last_of_an_option_wins(self):
        request = self.created("--job-name", "first", "--tag", "one=1",
                               *options(), "--tag", "two=2")
        self.assertEqual(request["jobName"], "nightly")
        self.assertEqual(len(request["tags"]), 2)

    def test_tags_in_many_scripts(self):
        tags = {"Größe": "naïve", "ключ": "значение", "鍵": "値",
                "مفتاح": "قيمة", "𝒜𝟙": "𝔘𝟘", "a=b": "c=d==",
                "with space": " ", "-dash": "--dashes", "e": ""}
        arguments = [text for key, value in tags.items()
                     for text in ("--tag", "%s=%s" % (key, value))]
        tags.pop("a=b")
        tags["a"] = "b=c=d=="  # split at the first =
        request = self.created(*options(), *arguments)
        self.assertEqual({tag["tagKey"]: tag["tagValue"]
                          for tag in request["tags"]}, tags)

    def test_fifty_tags_of_the_greatest_length(self):
        arguments = [text for i in range(50) for text in
                     ("--tag", "%03d%s=%s" % (i, "𐍈" * 125, "鍵" * 256))]
        self.assertEqual(len(self.created(*options(), *arguments)["tags"]), 50)

    def test_debug(self):
        result = self.create(*options(), "--debug", "--tag=secretly=tagged",
                             secrets=["secretly", "tagged"])
        self.assertEqual(result.code, 0)
        text = "\n".join(result.debug)
        for word in ("AWS_REGION", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE",
                     "the environment", "to localhost", "HTTP status 200",
                     "request id"):
            self.assertIn(word, text)

    def test_minimal_program(self):
        program = os.environ.get("SEGJOB_MINIMAL", os.path.join(
            os.path.dirname(command.SEGJOB),
            "examples/minimal/segjob_minimal"))
        arguments = [program, "localhost", str(emulator.port)]
        first, second = (subprocess.run(
            arguments, env=self.env, capture_output=True, text=True,
            timeout=command.PATIENCE) for _ in range(2))
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        self.assertEqual(first.stdout, "%sbatch-segment-job/%s\n" % (
            ACCOUNT, self.requests()[0]["jobName"]))
        self.assertEqual((second.returncode, second.stdout), (1, ""))
        self.assertIn("ResourceAlreadyExistsException", second.stderr)


class Json(EmulatorTest):
    """--cli-input-json."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "job.json")
        self.write(ALL)

    def write(self, document):
        with open(self.path, "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False)

    def test_file(self):
        self.assertEqual(self.created("--cli-input-json", self.path), ALL)

    def test_file_url(self):
        self.assertEqual(self.created("--cli-input-json=file://" + self.path),
                         ALL)

    def test_standard_input(self):
        text = json.dumps(ALL, indent=2).encode()
        self.assertEqual(self.created("--cli-input-json", "-", stdin=text),
                         ALL)

    def test_options_override_members(self):
        request = self.created(
            "--cli-input-json", self.path, "--num-results=7",
            "--input-path", "s3://other/in/", "--tag", "only=this")
        self.assertEqual(request, {
            **ALL, "numResults": 7,
            "jobInput": {"s3DataSource": {
                **ALL["jobInput"]["s3DataSource"], "path": "s3://other/in/"}},
            "tags": [{"tagKey": "only", "tagValue": "this"}]})

    def test_null_is_absent(self):
        self.write({**ALL, "filterArn": None, "tags": None})
        request = self.created("--cli-input-json", self.path)
        self.assertEqual(request, {name: value for name, value in ALL.items()
                                   if name not in ("filterArn", "tags")})

    def test_wrong_members_are_named(self):
        source = ALL["jobInput"]["s3DataSource"]
        rows = [
            ({"foo": 1}, "foo"),
            ({"JobName": "x"}, "JobName"),
            ({"jobName": 1}, "jobName"),
            ({"numResults": "25"}, "numResults"),
            ({"numResults": 2.5}, "numResults"),
            ({"numResults": 2**31}, "numResults"),
            ({"jobInput": []}, "jobInput"),
            ({"jobInput": {"s3DataSource": {**source, "foo": 1}}},
             "jobInput.s3DataSource.foo"),
            ({"jobOutput": {"s3DataDestination": {"path": {}}}},
             "jobOutput.s3DataDestination.path"),
            ({"tags": {}}, "tags"),
            ({"tags": [{"tagKey": "k", "tagValue": None}]},
             "tags[0].tagValue"),
            ({"tags": [{"tagKey": "k", "tagValue": "v"},
                       {"tagKey": "k", "tagValue": 2}]}, "tags[1].tagValue"),
            ({"tags": [{"tagKey": "k", "tagValue": "v", "x": 2}]},
             "tags[0]"),
        ]
        for change, path in rows:
            with self.subTest(path=path, change=change):
                self.write({**ALL, **change})
                result = self.create("--cli-input-json", self.path)
                self.assertEqual(result.code, 252, result)
                self.assertIn(" %s: " % path, result.err)
        self.assertEqual(self.requests(), [])

    def test_not_json(self):
        for text in (b"", b"{", b"[]", b"{}x", b'{"jobName": "a",}', b"\xff",
                     b'{"jobName": "\xff"}', b'{"jobName": "a", "jobName": '
                     b'"b"}', b"\0", b"[" * 100000):
            with self.subTest(text=text[:40]):
                self.refused(252, r"--cli-input-json: ", *options(),
                             "--cli-input-json", "-", stdin=text)

    def test_where_it_is_no_json(self):
        # Python's json module reports the same places for invalid JSON.
        for text, place, pattern in [
                (b'{"jobName":"x",}', "line 1, column 16",
                 "is not JSON: .*name"),
                (b'{\n"jobName": "x"\n"tags": []}', "line 3, column 1",
                 "is not JSON: .*comma"),
                (b"[" * 32, "line 1, column 32", "is nested too deep"),
                (b'{"tags": [], "tags": []}', "line 1, column 14",
                 "gives a member twice"),
                (b'{"jobName": "M\xfcller"}', "line 1, column 15",
                 "is not UTF-8")]:
            with open(self.path, "wb") as file:
                file.write(text)
            self.refused(252, "--cli-input-json: %s: %s: %s" % (
                re.escape(self.path), place, pattern),
                "--cli-input-json", self.path)

    def test_byte_order_mark(self):
        with open(self.path, "wb") as file:
            file.write(b"\xef\xbb\xbf" + json.dumps(ALL).encode())
        self.assertEqual(self.created("--cli-input-json", self.path), ALL)

    def test_tag_as_a_member_name(self):
        self.refused(252, r"standard input: tags\[0\]: ", *options(),
                     "--cli-input-json", "-", secrets=["secretword"],
                     stdin=b'{"tags": [{"secretword": "x"}]}')

    def test_too_long(self):
        self.refused(252, "json: standard input: .*at most 1 MiB",
                     "--cli-input-json", "-", stdin=b" " * (2**20 + 1))

    def test_too_many_values(self):
        tags = ",".join('{"tagKey":"%d","tagValue":""}' % i
                        for i in range(20000))
        self.refused(252, "--cli-input-json: ", "--cli-input-json", "-",
                     stdin=b'{"tags":[%s]}' % tags.encode())

    def test_unreadable(self):
        self.refused(252, "json: %sx: No such file" % self.path,
                     "--cli-input-json", self.path + "x")
        self.refused(252, "--cli-input-json: %s: Is a directory"
                     % os.path.dirname(self.path),
                     "--cli-input-json", os.path.dirname(self.path))


class Refused(EmulatorTest):
    """Each error of the emulator for Create."""

    def service(self, code, *arguments, status=400, **keywords):
        result = self.refused(254, r"^segjob: %s \(HTTP %d, request "
                              r"[0-9a-f-]{36}\): ." % (code, status),
                              *arguments, **keywords)
        self.assertNotIn("may exist", result.err)
        return result

    def test_name_taken(self):
        self.created(*options())
        self.service("ResourceAlreadyExistsException", *options())

    def test_too_many_tags(self):
        tags = ["--tag=%d=" % i for i in range(51)]
        self.service("TooManyTagsException", *options(), *tags)

    def test_two_hundred_tags_are_sent(self):
        tags = ["--tag=%03d%s=%s" % (i, "𐍈" * 125, "鍵" * 256)
                for i in range(200)]
        self.service("TooManyTagsException", *options(), *tags)

    def test_no_such_resource(self):
        arn = "arn:aws:personalize:eu-west-1:123456789012:solution/films/1"
        self.service("ResourceNotFoundException",
                     *options(solution_version_arn=arn))

    def test_invalid_input(self):
        for number in ("0", "5000001", "-1", "2147483647", "-2147483648"):
            self.service("InvalidInputException",
                         *options(num_results=number))

    def test_unknown_credentials(self):
        self.service("UnrecognizedClientException", *options(),
                     env={**self.env, "AWS_ACCESS_KEY_ID": "AKIDUNKNOWN"})

    def test_wrong_token(self):
        self.service("UnrecognizedClientException", *options(),
                     env={**self.env, "AWS_SESSION_TOKEN": "othertoken"})

    def test_wrong_secret(self):
        # The emulator's message quotes the canonical string, token and all.
        result = self.service(
            "InvalidSignatureException", *options(), "--tag", "wherever=gone",
            "--debug", env={**self.env, "AWS_SECRET_ACCESS_KEY": "wrong"})
        self.assertNotIn("anonical", result.err)
        self.assertNotIn("x-amz-security-token", result.err)

    def test_wrong_region(self):
        self.service("InvalidSignatureException", *options(region="eu-west-1"))


if __name__ == "__main__":
    unittest.main()
