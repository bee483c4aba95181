"""Command lines for the command and for Debian's AWS CLI, and their comparison.

Each row is run by both, each against an emulator of its own with the same jobs.
Standard output, exit code, and the bodies that were sent must be equal;
standard error too for errors of the service. What differs on purpose is in
WANTED with its reason: a row there that does not differ fails.
"""

import itertools
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import reference
except ImportError as error:
    raise unittest.SkipTest(f"{error} (Debian: awscli)")

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "emulator"))

import running  # noqa: E402

AWS = "/usr/bin/aws"
SEGJOB = os.environ.get("SEGJOB", str(HERE / "../../build/host/segjob"))
ACCOUNT = "arn:aws:personalize:us-east-1:123456789012"
VERSION = ACCOUNT + ":solution/films/1"
ROLE = "arn:aws:iam::123456789012:role/segments"
KEY = "arn:aws:kms:us-east-1:123456789012:key/k"

LIST = "personalize list-batch-segment-jobs"
DESCRIBE = "personalize describe-batch-segment-job"
CREATE = "personalize create-batch-segment-job"
ARN = "--batch-segment-job-arn " + ACCOUNT + ":batch-segment-job/"


# ------------------------------------------------------------------- reading

QUERIES = [
    "batchSegmentJobs[].jobName", "batchSegmentJobs[*].[jobName,status]",
    "batchSegmentJobs[0]", "batchSegmentJobs[-1].status",
    "batchSegmentJobs[?status=='ACTIVE'].jobName",
    "batchSegmentJobs[?contains(jobName, 'a')].{Name: jobName, S: status}",
    "sort_by(batchSegmentJobs, &jobName)[::-1].jobName",
    "length(batchSegmentJobs)", "batchSegmentJobs[].failureReason | [0]",
    "nothing", "`[1, 2.5, null, true]`", "batchSegmentJobs[1:3]",
    "{a: batchSegmentJobs[0].jobName, b: {c: `1`}}", "@",
    "batchSegmentJobs[?starts_with(jobName, `b`)]",
    "max_by(batchSegmentJobs, &jobName).jobName",
    "join(', ', batchSegmentJobs[].jobName)",
    'join(`"\\n"`, batchSegmentJobs[].jobName)',
]

DESCRIPTIONS = [
    "batchSegmentJob.status", "batchSegmentJob", "batchSegmentJob.jobInput",
    "batchSegmentJob.[jobName, numResults]", "batchSegmentJob.missing",
    "to_string(batchSegmentJob.numResults)", "keys(batchSegmentJob)",
    'batchSegmentJob."roleArn"', "batchSegmentJob.numResults > `10`",
]

OUTPUTS = ["", "--output json", "--output text", "--output table"]


def reading():
    for output in OUTPUTS:
        yield f"{LIST} {output}"
        yield f"{LIST} {output} --solution-version-arn {VERSION}"
        yield f"{LIST} {output} --solution-version-arn {ACCOUNT}:solution/x/2"
        yield f"{LIST} {output} --no-paginate"
        for name in "plain", "all", "failed":
            yield f"{DESCRIBE} {ARN}{name} {output}"
        yield f"{DESCRIBE} {ARN}none {output}"
    for output, query in itertools.product(OUTPUTS[1:], QUERIES):
        yield f"{LIST} {output} --query {shlex.quote(query)}"
    for output, query in itertools.product(OUTPUTS[1:], DESCRIPTIONS):
        yield f"{DESCRIBE} {ARN}all {output} --query {shlex.quote(query)}"
    for words in ("--color on", "--color off", "--no-cli-pager",
                  "--cli-read-timeout 30", "--cli-connect-timeout 0",
                  "--no-cli-auto-prompt", "--outp text", "--max-it 1"):
        yield f"{LIST} {words} --output table".replace(
            "text --output table", "text")
    yield f"--output text --region us-east-1 {LIST}"
    yield f"{DESCRIBE} --batch={ACCOUNT}:batch-segment-job/all"
    yield f"{DESCRIBE} --cli-input-json " + shlex.quote(json.dumps(
        {"batchSegmentJobArn": ACCOUNT + ":batch-segment-job/all"}))
    yield f"{DESCRIBE} --cli-input-json file://describe.json"
    yield f"{DESCRIBE} --batch-segment-job-arn file://arn.txt"


