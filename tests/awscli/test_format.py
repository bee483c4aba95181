"""The command's output formats, beside the modules of Debian's AWS CLI.

All cases go through one run of the program in SEGJOB_FORMAT. SEGJOB_RANDOM is
the number of random documents; each is written in all formats.
"""

import argparse
import io
import json
import math
import os
import random
import struct
import subprocess
import unicodedata
import unittest

try:
    import colorama
    from awscli import text
    from awscli.formatter import JSONFormatter, TableFormatter
    from colorama.ansitowin32 import AnsiToWin32
except ImportError as error:
    raise unittest.SkipTest(f"{error} (Debian: awscli)")

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ.get("SEGJOB_FORMAT", os.path.join(
    HERE, "../../build/host/tests/test_format"))
RANDOM = int(os.environ.get("SEGJOB_RANDOM", "2000"))
FORMATS = ("json", "text", "table")
REFUSED = (AttributeError, IndexError, TypeError, ValueError)


class Case:
    """A value, as JSON, to be written; `raw` if its spelling matters."""

    def __init__(self, form, value=None, title="ListJobs", width=80,
                 colour=False, raw=None):
        self.form = form
        self.raw = json.dumps(value) if raw is None else raw
        self.title = title
        self.width = width
        self.colour = colour

    def line(self):
        head = json.dumps({"format": self.form, "title": self.title,
                           "width": self.width, "colour": self.colour})
        return f'{head[:-1]}, "value": {self.raw}}}\n'

    def __repr__(self):
        return self.line()


def reference(case):
    """What the AWS CLI writes, None if it fails."""
    value = json.loads(case.raw)
    stream = io.StringIO()
    args = argparse.Namespace(query=None,
                              color="on" if case.colour else "off")
    try:
        if case.form == "json":
            JSONFormatter(args)._format_response(case.title, value, stream)
        elif case.form == "text":
            text.format_text(value, stream)
        else:
            formatter = TableFormatter(args)
            formatter.table._terminal_width = case.width
            to = (AnsiToWin32(stream, strip=False, autoreset=True).stream
                  if case.colour else stream)
            formatter._format_response(case.title, value, to)
    except REFUSED:
        return None
    finally:
        colorama.deinit()
    return stream.getvalue()


