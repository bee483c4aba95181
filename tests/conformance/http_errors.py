#!/usr/bin/env python3
"""What the client reads in responses, compared with botocore.

    http_errors.py PROGRAM [COUNT [SEED]]

PROGRAM is http.c. Each response is made from its meaning: a code, a message,
a request id, an ARN. The core must read exactly that, and botocore the same,
except where the response has a trait listed here. If a response with one such
trait makes no difference, the list is stale. Where the core takes a code from,
and what it removes: Smithy's AWS JSON 1.1, "Operation error serialization".
"""

import collections
import http.client
import io
import json
import random
import re
import sys
from pathlib import Path

import botocore.parsers
from botocore.awsrequest import AWSResponse
from botocore.endpoint import convert_to_response_dict
from urllib3.response import HTTPResponse

import records
from records import Tally, number, text

sys.path.append(str(Path(__file__).resolve().parent.parent / "emulator"))
import model  # noqa: E402

SEED = 254
COUNT = 6000
CAP = 65536  # of the client's buffer
KEPT = 64  # bytes of a code and of an id, SJ_HTTP_ID_CAP
DEEPEST = 32  # SJ_JSON_DEPTH_MAX

R = random.Random()
SERVICE = model.load()
OPERATION = SERVICE.operation_model("CreateBatchSegmentJob")

# Traits of responses that botocore reads differently, and how.
TRAITS = {
    "colon": "keeps what follows the first `:` of a code",
    "second #": "cuts a code at the last `#`, not at the first",
    "code": "does not look for a member `code`",
    "header code": "looks for X-Amzn-Errortype in REST protocols only",
    "query error": "reads x-amzn-query-error, of services that once spoke the "
                   "query protocol, which this one never did",
    "typed code": "fails if `__type` is not a string",
    "null message": "takes a null `message` and not `Message`",
    "typed message": "returns a message that is not a string",
    "other id": "reads x-amzn-requestid alone",
    "id twice": "joins repeated ids",
    "long id": "keeps all of an id",
    "long code": "keeps all of a code",
    "not JSON": "returns a body that is not JSON as the message",
    "5xx page": "returns the reason phrase of RFC 9110 as the message of "
                "an empty or HTML 5xx",
    "not an object": "fails if the body is JSON but not an object",
    "twice": "takes the last of repeated members",
    "NaN": "accepts NaN and Infinity as JSON",
    "ill-formed": "fails if the body is not UTF-8",
    "surrogate": "accepts a lone surrogate",
    "deep": "limits depth by its stack alone",
    "large": "has no limit on the size of a body",
    "secrets": "does not clean a message",
    "redirect": "reads 3xx as errors",
    "below 301": "reads every response below 301 as success",
    "bad ARN": "does not check ARNs in responses",
}

# Traits that a version no longer has.
GONE = {"1.37.9": {"colon"}}

CODES = [error.name for error in OPERATION.error_shapes] + """
    AccessDeniedException UnrecognizedClientException InvalidClientTokenId
    MissingAuthenticationToken MissingAuthenticationTokenException
    IncompleteSignature IncompleteSignatureException InvalidSignatureException
    SignatureDoesNotMatch ExpiredTokenException RequestExpired
    RequestTimeTooSkewed RequestInTheFuture ThrottlingException
    ValidationException SerializationException UnknownOperationException
    OptInRequired NotAuthorized InternalFailure InternalServerError
    RequestAbortedException RequestTimeoutException
    ServiceUnavailable ServiceUnavailableException""".split()


class Response:
    """What a response means, and the parts that it is made of."""

    def __init__(self, status):
        self.status = status
        self.traits = set()
        self.code = self.message = self.id = self.arn = None
        self.header_code = None
        self.members = []  # name and JSON text
        self.fields = []
        self.body = None  # replaces the members
        self.token, self.tags = None, []

    def member(self, name, value):
        dump = json.dumps(value, ensure_ascii=R.random() < 0.5)
        self.members.append((name, dump))

    def read(self, body, *traits):
        """Replace the body by one without a code or a message."""
        self.body = body
        self.code, self.message = self.header_code, None
        self.traits &= {"query error", "other id", "id twice", "long id"}
        self.traits.update(traits, ["header code"] * bool(self.header_code))

    def error_type(self, value, code):
        self.fields.append((R.choice(("X-Amzn-ErrorType", "x-amzn-errortype")),
                            value))
        self.header_code = code


