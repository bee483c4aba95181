#!/usr/bin/python3
"""The JSON reader, compared with Python's json made strict, and its numbers
with Python's decimal.

    json_reader.py PROGRAM

PROGRAM is json_reader.c. It must accept what Python accepts, within the limits
that core/sj_json.h states, and read the same. It must also refuse a text whose
tokens need one byte more than there is.
"""
import decimal
import json
import random
import re
import sys
from pathlib import Path

import records
from records import Tally, number, text

CORE = Path(__file__).resolve().parents[2] / "core"
HEADER = (CORE / "sj_json.h").read_text(encoding="utf-8")
DEPTH_MAX = int(re.search(r"SJ_JSON_DEPTH_MAX (\d+)u", HEADER)[1])
MEMBERS_MAX = int(re.search(r"SJ_JSON_MEMBERS_MAX (\d+)u", HEADER)[1])
TOKEN = int(re.search(r"SJ_JSON_TOKEN (\d+)u", HEADER)[1])
OK, BAD, NO_ROOM = 0, 1, 2

SEED = 8259
DOCUMENTS = 20000
MUTATIONS = 200000
NUMBERS = 100000
BATCH = 20000

# -------------------------------------------------------------- reference


class Number(str):
    """A number as it is written."""


class Members(list):
    """The pairs of an object, without duplicate names."""

    def __init__(self, pairs):
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError("duplicate name")
        super().__init__(pairs)


def refuse(constant):
    raise ValueError(constant)


DECODER = json.JSONDecoder(object_pairs_hook=Members, parse_int=Number,
                           parse_float=Number, parse_constant=refuse)
WIDE = decimal.Context(prec=10000, Emax=decimal.MAX_EMAX,
                       Emin=decimal.MIN_EMIN, traps=[])


def millis(written):
    """Seconds in milliseconds, truncated; None if over 18 digits."""
    exact = WIDE.scaleb(WIDE.create_decimal(written), 3)
    if not exact.is_finite() or WIDE.abs(exact) >= 10 ** 18:
        return None
    if exact.is_zero():
        return 0
    return int(exact.to_integral_value(decimal.ROUND_DOWN, WIDE))


def int32(written):
    if not re.fullmatch(r"-?[0-9]{1,11}", written):
        return None
    return int(written) if -2 ** 31 <= int(written) < 2 ** 31 else None


class Dump:
    """PROGRAM's dump of a value, and the number of its tokens.

    Raises ValueError if the reader must refuse the value: UTF-8 cannot encode
    a text, it is nested too deep, or an object has too many members.
    """

    def __init__(self, value):
        self.parts, self.tokens = [], 0
        self.dump(value, 0)
        self.bytes = b"".join(self.parts)

    def dump_string(self, value):
        encoded = value.encode("utf-8")
        self.tokens += 1
        self.parts.append(b"s%d:%s" % (len(encoded), encoded))

    def dump_number(self, written):
        integer, ms = int32(written), millis(written)
        self.parts.append(b"o%s%s;" % (
            b"" if integer is None else b"i%d" % integer,
            b"" if ms is None else b"m%d" % ms))
        self.tokens += 1

    def dump_container(self, value, depth):
        if depth == DEPTH_MAX:
            raise ValueError("too deep")
        self.tokens += 1
        if isinstance(value, Members):
            if len(value) > MEMBERS_MAX:
                raise ValueError("too many members")
            self.parts.append(b"{")
            for name, member in value:
                self.dump_string(name)
                self.dump(member, depth + 1)
            self.parts.append(b"}")
        else:
            self.parts.append(b"[")
            for item in value:
                self.dump(item, depth + 1)
            self.parts.append(b"]")

    def dump(self, value, depth):
        if isinstance(value, list):
            self.dump_container(value, depth)
        elif isinstance(value, Number):
            self.dump_number(value)
        elif isinstance(value, str):
            self.dump_string(value)
        else:
            self.tokens += 1
            self.parts.append(b"n" if value is None else b"o;")


def expect(data):
    """The Dump of a text; None if it must be refused."""
    try:
        return Dump(DECODER.decode(data.decode("utf-8")))
    except (ValueError, RecursionError):
        return None


# -------------------------------------------------------------- comparing

