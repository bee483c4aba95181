#!/usr/bin/env python3
"""What the client reads of jobs, compared with botocore's parser and ARNs.

    job.py PROGRAM [COUNT [SEED]]

PROGRAM is job.c. Responses to Describe and List are made from the shapes of
botocore's service model, with members absent, null, ill-typed and unknown.
The core must read exactly what was meant, and botocore the same, except where
the response has a trait listed here. If responses with one such trait make no
difference, the list is stale.
"""

import collections
import datetime
import json
import random
import re
import sys
from decimal import Decimal
from pathlib import Path

import botocore
from botocore.exceptions import InvalidRegionError
from botocore.parsers import create_parser
from botocore.utils import (ArnParser, InvalidArnException,
                            validate_region_name)

import records
from records import Tally, number, text

sys.path.append(str(Path(__file__).resolve().parent.parent / "emulator"))
import model  # noqa: E402

SEED = 20260102
COUNT = 6000

R = random.Random()
SERVICE = model.load()
DESCRIBE = SERVICE.operation_model("DescribeBatchSegmentJob").output_shape
LIST = SERVICE.operation_model("ListBatchSegmentJobs").output_shape
SUMMARY = LIST.members["batchSegmentJobs"].member

# Traits of responses that botocore reads differently, and how.
TRAITS = {
    "typed text": "returns other types where there must be a string",
    "typed number": "returns numbers that are no 32-bit integer",
    "typed time": "also reads times in strings",
    "far time": "fails beyond the year 9999",
    "typed structure": "fails if a structure is not an object",
    "unusable": "accepts a response without its job or its list",
}

# The texts of struct segjob_job, in its order.
TEXTS = [("batchSegmentJobArn",), ("jobName",), ("status",),
         ("failureReason",), ("solutionVersionArn",), ("filterArn",),
         ("roleArn",), ("jobInput", "s3DataSource", "path"),
         ("jobInput", "s3DataSource", "kmsKeyArn"),
         ("jobOutput", "s3DataDestination", "path"),
         ("jobOutput", "s3DataDestination", "kmsKeyArn")]
TIMES = [("creationDateTime",), ("lastUpdatedDateTime",)]


def chance(share):
    return R.random() < share


# --------------------------------------------------------- random documents

CHARS = ["a", "Z", "0", "-", "_", ":", "/", " ", "\"", "\\", "\n", "\0",
         "\x7f", "é", "\u4e2d", "\u2028", "\U0001f600", "\ufffd", "{", "]"]
JUNK = ["null", "true", "-1.5e+30", '"x"', "[]", "{}", "0",
        '{"jobName": "wrong", "status": ["ACTIVE"]}',
        '[[], {}, [1, {"batchSegmentJobArn": "wrong"}]]']
UNKNOWN = ["other", "JobName", "jobname", "Status", "path", "tags", "",
           "batchSegmentJobARN", "s3datasource", "\u017ftatus"]
OTHER_TYPES = {"string": ["7", "true", "[]", '["x"]', "{}", '{"a": "b"}'],
               "structure": ["7", "true", '"x"', '["x"]'],
               "list": ["7", "true", '"x"', '{"a": {}}'],
               "integer": ['"25"', "25.0", "25.5", "2.5e1", "2147483648",
                           "-2147483649", "true", "[]", "{}", "1e999"],
               "timestamp": ['"1767225600"', '"2026-01-01T00:00:00Z"']}


