#!/usr/bin/python3
"""Write the rows that the unit tests take from elsewhere.

    make_rows.py NAME > rows_NAME.h

  sigv4    signatures, from botocore
  request  the whole request of exchange.h, signed by botocore
  sign     signatures of requests to other services, from botocore
  json     what is JSON, from Python's json made strict
  xml      the text of <b> in <a>, from Python's expat
  time     dates, from Python's datetime, time and email.utils
  unicode  letters, separators and numbers, and what is not assigned, from
           Unicode's data in build/sources (DerivedGeneralCategory.txt)
"""
import datetime
import email.utils
import json
import re
import sys
import time
from pathlib import Path


def literal(data):
    """A C string literal of bytes, in pieces that fit into a line."""
    data = as_bytes(data)
    plain = set(range(0x20, 0x7f)) - set(b'"\\?')
    marks = {ord('"'): '\\"', ord("\\"): "\\\\"}
    chars = [marks.get(b, chr(b) if b in plain else f"\\{b:03o}")
             for b in data]
    pieces = [""]
    for char in chars:
        if len(pieces[-1]) + len(char) > 56:
            pieces.append("")
        pieces[-1] += char
    return "\n     ".join(f'"{piece}"' for piece in pieces)


def as_bytes(text):
    return text.encode("utf-8") if isinstance(text, str) else text


def letters(n):
    """As fill_letters() of rows.h."""
    return "".join(chr(ord("A") + i % 26) for i in range(n))


# ------------------------------------------------------------------ sigv4

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
HOST = "personalize.us-east-1.amazonaws.com"
DATE = "20260101T000000Z"

# name, letters of the secret (0: AWS's example), letters of the token, region,
# host, date, body
SIGV4 = [
    ("plain", 0, 0, "us-east-1", HOST, DATE, "{}"),
    ("no body", 0, 0, "us-east-1", HOST, DATE, ""),
    ("body not ASCII", 0, 0, "us-east-1", HOST, DATE, '"\u00fc\U0001f600"'),
    ("body of two blocks", 0, 0, "us-east-1", HOST, DATE, letters(120)),
    ("token of 1", 0, 1, "us-east-1", HOST, DATE, "{}"),
    ("token of 356", 0, 356, "us-east-1", HOST, DATE, "{}"),
    ("token of 8192", 0, 8192, "us-east-1", HOST, DATE, "{}"),
    ("secret of 1", 1, 0, "us-east-1", HOST, DATE, "{}"),
    ("secret of one block", 60, 0, "us-east-1", HOST, DATE, "{}"),
    ("secret over one block", 61, 0, "us-east-1", HOST, DATE, "{}"),
    ("secret of 128, token", 128, 40, "us-east-1", HOST, DATE, "{}"),
    ("host with port", 0, 0, "us-east-1", "localhost:8443", DATE, "{}"),
    ("China", 0, 0, "cn-north-1", "personalize.cn-north-1.amazonaws.com.cn",
     "20260228T235959Z", "{}"),
    ("longest region", 0, 0, "r" * 63, "localhost:1", DATE, "{}"),
    ("last second", 0, 0, "eu-west-1", "personalize.eu-west-1.amazonaws.com",
     "99991231T235959Z", "{}"),
]


def signature(secret, token, region, host, date, body):
    return authorization(
        "personalize", secret, token, region, f"https://{host}/", date, body, {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AmazonPersonalize.CreateBatchSegmentJob",
        }).rsplit("=", 1)[1]


