#!/usr/bin/env python3
"""The reader of HTTP responses, compared with h11.

    http_reader.py PROGRAM [COUNT [SEED]]

PROGRAM is http.c. It and h11 read random responses and mutations of them. They
must agree which are valid, and on status, body, ids, end, and whether the
connection is kept, except for the differences listed here. Each of those must
still be one.
"""

import collections
import random
import re
import sys

import h11

import records
from records import Tally, number, text

SEED = 9112
COUNT = 40000
LINE_KEPT = 128  # bytes of a line, SJ_HTTP_LINE_CAP
ID_KEPT = 64  # bytes of an id, SJ_HTTP_ID_CAP
HEAD_MOST = 65536  # SJ_HTTP_HEAD_MAX

R = random.Random()

# ----------------------------------------------------------------- readings

Reading = collections.namedtuple("Reading", "good status body used kept id "
                                 "error")
REFUSED = Reading(False, None, None, None, None, None, None)


def by_core(reader):
    """What the core reads in the next response, and its word for the end."""
    same, end = reader.number(), reader.text().decode()
    used, status, body = reader.number(), reader.number(), reader.text()
    found = Reading(end in ("done", "closed"), status, body, used, None,
                    reader.text(), reader.text())
    kept = bool(reader.number())
    return same, end, found._replace(kept=kept)


def by_h11(raw):
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=10**6)
    connection.send(h11.Request(method="POST", target="/",
                                headers=[("Host", "h")]))
    connection.send(h11.EndOfMessage())
    if raw:
        connection.receive_data(raw)
    connection.receive_data(b"")
    status, fields, body, kept = 0, {}, b"", False
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Response):
                status = event.status_code
                for name, value in event.headers:
                    fields.setdefault(name, []).append(bytes(value))
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
            elif isinstance(event, h11.ConnectionClosed):
                return REFUSED
    except h11.RemoteProtocolError:
        return REFUSED
    used = len(raw) - len(connection.trailing_data[0])
    kept = connection.their_state is not h11.MUST_CLOSE
    return Reading(True, status, body, used, kept, id_of(fields),
                   (fields.get(b"x-amzn-errortype") or [b""])[-1][:ID_KEPT]
                   or None)


def id_of(fields):
    for name in (b"x-amzn-requestid", b"x-amzn-request-id",
                 b"x-amz-request-id"):
        for value in fields.get(name, ()):
            if value:
                return value[:ID_KEPT]
    return None


# ------------------------------------------------- the differences, by rule

def heads_end(raw):
    """Where the last head ends, lines ended by LF or CR LF."""
    at = 0
    while True:
        blank = re.compile(rb"\n\r?\n").search(raw, at)
        if not blank:
            return len(raw)
        interim = re.compile(rb"HTTP/\d\.\d 1\d\d").match(raw, at)
        at = blank.end()
        if not interim:
            return at


CHUNKED = re.compile(rb"(?im)^transfer-encoding:[ \t]*chunked[ \t]*\r?$")
LENGTH = re.compile(rb"(?im)^content-length:[ \t]*([^\r\n]*?)[ \t]*\r?$")
SIZE = re.compile(rb"[0-9A-Fa-f]+")


def chunk_lines(raw, at):
    """The lines around the chunks from `at` on, and the trailers."""
    made = b""
    while at < len(raw):
        end = raw.find(b"\r\n", at) + 2
        size = SIZE.match(raw, at)
        if end < 2 or not size:
            return made, raw[at:]
        made += raw[at:end]
        at = end + int(size[0], 16) + 2
        if not int(size[0], 16):
            trailers = raw[end:]
            blank = re.search(rb"(^|\n)\r?\n", trailers)
            return made, trailers[:blank.end() if blank else None]
    return made, b""


class Parts:
    """A response's heads, lines around chunks, and trailers."""

    def __init__(self, raw):
        at = heads_end(raw)
        self.raw, self.head = raw, raw[:at]
        self.chunks = self.trailers = b""
        if CHUNKED.search(self.head):
            self.chunks, self.trailers = chunk_lines(raw, at)
        self.fields = self.head + self.trailers
        self.all = self.head + self.chunks + self.trailers


def has_control(lines):
    return re.search(rb"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)", lines)


def has_long_line(parts):
    """A line of which the core keeps too little to check it."""
    return any(len(line) > LINE_KEPT and
               (b":" not in line[:LINE_KEPT] or
                re.match(rb"(?i)(content-length|transfer-encoding):", line))
               for line in parts.fields.split(b"\r\n"))


