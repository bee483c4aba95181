#!/usr/bin/env python3
"""Requests and signatures, compared with botocore.

    request.py PROGRAM [COUNT [SEED]]

PROGRAM is request.c. The core gets random requests, valid and invalid. If it
refuses one, botocore's service model must refuse the same field for the same
rule. If it writes one, botocore must serialize and sign the same.
"""

import calendar
import collections
import datetime
import json
import random
import re
import sys
from pathlib import Path
from unittest import mock

import botocore.auth
import botocore.session
import h11
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError, InvalidRegionError
from botocore.loaders import Loader
from botocore.serialize import create_serializer
from botocore.utils import is_valid_endpoint_url, validate_region_name

import records
from records import Tally, number, text

sys.path.append(str(Path(__file__).resolve().parent.parent / "emulator"))
import model  # noqa: E402

SEED = 20260101
COUNT = 12000

SERVICE = model.load()
CREATE, DESCRIBE, LIST = OPERATIONS = [
    SERVICE.operation_model(name) for name in
    ("CreateBatchSegmentJob", "DescribeBatchSegmentJob",
     "ListBatchSegmentJobs")]

NOT_APPLICABLE, NOT_SENT = range(2)  # of enum segjob_outcome

# -------------------------------------------------------------- constraints
#
# A broken constraint is the line that segjob_explain() must return. For a
# pattern, the line has a description with an example that matches the pattern.

TAGS_MAX = 200
RESERVED = "aws:"
BREAKS = ": breaks the pattern"
WORDS = re.compile(r"(\S+): must be (?!at (?:least|most) |well-formed )(.+)")
EXAMPLE = re.compile(r"such as ([^\s,;]+)")


def limit(words, count, unit):
    return "must be at %s %d %s%s" % (words, count, unit, "s"[count == 1:])


def broken_text(shape, value, path):
    """The lines for the constraints that a text breaks in the model."""
    try:
        decoded = value.decode("utf-8")
    except UnicodeDecodeError:
        yield path + ": must be well-formed UTF-8"
        return
    rules = shape.metadata
    if len(decoded) < rules.get("min", 0):
        yield path + ": " + limit("least", rules["min"], "character")
    if len(decoded) > rules.get("max", sys.maxsize):
        yield path + ": " + limit("most", rules["max"], "character")
    pattern = rules.get("pattern")
    if pattern and not pattern_of(pattern).fullmatch(decoded):
        yield path + BREAKS


PATTERNS = {}


def pattern_of(pattern):
    if pattern not in PATTERNS:
        PATTERNS[pattern] = model.as_java(pattern)
    return PATTERNS[pattern]


def broken(shape, value, path=""):
    """The lines for the constraints that a value breaks in the model."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            place = path + "." + name if path else name
            if value.get(name) is not None:
                yield from broken(member, value[name], place)
            elif name in shape.required_members:
                yield place + ": is required"
    elif shape.type_name == "list":
        if len(value) > shape.metadata.get("max", sys.maxsize):
            yield path + ": " + limit("most", shape.metadata["max"], "item")
        for index, item in enumerate(value):
            yield from broken(shape.member, item, "%s[%d]" % (path, index))
    elif shape.type_name == "string":
        yield from broken_text(shape, value, path)


def broken_tags(tags):
    """The lines for constraints on tags that only the API's pages have."""
    seen = set()
    for index, tag in enumerate(tags):
        key, value = tag.get("tagKey"), tag.get("tagValue")
        if key is not None and key in seen:
            yield ("tags[%d].tagKey: must differ from the keys before it" %
                   index)
        seen.add(key)
        for name, held in (("tagKey", key), ("tagValue", value)):
            if held is not None and held.startswith(RESERVED.encode()):
                yield "tags[%d].%s: must not begin with %s" % (index, name,
                                                               RESERVED)


def all_broken(request, operation=CREATE):
    """Every possible line for a request; if there is none, it is valid."""
    return {*broken(operation.input_shape, request),
            *broken_tags(request.get("tags") or [])}