def paging():
    for size, most in itertools.product(("1", "2", "100"),
                                        ("", "0", "1", "2", "3", "6", "9")):
        most = most and f"--max-items {most}"
        yield f"{LIST} --page-size {size} {most} --query batchSegmentJobs[]" \
              ".jobName"
        yield f"{LIST} --page-size {size} {most} --output text"
        yield f"{LIST} --page-size {size} {most}"
    yield f"{LIST} --page-size 500"
    yield f"{LIST} --max-results 2"
    yield f"{LIST} --max-results 2 --output text"
    yield f"{LIST} --max-results 2 --output table"
    yield f"{LIST} --cli-input-json '{{\"maxResults\": 2}}'"
    yield f"{LIST} --starting-token x"
    yield f"{LIST} --next-token x"
    yield f"{LIST} --starting-token ''"
    yield f"{LIST} --next-token ''"
    yield f"{LIST} --max-items ' 2'"


# ------------------------------------------------------------------ creating

def job(**parameters):
    return " ".join(f"--{name.replace('_', '-')} {shlex.quote(value)}"
                    for name, value in {
                        "solution_version_arn": VERSION, "role_arn": ROLE,
                        "job_input": "s3DataSource={path=s3://b/i}",
                        "job_output": "s3DataDestination={path=s3://b/o/}",
                        **parameters}.items() if value is not None)


INPUTS = [
    "s3DataSource={path=s3://b/i,kmsKeyArn=%s}" % KEY,
    "s3DataSource={path='s3://b/i'}", 's3DataSource={path="s3://b/i"}',
    "s3DataSource = { path = s3://b/i , kmsKeyArn = %s }" % KEY,
    '{"s3DataSource": {"path": "s3://b/i"}}',
    ' {"s3DataSource": {"path": "s3://b/\\u00e4"}}',
    "s3DataSource={path=s3://b/i\\,j}", "s3DataSource={path=s3://b/a=b}",
    "s3DataSource={path=s3://b/a b}", "s3DataSource={path=s3://b/[x]}",
    "file://input.json", "file://input.txt",
    "s3DataSource={path=s3://b/'q'}", "s3DataSource={path='it''s'}",
    "s3DataSource={path=s3://b/i,kmsKeyArn=%s,}" % KEY,
]

BAD_INPUTS = [
    "s3DataSource", "s3DataSource=", "s3DataSource={", "s3DataSource={path",
    "s3DataSource={path=}", "s3DataSource={paths=s3://b/i}",
    "s3DataSource={path=s3://b/i},s3DataSource={path=s3://b/j}",
    "s3DataSource={path=s3://b/i}x", "s3DataSource=[s3://b/i]", "=", "{",
    '{"s3DataSource": "s3://b/i"}', '{"s3DataSource": {"path": 1}}',
    '{"x": 1}', "[]", "s3DataSource={path=s3://b/i,path2=x}",
    "s3://b/i", "file://nothing.json", "file://bad.json", "fileb://input.json",
    "file://latin1.txt", "file://latin1.json",
    "s3DataSource={path='s3://b/i}", 's3DataSource={path="s3://b/i}',
    "s3DataSource={kmsKeyArn=%s}" % KEY, '{"s3DataSource": null}',
]