class Document:
    """A random response: its JSON text, and what is meant by it."""

    def __init__(self):
        self.traits = set()
        self.finer = False  # times finer than milliseconds

    def structure(self, shape, share):
        """JSON of a structure, and the values meant; None if absent."""
        parts, meant = [], {}
        for name, member in shape.members.items():
            if chance(share):
                made, meant[name] = self.value(member, share)
                parts.append((name, made))
        used = {name for name, _ in parts}
        parts += [(name, R.choice(JUNK)) for name in R.sample(UNKNOWN, 2)
                  if chance(0.2) and name not in used | set(shape.members)]
        R.shuffle(parts)
        return self.object(parts), meant

    def object(self, parts):
        gap = R.choice(("", "", "", " ", "\r\n\t"))
        return "{%s}" % (gap + "," + gap).join(
            "%s%s:%s%s" % (self.string(name), gap, gap, made)
            for name, made in parts)

    def value(self, shape, share):
        if chance(0.03):
            return "null", None
        if chance(0.01):
            return self.ill_typed(shape.type_name), None
        return getattr(self, "make_" + shape.type_name)(shape, share)

    def ill_typed(self, kind):
        self.traits.add({"string": "typed text", "integer": "typed number",
                         "timestamp": "typed time"}.get(kind,
                                                        "typed structure"))
        return R.choice(OTHER_TYPES[kind])

    def make_structure(self, shape, share):
        return self.structure(shape, share)

    def make_string(self, shape, _):
        count = R.choice((0, 1, 5, 20, shape.metadata.get("max", 500)))
        meant = "".join(R.choices(CHARS[:8] if chance(0.7) else CHARS,
                                  k=count))
        if shape.name == "Status" and chance(0.8):
            meant = R.choice(("PENDING", "IN PROGRESS", "ACTIVE",
                              "CREATE FAILED"))
        if shape.name == "Arn" and chance(0.95):
            meant = "arn:aws:personalize:%s:%s:%s" % (
                some(CHARS[:5], 3), some(CHARS[:5], 3),
                some(CHARS[:8] if chance(0.9) else CHARS,
                     R.choice((1, 20, 40))))
        return self.string(meant), meant

    @staticmethod
    def string(value):
        made = json.dumps(value, ensure_ascii=chance(0.5))
        if chance(0.1):
            made = made.replace("/", "\\/")
        if chance(0.1):
            made = made.replace("a", "\\u0061")
        return made

    def make_integer(self, _shape, _share):
        meant = R.choice((0, 1, 25, -1, 2**31 - 1, -2**31,
                          R.randint(-9999, 9999)))
        return "%d" % meant, meant

    def make_timestamp(self, _shape, _share):
        if chance(0.01):
            self.traits.add("far time")
            made = R.choice(("253402300800", "9e14", "2.6e11", "-1e12"))
            return made, millis(made)
        whole = R.choice((0, 1, R.randint(0, 2**31),
                          R.randint(1767225600, 4102444799)))
        digits = R.choice((0, 0, 1, 2, 3, 3, 3, 6, 9))
        made = str(whole)
        if digits:
            made += ".%0*d" % (digits, R.randrange(10**digits))
            self.finer = self.finer or digits > 3
        if chance(0.3):
            made = R.choice(("%.12E", "%.12e")) % Decimal(made)
            self.finer = True  # the digits that are left may be
        if chance(0.05):
            made = "-" + made
        return made, millis(made)

    def make_list(self, shape, share):
        meant = []
        parts = []
        for _ in range(R.choice((0, 1, 2, 3, 10, 100))):
            made, job = self.structure(shape.member, share)
            parts.append(made)
            meant.append(job)
        return "[%s]" % ",".join(parts), meant


def millis(written):
    """Seconds in milliseconds, truncated."""
    return int(Decimal(written) * 1000)


# ----------------------------------------------------------------- readings

Job = collections.namedtuple("Job", "texts number times")
Reading = collections.namedtuple("Reading", "status more jobs")


def get(value, place):
    for name in place:
        value = (value or {}).get(name)
    return value


def job_of(meant):
    return Job([get(meant, place) for place in TEXTS],
               meant.get("numResults"),
               [get(meant, place) or 0 for place in TIMES])


def is_arn(written):
    return bool(ARN.fullmatch(written)) and len(written) <= ARN_MOST


def meant_by(is_list, meant, target):
    """What the core must read."""
    refused = Reading("SEGJOB_PROTOCOL", False, [])
    if is_list:
        jobs = meant.get("batchSegmentJobs")
        if jobs is None:
            return refused
        return Reading("SEGJOB_OK", bool(meant.get("nextToken")),
                       [job_of(job) for job in jobs])
    job = meant.get("batchSegmentJob")
    if job is None or job.get("status") is None or \
            job.get("batchSegmentJobArn") != target:
        return refused
    return Reading("SEGJOB_OK", False, [job_of(job)])


def signed(value, bits):
    return value - (1 << bits) if value >> (bits - 1) else value


def job_by_core(reader):
    texts = [reader.text() for _ in TEXTS]
    has_number, value = reader.number(), signed(reader.number(), 32)
    times = [signed(reader.number() << 32 | reader.number(), 64)
             for _ in TIMES]
    return Job([t if t is None else t.decode() for t in texts],
               value if has_number else None, times)


def by_core(reader):
    status, more = reader.text().decode(), bool(reader.number())
    return Reading(status, more,
                   [job_by_core(reader) for _ in range(reader.number())])


EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MILLISECOND = datetime.timedelta(milliseconds=1)


def time_of(value):
    return 0 if value is None else (value - EPOCH) / MILLISECOND


def job_by_botocore(parsed):
    job = job_of(parsed)
    return job._replace(times=[time_of(get(parsed, t)) for t in TIMES])


def by_botocore(is_list, body):
    """What botocore reads; None if it fails."""
    try:
        parsed = create_parser("json").parse(
            {"status_code": 200, "headers": {}, "body": body},
            LIST if is_list else DESCRIBE)
        jobs = parsed.get("batchSegmentJobs", []) if is_list else \
            [parsed.get("batchSegmentJob", {})]
        return Reading("SEGJOB_OK", bool(parsed.get("nextToken")),
                       [job_by_botocore(job) for job in jobs])
    except Exception:  # of any kind
        return None


def is_same(one, other, tolerance):
    """Equal readings, the times to less than `tolerance` milliseconds."""
    if other is None or one[:2] != other[:2] or \
            len(one.jobs) != len(other.jobs):
        return False
    return all(a.texts == b.texts and a.number == b.number and
               type(a.number) is type(b.number) and
               all(abs(x - y) <= tolerance for x, y in zip(a.times, b.times))
               for a, b in zip(one.jobs, other.jobs))