def all_lines(shape, path=""):
    """Every line that is possible for some request, all indexes as []."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            place = path + "." + name if path else name
            yield from all_lines(member, place)
            if name in shape.required_members and \
                    member.type_name == "string":
                yield place + ": is required"
    elif shape.type_name == "list":
        yield path + ": " + limit("most", shape.metadata["max"], "item")
        yield from all_lines(shape.member, path + "[]")
        yield path + "[].tagKey: must differ from the keys before it"
        yield path + "[].tagKey: must not begin with " + RESERVED
        yield path + "[].tagValue: must not begin with " + RESERVED
    elif shape.type_name == "string":
        rules = shape.metadata
        yield path + ": must be well-formed UTF-8"
        if rules.get("min", 0) > 0:
            yield path + ": " + limit("least", rules["min"], "character")
        if "max" in rules:
            yield path + ": " + limit("most", rules["max"], "character")
        if "pattern" in rules:
            yield path + BREAKS


def patterns(shape, path=""):
    """(path, pattern) of all texts that have a pattern, all indexes as []."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from patterns(member, path + "." + name if path else name)
    elif shape.type_name == "list":
        yield from patterns(shape.member, path + "[]")
    elif "pattern" in shape.metadata:
        yield path, shape.metadata["pattern"]


def takes_example(pattern, words):
    """Whether the example, if there is one, matches the pattern."""
    example = EXAMPLE.search(words)
    return not example or bool(pattern_of(pattern).fullmatch(
        example[1].replace("ACCOUNT", "123456789012")
        .replace("REGION", "us-east-1")))


# ----------------------------------------------------------- random values

R = random.Random()