def authorization(service, secret, token, region, url, date, body, headers):
    import botocore.auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    class Clock(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return cls.strptime(date, "%Y%m%dT%H%M%SZ")

    class Module:
        datetime = Clock

    botocore.auth.datetime = Module
    request = AWSRequest(method="POST", url=url, data=body.encode("utf-8"),
                         headers=headers)
    credentials = Credentials("AKIDEXAMPLE", secret, token)
    botocore.auth.SigV4Auth(credentials, service, region).add_auth(request)
    return request.headers["Authorization"]


def sigv4():
    yield "static const struct sigv4_row {"
    yield "    int line;"
    yield "    const char *name;"
    yield "    size_t secret_len; /* 0: AWS's example */"
    yield "    size_t token_len;"
    yield "    const char *region, *host, *date, *body, *signature;"
    yield "} sigv4_rows[] = {"
    for name, secret, token, *texts in SIGV4:
        texts.append(signature(letters(secret) if secret else SECRET,
                               letters(token) if token else None, *texts))
        yield f"    {{__LINE__, {literal(name)}, {secret}, {token},"
        yield "     " + ",\n     ".join(map(literal, texts)) + "},"
    yield "};"


# ------------------------------------------------------------------- sign

FORM = "application/x-www-form-urlencoded; charset=utf-8"

# name, service, letters of the secret (0: AWS's example), letters of the token,
# region, host, port (0: none in the URL), path, date, Content-Type, body
SIGN = [
    ("sts", "sts", 0, 0, "eu-west-1", "sts.eu-west-1.amazonaws.com", 0, "/",
     DATE, FORM, "Action=AssumeRole&Version=2011-06-15"),
    ("sts, token", "sts", 0, 356, "eu-west-1", "sts.eu-west-1.amazonaws.com", 0,
     "/", DATE, FORM, "Action=AssumeRole&Version=2011-06-15"),
    ("no body", "sts", 0, 0, "us-east-1", "sts.us-east-1.amazonaws.com", 0, "/",
     DATE, FORM, ""),
    ("long body, secret of one block", "sts", 60, 2000, "us-gov-west-1",
     "sts.us-gov-west-1.amazonaws.com", 0, "/", DATE, FORM, letters(500)),
    ("secret over one block", "sts", 61, 1, "us-gov-west-1",
     "sts.us-gov-west-1.amazonaws.com", 0, "/", DATE, FORM, letters(64)),
    ("China, FIPS, dual-stack", "sts", 40, 0, "cn-north-1",
     "sts-fips.cn-north-1.api.amazonwebservices.com.cn", 0, "/",
     "20260228T235959Z", FORM, "a=b"),
    ("a port", "sts", 0, 9, "us-east-1", "localhost", 8443, "/", DATE, FORM,
     "a=b"),
    ("an address", "sts", 0, 9, "us-east-1", "::1", 8443, "/", DATE, FORM,
     "a=b"),
    ("the last second", "sts", 0, 0, "us-east-1", "localhost", 0, "/",
     "99991231T235959Z", FORM, "a=b"),
    ("another service and path", "rolesanywhere", 0, 12, "eu-west-1",
     "rolesanywhere.eu-west-1.amazonaws.com", 0, "/sessions", DATE,
     "application/json", '{"a":"\u00fc"}'),
    ("one more", "iot-data.x", 8, 0, "ap-south-1", "data.example", 1, "/a/b.c",
     DATE, "text/plain", "x"),
]


def sign():
    yield "static const struct sign_row {"
    yield "    int line;"
    yield "    const char *name, *service;"
    yield "    size_t secret_len; /* 0: AWS's example */"
    yield "    size_t token_len;"
    yield "    const char *region, *host;"
    yield "    uint16_t port;"
    yield "    const char *path, *date, *type, *body, *authorization;"
    yield "} sign_rows[] = {"
    for (name, service, secret, token, region, host, port, path, date, kind,
         body) in SIGN:
        place = f"[{host}]" if ":" in host else host
        place += f":{port}" if port else ""
        signed = authorization(
            service, letters(secret) if secret else SECRET,
            letters(token) if token else None, region,
            f"https://{place}{path}", date, body, {"Content-Type": kind})
        values = [literal(name), literal(service), str(secret), str(token),
                  literal(region), literal(host), str(port),
                  *map(literal, (path, date, kind, body, signed))]
        yield "    {__LINE__, " + ",\n     ".join(values) + "},"
    yield "};"


# ---------------------------------------------------------------- request

TOKEN = "IQoJb3JpZ2luX2VjEXAMPLETOKEN"
REQUEST = {
    "jobName": "nightly",
    "solutionVersionArn":
        "arn:aws:personalize:us-east-1:123456789012:solution/s/v",
    "filterArn": "arn:aws:personalize:us-east-1:123456789012:"
                 "filter/everything-that-was-not-seen",
    "numResults": 25,
    "jobInput": {"s3DataSource": {"path": "s3://bucket/users.json"}},
    "jobOutput": {"s3DataDestination": {
        "path": "s3://bucket/segments/",
        "kmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd"}},
    "roleArn": "arn:aws:iam::123456789012:role/r",
    "tags": [{"tagKey": "cost-centre", "tagValue": "hush-hush"}],
}


def request():
    body = json.dumps(REQUEST, separators=(",", ":"))
    signed = signature(SECRET, TOKEN, "us-east-1", HOST, DATE, body)
    lines = [
        "POST / HTTP/1.1",
        f"Host: {HOST}",
        "Content-Type: application/x-amz-json-1.1",
        "X-Amz-Target: AmazonPersonalize.CreateBatchSegmentJob",
        f"X-Amz-Date: {DATE}",
        f"X-Amz-Security-Token: {TOKEN}",
        f"Content-Length: {len(body)}",
        "User-Agent: segjob/VERSION",
        "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/"
        "us-east-1/personalize/aws4_request, SignedHeaders=content-type;host;"
        "x-amz-date;x-amz-security-token;x-amz-target, Signature=" + signed,
        "", body]
    before, after = "\r\n".join(lines).split("VERSION")
    yield "static const char request_bytes[] ="
    yield f"     {literal(before)}"
    yield "     VERSION_TEXT"
    yield f"     {literal(after)};"


# ------------------------------------------------------------------- json

JSON = [
    b"null", b"true", b"false", b"0", b"-0", b"7", b"1.5", b"1e5", b"1E+5",
    b"1e-5", b"-1.25e+10", b'""', b'"a"', b"[]", b"{}", b"[1]", b"[1,2]",
    b"[1,[2,[3]]]", b'{"a":1}', b'{"a":1,"b":2}', b'{"a":{"b":[null]}}',
    b" [ 1 , 2 ] ", b"\t\r\n{\t\"a\"\r:\n1 }\n", b'[{},[],"",0]',
    b'{"":0}', b'{"a":[{"b":1},{"b":1}]}', b'{"a":{"a":{"a":0}}}',
    b"-2147483648", b"123456789012345678901234567890", b"1.310506263362E9",
    b'"\\"\\\\\\/\\b\\f\\n\\r\\t"', b'"\\u0041"', b'"\\uD83D\\uDE00"',
    b'"\\ud83d\\ude00"', b'"\\u0000"', b'"\x7f"', '"\u00fc\u20ac\U0001f600"',
    b'{"\\u0061":1,"b":2}', b'["]"]', b'["}"]', b'["\\""]', b'["a,b"]',
    # what is no JSON
    b"", b" ", b"nul", b"nulll", b"True", b"tru", b"falsee", b"NaN",
    b"Infinity", b"-Infinity", b"nonsense", b"+1", b"-", b"01", b"-01", b"1.",
    b".5", b"1.e5", b"1e", b"1e+", b"1E-", b"0x10", b"1_0", b"1 2", b"1,",
    b'"', b'"a', b"'a'", b"a", b'"\\', b'"\\"', b'"\\a"', b'"\\x41"',
    b'"\\u"', b'"\\u004"', b'"\\u004g"', b'"\\u00_0"', b'"\\U0041"',
    b'"\n"', b'"\t"', b'"\x00"', b'"\x1f"', b"\x00", b"1\x00", b"[1]\x00",
    b'"\\ud83d"', b'"\\ude00"', b'"\\ud83dx"', b'"\\ud83d\\n"',
    b'"\\ud83d\\u0041"', b'"\\ud83d\\ud83d"', b'"\\ud83d\\ude0"',
    b'"\\ud83d\\ue000"', b'"\\ud83d\\udbff"',
    b'"\\ude00\\ud83d"', b'"\\ud83d\\u"', b'"\\ud83d\\ug000"',
    b"[", b"]", b"{", b"}", b"[[", b"[]]", b"{}}", b"[}", b"{]", b"[1}",
    b'{"a":1]', b"[1,,3]", b"[,1]", b"[1,]", b"[,]", b"[1 2]", b"[1:2]",
    b"[1", b"[1,", b'{"a"}', b'{"a":}', b'{"a" "b"}', b'{"a":nonsense}',
    b"{}{}", b"[][]", b'{"a":1,}', b'{,"a":1}', b'{"a":01}', b'{"a":1 "b":2}',
    b'{"a"::1}', b'{"a":1:2}', b"{a:1}", b"{'a':1}", b"{1:2}", b"{null:1}",
    b"{[]:1}", b'{"a":1', b'{"a":', b'{"a"', b'{"a', b'{"a":"b', b"{:1}",
    b'{"a":1,,"b":2}', b'{"a",1}', b"// a\n1", b"/* a */1", b"#\n1",
    b'{"a":1,"a":1}', b'{"a":1,"b":2,"a":3}', b'{"a":1,"\\u0061":2}',
    b'[{"a":{"b":1,"b":2}}]', b'{"a":{"b":1},"c":{"d":[{"e":1,"e":1}]}}',
    b"\xef\xbb\xbf1", b"\xc2\xa01", b"\x0b1", b"\x0c1", b"1\x0b",
    b'"\x80"', b'"\xc0\x80"', b'"\xc3"', b'"\xe0\x80\x80"', b'"\xed\xa0\x80"',
    b'"\xf0\x80\x80\x80"', b'"\xf4\x90\x80\x80"', b'"\xff"', b'"\xe2\x82"',
    b'{"\xff":1}', b"\xff",
    # a number where a bad string breaks off
    b'["\\ud8001,"x"]', b'"\\ud8001', b'["\\ud8747]', b'["\x001,"x"]',
]


def strict_json(data):
    """Whether `data` is UTF-8 and JSON whose names differ in each object."""
    def refuse(_):
        raise ValueError

    def members(pairs):
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError
        return dict(pairs)

    try:
        value = json.loads(data.decode("utf-8"), parse_constant=refuse,
                           object_pairs_hook=members)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except ValueError:
        return False
    return True


# Strings, decoded.
STRINGS = [
    b'""', b'"a"', b'"\\"\\\\\\/\\b\\f\\n\\r\\t"', b'"\\u0041\\u007F"',
    b'"\\u0080\\u07ff"', b'"\\u0800\\uFFFF"', b'"\\ud800\\uDC00"',
    b'"\\uDBFF\\udfff"', b'"a\\u00e9b\\n\\u0000c"', b'"\\u20AC"',
    '"\u00fc \\u00fc \U0001f600"'.encode("utf-8"), b'"\\\\u0041"',
]


def json_rows():
    yield "static const struct json_row {"
    yield "    int line;"
    yield "    bool ok;"
    yield "    struct segjob_str text;"
    yield "} json_rows[] = {"
    for text in map(as_bytes, JSON):
        ok = "true" if strict_json(text) else "false"
        yield f"    {{__LINE__, {ok},"
        yield f"     SEGJOB_STR({literal(text)})}},"
    yield "};"
    yield "static const struct string_row {"
    yield "    int line;"
    yield "    struct segjob_str text, decoded;"
    yield "} string_rows[] = {"
    for text in STRINGS:
        decoded = literal(json.loads(text))
        yield f"    {{__LINE__, SEGJOB_STR({literal(text)}),"
        yield f"     SEGJOB_STR({decoded})}},"
    yield "};"


# -------------------------------------------------------------------- xml

# What the reader must read as expat does; of these, <b> occurs once or never,
# and contains text alone.
XML = [
    b"<a/>", b"<a></a>", b"<a><b/></a>", b"<a><b></b></a>", b"<a ><b\t/></a\n>",
    b"<a><b>x</b></a>", b"\n<a>\r\n <b>x</b>\t</a>\r\n", b"<a>1<b>x</b>2</a>",
    b"<a><c>y</c><b>x</b><c/></a>", b"<a><c><b>y</b></c><b>x</b></a>",
    b"<a><c><b>y</b></c></a>", b"<b>x</b>", b"<b><a>x</a></b>",
    b"<a><B>x</B></a>", b"<a><bb>x</bb><b>y</b></a>", b"<aa><b>x</b></aa>",
    b"<a><b> x\n</b></a>", b"<a><b>x\r\ny\rz\n\r</b></a>",
    b"<a><b>&lt;&gt;&amp;&quot;&apos;</b></a>", b"<a><b>a&amp;amp;b</b></a>",
    b"<a><b>&#65;&#x41;&#x0041;&#0065;&#10;&#x9;&#xD;</b></a>",
    b"<a><b>&#xE9;&#x7ff;&#x800;&#xFFFD;&#x10000;&#x10FFFF;&#1114111;</b></a>",
    "<a><b>\u00fc\u20ac\U0001f600\ud7ff\ue000\ufffd</b></a>".encode(),
    b"<a><b>x>y ]] > ' \" = / ? !</b></a>", b"<a><b>]]&gt;</b></a>",
    b"<a><b>]&gt;]>\r\n]></b></a>", b"<a><b>&#93;]>]&#93;></b></a>",
    b"<a b=']]>'/>",
    b'<a xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><b>x</b></a>',
    b"<a xmlns='u'><b c = \"'&lt;>&#65;\n\" >x</b></a>", b'<a b=""><b/></a>',
    b"<a.b-c_d1/>", b"<_><b/></_>", b"<a><_b>y</_b><b>x</b></a>",
    b'<?xml version="1.0"?><a><b>x</b></a>', b"<?xml version='1.0' ?>\n<a/>",
    b'<?xml version="1.0" encoding="UTF-8"?><a><b>\xc3\xbc</b></a>',
    b'<?xml version="1.0" encoding="utf-8" standalone="yes" ?><a/>',
    b'<?xml\tversion = "1.0"\r\nstandalone\n=\n"no"?><a><b>x</b></a>',
    b"<a><c><d><e><f><g><h><i>y</i></h></g></f></e></d></c><b>x</b></a>",
    # what is no XML
    b"", b" ", b"x", b"<", b"<a", b"<a>", b"<a/", b"<a/ >", b"< a/>", b"</a>",
    b"<a></b>", b"<a><b></a></b>", b"<a><b>x</a>", b"<a><b>x</b>", b"<a></a",
    b"<a></ a>", b"<a></a/>", b"<a></a b='c'>", b"<a></>", b"<>",
    b"<a><></></a>",
    b"<a/><a/>", b"<a/>x", b"x<a/>", b"<a/></a>", b"<a/>\x00", b"<a>\x00</a>",
    b"<1a/>", b"<-a/>", b"<.a/>", b"<a$/>", b"<a><b<c/></b></a>",
    b"<a b/>", b"<a b=/>", b"<a b=c/>", b"<a b='c/>", b"<a b='c\"/>",
    b"<a b='<'/>", b"<a b='&'/>", b"<a b='c'd='e'/>", b"<a 1='c'/>",
    b"<a b='c' b='d'/>", b"<a='b'/>", b"<a / b='c'>", b"<a b 'c'/>",
    b"<a>&</a>", b"<a>&;</a>", b"<a>&amp</a>", b"<a>&lt</a>", b"<a>& amp;</a>",
    b"<a>&AMP;</a>", b"<a>&nbsp;</a>", b"<a>&c;</a>", b"<a>&#;</a>",
    b"<a>&#x;</a>", b"<a>&#a;</a>", b"<a>&#xg;</a>", b"<a>&#X41;</a>",
    b"<a>&#65</a>", b"<a>&#6 5;</a>", b"<a>&#-5;</a>", b"<a>&#0;</a>",
    b"<a>&#1;</a>", b"<a>&#x1f;</a>", b"<a>&#xd800;</a>", b"<a>&#xdfff;</a>",
    b"<a>&#xfffe;</a>", b"<a>&#xffff;</a>", b"<a>&#x110000;</a>",
    b"<a>&#4294967361;</a>", b"<a>&#x100000041;</a>",
    b"<a>&#99999999999999999999;</a>",
    b"<a>]]></a>", b"<a>x]]>y</a>", b"<a>]]]></a>", b"<a>\x01</a>",
    b"<a>\x0b</a>", b"<a>\x1f</a>", b"<a>\x80</a>", b"<a>\xc0\x80</a>",
    b"<a>\xc3</a>", b"<a>\xe0\x80\x80</a>", b"<a>\xed\xa0\x80</a>",
    b"<a>\xf4\x90\x80\x80</a>", b"<a>\xff</a>", b"<a>\xef\xbf\xbe</a>",
    b"<a>\xef\xbf\xbf</a>", b"<\xff/>", b"<a/>\xff",
    b' <?xml version="1.0"?><a/>', b"<?xml?><a/>", b'<?xml version="1.0"?>',
    b'<?xml version=1.0?><a/>', b'<?xml encoding="UTF-8"?><a/>',
    b'<?xml version="1.0" version="1.0"?><a/>', b'<?xmlversion="1.0"?><a/>',
    b'<?xml version="1.0" standalone="yes" encoding="UTF-8"?><a/>',
    b'<?xml version="1.0"encoding="UTF-8"?><a/>',
    b'<?xml version="1.0" standalone="maybe"?><a/>',
    b'<?xml version="1.0" encoding="no-such"?><a/>',
    b'<?xml version="1.0" x="y"?><a/>', b'<?xml version="1.0"><a/>',
    b'<?xml version="1&#46;0"?><a/>', b'<?xml version="1.0" ? ><a/>',
    b'<a/><?xml version="1.0"?>', b"<!DOCTYPE", b"<!", b"<?", b"<a><!</a>",
]
# What expat reads, and the reader refuses.
NOT_XML = [
    b"<!DOCTYPE a><a/>", b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    b'<!DOCTYPE a [<!ENTITY c "y">]><a><b>&c;</b></a>',
    b'<!DOCTYPE a [<!ENTITY c "&#60;b>y&#60;/b>">]><a>&c;</a>',
    b"<!-- c --><a/>", b"<a><!-- c --><b>x</b></a>", b"<a><b>x<!----></b></a>",
    b"<a/><!-- c -->", b"<a><b><![CDATA[x]]></b></a>",
    b"<a><?c d?><b>x</b></a>",
    b"<?c?><a/>", b"<a/><?c?>", b"\xef\xbb\xbf<a/>", b"<a b='c' d='e'/>",
    b"<a xmlns:c='u'/>", b"<c:a xmlns:c='u'><c:b>x</c:b></c:a>",
    b"<a xml:lang='en'/>", "<\u00fc/>".encode(), "<a \u00fc='b'/>".encode(),
    b'<?xml version="1.0" encoding="US-ASCII"?><a/>',
    b'<?xml version="1.0" encoding="Utf-8"?><a/>',
    "\ufeff<a><b>x</b></a>".encode("utf-16-le"),
    b"<a><b>x</b><b>y</b></a>", b"<a><b>x</b><b/></a>", b"<a><b><c/></b></a>",
    b"<a><b>x<c>y</c>z</b></a>",
    b"<a><b/><c><d><e><f><g><h><i><j/></i></h></g></f></e></d></c></a>",
]


def by_expat(data):
    """The text of <b> in <a>, "" if it is empty, None if there is none. Raises
    ParseError."""
    import xml.etree.ElementTree as tree

    root = tree.fromstring(data)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    found = root.findall("b") if root.tag == "a" else []
    return found[0].text or "" if found else None


def is_xml(data):
    from xml.etree.ElementTree import ParseError

    try:
        by_expat(data)
    except (ParseError, ValueError, LookupError):
        return False
    return True


def xml_rows():
    yield "static const struct xml_row {"
    yield "    int line;"
    yield "    bool ok;"
    yield "    struct segjob_str document, text;"
    yield "} xml_rows[] = {"
    for data in XML + NOT_XML:
        ok = is_xml(data)
        if data in NOT_XML and not ok:
            raise SystemExit(f"expat does not read {data}")
        ok = ok and data not in NOT_XML
        text = by_expat(data) if ok else None
        yield f"    {{__LINE__, {'true' if ok else 'false'},"
        yield f"     SEGJOB_STR({literal(data)}),"
        yield ("     {NULL, 0}}," if text is None else
               f"     SEGJOB_STR({literal(text)})}},")
    yield "};"


# ------------------------------------------------------------------- time

TIMES = [0, 1, 59, 60, 3599, 3600, 86399, 86400, 68169599, 68169600,
         220924799, 220924800, 784111777, 951782399, 951782400, 951868800,
         1078012800, 1078099200, 1767225599, 1767225600, 2147483647,
         2147483648, 3376684799, 3376684800, 4107542399, 4107542400,
         4294967295, 4294967296, 13569465600, 253402300799]


def time_rows():
    zone = datetime.timezone.utc
    yield "static const struct time_row {"
    yield "    int line;"
    yield "    int64_t unix_time;"
    yield "    const char *name;"
    yield "} time_rows[] = {"
    for unix_time in TIMES:
        # Years have four digits in SigV4; strftime's %Y need not have.
        date = datetime.datetime.fromtimestamp(unix_time, zone)
        text = date.isoformat()[:19].replace("-", "").replace(":", "") + "Z"
        yield f"    {{__LINE__, INT64_C({unix_time}), {literal(text)}}},"
    yield "};"
    yield "static const struct time_row http_date_rows[] = {"
    for unix_time in TIMES:
        for text in http_dates(unix_time):
            yield f"    {{__LINE__, INT64_C({unix_time}), {literal(text)}}},"
    yield "};"


# Times that a two-digit year can express: from 1977 to 2076.
SHORT_YEARS = range(220924800, 3376684800)


def http_dates(unix_time):
    """The formats of RFC 9110 section 5.6.7."""
    yield email.utils.formatdate(unix_time, usegmt=True)
    yield time.asctime(time.gmtime(unix_time))
    if unix_time in SHORT_YEARS:
        yield time.strftime("%A, %d-%b-%y %H:%M:%S GMT",
                            time.gmtime(unix_time))


# ---------------------------------------------------------------- unicode

def general_categories():
    """Of each code point. The file lists those of Cn too."""
    path = Path(__file__).parents[2] / (
        "build/sources/unicode-data/extracted/DerivedGeneralCategory.txt")
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"(\w+)(?:\.\.(\w+))? *; (\w\w)", line):
            last = int(match[2] or match[1], 16)
            found.update(dict.fromkeys(range(int(match[1], 16), last + 1),
                                       match[3]))
    return found


def unicode_rows():
    """How many of each 16384 code points, and an FNV-1a of which."""
    categories = general_categories()
    yield "static const struct unicode_row {"
    yield "    int line;"
    yield "    uint32_t first;"
    yield "    uint32_t count;"
    yield "    uint32_t hash;"
    yield "} unicode_rows[] = {"
    for first in range(0, 0x110000, 0x4000):
        members = [categories[c][0] in "LZN" or categories[c] == "Cn"
                   for c in range(first, first + 0x4000)]
        value = 2166136261
        for member in members:
            value = (value ^ member) * 16777619 & 0xffffffff
        yield (f"    {{__LINE__, {first:#x}, {sum(members)}, "
               f"{value:#x}}},")
    yield "};"


def main():
    makers = {"sigv4": sigv4, "sign": sign, "request": request,
              "json": json_rows, "xml": xml_rows,
              "time": time_rows, "unicode": unicode_rows}
    name = sys.argv[1]
    print(f"/* Written by make_rows.py {name}; do not edit. */")
    print("/* clang-format off */")
    for line in makers[name]():
        print(line)


if __name__ == "__main__":
    main()