# -------------------------------------------------------------------- codes

NAMESPACE = "com.amazonaws.personalize#"
URI = ":http://internal.amazon.com/coral/com.amazon.coral.service/"


def any_code():
    return R.choice(CODES)


def plain(a):
    a.code = any_code()
    a.member("__type", a.code)


def with_namespace(a):
    a.code = any_code()
    a.member("__type", NAMESPACE + a.code)


def with_colon(a):
    a.code = any_code()
    a.member("__type", R.choice(("", NAMESPACE)) + a.code +
             R.choice((":", URI, ":a:b", URI + "#x")))
    a.traits.add("colon")


def with_second_hash(a):
    a.code = "b#" + any_code()
    a.member("__type", "a#" + a.code)
    a.traits.add("second #")


def in_code(a):
    a.code = any_code()
    a.member("code", R.choice(("", NAMESPACE)) + a.code +
             R.choice(("", URI)))
    if R.random() < 0.3:
        a.member("__type", None)
    a.traits.add("code")


def in_header(a):
    a.code = any_code()
    a.error_type(R.choice(("", NAMESPACE)) + a.code + R.choice(("", URI)),
                 a.code)
    if R.random() < 0.3:
        a.member("__type", R.choice((None, "")))
    a.traits.add("header code")


def type_first(a):
    plain(a)
    a.member("code", "WrongException")
    a.error_type("SecondException", "SecondException")


def code_before_header(a):
    in_code(a)
    a.error_type("SecondException", "SecondException")


def query_error(a):
    with_namespace(a)
    a.fields.append(("x-amzn-query-error", "WrongException;Sender"))
    a.traits.add("query error")


def typed_code(a):
    a.member("__type", R.choice((5, True, [NAMESPACE + "x"],
                                 {"a#b": 1})))
    a.traits.add("typed code")


def long_code(a):
    made = any_code() * 8
    a.code = made[:KEPT]
    a.member("__type", NAMESPACE + made)
    a.traits.add("long code")


def nested_code(a):
    a.member("detail", {"__type": any_code(), "message": "no"})
    a.member("Code", any_code())


def empty_code(a):
    a.member("__type", R.choice(("", None)))


def no_code(a):
    pass


CODE_FORMS = [plain, plain, plain, with_namespace, with_namespace, with_colon,
              with_second_hash, in_code, in_header, type_first,
              code_before_header, query_error, typed_code, long_code,
              nested_code, empty_code, no_code]

# ----------------------------------------------------------------- messages

WORDS = ["Another", "resource", "with", "Arn", "exists.", "é", "\u4e2d\u6587",
         "\U0001f600", "\\", "\"", "\t", "\n", "\0", "\x1b[1m", "{}", "/",
         "null", "\x7f", "\u2028", "***", "the", "value", "1"]


def words():
    return " ".join(R.choices(WORDS, k=R.randint(1, 12))) + "!"


def in_message(a):
    a.message = words()
    a.member("message", a.message)
    if R.random() < 0.2:
        a.member("Message", "wrong")


def in_capital_message(a):
    a.message = words()
    a.member("Message", a.message)


def null_message(a):
    a.message = words()
    a.member("message", None)
    a.member("Message", a.message)
    a.traits.add("null message")


def typed_message(a):
    a.member("message", R.choice((5, True, ["x"], {"x": "y"})))
    a.traits.add("typed message")


def no_message(a):
    if R.random() < 0.3:
        a.member(R.choice(("message", "Message")), "")


TAGS = (("owner", "Jürgen"), ("team", "films"), ("a", "b"), ("stage", "1"),
        ("cost centre", "centre east"), ("film", "films noirs"), ("k", ""),
        ("日本語圏", "hush-hush"), ("arn:aws:s3:::films", "tok"))
TOKENS = (None, "IQoJb3JpZ2luX2VjEXAMPLE", "tok", "aXa", "films")
AROUND = ("", "", " ", " ", " ", ",", "'", '"', "\u201c", "(", "\n", "é", "-",
          ".", "x", "arn:", "arn:aws:iam::1:role/a,", "aX")