def written(cases):
    """What the program writes for each."""
    done = subprocess.run(
        [PROGRAM], input="".join(case.line() for case in cases).encode(
            errors="surrogateescape"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise AssertionError(f"exit code {done.returncode}: "
                             f"{done.stderr.decode()[-2000:]}")
    out = io.BytesIO(done.stdout)
    for _ in cases:
        n = int(out.readline())
        yield None if n < 0 else out.read(n).decode()
    if out.read():
        raise AssertionError("the program wrote more")


# Python's Unicode may be older: these are wide since Unicode 16.
NEWER = {*range(0x2630, 0x2638), *range(0x268a, 0x2690),
         *range(0x4dc0, 0x4e00), *range(0x1d300, 0x1d377)}


def is_same_width(code):
    return (code not in NEWER
            and unicodedata.category(chr(code)) not in ("Cc", "Cn", "Cs"))


class Documents:
    """Random values without control characters: those differ."""

    NAMES = ("a", "b", "jobs", "jobArn", "name", "Zz", "a b", "名", "x-1", "",
             "status", "aVeryLongNameOfAMemberInAnObject")
    TEXTS = ("", "x", "ACTIVE", "arn:aws:personalize:us-east-1:1:job/é",
             "it's", 'say "hi"', "both ' and \"", "back\\slash", "名前の欄",
             "\u00e9\u00df\u03b1", "e\u0301", "\U0001f600 smile", "½±°", "|",
             "a text of some length that makes a column wide", "None", "ﾊﾝ",
             "{}", "한국어", " ", "\u2500\u2502", "\ufffd", "\U00020000")
    NUMBERS = (0, 1, -1, 12345678901234567890, 0.0, 0.5, -2.5, 1e16, 1e-05,
               123456.789, 1.0, 1e300, 99)

    def __init__(self, seed):
        self.random = random.Random(seed)

    def scalar(self):
        kind = self.random.random()
        if kind < 0.15:
            return self.random.choice((None, True, False))
        if kind < 0.4:
            return self.random.choice(self.NUMBERS)
        return self.random.choice(self.TEXTS)

    def any(self, depth):
        kind = self.random.random()
        if depth == 0 or kind < 0.4:
            return self.scalar()
        n = self.random.choice((0, 1, 1, 2, 3, 4))
        if kind < 0.65:
            return [self.any(depth - 1) for _ in range(n)]
        return {name: self.any(depth - 1)
                for name in self.random.sample(self.NAMES, n)}

    def like_service(self, depth=3):
        """An object of scalars, lists of similar objects, and objects."""
        made = {name: self.scalar() for name in self.random.sample(
            self.NAMES, self.random.randint(0, 6))}
        if depth and self.random.random() < 0.7:
            shapes = [self.like_service(depth - 1) for _ in range(
                self.random.randint(1, 3))]
            made[self.random.choice(self.NAMES)] = self.random.choice((
                shapes, shapes[0], [self.scalar() for _ in range(3)]))
        return made

    def one(self):
        kind = self.random.random()
        if kind < 0.5:
            return self.like_service()
        if kind < 0.6:
            n = self.random.randint(1, 4)
            return [[self.scalar() for _ in range(n)]
                    for _ in range(self.random.randint(1, 4))]
        return self.any(self.random.randint(0, 5))

    def cases(self):
        value = self.one()
        for form in FORMATS:
            yield Case(form, value, title=self.random.choice(
                ("ListBatchSegmentJobs", "L", "A title that is rather long")),
                width=self.random.choice((0, 20, 40, 80, 80, 80, 132, 1000)),
                colour=self.random.random() < 0.2)


JOB = {"batchSegmentJobArn": "arn:aws:personalize:us-east-1:1:b/nightly",
       "jobName": "nightly", "numResults": 25, "status": "ACTIVE",
       "jobInput": {"s3DataSource": {"path": "s3://bucket/users/"}},
       "jobOutput": {"s3DataDestination": {
           "path": "s3://bucket/segments/", "kmsKeyArn": "arn:aws:kms:x"}},
       "creationDateTime": "2022-01-01T00:00:00.123000+00:00"}
JOBS = [{"batchSegmentJobArn": f"arn:aws:personalize:us-east-1:1:b/{name}",
         "jobName": name, "status": status} for name, status in
        (("nightly", "ACTIVE"), ("weekly", "CREATE FAILED"))]
JOBS[1]["failureReason"] = "no bucket"

VALUES = [
    None, True, False, 0, 1, 0.0, "", "text", [], {}, [[]], [{}], [[], []],
    [{}, {}], {"a": []}, {"a": {}}, {"a": [{}]}, {"a": [[]]}, [[[]]], [""],
    {"batchSegmentJob": JOB}, {"batchSegmentJobs": JOBS}, JOBS, JOB,
    {"batchSegmentJobs": [JOB, JOB]}, {"batchSegmentJobs": [], "next": "t"},
    [job["jobName"] for job in JOBS], [[job["jobName"], job["status"]]
                                       for job in JOBS],
    [["a", "b"], ["c"]], [["a"], "b"], ["a", ["b"]], ["a", ["b", "c"]],
    [None, None], [None], [[None, True], [False, 0]], [["a", ["b"]]],
    [["a", ["b"]], ["c", ["d"]]], [[["a", "b"], ["c", "d"]]],
    [{"a": 1}, {"b": 2}], [{"a": 1}, {"a": [1, "it's"]}],
    [{"a": [1]}, {"a": 0}, {"a": "x"}], [{"a": {"b": {"c": 'q"q'}}}, {"a": 1}],
    [{"a": 1}, "b"], ["b", {"a": 1}], ["b", {"a": 1, "c": 2}],
    [["x", "y"], {"a": 1, "c": [2]}], [{"a": 1}, None], [{"a": 1}, [1]],
    [{}, []], [{}, ""], [{}, 0], [{}, "x"], [{"": [1]}, ""], [{"a": [1]}, ""],
    [{"a": [1]}, []], [[{"a": 1, "b": 2}]], [[{"a": 1, "b": 2}], ["x", "y"]],
    [[{"a": 1, "b": 2}], ["x"]], [[{"a": [1]}, {"a": [2]}]],
    [[{"a": {}}, {"a": {}}]], [[{"a": [1, 2]}], ["x", "y"]],
    {"a": {"b": {"c": {"d": {"e": 1}}}}},
    {"": 1}, {"": [1, 2]}, {"": {"": {"": 1}}}, {"a": 1, "A": 2, "名": 3},
    {"wide" * 30: 1, "b": 2}, {"a": "wide" * 30, "b": 2},
    {"a": "名" * 36, "b": 2}, {"a": ["x" * n for n in range(1, 90, 7)]},
    [{"a": "x" * 50, "b": "y" * 50}], [{"a": "x" * 50, "b": "y" * 50}] * 2,
    {"a": "x" * 50, "b": "y" * 50, "c": [{"d": 1, "e": 2}] * 2},
    {"a": [{"b": [{"c": 1, "d": [1, 2]}, {"c": 2}]}, {"b": "s"}]},
    {"a": {"b": None, "c": True}, "d": [None, {"e": 1}]},
    {"a": 'x"\\/', "b": "\u2028\u00a0"}, "\u00a0|\ufeff",
]

# Texts with control characters, and how the command writes them.
CONTROLS = [("a\nb", r"a\x0ab"), ("\t", r"\x09"), ("\x1b[31m", r"\x1b[31m"),
            ("\x7f", r"\x7f"), ("\x9b", r"\xc2\x9b"), ("\x85é", r"\xc2\x85é"),
            ("\x01\x1f", r"\x01\x1f"), ("\r", r"\x0d")]


class Formats(unittest.TestCase):
    def compare(self, cases, expected=None):
        refused = 0
        wanted = expected or map(reference, cases)
        for case, want, got in zip(cases, wanted, list(written(cases))):
            self.assertEqual(got, want, repr(case))
            refused += want is None
        return refused

    def test_values(self):
        self.compare([Case(form, value, title, width, colour)
                      for value in VALUES for form in FORMATS
                      for title in ("L", "ListJobs") for width in (0, 40, 80)
                      for colour in (False, True)])

    def test_random(self):
        documents = Documents(20230119)
        cases = [case for _ in range(RANDOM) for case in documents.cases()]
        refused = self.compare(cases)
        self.assertLess(refused, len(cases) / 4)

    def test_numbers(self):
        source = random.Random(7)
        texts = ["-0", "-0.0", "1E5", "1.50", "1e400", "-1e400", "1e-400",
                 "0e9", "100", "-12", "9" * 400, "9007199254740993.0", "5e-324",
                 "1.7976931348623157e308", "9999999999999998.0", "1e15",
                 "123456789012345680.0", "0.0001", "0.00001", "1e22", "1e23"]
        texts += [repr(math.ldexp(sign, power)) for power in range(-1074, 1024)
                  for sign in (1.0, -1.0)]
        texts += [f"{source.randrange(10 ** 17)}e{source.randint(-330, 300)}"
                  for _ in range(2000)]
        while len(texts) < 10000:
            number, = struct.unpack("d", source.randbytes(8))
            if math.isfinite(number):
                texts.append(repr(number))
        texts += [f"{source.randint(0, 10 ** 6)}.{source.randint(0, 999)}"
                  for _ in range(2000)]
        self.compare([Case(form, raw=f"[{', '.join(texts)}]")
                      for form in FORMATS])
        self.compare([Case("table", raw=number) for number in texts[:60]])

    def test_every_width(self):
        codes = [code for code in range(0x20, 0x110000) if is_same_width(code)]
        self.compare([Case("table", [chr(code) for code in
                                     codes[at:at + 4096]])
                      for at in range(0, len(codes), 4096)])

    def test_scaling(self):
        source = random.Random(11)
        self.compare([
            Case("table", {"t" * source.randint(1, 120): [
                {str(i): "x" * source.randint(0, 12)
                 for i in range(source.randint(1, 12))}] * 2},
                title="T" * source.randint(1, 160), width=1000)
            for _ in range(RANDOM // 4)])

    def test_controls(self):
        shapes = (lambda s: s, lambda s: [s, "x"], lambda s: {"k": s, "l": 1},
                  lambda s: [{"k": s}] * 2, lambda s: [{"k" + s: 1, "l": 1}])
        cases = [(Case(form, shape(raw)), Case(form, shape(
            raw if form == "text" and raw[-1] in "\tb" else clean)))
                 for raw, clean in CONTROLS for shape in shapes
                 for form in ("text", "table")]
        self.compare([case for case, _ in cases],
                     [reference(clean) for _, clean in cases])
        self.compare([Case("text", {"a\x1bb": [1]})], ["A\\x1bB\t1\n"])

    def test_controls_in_lists(self):
        """Python itself escapes them there."""
        self.compare([Case("text", [{"a": [raw, raw + "'", {raw: 1}]},
                                    {"a": 1}]) for raw, _ in CONTROLS])

    def test_bytes_that_are_no_characters(self):
        """No JSON for Python: what is wanted is written here."""
        for raw, clean, n in ((b"\xff", r"\xff", 1),
                              (b"\xc0\x80", r"\xc0\x80", 2),
                              (b"\xe0\x80\x80", r"\xe0\x80\x80", 3),
                              (b"\xed\xa0\x80", r"\xed\xa0\x80", 3),
                              (b"\xf4\x90\x80\x80", r"\xf4\x90\x80\x80", 4),
                              (b"\xf8\x88\x80\x80", r"\xf8\x88\x80\x80", 4),
                              (b"\xe2\x82", r"\xe2\x82", 2),
                              (b"\xf0\x9f\x98a", r"\xf0\x9f\x98a", 3)):
            raw = f'"{raw.decode(errors="surrogateescape")}"'
            escapes = "\\ufffd" * n + clean[4 * n:]
            self.compare([Case("text", raw=raw), Case("json", raw=raw),
                          Case("table", raw=f"[{raw}]")],
                         [f"{clean}\n", f'"{escapes}"\n',
                          reference(Case("table", [clean]))])

    def test_controls_in_json(self):
        self.compare([Case("json", {raw: raw}) for raw, _ in CONTROLS
                      if raw < "\x7f"])
        self.compare([Case("json", "\x7f\x80\x9f\xa0")],
                     ['"\\u007f\\u0080\\u009f\xa0"\n'])

    def test_too_large(self):
        """The AWS CLI would need as much memory as it takes."""
        rows = [{f"n{i}": i} for i in range(20000)]
        self.compare([Case("table", rows),
                      Case("text", {"n" * 2 ** 20: [1] * 300}),
                      Case("table", {"n" * 2 ** 20: [1] * 300})], [None] * 3)

    def test_labels_are_ascii(self):
        """The AWS CLI writes É."""
        self.compare([Case("text", {"né": [1]})], ["Né\t1\n"])


if __name__ == "__main__":
    unittest.main()