def compare(program, tally, texts):
    """Compare texts with the reference, BATCH at a time."""
    batch = []
    for data in texts:
        batch.append((data, expect(data), False))
        if batch[-1][1] and len(batch) % 4 == 0:
            batch.append((data, batch[-1][1], True))
        if len(batch) >= BATCH:
            compare_batch(program, tally, batch)
            batch = []
    compare_batch(program, tally, batch)


def compare_batch(program, tally, batch):
    """A case: a text, its Dump, whether the memory is a byte too small."""
    fed = []
    for data, dump, short in batch:
        tokens = dump.tokens if dump else len(data)
        fed += number(tokens * TOKEN - short), text(data)
    reader = records.run(program, fed)
    for data, dump, short in batch:
        wanted = (NO_ROOM, None) if short else (OK, dump.bytes) if dump else (
            BAD, None)
        result = reader.number()
        given = result, reader.text() if result == OK else None
        tally.count(wanted[0] == OK)
        if wanted != given:
            tally.differ(data[:200], "must be", wanted, "not", given)


# ----------------------------------------------------------- hand-written

GOOD = [
    b"null", b"true", b"false", b"0", b"-0", b"7", b"1.5", b"1e5", b"1E+5",
    b"1e-5", b"-1.25e+10", b'""', b"[]", b"{}", b" [ 1 , 2 ] ",
    b'\t\r\n{\t"a"\r:\n1 }\n', b'[{},[],"",0,[{}]]', b'{"":0}', b'["]}"]',
    b'{"a":[{"b":1},{"b":1}],"b":{"a":{"a":0}}}', b"2147483647",
    b"2147483648", b"-2147483648", b"-2147483649", b"123456789012345678901",
    b"1.310506263362E9", b'"\\"\\\\\\/\\b\\f\\n\\r\\t"', b'"\\u00e9\\uFfFf"',
    b'"\\uD83D\\uDE00\\ud800\\udc00\\uDBFF\\uDFFF"', b'"\\u0000\\u001f"',
    b'"\x7f"', b'{"\\u0061":1,"b":null}', b'"\\\\u0041"', b'"\\\\"',
    b'{"\\u0000":1,"\\u0000\\u0000":2}', b'{"a":1,"A":2,"a ":3}',
    '"\u00fc\u20ac\U0001f600\u2028\ufeff"'.encode("utf-8"),
    b'{"batchSegmentJobArn":"arn:aws:personalize:::x","more":[1,{"a":[]}]}',
]
BAD_ONES = [
    # what jsmn accepts
    b"[1,,3]", b'{"a" "b"}', b'{"a":nonsense}', b"{}{}", b'{"a":1,}',
    b'{"a":01}', b'"\n"', b'"\x00"', b'"\xff"', b'{"a":1,"a":1}',
    # RFC 8259, section 2: structure and white space
    b"", b" ", b"[", b"]", b"{", b"}", b"[]]", b"{}}", b"[}", b"{]", b"[1}",
    b'{"a":1]', b"[,1]", b"[1,]", b"[,]", b"[1 2]", b"[1:2]", b"[1", b"[1,",
    b'{"a"}', b'{"a":}', b'{,"a":1}', b'{"a":1 "b":2}', b'{"a"::1}',
    b'{"a":1:2}', b"{a:1}", b"{'a':1}", b"{1:2}", b"{null:1}", b"{[]:1}",
    b'{"a":1', b'{"a":', b'{"a"', b'{"a', b"{:1}", b'{"a",1}', b"[][]",
    b'{"a":1,,"b":2}', b"1 2", b"1,", b"\xc2\xa01", b"\x0b1", b"1\x0c",
    b"\xe2\x80\xa81", b"// a\n1", b"/* a */1", b"#\n1", b"\x00", b"1\x00",
    b"[1]\x00", b"[1]\x00]", b"\xef\xbb\xbf1", b"\xfe\xff\x001",
    # section 3: literals
    b"nul", b"nulll", b"null1", b"True", b"tru", b"truefalse", b"NaN",
    b"Infinity", b"-Infinity", b"undefined", b"a",
    # section 6: numbers
    b"+1", b"-", b"--1", b"01", b"-01", b"00", b"1.", b".5", b"-.5", b"1.e5",
    b"1e", b"1e+", b"1E-", b"1e+-1", b"1e1.5", b"1e1e1", b"1.1.1", b"0x10",
    b"1_0", b"1a", b"0e", b"1,5", b"\xd9\xa1", b"1\xd9\xa1",
    # section 7: strings
    b'"', b'"a', b"'a'", b'"\\', b'"\\"', b'"\\a"', b'"\\x41"', b'"\\u"',
    b'"\\u004"', b'"\\u004g"', b'"\\u00_0"', b'"\\u 041"', b'"\\u+041"',
    b'"\\u0x41"', b'"\\U0041"', b'"\t"', b'"\x1f"', b'"\\\n"', b'"\\\x00"',
    b'"a"b"', b'"\\u00\xd9\xa1\xd9\xa1"',
    # section 8.2 and UTF-8: not a character
    b'"\\ud83d"', b'"\\ude00"', b'"\\ud83dx"', b'"\\ud83d\\n"',
    b'"\\ud83d\\u0041"', b'"\\ud83d\\ud83d"', b'"\\ud83d\\ud83d\\ude00"',
    b'"\\ud83d\\ude0"', b'"\\ud83d\\ue000"', b'"\\ude00\\ud83d"',
    b'"\\ud83d\\u"', b'"\\ud83d\xed\xb8\x80"', b'"\\ud83d\\\\ude00"',
    b'"\x80"', b'"\xc0\x80"', b'"\xc1\xbf"', b'"\xc3"', b'"\xe0\x80\x80"',
    b'"\xe0\x9f\xbf"', b'"\xed\xa0\x80"', b'"\xed\xa0\xbd\xed\xb8\x80"',
    b'"\xf0\x80\x80\x80"', b'"\xf0\x8f\xbf\xbf"', b'"\xf4\x90\x80\x80"',
    b'"\xf5\x80\x80\x80"', b'"\xf8\x88\x80\x80\x80"', b'"\xe2\x82"',
    b'"\xf0\x9f\x98"', b'{"\xff":1}', b"\xff", b"[1\xff]", b"1\x80",
    # duplicate names
    b'{"a":1,"b":2,"a":3}', b'{"a":1,"\\u0061":2}', b'{"":1,"":2}',
    b'[{"a":{"b":1,"b":2}}]', b'{"a":{"b":1},"c":{"d":[{"e":1,"e":1}]}}',
    b'{"\\u0000":1,"\\u0000":2}', b'{"a":null,"a":null}',
    '{"\U0001f600":1,"\\ud83d\\ude00":2}'.encode("utf-8"),
    b'{"a":{"a":1},"b":[{"a":1}],"a":0}',
]