def secret_message(a):
    """A message that quotes the request; the core must remove that."""
    a.token = R.choice(TOKENS)
    a.tags = R.sample(TAGS, R.randint(0, 3))
    tags = [text for tag in a.tags for text in tag if text]
    words = ["already", "exists.", *tags * 3, *[a.token or ""] * 3]
    made = "".join(R.choice(words) + R.choice(AROUND)
                   for _ in range(R.randint(1, 20))) + "!"
    if R.random() < 0.3:
        made += "\n\nThe Canonical String for this request should have " \
                "been\n'POST\nx-amz-security-token:%s'" % a.token
    a.member("message", made)
    a.message = cleaned(made, a.token, tags)
    if a.message != made:
        a.traits.add("secrets")


def cleaned(message, token, tags):
    """A message ends before the canonical string. The token is hidden
    everywhere; a tag of four characters or more is hidden unless it is part of
    a word or in an ARN. Overlapping ones are hidden together.
    """
    arns = [m.span() for m in re.finditer(r"arn:[\w.:/=+@,-]*", message)]
    patterns = [r"(?<![\w.:/=+@-])(?=(%s)(?![\w.:/=+@-]))" % re.escape(text)
                for text in tags if len(text) >= 4]
    hidden = [m.span(1) for pattern in patterns
              for m in re.finditer(pattern, message)
              if not any(m.start() in range(*arn) for arn in arns)]
    if token:
        hidden += [m.span(1) for m in
                   re.finditer("(?=(%s))" % re.escape(token), message)]
    made, end = "", 0
    for start, stop in sorted(hidden):
        if start >= end:
            made += message[end:start] + "\0"
        end = max(end, stop)
    made = (made + message[end:]).partition("The Canonical String")[0]
    return made.replace("\0", "***").rstrip(" \n")


MESSAGE_FORMS = [in_message, in_message, in_message, in_message,
                 in_capital_message, null_message, typed_message, no_message,
                 secret_message]

# ---------------------------------------------------------------------- ids

ID = "6f2c1b0e-0001-4a5b-8c9d-00aa11bb22cc"


def usual_id(a):
    a.id = ID
    name = R.choice(("x-amzn-RequestId", "X-AMZN-REQUESTID",
                     "x-amzn-requestid"))
    a.fields.append((name, ID))
    if R.random() < 0.3:
        a.fields += [("x-amzn-request-id", "wrong"),
                     ("x-amz-request-id", "wrong")]


def second_id(a):
    a.id = ID
    a.fields.append(("x-amzn-request-id", ID))
    if R.random() < 0.5:
        a.fields.append(("x-amz-request-id", "wrong"))
    a.traits.add("other id")


def third_id(a):
    a.id = ID
    a.fields.append(("x-amz-request-id", ID))
    a.traits.add("other id")


def two_ids(a):
    a.id = ID
    a.fields += [("x-amzn-RequestId", ID), ("x-amzn-RequestId", "wrong")]
    a.traits.add("id twice")


def long_id(a):
    made = ID * 4
    a.id = made[:KEPT]
    a.fields.append(("x-amzn-RequestId", made))
    a.traits.add("long id")


def no_id(a):
    pass


ID_FORMS = [usual_id] * 5 + [second_id, third_id, two_ids, long_id, no_id]

# ------------------------------------------------------------------- bodies


def members(a):
    """The members as JSON, among unknown ones."""
    made = list(a.members)
    for index in range(R.choice((0, 0, 1, 3))):
        made.append(("other%d" % index, R.choice((
            "null", "true", "-1.5e+30", '"x"', "[]", "[[], {}, [1, \"a\"]]",
            '{"__type": "Wrong", "a": {"message": []}}'))))
    R.shuffle(made)
    gap = R.choice(("", "", " ", "\r\n\t"))
    return "{%s}" % (gap + ",").join(
        '%s%s%s:%s%s' % (gap, json.dumps(name), gap, gap, value)
        for name, value in made)


def as_json(a):
    a.body = members(a).encode()


HTML = (b"<html>\r\n<head><title>503</title></head></html>",
        b"<!DOCTYPE html><html><body>Proxy</body></html>")
XML = b"<UnknownOperationException/>\n"


def as_page(a):
    page = R.choice(HTML)
    a.read(page, "5xx page" if a.status >= 500 and page is HTML[0] else
           "not JSON")


def as_nothing(a):
    a.read(b"", *["5xx page"] * (a.status >= 500))


def as_xml(a):
    a.status = 404
    a.read(XML, "not JSON")


def as_broken_json(a):
    made = members(a)
    a.read(R.choice((
        made[:-1], made + "x", made + "{}", made.replace("{", "{,", 1),
        "\ufeff" + made, "{'a': 1}", '{"a": 01}', '{"a" "b"}', '{"a":1,}',
        '{"message": "\n"}', '{"message": "\\x"}', "nonsense",
        '{"a": +1}', '{"a": .5}', "{}{}", "{\"a\": tru}")).encode(),
        "not JSON")