# chunk-size and chunk-ext, with token and quoted-string by RFC 9110 5.6;
# control characters have a rule of their own.
CHUNK_LINE = re.compile(
    rb"""[0-9A-Fa-f]+
    ([ \t]*;[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+
     ([ \t]*=[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+|"([^"\\]|\\.)*"))?)*""",
    re.VERBOSE | re.DOTALL)
CONTROL = re.compile(rb"[\0-\x08\x0b-\x1f\x7f]")


def has_loose_chunk_line(parts):
    return not all(CHUNK_LINE.fullmatch(CONTROL.sub(b"x", line))
                   for line in parts.chunks.split(b"\r\n")[:-1])


def has_both(parts):
    """Both framings in one head, also of an interim response."""
    at = 0
    while at < len(parts.head):
        end = re.compile(rb"\n\r?\n|\Z").search(parts.head, at).end()
        if LENGTH.search(parts.head[at:end]) and \
                CHUNKED.search(parts.head[at:end]):
            return True
        at = max(end, at + 1)
    return False


def lengths(parts):
    return [m[1] for m in LENGTH.finditer(parts.head)]


H = b"HTTP/1.1 200 OK\r\n"
FIVE = b"Content-Length: 5\r\n"
TE = b"Transfer-Encoding: chunked\r\n"
ENDING = b"5\r\nhello\r\n0\r\n\r\n"

Rule = collections.namedtuple("Rule", "why holds examples")

# What h11 accepts and the core refuses.
STRICTER = {
    "LF without CR": Rule(
        "RFC 9112 2.2 lets a recipient accept it; AWS does not send it",
        lambda p: re.search(rb"(?<!\r)\n", p.all),
        [H.replace(b"\r", b"") + FIVE + b"\r\nhello",
         H + FIVE + b"\nhello", H + TE + b"\r\n0\r\nX: y\n\r\n"]),
    "folded lines": Rule(
        "RFC 9112 5.2: a server must not send them",
        lambda p: re.search(rb"\n[ \t]", p.fields),
        [H + b"X: a\r\n b\r\n" + FIVE + b"\r\nhello",
         H + TE + b"\r\n0\r\nX: a\r\n\tb\r\n\r\n"]),
    "control characters": Rule(
        "RFC 9110 5.5: neither field-vchar nor obs-text",
        lambda p: has_control(p.all),
        [H + b"X: \x01\r\n" + FIVE + b"\r\nhello",
         b"HTTP/1.1 200 \x7f\r\n" + FIVE + b"\r\nhello",
         H + TE + b"\r\n5;\0\r\nhello\r\n0\r\n\r\n",
         H + TE + b"\r\n5;a\rb\r\nhello\r\n0\r\n\r\n"]),
    "another version": Rule(
        "the client speaks HTTP/1",
        lambda p: re.search(rb"(?m)^HTTP/(?!1\.[01] )", p.head),
        [b"HTTP/2.0 200 OK\r\n" + FIVE + b"\r\nhello",
         b"HTTP/1.2 200 OK\r\n" + FIVE + b"\r\nhello"]),
    "a list of equal lengths": Rule(
        "RFC 9110 8.6 allows a recipient to refuse it",
        lambda p: any(b"," in value for value in lengths(p)),
        [H + b"Content-Length: 5, 5\r\n\r\nhello"]),
    "both a length and chunks": Rule(
        "RFC 9112 6.3: may be an attempt at response splitting",
        has_both,
        [H + FIVE + TE + b"\r\n" + ENDING]),
    "chunks in HTTP/1.0": Rule(
        "RFC 9112 6.1: faulty framing",
        lambda p: re.search(rb"(?m)^HTTP/1\.0 ", p.head) and
        CHUNKED.search(p.head),
        [b"HTTP/1.0 200 OK\r\n" + TE + b"\r\n" + ENDING]),
    "a line too long to check": Rule(
        "framing and names must be within 128 bytes",
        has_long_line,
        [H + b"x" * 128 + b": y\r\n" + FIVE + b"\r\nhello",
         H + b"Content-Length:" + b" " * 130 + b"5\r\n\r\nhello"]),
    "a chunk's line that is not in the grammar": Rule(
        "RFC 9112 7.1.1; h11 accepts any extension, and blanks at the end",
        has_loose_chunk_line,
        [H + TE + b"\r\n" + line + b"\r\nhello\r\n0\r\n\r\n"
         for line in (b"5 ", b"5" + b" " * 130, b"5;", b"5;a ", b"5;a=",
                      b"5;=b", b"5;;a", b"5;a=b ", b'5;a="b', b'5;a="b"c',
                      b'5;a="b\\"', b"5;a=" + b'"' + b"b" * 200,
                      b"5;" + b"a" * 200 + b" b")]),
    "a head too long": Rule(
        "the limit, 64 KiB, interim responses included",
        lambda p: len(p.head) > HEAD_MOST or len(p.trailers) > HEAD_MOST,
        [H + b"X: y\r\n" * 20000 + FIVE + b"\r\nhello",
         b"HTTP/1.1 100 C\r\n\r\n" * 4000 + H + FIVE + b"\r\nhello"]),
    "a length of 4 GiB": Rule(
        "the limit; h11 has none, so the response has no body",
        lambda p: any(v.isdigit() and int(v) >= 2**32 - 2
                      for v in lengths(p)),
        [b"HTTP/1.1 204 No\r\nContent-Length: 4294967294\r\n\r\n"]),
}