def nested(depth, kinds):
    """Containers in containers, the outermost the last of `kinds`."""
    value = b"0"
    for i in range(depth):
        value = b'{"a":%s}' % value if kinds[i % len(kinds)] == "{" else (
            b"[%s]" % value)
    return value


def hand_written(program):
    tally = Tally("python json, hand-written texts")
    for data in GOOD:
        tally.check(expect(data), data, "is good by hand")
    for data in BAD_ONES:
        tally.check(not expect(data), data, "is bad by hand")
    for kinds in "[", "{", "[{", "[[{":
        for depth in range(DEPTH_MAX + 3):
            dump = expect(nested(depth, kinds))
            tally.check(bool(dump) == (depth <= DEPTH_MAX), depth, kinds)
    wide = [b"[{%s}]" % b",".join(b'"%d":{}' % i for i in range(n))
            for n in (MEMBERS_MAX, MEMBERS_MAX + 1, 1000)]
    tally.check([bool(expect(data)) for data in wide] == [True, False, False],
                MEMBERS_MAX, "members are the most")
    tall = [nested(depth, kinds) for kinds in ("[", "{", "[{", "[[{")
            for depth in [*range(DEPTH_MAX + 3), 200, 900]]
    cut = [data[:n] for data in GOOD for n in range(len(data))]
    compare(program, tally, GOOD + BAD_ONES + wide + tall + cut)
    return tally.end(200, 500)


# ----------------------------------------------------------------- random

SPACE = [""] * 12 + [" ", "\n", "\t", "\r", " \r\n\t "]
SHORT = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", '"': '"',
         "\\": "\\", "/": "/"}
ENDS = [0x80, 0x80, 0x80, 0x800, 0x10000, 0x110000]