def as_no_object(a):
    a.read(R.choice((b"[]", b'[{"__type": "Wrong"}]', b'"x"', b"5", b"null",
                     b"true")), "not an object")


def as_repeated(a):
    a.read(b'{"__type": "A", "message": "x", "__type": "B"}', "twice")


def as_nan(a):
    a.read(R.choice((b'{"message": "x", "a": NaN}',
                     b'{"message": "x", "a": [-Infinity]}')), "NaN")


def as_ill_formed(a):
    a.read(b'{"message": "' + R.choice((
        b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
        b"\xe2\x82")) + b'"}', "ill-formed")


def as_surrogate(a):
    made = R.choice(("\\ud800", "x\\udc00", "\\ud83dx", "\\ud83d\\u0041",
                     "\\udbff\\ue000", "\\ud83d\\ud83d"))
    a.read(b'{"message": "%s"}' % made.encode(), "surrogate")


def as_deep(a):
    a.read(b'{"message": "x", "a": ' + b"[" * DEEPEST + b"]" * DEEPEST + b"}",
           "deep")


def as_large(a):
    page = b'{"message": "x", "a": "' + b"y" * CAP + b'"}'
    a.read(page, "large")


BODY_FORMS = [as_json] * 30 + [
    as_page, as_nothing, as_xml, as_broken_json, as_broken_json, as_no_object,
    as_repeated, as_nan, as_ill_formed, as_surrogate, as_deep, as_large]


def error():
    a = Response(R.choice((400, 400, 400, 403, 404, 413, 429, 500, 502, 503,
                           504)))
    for forms in (CODE_FORMS, MESSAGE_FORMS, ID_FORMS, BODY_FORMS):
        R.choice(forms)(a)
    return a


# -------------------------------------- success, and neither success nor error

ARN = "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/n"


def made():
    a = Response(200)
    R.choice(ID_FORMS)(a)
    kind = R.randrange(6)
    if kind <= 2:
        a.arn = ARN
        a.member("batchSegmentJobArn", a.arn)
    elif kind == 3:  # no ARN, or not the job's
        a.member("batchSegmentJobArn", R.choice((
            "", "x", ARN + "\n", ARN + "x" * 257, ARN[1:],
            ARN + "é", ARN + "x" * (256 - len(ARN)),
            ARN.replace("batch-segment-job", "solution"),
            ARN.replace("us-east-1", "us-east-2"),
            ARN.replace("2:", "3:"), ARN.replace("aws", "aws-cn"))))
        a.traits.add("bad ARN")
    elif kind == 4:
        a.member("batchSegmentJobArn", None)
    as_json(a)
    if kind == 5:
        R.choice((as_broken_json, as_page, as_nothing, as_no_object))(a)
        a.traits -= {"not JSON"}  # no ARN for either
    return a


def neither():
    a = Response(R.choice((201, 202, 206, 300, 301, 302, 307, 308)))
    plain(a)
    in_message(a)
    usual_id(a)
    a.member("batchSegmentJobArn", ARN)
    as_json(a)
    a.code = a.message = None
    a.traits.add("redirect" if a.status > 300 else "below 301")
    return a


# ----------------------------------------------------------------- the wire

def chunks(body):
    sizes = []
    while body:
        count = R.randint(1, len(body))
        sizes.append(b"%x\r\n%s\r\n" % (count, body[:count]))
        body = body[count:]
    return b"".join(sizes) + b"0\r\n\r\n"


def wire(a):
    """The bytes of a response, its body framed in any way."""
    fields = [("Content-Type", "application/x-amz-json-1.1"), *a.fields]
    version, body = 1, a.body
    framing = R.choice(("length", "length", "chunks", "close", "1.0"))
    if framing == "chunks":
        fields.append(("Transfer-Encoding", "chunked"))
        body = chunks(body)
    elif framing == "length":
        fields.append(("Content-Length", str(len(body))))
    elif framing == "1.0":
        version = 0
    lines = ["HTTP/1.%d %d Reason" % (version, a.status),
             *("%s: %s" % field for field in fields), "", ""]
    before = b"HTTP/1.1 100 Continue\r\n\r\n" * (R.random() < 0.1)
    return before + "\r\n".join(lines).encode() + body