# ---------------------------------------------------------------- responses

OTHER_JOB = "arn:aws:personalize:r:123456789012:batch-segment-job/j"


def response():
    is_list = chance(0.3)
    document = Document()
    share = R.choice((0.5, 0.95, 0.98, 1, 1))
    made, meant = document.structure(LIST if is_list else DESCRIBE, share)
    target = (meant.get("batchSegmentJob") or {}).get("batchSegmentJobArn")
    if not is_arn(target or "") or chance(0.05):
        target = OTHER_JOB
    wanted = meant_by(is_list, meant, target)
    if wanted.status != "SEGJOB_OK":
        document.traits.add("unusable")
    return is_list, document, made.encode(), wanted, target


def record(is_list, body, target):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    piece = R.choice((1, 2, 7, 100, 10**6))
    return number(is_list) + text(target.encode()) + text(head + body) + \
        number(piece) + number(4096 + 12 * len(body))


class Comparison:
    def __init__(self):
        self.core = Tally("the responses' meaning")
        self.other = Tally("botocore's parser of jobs")
        self.traits = collections.Counter()
        self.kinds = collections.Counter()

    def compare(self, is_list, document, body, wanted, found):
        good = wanted.status == "SEGJOB_OK"
        self.kinds[is_list, good] += 1
        self.core.count(good)
        self.core.check(is_same(wanted, found, 0), body[:300], "must be",
                        wanted, "not", found)
        if len(document.traits) > 1:
            return
        other = by_botocore(is_list, body)
        same = is_same(wanted, other, 1 if document.finer else 1e-6)
        self.other.count(same)
        for trait in document.traits:
            self.traits[trait] += not same
        if not document.traits:
            self.other.check(same, body[:300], "must be", wanted, "not",
                             other)

    def end(self, count):
        for trait in TRAITS:
            print("  listed: %s: %d" % (trait, self.traits[trait]))
            self.other.still(botocore, self.traits[trait] >= 3, trait)
        for is_list in (True, False):
            self.core.floor("lists" if is_list else "descriptions",
                            self.kinds[is_list, True], count // 10)
        good = self.core.end(count // 2, count // 20)
        return self.other.end(count // 2, count // 50) and good


def compare_responses(program, count):
    made = [response() for _ in range(count)]
    reader = records.run(program, [record(m[0], m[2], m[4]) for m in made])
    comparison = Comparison()
    for one in made:
        comparison.compare(*one[:4], by_core(reader))
    return comparison.end(count)


# --------------------------------------------------------------------- ARNs

ARN = model.as_java(SERVICE.shape_for("Arn").metadata["pattern"])
ARN_MOST = SERVICE.shape_for("Arn").metadata["max"]
WORD = "abcdefghijklmnopqrstuvwxyz0123456789-"


def some(alphabet, count):
    return "".join(R.choices(alphabet, k=count))


def version_arn():
    while True:
        partition = R.choice(("aws", "aws-cn", "a", "-", some(
            WORD, R.choice((30, 70, 100, 150, 165, 180)))))
        region = R.choice(("us-east-1", "us-gov-west-1", "A1", "x" * 63,
                           some(WORD, R.randint(1, 9)))
                          if chance(0.7) else
                          ("", "12", "-a", "a-", "a.b", "é", "a\"", "a b",
                           some(WORD, 64)))
        account = "123456789012" if chance(0.8) else R.choice((
            "", "12345678901", "1234567890123", "12345678901x", "x" * 12,
            "\u0661" * 12))
        rest = R.choice(("solution/s/v", "x", "a:b:c", "é", ":"))
        made = ":".join(("arn", partition, "personalize", region, account,
                         rest))
        if is_arn(made):
            return made


def is_region(name):
    try:
        validate_region_name(name)
    except InvalidRegionError:
        return False
    return name != ""


def job_arn(version, name):
    try:
        parts = ArnParser().parse_arn(version)
    except InvalidArnException:
        return None
    if not is_region(parts["region"]) or \
            not re.fullmatch("[0-9]{12}", parts["account"]):
        return None
    made = "arn:%(partition)s:personalize:%(region)s:%(account)s:" % parts + \
        "batch-segment-job/" + name
    return made if len(made) <= ARN_MOST else None


def compare_arns(program, count):
    tally = Tally("botocore's ARNs")
    made = [(version_arn(), some(WORD[:-1] + "A_-", R.choice((1, 5, 63))))
            for _ in range(count)]
    reader = records.run(program, [
        number(2) + text(version.encode()) + text(name.encode())
        for version, name in made])
    long = 0
    for version, name in made:
        wanted = job_arn(version, name)
        found = reader.text()
        long += wanted is None and job_arn(version, "j") is not None
        tally.count(wanted is not None)
        tally.check(found == (wanted and wanted.encode()), version, name,
                    "must be", wanted, "not", found)
    tally.floor("ARNs that are too long", long, count // 100)
    return tally.end(count // 3, count // 3)


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else COUNT
    R.seed(int(sys.argv[3]) if len(sys.argv) > 3 else SEED)
    good = [compare_responses(program, count),
            compare_arns(program, count)]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