TAGS = [
    "tagKey=a,tagValue=b", "tagKey=a,tagValue=b tagKey=c,tagValue=d",
    "tagKey=a,tagValue=", "'tagKey=a,tagValue=b c'",
    "'[{\"tagKey\": \"a\", \"tagValue\": \"b\"}]'",
    "'{\"tagKey\": \"a\", \"tagValue\": \"b\"}'", "file://tags.json",
    "'tagKey=\"a\",tagValue=b'", "tagKey=a,tagValue=b=c", "",
]

BAD_TAGS = [
    "a=b", "tagKey=a", "tagKey", "'[{\"tagKey\": \"a\"}]'",
    "tagKey=a,tagKey=b,tagValue=c", "'[' ", "tagKey=a,tagValue=b,c",
]


def creating():
    number = itertools.count(1)

    def named(**parameters):
        return f"{CREATE} --job-name job-{next(number)} {job(**parameters)}"

    for value in INPUTS + BAD_INPUTS:
        yield named(job_input=value)
    for value in TAGS + BAD_TAGS:
        yield f"{named()} --tags {value}"
    yield named(num_results="7", filter_arn=ACCOUNT + ":filter/f")
    yield named(num_results="1") + " --output text"
    yield named() + " --output table"
    yield named() + " --query batchSegmentJobArn"
    yield named() + " --query batchSegmentJobArn --output text"
    yield f"{named()} --tag tagKey=a,tagValue=b"
    for value in " 5", "+5", "-5", "x", "1.5", "", "99999999999":
        yield named(num_results=value)
    for left_out in ("job_input", "job_output", "role_arn",
                     "solution_version_arn"):
        yield named(**{left_out: None})
    yield f"{CREATE} --job-name plain {job()}"  # its name is taken
    yield f"{CREATE} {job()}"
    yield f"{CREATE} --cli-input-json file://create.json"
    yield f"{CREATE} --cli-input-json file://create.json --job-name other"
    yield f"{CREATE} --cli-input-json '{{}}'"
    yield f"{CREATE} --cli-input-json '[]'"
    yield f"{CREATE} --cli-input-json x {job()}"
    yield f"{CREATE} --job-name a --job-name twice {job()}"
    yield f"{CREATE} --cli-input-json '{{\"filterArn\": null}}' --job-name n " \
          f"{job()}"


# ------------------------------------------------------------------ bad lines

def bad():
    for command in CREATE, DESCRIBE, LIST:
        yield f"{command} --generate-cli-skeleton"
        yield f"{command} --generate-cli-skeleton input"
        yield f"{command} --generate-cli-skeleton output"
        yield f"{command} --generate-cli-skeleton wrong"
        yield f"{command} --no-such-option"
        yield f"{command} extra"
        yield f"{command} --output xml"
        yield f"{command} --color red"
        yield f"{command} --region"
    for output in OUTPUTS[1:]:
        yield f"{DESCRIBE} {ARN}x --generate-cli-skeleton output {output}"
        yield f"{LIST} --generate-cli-skeleton output {output}"
        yield f"{CREATE} --job-name x {job()} --generate-cli-skeleton output " \
              f"{output}"
    for query in ("[", "a.", "a[", "'a", "`a", "a b", "foo(@)", "length()",
                  "length(`1`)", "a ==", "{a}", "[?a", "a[0:1:0]", "*.", "!"):
        yield f"{LIST} --query {shlex.quote(query)}"
    for words in ("--max-items x", "--page-size x", "--max-items",
                  "--no-paginate --page-size 1", "--max-results x",
                  "--max-results 1 --max-items 1", "--m 1",
                  "--no-paginate --starting-token x",
                  "--cli-read-timeout x", "--cli-input-json '{\"x\": 1}'",
                  "--cli-input-json '{\"solutionVersionArn\": 1}'",
                  "--cli-input-json file://nothing.json"):
        yield f"{LIST} {words}"
    for words in ("", "--cli-input-json '{}'", "--batch-segment-job-arn",
                  "--batch-segment-job-arn -x"):
        yield f"{DESCRIBE} {words}"
    yield f"{DESCRIBE} {ARN[:-20]}nonsense"
    yield "personalize"
    yield "personalize list-batch-segment-job"
    yield ""
    yield "--output text"