# What the core accepts and h11 refuses.
LOOSER = {
    "equal lengths in other digits": Rule(
        "RFC 9110 8.6: the same decimal value",
        lambda p: len(set(lengths(p))) > 1 and
        len({int(v) for v in lengths(p)}) == 1,
        [H + FIVE + b"Content-Length: 05\r\n\r\nhello"]),
    "blanks before a chunk's extension": Rule(
        "RFC 9112 7.1.1: BWS",
        lambda p: re.search(rb"(?m)^[0-9A-Fa-f]+[ \t]+;", p.chunks),
        [H + TE + b"\r\n5 ;a=b\r\nhello\r\n0\t;c\r\n\r\n"]),
    "a chunk's size with many zeros": Rule(
        "RFC 9112 7.1: 1*HEXDIG; h11 stops at 20",
        lambda p: re.search(rb"(?m)^0[0-9A-Fa-f]{20}", p.chunks),
        [H + TE + b"\r\n" + b"0" * 30 + ENDING]),
    "framing fields in trailers": Rule(
        "RFC 9110 6.5.1: trailers frame nothing, and are skipped",
        lambda p: re.search(rb"(?im)^(content-length|transfer-encoding):",
                            p.trailers),
        [H + TE + b"\r\n5\r\nhello\r\n0\r\nContent-Length: x\r\n\r\n"]),
}

# Both accept, but only one of them keeps the connection.
KEPT = {
    "keep-alive in HTTP/1.0": Rule(
        "RFC 9112 9.3; h11 never keeps such a connection",
        lambda p: re.search(rb"(?im)^connection:.*keep-alive", p.head) and
        re.search(rb"(?m)^HTTP/1\.0 ", p.head),
        [b"HTTP/1.0 200 OK\r\nConnection: a , Keep-Alive\r\n" + FIVE +
         b"\r\nhello"]),
    "a long Connection line": Rule(
        "the part that is cut off may be `close`",
        lambda p: re.search(rb"(?im)^connection:.{%d}" % (LINE_KEPT - 10),
                            p.head),
        [H + b"Connection: " + b"x" * 150 + b"\r\n" + FIVE + b"\r\nhello"]),
}

# A line with an id, of which the core may keep a part.
LONG_ID = re.compile(rb"(?im)^x-amzn?-(request-?id|errortype):.{100}")

# --------------------------------------------------------- random responses

TOKEN = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM"
VALUE = bytes(range(0x21, 0x7f)) + bytes(range(0x80, 0x100))


def some(alphabet, count):
    return bytes(R.choices(alphabet, k=count))


def chance(share):
    return R.random() < share


def blanks():
    return R.choice((b" ", b" ", b" ", b"", b"\t", b"  \t "))


def any_case(name):
    way = R.choice((bytes, bytes.lower, bytes.upper, bytes.swapcase))
    return way(name)


def field(name, value):
    return any_case(name) + b":" + blanks() + value + \
        R.choice((b"", b"", b" ", b"\t")) + b"\r\n"