class Writer:
    """Random documents: any value in any spelling."""

    def __init__(self, rng):
        self.rng = rng

    def char(self):
        while True:
            point = self.rng.randrange(self.rng.choice(ENDS))
            if not 0xd800 <= point <= 0xdfff:
                return chr(point)

    def spelled(self, char):
        way = self.rng.randrange(8)
        if char in SHORT and (way < 6 or char in '"\\' and way == 7):
            return "\\" + SHORT[char]
        if ord(char) >= 0x20 and char not in '"\\' and way < 6:
            return char
        units = char.encode("utf-16-be")
        escape = self.rng.choice(["\\u%04x", "\\u%04X"])
        return "".join(escape % int.from_bytes(units[i:i + 2], "big")
                       for i in range(0, len(units), 2))

    def string(self):
        chars = [self.char() for _ in range(self.rng.randrange(6))]
        return '"%s"' % "".join(map(self.spelled, chars))

    def digits(self, most):
        return "".join(self.rng.choices("0123456789",
                                        k=self.rng.randint(1, most)))

    def number(self):
        written = self.rng.choice(["", "-"])
        written += self.rng.choice(["0", self.digits(12).lstrip("0") or "0"])
        if self.rng.randrange(2):
            written += "." + self.digits(8)
        if self.rng.randrange(3) == 0:
            written += self.rng.choice("eE") + self.rng.choice(["", "+", "-"])
            written += self.digits(2)
        return written

    def space(self):
        return self.rng.choice(SPACE)

    def container(self, values):
        members = self.rng.randrange(2)
        items = []
        for i, value in enumerate(values):
            name = '%s"%d%s%s:' % (self.space(), i, self.string()[1:],
                                   self.space())
            items.append((name if members else "") + self.space() + value +
                         self.space())
        inner = ",".join(items) or self.space()
        return "{%s}" % inner if members else "[%s]" % inner

    def leaf(self):
        return self.rng.choice([self.string, self.string, self.number,
                                lambda: "null", lambda: "true",
                                lambda: "false"])()

    def small(self, depth):
        """Up to `depth` containers deep."""
        if depth == 0 or self.rng.randrange(8) == 0:
            return self.leaf()
        return self.container([self.small(depth - 1)
                               for _ in range(self.rng.choice([0, 1, 2, 4]))])

    def document(self, depth):
        """About `depth` containers deep, each with others beside it."""
        value = self.small(min(depth, 2))
        for _ in range(depth - 2):
            values = [value, *(self.small(1) for _ in range(
                self.rng.choice([0, 0, 1, 2])))]
            self.rng.shuffle(values)
            value = self.container(values)
        return (self.space() + value + self.space()).encode("utf-8")