# ---------------------------------------------------- settings and failures

CONFIG = "[default]\noutput = text\n[profile wire]\n" \
    "cli_timestamp_format = wire\nunknown = 1\n" \
    "[profile twice]\nretry_mode = adaptive\nmax_attempts = 2\n" \
    "[profile once]\nmax_attempts = 1\nparameter_validation = false\n" \
    "[profile wrong]\noutput = xml\n[profile times]\n" \
    "cli_timestamp_format = never\n[profile plain]\nregion = us-east-1\n"

SETTINGS = [
    ({"AWS_DEFAULT_OUTPUT": "text"}, LIST),
    ({"AWS_DEFAULT_OUTPUT": "text"}, LIST + " --output json"),
    ({"AWS_DEFAULT_OUTPUT": "xml"}, LIST),
    ({"AWS_CONFIG_FILE": "config"}, LIST),
    ({"AWS_CONFIG_FILE": "config", "AWS_DEFAULT_OUTPUT": "table"}, LIST),
    ({"AWS_CONFIG_FILE": "config", "AWS_PROFILE": "wire"}, LIST),
    ({"AWS_CONFIG_FILE": "config", "AWS_PROFILE": "wire"},
     f"{DESCRIBE} {ARN}all --output text"),
    ({"AWS_CONFIG_FILE": "config", "AWS_PROFILE": "wrong"}, LIST),
    ({"AWS_CONFIG_FILE": "config", "AWS_PROFILE": "times"}, LIST),
    ({"AWS_CONFIG_FILE": "config", "AWS_PROFILE": "plain"}, LIST),
    ({"AWS_CONFIG_FILE": "config", "AWS_PROFILE": "none"}, LIST),
    ({"AWS_SECRET_ACCESS_KEY": "wrong"}, LIST),
    ({"TZ": "Asia/Kolkata"}, LIST), ({"TZ": "UTC"}, LIST),
    ({"TZ": "Nowhere/Else"}, f"{DESCRIBE} {ARN}all"),
]

INVALID = {"fault": "throttle", "code": "InvalidInputException",
           "message": "not so: \u00e4 \"quoted\""}

FAILURES = [
    ([INVALID], LIST), ([INVALID], f"{DESCRIBE} {ARN}all --output text"),
    ([INVALID], f"{CREATE} --job-name invalid {{job}}"),
    ([{**INVALID, "message": ""}], LIST),
    (["throttle"], LIST), (["throttle", "throttle"], LIST),
    (["throttle"] * 3, LIST), (["error"], LIST), (["error"] * 3, LIST),
    (["throttle", None, "throttle", INVALID], LIST + " --page-size 2"),
    (["throttle"] * 3, f"{CREATE} --job-name refused {{job}}"),
    (["garbage"] * 3, LIST + " --output json"),
    (["page"] * 3, LIST + " --output text"),
    (["throttle"], f"{CREATE} --job-name throttled {{job}}"),
]

ERRORS = ["error"] * 9