# ----------------------------------------------------------------- readings

Reading = collections.namedtuple("Reading", "code message id arn")


class Socket:
    def __init__(self, raw):
        self.raw = raw

    def makefile(self, mode):
        return io.BytesIO(self.raw)


PARSER = botocore.parsers.create_parser("json")


def by_botocore(raw):
    """What botocore reads; None if it fails."""
    response = http.client.HTTPResponse(Socket(raw), method="POST")
    response.begin()
    response = HTTPResponse(response, response.getheaders(), response.status,
                            preload_content=False, original_response=response)
    response = AWSResponse("https://h/", response.status, response.headers,
                           response)
    try:
        parsed = PARSER.parse(convert_to_response_dict(response, OPERATION),
                              OPERATION.output_shape)
    except (AttributeError, TypeError, UnicodeDecodeError):
        return None
    if parsed is None:
        return None
    error = parsed.get("Error", {})
    code = error.get("Code") or None
    if code == str(response.status_code):
        code = None  # botocore has no code
    return Reading(code, error.get("Message") or None,
                   parsed["ResponseMetadata"].get("RequestId"),
                   parsed.get("batchSegmentJobArn"))


# Codes that leave the outcome unknown, whatever the status.
NOT_DEFINITIVE = {
    "InternalError", "InternalFailure", "InternalServerError",
    "RequestAbortedException", "RequestTimeout", "RequestTimeoutException",
    "ServiceUnavailable", "ServiceUnavailableException"}

OUTCOMES = ["not applicable", "not sent", "refused", "unknown", "created"]


def by_core(reader):
    def word():
        read = reader.text()
        return read.decode() if read else None

    return (reader.number(), reader.text().decode(),
            OUTCOMES[reader.number()], reader.number(),
            Reading(word(), word(), word(), word()))


def record(a, raw):
    tags = [text(word.encode()) for tag in a.tags for word in tag]
    return b"".join([
        text(raw), number(R.randint(0, len(raw))), number(CAP),
        text(a.token and a.token.encode()), number(len(a.tags)), *tags])


def expected(a):
    """The status and the outcome, by segjob.h."""
    if a.status == 200:
        if a.arn:
            return "SEGJOB_OK", "created"
        return "SEGJOB_PROTOCOL", "unknown"
    if a.status < 300:
        return "SEGJOB_PROTOCOL", "unknown"
    if a.status < 400:
        return "SEGJOB_REDIRECT", "unknown"
    refused = a.code and a.id and a.status < 500 and \
        a.code not in NOT_DEFINITIVE
    return "SEGJOB_SERVICE", "refused" if refused else "unknown"


def compare(tally, seen, a, raw, result):
    same, status, outcome, http_status, core = result
    meant = Reading(a.code, a.message, a.id, a.arn)
    tally.check(same == 3, raw, "differs in pieces")
    tally.check((status, outcome, http_status) == (*expected(a), a.status),
                raw, status, outcome, http_status)
    tally.check(core == meant, raw, "means", meant, "the core reads", core)
    other = by_botocore(raw)
    if not a.traits:
        tally.check(core == other, raw, core, "botocore reads", other)
    elif len(a.traits) == 1:
        seen.update(a.traits)
        gone = a.traits & GONE.get(botocore.__version__, set())
        tally.still(botocore, (core == other) == bool(gone), a.traits, raw)
    tally.count(core.code is not None or core.arn is not None)


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else COUNT
    R.seed(int(sys.argv[3]) if len(sys.argv) > 3 else SEED)
    cases = [R.choice((error,) * 8 + (made, neither))() for _ in range(count)]
    raws = [wire(a) for a in cases]
    reader = records.run(program, map(record, cases, raws))
    tally, seen = Tally("botocore's parser of responses"), \
        collections.Counter()
    for a, raw in zip(cases, raws):
        compare(tally, seen, a, raw, by_core(reader))
    for name, what in TRAITS.items():
        tally.floor("'%s'" % name, seen[name], count // 1000)
        print("  listed: botocore %s: %d alone" % (what, seen[name]))
    tally.check(seen.keys() <= TRAITS.keys(), seen.keys() - TRAITS.keys())
    for code in CODES:
        tally.floor(code, sum(a.code == code for a in cases), count // 200)
    return 0 if tally.end(count * 45 // 100, count * 30 // 100) else 1


if __name__ == "__main__":
    sys.exit(main())