LINE_BREAKS = "\n\r\x85\u2028\u2029"
WORD = "abcdefghijklmnopqrstuvwxyz0123456789-"
ALNUM = WORD[:-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ROLE = ALNUM + "+=,.@-_/"
VISIBLE = "".join(map(chr, range(0x21, 0x7f)))
ASCII = "".join(map(chr, range(0x80)))
TAG_SHAPE = SERVICE.shape_for("TagKey")
RANGES = [[c for c in map(chr, range(low, high)) if c not in LINE_BREAKS]
          for low, high in ((0x20, 0x7f), (0, 0x800), (0x800, 0xd800),
                            (0xe000, 0x10000), (0x10000, 0x110000))]
TAG_CHARS = [c for chars in RANGES[1:] for c in chars
             if pattern_of(TAG_SHAPE.metadata["pattern"]).fullmatch(c)]
ILL_FORMED = (b"\x80", b"\xbf", b"\xc0\xaf", b"\xc1\xbf", b"\xc2",
              b"\xe0\x80\xaf", b"\xe0\x9f\xbf", b"\xe2\x82", b"\xed\xa0\x80",
              b"\xed\xbf\xbf", b"\xef\xbf", b"\xf0\x80\x80\xaf",
              b"\xf0\x8f\xbf\xbf", b"\xf0\x9f\x98", b"\xf4\x90\x80\x80",
              b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xff",
              b"\xed\xa0\xbd\xed\xb8\x80")
CONFUSED = ("\n", "\r", "\x85", "\u2028", "\u2029", "\0", "\t", " ", "/", ":",
            "-", "_", "A", "é", "\u0663", "\U0001f600", "\ufeff", "#", "\"",
            "\\", "\x7f", "*", "\u0301", "aws:", "\U000e0020")


def some(alphabet, count):
    return "".join(R.choices(alphabet, k=count))


def dots(count):
    """Any characters of Unicode that `.` matches."""
    made = ""
    while len(made) < count:
        made += some(R.choice(RANGES), min(count - len(made), 5))
    return made


def length(low, high):
    """Mostly short, and often at a limit."""
    kind = R.random()
    if kind < 0.25:
        return R.choice((low, min(low + 1, high), max(low, high - 1), high))
    return R.randint(low, high if kind < 0.3 else min(high, low + 40))


def parts(count, total):
    """`total` as the sum of `count` numbers."""
    marks = sorted(R.randint(0, total) for _ in range(count - 1))
    return [b - a for a, b in zip([0, *marks], [*marks, total])]


def filled(high, *pieces):
    """The pieces in a row, at most `high` characters in all.

    A piece is a text, or (function, least count) of random characters.
    """
    fixed = sum(len(p) if isinstance(p, str) else p[1] for p in pieces)
    loose = [p for p in pieces if not isinstance(p, str)]
    more = parts(len(loose), length(fixed, high) - fixed)
    return "".join(p if isinstance(p, str) else p[0](p[1] + more.pop())
                   for p in pieces)


def partition_name():
    return R.choice(("aws", "aws-cn", "aws-us-gov", "aws-iso-b", "aws-eusc",
                     "a", "-", "0"))


def account():
    return some("0123456789", 12)


def job_name():
    count = length(1, 63)
    return some(ALNUM, 1) + some(ALNUM + "-_", count - 1)


def arn():
    return filled(256, "arn:", partition_name(), ":personalize:", (dots, 0),
                  ":", (dots, 0), ":", (dots, 1))


def role_arn():
    return filled(256, "arn:", partition_name(), ":iam::", account(), ":role",
                  R.choice(("", "/", "//")), (lambda n: some(ROLE, n), 1))


def path():
    return filled(256, R.choice(("s3", "http", "https")), "://", (dots, 1))


def kms_arn():
    return filled(2048, "arn:aws", (dots, 0), ":kms:", (dots, 0), ":",
                  account(), ":key/", (dots, 0))


def tag_text(low, high):
    chars = TAG_CHARS if R.random() < 0.5 else ALNUM + "_.:/=+-@ \u00a0\u3000é"
    made = some(chars, length(low, high))
    return "x" + made[1:] if made.startswith(RESERVED) else made


def tags(count):
    made = {}
    while len(made) < count:
        made[tag_text(1, 128)] = tag_text(0, 256)
    return [{"tagKey": k.encode(), "tagValue": v.encode()}
            for k, v in made.items()]


def spoilt(value, high):
    """A mostly invalid value, made of a valid one: bytes or None."""
    kind = R.randrange(9)
    chars = value.decode("utf-8", "surrogateescape")
    at = R.randint(0, len(chars))
    if kind == 0:
        return None
    if kind == 1:
        return b""
    if kind in (2, 3):  # one character beyond the limit, or more
        extra = max(1, high + R.choice((1, 1, 2, 300)) - len(chars))
        return value + (R.choice("xA0-") * extra).encode()
    if kind == 4:
        at = R.randint(0, len(value))
        return value[:at] + R.choice(ILL_FORMED) + value[at:]
    if kind == 5:
        word = R.choice(CONFUSED)
        made = chars[:at] + word + chars[at + R.randint(0, 1):]
    elif kind == 6:
        made = chars[:at] + chars[at + 1:]
    elif kind == 7:
        made = R.choice(CONFUSED) + chars
    else:
        made = chars + R.choice(CONFUSED)
    return made.encode("utf-8", "surrogateescape")


# Each member's place in the request: its maker, greatest length, probability.
FIELDS = {
    ("jobName",): (job_name, 63, 1),
    ("solutionVersionArn",): (arn, 256, 1),
    ("filterArn",): (arn, 256, 0.3),
    ("roleArn",): (role_arn, 256, 1),
    ("jobInput", "s3DataSource", "path"): (path, 256, 1),
    ("jobInput", "s3DataSource", "kmsKeyArn"): (kms_arn, 2048, 0.3),
    ("jobOutput", "s3DataDestination", "path"): (path, 256, 1),
    ("jobOutput", "s3DataDestination", "kmsKeyArn"): (kms_arn, 2048, 0.3),
}


def put(request, place, value):
    for name in place[:-1]:
        request = request.setdefault(name, {})
    request[place[-1]] = value


def get(request, place):
    for name in place[:-1]:
        request = request.get(name, {})
    return request.get(place[-1])


def spoil_tags(request):
    made = request.setdefault("tags", tags(R.randint(1, 4)))
    kind = R.randrange(5)
    if kind == 0:
        made.extend(tags(1)[0] for _ in range(TAGS_MAX + 1 - len(made)))
        return
    if not made:
        made.extend(tags(2))
    tag = R.choice(made)
    name = R.choice(("tagKey", "tagValue"))
    if kind == 1:
        word = R.choice((RESERVED, RESERVED, "aws", "AWS:", " aws:", "aw:"))
        tag[name] = word.encode() + (tag[name] or b"")[:100]
    elif kind == 2:
        made.append({**R.choice(made), "tagValue": b""})
    elif tag[name] is not None:
        tag[name] = spoilt(tag[name], 128 if name == "tagKey" else 256)


def random_request():
    request = {}
    for place, (maker, _, chance) in FIELDS.items():
        if R.random() < chance:
            put(request, place, maker().encode())
    if R.random() < 0.5:
        request["numResults"] = R.choice(
            (0, 1, 25, -1, 5000000, 2**31 - 1, -2**31, R.randint(-999, 999)))
    if R.random() < 0.6:
        request["tags"] = tags(R.choice(
            (0, 1, 1, 2, 2, 3, 4) if R.random() < 0.98 else (50, 51, 200)))
    for _ in range(R.choice((0, 0, 0, 0, 0, 1, 1, 1, 2))):
        if R.random() < 0.25:
            spoil_tags(request)
            continue
        place = R.choice(list(FIELDS))
        value = get(request, place) or FIELDS[place][0]().encode()
        put(request, place, spoilt(value, FIELDS[place][1]))
    return request


def random_describe():
    value = arn().encode() if R.random() < 0.6 else spoilt(arn().encode(), 256)
    return {"batchSegmentJobArn": value}


def random_list():
    request = {}
    if R.random() < 0.7:
        value = arn().encode()
        request["solutionVersionArn"] = \
            value if R.random() < 0.6 else spoilt(value, 256)
    if R.random() < 0.6:  # as in a response of the service
        chars = ALNUM if R.random() < 0.5 else ASCII
        request["nextToken"] = some(chars, length(1, 1500)).encode()
    return request


def random_operation():
    kind = R.random()
    if kind < 0.7:
        return CREATE, random_request()
    return (DESCRIBE, random_describe()) if kind < 0.85 else (
        LIST, random_list())


# ------------------------------------------------------------------- cases

Identity = collections.namedtuple("Identity", "id secret token")
Case = collections.namedtuple("Case", "fresh cap region host port identity "
                              "time operation request")

BAD_TIMES = (-1, -2**63, 253402300800, 2**63 - 1)


LAST_TIME = 253402300799  # 9999-12-31T23:59:59Z


def random_time():
    """Often around the end of a year or of February."""
    year = R.choice((R.randint(1970, 9999), R.randrange(2000, 10000, 100),
                     R.randrange(2000, 10000, 400), 1970, 1972, 2038, 9999))
    month, day = R.choice(((1, 1), (3, 1), R.choices(range(1, 13), k=2)))
    time = calendar.timegm((year, month, day, 0, 0, 0))
    return R.choice((0, 2**31 - 1, 2**31, LAST_TIME, max(time - 1, 0), time,
                     max(time - 86400, 0), R.randint(0, LAST_TIME)))


def token():
    return some(VISIBLE, R.choice(
        (1, 2, 63, 64, 65, 500, 2048, 4096, 8191, 8192,
         R.randint(1, 8192), R.randint(1, 300))))


def random_identity():
    return Identity(some(VISIBLE.replace("/", "").replace(",", ""),
                         R.choice((1, 16, 20, 128))),
                    some(VISIBLE, R.choice((1, 40, 59, 60, 61, 64, 65, 200))),
                    token() if R.random() < 0.6 else None)


def moments():
    """Times of one day and of others: signing keys change by the day."""
    time = random_time()
    day = time - time % 86400
    return [time, time, day, day + 86399, min(day + 86400, LAST_TIME),
            random_time()]


def hosts(region):
    """Host and port of a configuration; None for the region's own host."""
    if R.random() < 0.6:
        return None, R.choice((0, 0, 443, 8443))
    host = R.choice(("localhost", "127.0.0.1", "vpce-1.example.COM", "a",
                     "personalize." + region + ".api.aws", "x" * 63))
    return host, R.choice((0, 443, 80, 1, 8443, 65535))


def room(request, identity):
    """Bytes that are enough for a request."""
    places = [*FIELDS, ("batchSegmentJobArn",), ("nextToken",)]
    values = [v for place in places for v in [get(request, place)] if v]
    for tag in request.get("tags") or []:
        values += [v for v in tag.values() if v]
    return 3000 + len(identity.token or "") + \
        sum(6 * len(v) + 40 for v in values)


def group(regions, most):
    """Consecutive cases of one client."""
    region = R.choice(regions)
    host, port = hosts(region)
    first, second = random_identity(), random_identity()
    identities = [first, first._replace(token=second.token), second,
                  first._replace(secret=second.secret),
                  first._replace(id=second.id)]
    times = moments()
    made = [(R.choice(identities), R.choice(times), *random_operation())
            for _ in range(R.randint(1, min(most, 40)))]
    cap = max(room(request, identity) for identity, _, _, request in made)
    return [Case(index == 0, cap, region, host, port, *rest)
            for index, rest in enumerate(made)]


def some_bad_time(case):
    if R.random() < 0.01:
        return case._replace(time=R.choice(BAD_TIMES))
    return case


def cases(count, regions):
    made = []
    while len(made) < count:
        made += map(some_bad_time, group(regions, count - len(made)))
    return made


def encoded(value):
    return value.encode() if isinstance(value, str) else value


def page(request):
    """The response with the page before the one to list."""
    if "nextToken" not in request:
        return None
    body = json.dumps({"nextToken": request["nextToken"].decode(),
                       "batchSegmentJobs": []}).encode()
    close = b"Connection: close\r\n" * R.randint(0, 1)
    return b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (
        close, len(body), body)


def record(case):
    time = case.time & 2**64 - 1
    request = case.request
    made = [number(case.fresh), number(case.cap), text(encoded(case.region)),
            text(encoded(case.host)), number(case.port),
            text(encoded(case.identity.id)),
            text(encoded(case.identity.secret)),
            text(encoded(case.identity.token)),
            number(time >> 32), number(time),
            number(OPERATIONS.index(case.operation)),
            text(request.get("batchSegmentJobArn")), text(page(request))]
    made += [text(get(request, place)) for place in FIELDS]
    made += [number("numResults" in request),
             number(request.get("numResults", 0))]
    if "tags" not in request:
        made.append(number(records.ABSENT))
    else:
        made.append(number(len(request["tags"])))
        made += [text(tag[name]) for tag in request["tags"]
                 for name in ("tagKey", "tagValue")]
    return b"".join(made)


Result = collections.namedtuple("Result", "status line outcome host port "
                                "bytes")


def results(program, made):
    reader = records.run(program, map(record, made))
    found = [Result(reader.text().decode(), reader.text(), reader.number(),
                    reader.text(), reader.number(), reader.text())
             for _ in made]
    assert reader.at == len(reader.data)
    return found


# --------------------------------------------------------------- references

class Endpoints:
    """A service's hosts by botocore's rules."""

    def __init__(self, service="personalize"):
        loader = Loader([Loader.BUILTIN_DATA_PATH],
                        include_default_search_paths=False)
        self.partitions = loader.load_data("partitions")["partitions"]
        self.provider = EndpointProvider(
            loader.load_service_model(service, "endpoint-rule-set-1"),
            {"partitions": self.partitions})
        self.of_service = loader.load_data("endpoints")["partitions"]

    def host(self, region, fips=False, dual_stack=False):
        """None if the rules refuse."""
        try:
            url = self.provider.resolve_endpoint(
                Region=region, UseDualStack=dual_stack, UseFIPS=fips).url
        except EndpointProviderError:
            return None
        return url.removeprefix("https://")

    def regions(self):
        """Every region that botocore knows, of Personalize or another."""
        found = {name for p in self.partitions for name in p["regions"]}
        for p in self.of_service:
            found.update(p["regions"])
            found.update(p["services"].get("personalize", {}).get(
                "endpoints", {}))
        return sorted(found)


class Signer:
    """botocore's serializer and signer at a given time."""

    def __init__(self):
        self.serializer = create_serializer("json", include_validation=False)

    def serialize(self, operation, request):
        return self.serializer.serialize_to_request(decoded(request),
                                                    operation)

    def authorization(self, case, authority, headers, body):
        """`headers` are those that botocore's client sets itself."""
        if authority != authority.lower():
            headers = {**headers, "Host": authority}  # botocore lowers it
        request = AWSRequest("POST", "https://%s/" % authority,
                             headers=headers, data=body)
        credentials = Credentials(*case.identity)
        signer = botocore.auth.SigV4Auth(credentials, SERVICE.signing_name,
                                         case.region)
        with mock.patch("botocore.auth.datetime", Clock(case.time)):
            signer.add_auth(request)
        return dict(request.headers)


class Clock:
    """Replaces the module datetime that botocore takes the time from."""

    def __init__(self, time):
        self.time = time
        self.datetime = self

    def utcnow(self):
        return EPOCH + datetime.timedelta(seconds=self.time)


EPOCH = datetime.datetime(1970, 1, 1)


def decoded(value):
    """Bytes as text, members that are None left out."""
    if isinstance(value, dict):
        return {k: decoded(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [decoded(v) for v in value]
    return value.decode() if isinstance(value, bytes) else value


def read_request(raw):
    """Target, headers and body of the bytes, as h11 reads a request."""
    connection = h11.Connection(h11.SERVER,
                                max_incomplete_event_size=len(raw) + 1)
    connection.receive_data(raw)
    head = connection.next_event()
    body = b""
    while True:
        event = connection.next_event()
        if isinstance(event, h11.EndOfMessage):
            break
        body += event.data
    names = [name.decode() for name, _ in head.headers]
    assert len(names) == len(set(names)), "duplicate header"
    assert connection.trailing_data == (b"", False), "bytes after the body"
    assert b" ".join((head.method, head.target, head.http_version)) == \
        b"POST / 1.1"
    return {n.decode(): v.decode() for n, v in head.headers}, body


UNSIGNED = {"content-length", "connection", "user-agent"}


class Comparison:
    """Compares the core's results with the references."""

    def __init__(self, endpoints):
        self.signer = Signer()
        self.endpoints = endpoints
        self.model = Tally("botocore's service model")
        self.wire = Tally("botocore's serializer and SigV4 signer")
        self.seen = collections.Counter()
        self.words = {}  # descriptions of patterns, by path
        self.operations = collections.Counter()
        self.pages = collections.Counter()

    def compare(self, index, case, result):
        lines = all_broken(case.request, case.operation)
        self.operations[case.operation.name, not lines] += 1
        if lines:
            self.refused(index, case, result, lines)
        elif case.time in BAD_TIMES:
            self.wire.count(False)
            self.wire.check(result.status == "SEGJOB_CLOCK", index, result)
        elif result.bytes is None:
            self.model.differ(index, result[:2], "but nothing is wrong with",
                              case.request)
        else:
            self.model.count(True)
            self.written(index, case, result)

    def refused(self, index, case, result, lines):
        self.model.count(False)
        outcome = NOT_SENT if case.operation is CREATE else NOT_APPLICABLE
        line = (result.line or b"").decode()
        words = WORDS.fullmatch(line)
        if words:
            line = words[1] + BREAKS
            self.words[re.sub(r"\[\d+\]", "[]", words[1])] = words[2]
        self.model.check(
            result.status == "SEGJOB_INVALID" and line in lines and
            result.outcome == outcome and result.bytes is None,
            index, result.status, repr(line), "but", sorted(lines))
        self.seen[re.sub(r"\[\d+\]", "[]", line)] += 1

    def written(self, index, case, result):
        host = case.host or self.endpoints.host(case.region)
        port = case.port or 443
        authority = host if port == 443 else "%s:%d" % (host, port)
        self.wire.count(True)
        try:
            headers, body = read_request(result.bytes)
        except (AssertionError, h11.RemoteProtocolError) as error:
            self.wire.differ(index, "not a request:", error)
            return
        wanted = self.signer.serialize(case.operation,
                                       self.with_page(case, body))
        signed = self.signer.authorization(case, authority,
                                           wanted["headers"], body)
        signed = {name.lower(): value for name, value in signed.items()}
        free = {n: v for n, v in headers.items() if n in UNSIGNED}
        expected = {**free, "host": authority, **signed}
        self.wire.check(headers == expected, index, "headers",
                        sorted(headers.items() ^ expected.items()))
        self.wire.check((result.host.decode(), result.port) == (host, port),
                        index, "connects to", result.host, result.port)
        self.wire.check(headers.get("content-length") == str(len(body)), index,
                        "length")
        try:
            same = model.parse(body) == model.parse(wanted["body"])
        except model.ServiceError:
            same = False
        self.wire.check(same, index, "body", body)

    def with_page(self, case, body):
        """Take the page size from the core, which may use any valid one."""
        if case.operation is not LIST:
            return case.request
        size = json.loads(body).get("maxResults")
        rules = LIST.input_shape.members["maxResults"].metadata
        self.wire.check(rules["min"] <= size <= rules["max"], "a page of",
                        size, "in", case.cap)
        self.pages[size] += 1
        return {**case.request, "maxResults": size}

    def end(self, count):
        known = {line for operation in (CREATE, DESCRIBE)
                 for line in all_lines(operation.input_shape)}
        for line in sorted(known):
            self.model.floor("'%s'" % line, self.seen[line], count // 1500)
        self.model.check(self.seen.keys() <= known, self.seen.keys() - known)
        for operation in (CREATE, DESCRIBE):
            for path, pattern in patterns(operation.input_shape):
                words = self.words[path]
                self.model.check(takes_example(pattern, words), path, words)
                self.model.check("ARN" not in words or EXAMPLE.search(words),
                                 path, words, "has no example")
        for operation in OPERATIONS:
            for good in (True, False):
                name = "%s, %s" % (operation.name,
                                   "good" if good else "bad")
                self.model.floor(name, self.operations[operation.name, good],
                                 count // 50)
        self.wire.floor("pages", len(self.pages), 5)
        good = self.model.end(count * 45 // 100, count * 25 // 100)
        return self.wire.end(count * 45 // 100, count // 1000) and good


def compare_requests(program, count, endpoints):
    regions = endpoints.regions()
    comparison = Comparison(endpoints)
    made = cases(count, regions)
    for index, (case, result) in enumerate(zip(made, results(program, made))):
        comparison.compare(index, case, result)
    lengths = {len(c.identity.token or "") for c in made}
    comparison.wire.check({0, 1, 8192} <= lengths, "token lengths", lengths)
    return comparison.end(count)


# ----------------------------- credentials that must not be put in headers
#
# The reference is the rule in segjob.h: visible ASCII.

BAD_CREDENTIALS = [
    *(("accessKeyId", c) for c in ("", None, "a b", "a\n", "a/b", "a,b", "é",
                                   "\0", "x" * 129)),
    *(("secretAccessKey", c) for c in ("", None, "a b", "a\r\nb", "\x7f",
                                       "é")),
    *(("sessionToken", c) for c in ("", "a b", "a\r\nX: b", "\t", "\0", "é",
                                    "x" * 8192 + "\n"))]
IDENTITY_FIELDS = {"accessKeyId": "id", "secretAccessKey": "secret",
                   "sessionToken": "token"}


def sound_request():
    while True:
        request = random_request()
        if not all_broken(request):
            return request


def plain_case(region, request, **changes):
    identity = Identity("AKIDEXAMPLE", "secret", None)
    case = Case(True, room(request, identity) + 9000, region, None, 0,
                identity, 0, CREATE, request)
    return case._replace(**changes)


def compare_credentials(program):
    tally = Tally("the rule of visible ASCII in credentials")
    request = sound_request()
    made = []
    for name, value in BAD_CREDENTIALS:
        identity = Identity("AKIDEXAMPLE", "secret", "token")._replace(
            **{IDENTITY_FIELDS[name]: value})
        made.append(plain_case("us-east-1", request, identity=identity))
    for (name, value), result in zip(BAD_CREDENTIALS, results(program, made)):
        tally.count(result.bytes is not None)
        tally.check(result.status == "SEGJOB_CONFIG" and result.bytes is None
                    and result.line.startswith(name.encode() + b": "),
                    name, repr(value), result)
    return tally.end(0, len(BAD_CREDENTIALS))


# -------------------------------------------------------------------- names

# Where the core is stricter than botocore's patterns, and why.
LISTED_LABELS = {
    "": "the pattern accepts an empty label",
    "us-east-1\n": "Python's `$` accepts a newline at the end",
}
LISTED_HOSTS = {
    "a.": "botocore removes a final dot; certificates have none",
    ".".join(["x" * 63] * 3 + ["x" * 62]): "254: RFC 1035 allows 253",
    "\u212a": "Python's IGNORECASE accepts the Kelvin sign as a k",
    "a\u0663": "Python's \\d accepts all decimal digits",
}


def is_region(name):
    try:
        validate_region_name(name)
    except InvalidRegionError:
        return False
    return True


def is_host(name):
    return bool(is_valid_endpoint_url("https://%s/" % name))


def random_label():
    made = some("aZ09-", R.choice((1, 2, 3, 3, 62, 63, 64)))
    return made if R.random() < 0.7 else some(made + "09", 3) + \
        R.choice((" ", ".", "_", "é", "\0", "~", "/", "\x7f"))


def random_host():
    made = [some("aZ09-", R.choice((1, 1, 2, 3, 63)))
            for _ in range(R.choice((1, 1, 2, 3, 4)))]
    if R.random() < 0.3:
        made.append(R.choice(("", "-", "a_b", "a b", "*", "x" * 64, "é")))
        made.append("com")
    return ".".join(made)[:253].rstrip(".")


def compare_names(program, what, accepts, names, listed, config):
    """Compare names of regions or hosts with botocore's pattern for them."""
    tally = Tally(what)
    names = [*names, *listed]
    request = sound_request()
    found = results(program, [config(request, n) for n in names])
    for name, result in zip(names, found):
        good = result.status == "SEGJOB_PENDING"
        tally.count(good)
        tally.check(good or result.status == "SEGJOB_CONFIG", name, result)
        if name in listed:
            tally.still(botocore, good != accepts(name), repr(name),
                        result[:2], listed[name])
        else:
            tally.check(good == accepts(name), repr(name), result[:2])
    return tally.end(200, 200)


def region_case(request, name):
    return plain_case(name, request, host="localhost")


def host_case(request, name):
    return plain_case("us-east-1", request, host=name)


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else COUNT
    R.seed(int(sys.argv[3]) if len(sys.argv) > 3 else SEED)
    endpoints = Endpoints()
    good = [
        compare_requests(program, count, endpoints),
        compare_credentials(program),
        compare_names(program, "botocore's region names", is_region,
                      [random_label() for _ in range(2000)], LISTED_LABELS,
                      region_case),
        compare_names(program, "botocore's host names", is_host,
                      [random_host() for _ in range(2000)], LISTED_HOSTS,
                      host_case),
    ]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