# Few attempts: the AWS CLI pauses up to 1, 2 and 4 s between them.
ATTEMPTS = [
    ({"AWS_MAX_ATTEMPTS": "1"}, ERRORS), ({"AWS_MAX_ATTEMPTS": "2"}, ERRORS),
    ({"AWS_MAX_ATTEMPTS": "4"}, ERRORS),
    ({"AWS_MAX_ATTEMPTS": "1"}, [INVALID]),
    ({"AWS_MAX_ATTEMPTS": "2"}, ["error", INVALID]),
    ({"AWS_MAX_ATTEMPTS": "300"}, ["error"]),
    ({"AWS_RETRY_MODE": "standard"}, ERRORS),
    ({"AWS_RETRY_MODE": "adaptive", "AWS_MAX_ATTEMPTS": "02"}, ERRORS),
    ({"AWS_CONFIG_FILE": "config", "AWS_PROFILE": "once"}, ERRORS),
    ({"AWS_CONFIG_FILE": "config", "AWS_PROFILE": "twice"}, ERRORS),
    ({"AWS_CONFIG_FILE": "config", "AWS_PROFILE": "twice",
      "AWS_MAX_ATTEMPTS": "1", "AWS_RETRY_MODE": "standard"}, ERRORS),
    ({"AWS_RETRY_MODE": "legacy", "AWS_MAX_ATTEMPTS": "1"}, ERRORS),
    *(({"AWS_MAX_ATTEMPTS": text}, [])
      for text in ("0", "-1", "x", "1.5", "2 x", "1e1")),
    *(({"AWS_RETRY_MODE": text}, []) for text in ("Standard", "x")),
]

# --------------------------------------------------------------- differences

# Part of a row with its settings and faults, what differs (out, code, bodies,
# err), and the reason.
EARLY = "a value that cannot be right is a bad parameter, and nothing is sent"
WANTED = [
    ("fileb://input.json", {"code"}, EARLY),
    ("--num-results x", {"code"}, EARLY),
    ("--num-results 1.5", {"code"}, EARLY),
    ("--num-results ''", {"code"}, EARLY),
    ("--num-results 99999999999", {"code", "bodies", "err"}, EARLY),
    ("--query 'foo(@)'", {"code", "bodies"}, EARLY),
    ("--query 'length()'", {"code", "bodies"}, EARLY),
    ("--max-results x", {"code"}, EARLY),
    ("--cli-read-timeout x", {"code"}, EARLY),
    ("--starting-token ''", {"code", "bodies", "err"}, EARLY),
    ("--next-token ''", {"code", "bodies", "err"}, EARLY),
    ("--page-size 500", {"code", "bodies", "err"}, EARLY),
    (ARN[:-20] + "nonsense", {"code", "bodies", "err"}, EARLY),
    ("'AWS_PROFILE': 'none'", {"code"}, "bad configuration is 253"),
    *((f"{{'AWS_MAX_ATTEMPTS': '{text}'}}", {"code"},
       "bad configuration is 253")
      for text in ("0", "-1", "x", "1.5", "2 x", "1e1")),
    *((f"{{'AWS_RETRY_MODE': '{text}'}}", {"code"}, "bad configuration is 253")
      for text in ("Standard", "x")),
    ("'AWS_RETRY_MODE': 'legacy'", {"code", "bodies"},
     "profiles are for AWS's SDKs too, of which some have this mode"),
    ("'AWS_SECRET_ACCESS_KEY': 'wrong'", {"err"},
     "the canonical request in the message may have a session token"),
    ("'garbage'", {"code", "bodies"}, "what is no JSON is no list of jobs"),
    ("'page'", {"err"}, "a gateway's page is no error of the service"),
]

FILES = {
    "describe.json": json.dumps(
        {"batchSegmentJobArn": ACCOUNT + ":batch-segment-job/plain"}),
    "arn.txt": ACCOUNT + ":batch-segment-job/all",
    "input.json": '{"s3DataSource": {"path": "s3://b/from-a-file"}}\n',
    "input.txt": "s3DataSource={path=s3://b/from-a-file}\n",
    "latin1.txt": "s3DataSource={path=s3://b/\udce9}\n",
    "latin1.json": '{"s3DataSource": {"path": "s3://b/\udce9"}}\n',
    "bad.json": '{"s3DataSource": {"path": "s3://b/from-a-file"}\n',
    "tags.json": '[{"tagKey": "a", "tagValue": "b"}]',
    "config": CONFIG,
    "create.json": json.dumps({
        "jobName": "from-json", "solutionVersionArn": VERSION,
        "roleArn": ROLE, "numResults": 3,
        "jobInput": {"s3DataSource": {"path": "s3://b/i"}},
        "jobOutput": {"s3DataDestination": {"path": "s3://b/o/"}}}),
}