def value():
    most = R.choice((0, 1, 5, 20, 20, 60, 200))
    made = [some(VALUE, R.randint(1, 20))
            for _ in range(R.randint(0, most) // 10)]
    return R.choice((b" ", b" ", b"\t", b"  ")).join(made)


def any_field():
    kind = R.random()
    if kind < 0.25:
        return field(R.choice((b"X-Amzn-RequestId", b"x-amzn-request-id",
                               b"X-Amz-Request-Id", b"x-amzn-ErrorType")),
                     R.choice((b"", b"a-1", some(TOKEN, R.randint(1, 80)))))
    if kind < 0.45:
        options = [R.choice((b"close", b"keep-alive", b"Close", b"KEEP-ALIVE",
                             b"x", b"upgrade", b"", b"closer"))
                   for _ in range(R.randint(1, 3))]
        return field(b"Connection", R.choice((b",", b" , ")).join(options))
    return field(some(TOKEN, R.randint(1, 30)), value())


def fields():
    return [any_field() for _ in range(R.randint(0, 4))]


def status_line(version, status):
    reason = R.choice((b"", b" ", b" OK", b" Not here", b" \t x", b" " +
                       value()))
    return b"HTTP/1.%d %d" % (version, status) + reason + b"\r\n"


def interim():
    return status_line(R.choice((1, 1, 0)), R.choice((100, 102, 103, 199))) + \
        b"".join(fields()) + b"\r\n"


def body():
    kind = R.random()
    if kind < 0.2:
        return b""
    count = R.randint(1, 12 if kind < 0.7 else 300)
    return some(b"ab\r\n0;:\0\xff", count) if chance(0.5) else \
        some(range(256), count)


def extension():
    if chance(0.6):
        return b""
    made = b";" + blanks() + some(TOKEN, R.randint(1, 9))
    if chance(0.5):
        made += R.choice((b"=", b"=", b" =", b"\t= ")) + \
            R.choice((some(TOKEN, 3), b'"a;b\\"c"', b'""',
                      some(TOKEN, 140)))
    return made + extension()


def size(count):
    made = b"%X" % count if chance(0.5) else b"%x" % count
    return b"0" * R.choice((0, 0, 0, 1, 12)) + made


def chunked(content):
    made = b""
    while content:
        count = R.randint(1, len(content))
        made += size(count) + extension() + b"\r\n" + content[:count] + b"\r\n"
        content = content[count:]
    made += size(0) + extension() + b"\r\n"
    trailers = fields() if chance(0.3) else []
    return made + b"".join(trailers) + b"\r\n"


def response():
    version = R.choice((1, 1, 1, 1, 0))
    status = R.choice((200, 200, 400, 403, 500, 503, 204, 304, 301,
                       R.randint(200, 999)))
    content, lines = body(), fields()
    framing = R.choice(("length", "length", "chunked", "close"))
    if framing == "chunked" and version == 1:
        lines.append(field(b"Transfer-Encoding", any_case(b"chunked")))
        content = chunked(content)
    elif framing == "length":
        made = R.choice((b"%d", b"%d", b"%03d")) % len(content)
        lines += [field(b"Content-Length", made)] * R.choice((1, 1, 1, 2))
    R.shuffle(lines)
    before = b"".join(interim() for _ in range(R.choice((0,) * 8 + (1, 2))))
    after = some(b"HT\r\nx", R.randint(1, 9)) if chance(0.05) else b""
    return before + status_line(version, status) + b"".join(lines) + \
        b"\r\n" + content + after


FRAGMENTS = [b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b";", b",", b"\0",
             b"\x7f", b"\x80", b"\x0b", b"0", b"5", b"f", b"-", b"+", b"x",
             b"\r\n\r\n", b"\r\n ", b"\r\n\t", b" :", b": ", FIVE, TE,
             b"Content-Length: 0\r\n", b"Content-Length: 05\r\n",
             b"Content-Length: 3, 3\r\n", b"Content-Length: -1\r\n",
             b"Content-Length: 4294967296\r\n",
             b"Content-Length: 18446744073709551616\r\n",
             b"Content-Length:\r\n", b"Content-Length: 5 5\r\n",
             b"Transfer-Encoding: gzip, chunked\r\n",
             b"Transfer-Encoding:\r\n", b"Connection: close\r\n",
             b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 101 Up\r\n\r\n", H,
             b"HTTP/1.0", b"HTTP/1.2", b"HTTP/2.0", b"100000005",
             b"FFFFFFFFF", b"10000000000000005", b"FFFFFFFFFFFFFFFFF",
             b"0000000000000000000000", b";a=b",
             b" ;", b"0\r\n", b"0\r\n\r\n", b"a" * 130, b" " * 130]


SWAPS = [(b"HTTP/1.1", b"HTTP/1.2"), (b"HTTP/1.1", b"HTTP/2.0"),
         (b"HTTP/1.1", b"HTTP/1.0"), (b"HTTP/1.1", b"http/1.1"),
         (b"\r\n", b"\n"), (b"\r\n", b"\r\n\r\n"), (b";", b" ;"),
         (b":", b" :"), (b"\r\n0", b"\r\n0000000000000000000000"),
         (b"ength:", b"ength:5,"), (b"200", b"204"), (b"hunked", b"hunked,")]


SHORT_SIZE = re.compile(rb"(?m)^[0-9A-Fa-f]{1,6}(?=[;\r \t])")


def wrapped(size):
    return b"1" + size[0].rjust(16, b"0")


def mutated(raw):
    for _ in range(R.choice((1, 1, 1, 2, 3))):
        at = R.randint(0, min(len(raw), R.choice((40, 200, 10**6))))
        if chance(0.3):  # at the start of a line
            at = max(raw.rfind(b"\n", 0, at) + 1, 0)
        kind = R.randrange(7)
        if kind == 0:
            raw = raw[:at] + raw[at + R.choice((1, 1, 2, 9)):]
        elif kind == 1:
            raw = raw[:at] + raw[at:at + 20] + raw[at:]
        elif kind == 2:
            raw = raw[:at] + bytes([R.randrange(256)]) + raw[at + 1:]
        elif kind == 3 and chance(0.3):
            raw = raw[:R.randint(0, len(raw))]
        elif kind == 4:
            old, new = R.choice(SWAPS)
            raw = raw[:at] + raw[at:].replace(old, new, R.choice((1, 99)))
        elif kind == 5:  # the same number modulo 2^64
            raw = raw[:at] + SHORT_SIZE.sub(wrapped, raw[at:], 1)
        else:
            raw = raw[:at] + R.choice(FRAGMENTS) + raw[at:]
    return raw


# --------------------------------------------------------------- comparison

class Comparison:
    def __init__(self):
        self.tally = Tally("h11")
        self.kept = Tally("h11's end of connections")
        self.alone = collections.Counter()
        self.shared = collections.Counter()

    def compare(self, raw, same, end, core, other):
        tally = self.tally
        tally.check(same == 3, raw, "differs in pieces")
        if core.good != other.good:
            rules = LOOSER if core.good else STRICTER
            self.find_rule(tally, rules, raw, end)
            return
        tally.count(core.good)
        if not core.good:
            return
        for name in ("status", "body", "used", "id", "error"):
            ours, theirs = getattr(core, name), getattr(other, name)
            tally.check(ours == theirs or name in ("id", "error") and
                        LONG_ID.search(raw), raw, name, ours, theirs)
        if end == "closed":
            self.kept.count(False)
            self.kept.check(not core.kept, raw, "kept, and closed")
        elif core.kept != other.kept:
            self.find_rule(self.kept, KEPT, raw, core.kept)
        else:
            self.kept.count(core.kept)

    def find_rule(self, tally, rules, raw, found):
        parts = Parts(raw)
        names = [name for name, rule in rules.items() if rule.holds(parts)]
        for name in names:
            self.shared[name] += 1
        if not names:
            tally.differ(raw, "the core reads", found)
        elif len(names) == 1:
            self.alone[names[0]] += 1


def differs(rules, core, other, end):
    """Whether the two differ in the way that these rules allow."""
    if rules is KEPT:
        return core.good and other.good and core.kept != other.kept
    return core.good != other.good and core.good == (rules is LOOSER)


def check_examples(comparison, made, found):
    """Each rule's examples must still differ, by that rule alone."""
    for (rules, name, raw), (_, end, core) in zip(made, found):
        other = by_h11(raw)
        held = [n for n, rule in rules.items() if rule.holds(Parts(raw))]
        comparison.tally.still(h11, differs(rules, core, other, end), name,
                               raw[:200], end, other.good)
        comparison.tally.check(held == [name], raw[:200], "is of", held)


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else COUNT
    R.seed(int(sys.argv[3]) if len(sys.argv) > 3 else SEED)
    examples = [(rules, name, raw) for rules in (STRICTER, LOOSER, KEPT)
                for name, rule in rules.items() for raw in rule.examples]
    made = [response() for _ in range(count // 2)]
    valid = len(made)
    made += [mutated(response()) for _ in range(count - valid)]
    every = made + [raw for _, _, raw in examples]
    reader = records.run(program, [
        text(raw) + number(R.randint(0, len(raw))) + number(0)
        for raw in every])
    found = [by_core(reader) for _ in every]
    comparison = Comparison()
    for index, (raw, result) in enumerate(zip(made, found)):
        comparison.compare(raw, *result, by_h11(raw))
        if index < valid:
            comparison.tally.check(result[2].good, raw,
                                   "is valid, the core reads", result[1])
    check_examples(comparison, examples, found[len(made):])
    for name in (*STRICTER, *LOOSER, *KEPT):
        print("  listed: %s: %d, alone %d" % (name, comparison.shared[name],
                                              comparison.alone[name]))
    good = comparison.tally.end(count * 55 // 100, count * 20 // 100)
    good = comparison.kept.end(count // 10, count // 10) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