def documents(program):
    rng = random.Random(SEED)
    writer = Writer(rng)
    tally = Tally("python json, random documents")
    depths = [1, 2, 4, DEPTH_MAX - 1, DEPTH_MAX, DEPTH_MAX + 1]
    made = [writer.document(rng.choice(depths)) for _ in range(DOCUMENTS)]
    compare(program, tally, made)
    deep = sum(expect(data) is None for data in made)
    tally.floor("documents that are too deep", deep, DOCUMENTS // 20)
    return tally.end(DOCUMENTS // 2, DOCUMENTS // 4)


PIECES = [bytes([byte]) for byte in b'{}[]:,"\\ \n0123456789-+.eEtfnu/a\x00'
          b"\x1f\x7f\x80\xbf\xc2\xe2\xed\xf0\xff"]
PIECES += [b'""', b"[]", b"{}", b"null", b"true", b"1.5", b"\\u", b"\\ud83d",
           b"\\udc00", b'"a":', b',"a":1', b"\xc3\xbc", b"\xed\xa0\x80",
           b"\xef\xbb\xbf", b"\xf0\x9f\x98\x80", b"\\n", b"1e9", b"NaN"]


def mutate(rng, data):
    at = rng.randrange(len(data) + 1)
    end = min(len(data), at + rng.choice([1, 1, 1, 2, 8]))
    way = rng.randrange(6)
    if way == 0:
        return data[:at] + rng.choice(PIECES) + data[at:]
    if way == 1:
        return data[:at] + rng.choice(PIECES) + data[end:]
    if way == 2:
        return data[:at] + data[end:]
    if way == 3:
        return data[:at] + data[at:end] * 2 + data[end:]
    if way == 4 and at < len(data):
        flipped = data[at] ^ 1 << rng.randrange(8)
        return data[:at] + bytes([flipped]) + data[at + 1:]
    return data[:at] if rng.randrange(4) == 0 else data


def mutations(program):
    rng = random.Random(SEED + 1)
    writer = Writer(rng)
    seeds = GOOD + BAD_ONES + [writer.document(rng.choice([1, 2, 3]))
                               for _ in range(3000)]

    def texts():
        for _ in range(MUTATIONS):
            data = rng.choice(seeds)
            for _ in range(rng.choice([1, 1, 1, 2, 3])):
                data = mutate(rng, data)
            yield data

    tally = Tally("python json, random mutations")
    compare(program, tally, texts())
    return tally.end(MUTATIONS // 8, MUTATIONS // 2)


# ---------------------------------------------------------------- numbers

MANY = "9" * 400
NUMBER_ROWS = [
    "0", "-0", "-0.0", "0e9", "0E-9", "0.001", "0.0009", "-0.0009", "-0.001",
    "-0.0019", "1.310506263362E9", "1310506263.362", "1310506263362e-3",
    "1e-3", "1e-4", "10e-4", "9223372036854775.807", "-9223372036854775.8079",
    "999999999999999.999", "-999999999999999.9999", "1000000000000000",
    "-1000000000000000.000", "999999999999999999e-3", "9999999999999999995e-4",
    "1000000000000000000e-3", "9e14", "9.9e14", "1e15",
    "1e16", "1e18446744073709551616", "1e-18446744073709551616",
    "1e4294967296", "1e-4294967296", "1e2147483648", "0e4294967296",
    "1e" + MANY, "1e-" + MANY, "0e" + MANY, "0e-" + MANY, "0.0e" + MANY,
    "0." + "0" * 400 + "1e400", "0." + "0" * 400 + "1e401",
    "-0." + "0" * 400 + "1e416", "0." + "0" * 400 + "1e417",
    "1" + "0" * 400 + "e-400", "1" + "0" * 400 + "e-403",
    "1" + "0" * 400 + "e-404", "1e0" + "0" * 400 + "3", MANY, "-" + MANY,
    MANY + "e-385", MANY + "e-384", "0." + MANY, "1e+00", "1e-00",
]


def random_number(rng):
    """The digits of a number, the point and the exponent anywhere."""
    way = rng.randrange(4)
    if way == 0:  # about the limit
        digits, shift = str(10 ** 18 + rng.randint(-3, 3)), -3
    elif way == 1:  # about now
        digits, shift = str(rng.randrange(2 * 10 ** 15)), -6
    else:
        digits = "".join(rng.choices("0123456789", k=rng.randint(1, 30)))
        shift = rng.randint(-40, 20)
    if rng.randrange(2):
        digits += "".join(rng.choices("0123456789", k=rng.randint(1, 9)))
        shift -= 0 if way > 1 else len(digits) - len(digits.rstrip("9"))
    point = rng.randint(0, len(digits))
    exponent = shift + len(digits) - point
    whole = digits[:point].lstrip("0") or "0"
    written = rng.choice(["", "-"]) + whole
    if digits[point:]:
        written += "." + digits[point:]
    if exponent or rng.randrange(4) == 0:
        plus = rng.choice(["", "+"]) if exponent >= 0 else ""
        written += f"{rng.choice('eE')}{plus}{exponent}"
    return written


def numbers(program):
    rng = random.Random(SEED + 2)
    tally = Tally("python decimal, milliseconds")
    rows = NUMBER_ROWS + [random_number(rng) for _ in range(NUMBERS)]
    reader = records.run(program, [field for written in rows for field in
                                   (number(TOKEN), text(written.encode()))])
    for written in rows:
        result, ms = reader.number(), millis(written)
        given = reader.text() if result == OK else None
        tally.count(ms is not None)
        if given is None or given != Dump(Number(written)).bytes:
            tally.differ(written[:200], "must be", ms, "not", given)
    return tally.end(NUMBERS // 4, NUMBERS // 4)


def main():
    program = sys.argv[1]
    parts = [hand_written, documents, mutations, numbers]
    return 0 if all([part(program) for part in parts]) else 1


if __name__ == "__main__":
    sys.exit(main())