def describe(row, differs):
    """The first difference of each part, with what is around it."""
    lines = [repr(row)]
    for name, pair in differs.items():
        theirs, ours = (repr(one) for one in pair)
        at = len(os.path.commonprefix([theirs, ours]))
        for who, text in ("aws", theirs), ("segjob", ours):
            text = text[max(0, at - 60):at + 200]
            lines.append(f"    {name}: {who}: ...{text}")
    return "\n".join(lines)


class Twin(running.Emulator):
    """An emulator with a copy of another one's jobs."""

    def __init__(self, other, *options):
        super().__init__(*options)
        self.other = other

    def _start(self):
        if self.other:
            shutil.copy(self.other.database, self.database)
        super()._start()


def fill(emulator):
    """Some jobs, in an order that is not that of their names."""
    emulator.script()
    for name, more in (("plain", ""), ("all", "--num-results 12 --filter-arn "
                                       f"{ACCOUNT}:filter/f"),
                       ("b-1", ""), ("b-2", ""), ("caf", ""), ("failed", "")):
        if name == "failed":
            emulator.script(fail="no users in it \u00e4")
        row = f"{CREATE} --job-name {name} {job()} {more}"
        subprocess.run(
            [SEGJOB, *shlex.split(row)],
            env=emulator.environment, check=True, stdout=subprocess.DEVNULL)


class CommandsTest(unittest.TestCase):
    """check() compares rows, and prints how many."""

    @classmethod
    def setUpClass(cls):
        options = "--pending", "0", "--in-progress", "0"
        first = cls.enterClassContext(Twin(None, *options))
        fill(first)
        cls.emulators = [first, cls.enterClassContext(Twin(first, *options))]
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        for name, text in FILES.items():
            Path(folder, name).write_bytes(os.fsencode(text))
        cls.folder = os.getcwd()
        os.chdir(folder)
        cls.addClassCleanup(os.chdir, cls.folder)

    def environment(self, emulator, more):
        return {**emulator.environment, "TZ": "America/Sao_Paulo",
                "LC_ALL": "C.UTF-8", "HOME": os.getcwd(), **more}

    def aws(self, words, more):
        emulator = self.emulators[0]
        return reference.run(
            ["--endpoint-url", emulator.endpoint, *words] if words else words,
            self.environment(emulator, more))

    def segjob(self, words, more):
        done = subprocess.run(
            [SEGJOB, *words], env=self.environment(self.emulators[1], more),
            stdin=subprocess.DEVNULL, capture_output=True)
        return reference.Ran(done.returncode, done.stdout.decode(),
                             done.stderr.decode())

    def compare(self, row, script=(), more={}):
        """What differs between both programs, by name."""
        words = shlex.split(row)
        for emulator in self.emulators:
            emulator.script(*script)
        theirs, ours = self.aws(words, more), self.segjob(words, more)
        bodies = [[json.loads(entry["body"]) for entry in emulator.served()]
                  for emulator in self.emulators]
        parts = {"out": (theirs.out, ours.out),
                 "code": (theirs.code, ours.code), "bodies": tuple(bodies)}
        if theirs.code == 254:
            parts["err"] = (theirs.err, ours.err)
        return {name: pair for name, pair in parts.items()
                if pair[0] != pair[1]}

    def check(self, rows):
        """`rows` are command lines, or arguments of compare()."""
        wrong = []
        count = 0
        for row in rows:
            count += 1
            row = (row,) if isinstance(row, str) else row
            differs = self.compare(*row)
            wanted = [parts for part, parts, _ in WANTED if part in repr(row)]
            if set(differs) != set().union(*wanted):
                wrong.append(describe(row, differs))
        print(f"{count} command lines compared, {len(wrong)} differ "
              "unexpectedly")
        if wrong:
            self.fail("\n".join(["", *wrong]))
