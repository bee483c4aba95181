"""JMESPath of the command against python3-jmespath.

The program SEGJOB_QUERY evaluates hand-written rows and SEGJOB_RANDOM random
expressions (3000 if that is not set; the seed is SEGJOB_SEED, or 1), and so
does jmespath; query.h says what differs, and `Strict` and unlike() repeat it.
"""

import json
import math
import os
import random
import struct
import subprocess
import unittest
from decimal import Decimal, localcontext

try:
    import jmespath
    from jmespath import exceptions, functions, visitor
except ImportError as error:
    raise unittest.SkipTest(f"{error} (Debian: python3-jmespath)")

HERE = os.path.dirname(os.path.abspath(__file__))
QUERY = os.environ.get("SEGJOB_QUERY", os.path.join(
    HERE, "../../build/host/tests/test_query"))
COUNT = int(os.environ.get("SEGJOB_RANDOM", "3000"))
SEED = int(os.environ.get("SEGJOB_SEED", "1"))
DEPTH_MAX = 64  # of a result

TABLE = functions.Functions.FUNCTION_TABLE
FAILURES = (exceptions.JMESPathError, TypeError, ValueError, OverflowError)


class Strict(functions.Functions):
    """All arguments of merge() must be objects, not the first alone."""

    def _type_check(self, actual, signature, function_name):
        if function_name == "merge":
            signature = signature * len(actual)
        super()._type_check(actual, signature, function_name)


def unlike(node, may_be_expression=False):
    """Whether the command refuses such an expression when it reads it."""
    if node["type"] == "expref" and not may_be_expression:
        return True
    children = node.get("children", [])
    if node["type"] == "slice":
        return False
    takes = [False] * len(children)
    if node["type"] == "function_expression":
        if node["value"] not in TABLE:
            return True
        signature = TABLE[node["value"]]["signature"]
        if signature[-1].get("variadic"):
            if len(children) < len(signature):
                return True
        elif len(children) != len(signature):
            return True
        else:
            takes = [one["types"] == ["expref"] for one in signature]
    return any(unlike(child, may) or (may and child["type"] != "expref")
               for child, may in zip(children, takes))


def depth_of(value):
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return 0
    return 1 + max(map(depth_of, value), default=0)


def reference(expression, document):
    """(kind, value): "error", "failed", or "result" with its JSON."""
    try:
        query = jmespath.compile(expression)
        # Half a pair of surrogates is a ValueError here.
        json.dumps(query.parsed, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return "error", None
    if unlike(query.parsed):
        return "error", None
    try:
        options = visitor.Options(custom_functions=Strict())
        result = query.search(document, options)
    except FAILURES:
        return "failed", None
    if depth_of(result) > DEPTH_MAX:
        return "failed", None
    return "result", json.dumps(result)


def run(rows):
    """The program's answers to (expression, document), as objects."""
    lines = [json.dumps({"expression": expression, "document": document},
                        ensure_ascii=False)
             for expression, document in rows]
    done = subprocess.run([QUERY], input="".join(line + "\n" for line in lines),
                          capture_output=True, encoding="utf-8", check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def kind(answer):
    """As reference() returns it."""
    name = next(iter(answer))
    value = json.dumps(answer[name]) if name == "result" else None
    return name, value


# ---------------------------------------------------------------- by hand

JOBS = {
    "batchSegmentJobs": [
        {"jobName": "films", "status": "ACTIVE", "numResults": 25,
         "creationDateTime": 1700000000.25},
        {"jobName": "Serien", "status": "CREATE FAILED", "numResults": 5,
         "failureReason": "no data", "creationDateTime": 1600000000.5},
        {"jobName": "bücher", "status": "ACTIVE", "numResults": 100,
         "creationDateTime": 1800000000.0},
    ],
    "nextToken": None,
}
PLAIN = {
    "a": {"b": {"c": [1, 2.5, "x", None, True, [], {}]}, "": 0, "d e": 7},
    "list": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    "deep": [[0, 1], 2, [[3], []], None, [4, [5, [6]]]],
    "objects": [{"k": 3, "n": "c"}, {"k": 1, "n": "a"}, {"k": 2, "n": "b"},
                {"k": 1, "n": "d"}, {"n": None}],
    "numbers": [3, 1, 2.5, -4, 1.0],
    "texts": ["b", "a", "é", "Z", "aa", "", "\U0001f600", "\uffff"],
    "mixed": [1, "a"], "empty": [], "nothing": {}, "no": None, "zero": 0,
    "true": True, "false": False, "word": "añb", "name-with-dash": 1,
}

# What the AWS CLI's documentation and users write.
JOB_ROWS = """
batchSegmentJobs[].jobName
batchSegmentJobs[*].[jobName,status]
batchSegmentJobs[*].{Name:jobName, State:status}
batchSegmentJobs[?status=='ACTIVE'].jobName | [0]
batchSegmentJobs[?status!='ACTIVE'] | [0].failureReason
batchSegmentJobs[?numResults > `10`].jobName
batchSegmentJobs[?numResults >= `25` && numResults < `100`]
batchSegmentJobs[?failureReason].jobName
batchSegmentJobs[?!failureReason].jobName
batchSegmentJobs[?contains(status, 'FAILED') || numResults == `100`].jobName
batchSegmentJobs[?starts_with(jobName, 'f')].jobName
sort_by(batchSegmentJobs, &numResults)[*].jobName
sort_by(batchSegmentJobs, &jobName)[].jobName
reverse(sort_by(batchSegmentJobs, &creationDateTime))[:2].jobName
max_by(batchSegmentJobs, &creationDateTime).jobName
min_by(batchSegmentJobs, &numResults).jobName
max_by(batchSegmentJobs, &failureReason)
sort_by(batchSegmentJobs, &failureReason)
length(batchSegmentJobs)
length(nextToken)
join(', ', batchSegmentJobs[].jobName)
batchSegmentJobs[].to_string(creationDateTime)
batchSegmentJobs[0].to_string(@)
to_string(batchSegmentJobs)
batchSegmentJobs[-1].jobName
batchSegmentJobs[5].jobName
batchSegmentJobs[].status[]
nextToken || 'none'
sum(batchSegmentJobs[].numResults)
avg(batchSegmentJobs[].numResults)
"""

PLAIN_ROWS = r"""
`2e308` > `1e308`
`-2e308` < `-1e308`
a
 a . b . c
a.b.c[0]
a.""
a."d e"
"name-with-dash"
a."\u0062".c
"a\"b"
list[-1]
list[10]
list[-11]
list[99999999999999999999999]
list[2:5]
list[:3]
list[7:]
list[::2]
list[::-1]
list[8:2:-3]
list[-3:]
list[:-3]
list[20:5:-1]
list[-20:3]
list[3:-20:-1]
list[1::99999999999999999999]
list[::-99999999999999999999]
list[::0]
a[::0]
list[1:2 3]
list[:]
list[1:2:3:]
list[1 2]
list[1 2:3]
deep[]
deep[][]
deep[*][0]
deep[*][*]
deep[].[@]
deep[0][0:1]
deep[4][1][0:2].x
deep[4][1][0:2][0]
(deep[4])[0:2]
deep[0:2][0]
deep[2][0][::0]
*
*.k
a.*
a.b.*[]
objects[*].*
objects[].k
objects[*].k.x
objects[?k]
objects[?k==`1`].n
objects[?k==`1`][]
objects[?k==`1`] | [1]
objects[?k==`1`][0]
objects[?n > 'a'].n
[?k]
objects[?k > `1`].{x: k, "y z": n}
objects.{x: k}
[a, list[0]]
[a.b.c]
no.[a, b]
{x: a, y: no}
{x: a y: no}
{x: `1`, y: `2`, x: `3`}
{}
{x: a,}
{x a}
a | b
a | b.c
objects[*].k | [0]
no || a.b.c[0]
empty || nothing || '' || `0`
zero && 'x'
!zero
!empty
!nothing
!no
!''
!`false`
!true
![0]
!a.b
!list[0]
list[?!@]
true && false || 'z'
false && true || 'z'
(false || true) && 'z'
a == b == c
zero < `1` == true
'a' < 'b'
'é' > 'z'
'￿' < '😀'
'a' < `1`
true < `1`
`1` == `1.0`
`1` == `true`
`0` == `false`
`2` == `true`
`[1]` == `[true]`
`{"a":1,"b":[2]}` == `{"b":[2.0],"a":1}`
`{"a":1}` == `{"b":1}`
`{"a":null}` == `{"b":null}`
`[1,2]` == `[1]`
`null` == no
'1' == `1`
`"foo"`
`foo`
` foo `
`  foo bar`
`foo\`bar`
`"foo\`bar"`
`foo"bar`
`[1, 2`
`{"a": 1`
`01`
`1.`
`-`
``
`\n`
`"a\u00e9\ud83d\ude00"`
`"\x"`
`1e3`
`[1, [2, {"a": "b"}]]`
'raw'
'it\'s'
'back\\slash'
'\\\''
'\n\u0041'
''
'"'
'`'
'not ended
`not ended
"not ended
'ends with \
@
@.a.zero
@@
@.list[?@ > `5`]
list[?`true`]
list[*
list[
list]
list[*].
.a
a.
a..b
a.[
a.[0]
a.[*]
a.{
a.'x'
a.`1`
a.@
a.(b)
a.!b
a b
a,b
a:b
a*
a[*]*
a{b: c}
!
&&
a &&
a ||
a |
a ==
= a
a = b
a =
a <> b
a - b
-
-1
1
[-1]
[- 1]
[0]
[*]
[]
[*.k]
[?
[?]
[?a
$
#a
é
a.é
a\b
(a
a)
()
(a).b
((a)).(b)
[ ]
[ ? a]
a [0]
a [ 0 ]
list[ * ]
list[: :]
list[::::]
"a"(b)
length('añb😀')
length(list)
length(a)
length(no)
length(zero)
length(true)
length()
length(a, b)
length(a b)
(length)(list)
("length")(list)
length(list,)
length(,list)
length(list,,)
length(list
length (list)
length(&list)
a.length(@)
a.b.c.length(@)
no.length(@)
list.length(@)[0]
unknown(a)
empty[].unknown(a)
sort_by(objects, &n)
sort_by(objects[:4], &n)[*].k
sort_by(objects[:4], &k)[*].n
sort_by(objects[:4], n)
sort_by(objects[:4])
sort_by(&k, objects)
sort_by(empty, &no)
sort_by(a, &b)
sort_by(objects, &@)
sort_by(list, &@ > `4`)
sort_by(texts, &@)
sort_by(texts, &length(@))
sort_by(mixed, &@)
max_by(objects[:4], &k)
min_by(objects[:4], &k)
min_by(empty, &k)
max_by(mixed, &@)
contains('foobar', 'oba')
contains('foobar', '')
contains('', '')
contains('foobar', `1`)
contains(list, `3`)
contains(list, '3')
contains(`[true]`, `1`)
contains(texts, 'a')
contains(deep, `[0, 1]`)
contains(no, 'a')
contains(word, 'ñ')
starts_with('abc', 'ab')
starts_with('abc', 'abcd')
starts_with('abc', '')
starts_with(zero, 'a')
ends_with('abc', 'bc')
ends_with('abc', 'abcd')
ends_with('abc', no)
join('-', texts)
join('-', empty)
join('-', `["a"]`)
join('-', mixed)
join(zero, texts)
join('-', word)
to_string(a)
to_string('x')
to_string(`"é\u0001\"\\\b\f\n\r\t/\u007f😀"`)
to_string(`[1.50, 1e3, -0, -0.0, 1E-7, 100000000000000000000.0, 1e16]`)
to_string(`[0.1, 1e22, 123456789.125, 5e-324, 1.7976931348623157e308]`)
to_string(`[1e15, 1e-4, 0.00012345, 9007199254740993, 3.0, 1e-5]`)
to_string(`["é\u0001\"\\\b\f\n\r\t/\u007f\u0080😀\uffff"]`)
to_string(`{"a b": [null, true, false, {}, []], "é": "ü"}`)
to_string(no)
to_number('12')
to_number('-007')
to_number('+5')
to_number(' 5 ')
to_number('-0')
to_number('1.50')
to_number('5.')
to_number('.5')
to_number('.')
to_number('-.5e-3')
to_number('1e')
to_number('1e+')
to_number('e5')
to_number('0x10')
to_number('')
to_number('--1')
to_number('1 2')
to_number(`3.25`)
to_number(list)
to_number(true)
to_number(no)
to_array(list)
to_array(word)
to_array(no)
type(list)
[type(a), type(word), type(zero), type(true), type(false), type(no)]
keys(a)
keys(list)
values(a)
values(nothing)
merge(a, nothing, `{"b": 1}`)
merge(`{"a": 1, "b": 2}`, `{"b": 3, "c": 4}`)
merge(a, list)
merge()
not_null(no, `false`, zero)
not_null(no)
not_null()
reverse(list)
reverse(word)
reverse('a😀é')
reverse('')
reverse(a)
map(&k, objects)
map(&[k], objects)
map(k, objects)
map(&k, a)
sum(numbers)
sum(list)
sum(empty)
sum(mixed)
sum(`[0.1, 0.2]`)
avg(list)
avg(empty)
avg(numbers)
avg(`[1, 2]`)
max(numbers)
max(texts)
max(empty)
max(mixed)
max(`[1, 1.0]`)
max(`[true]`)
min(numbers)
min(texts)
min(objects)
sort(numbers)
sort(texts)
sort(empty)
sort(mixed)
sort(`[[1]]`)
sort(a)
abs(`-3`)
abs(`-2.50`)
abs(`4`)
abs(word)
ceil(`1.2`)
ceil(`-1.2`)
ceil(`-0.5`)
ceil(`3`)
ceil(`1e20`)
floor(`1.8`)
floor(`-1.2`)
floor(`-1.0`)
floor(`-7`)
floor(true)
&a
[&a]
type(&a)
to_array(&a)
(&a) || b
map(&a, &b)
sort_by(objects[:4], &k == `1`)
not_null(&a)
"""


def rows_of(text, document):
    """Rows without `text`'s line ends; a row's own blanks stay."""
    return [(line, document) for line in text.split("\n") if line]


class HandWritten(unittest.TestCase):
    def check(self, rows):
        answers = run(rows)
        self.assertEqual(len(answers), len(rows))
        for (expression, document), answer in zip(rows, answers):
            with self.subTest(expression=expression):
                self.assertEqual(kind(answer),
                                 reference(expression, document), answer)

    def test_jobs(self):
        self.check(rows_of(JOB_ROWS, JOBS))

    def test_language(self):
        self.check(rows_of(PLAIN_ROWS, PLAIN))
        self.check([("", {}), (" ", {}), ("\t\r\na\n", {"a": 1})])

    def test_other_documents(self):
        self.check([(expression, document)
                    for expression in ("@", "*", "[]", "[*]", "[0]", "[::2]",
                                       "a", "[a]", "{a: a}", "[?@]", "!@",
                                       "@ || 'x'", "@ && 'x'", "type(@)",
                                       "to_string(@)", "to_array(@)")
                    for document in (None, True, False, 0, -1.5, "", "text",
                                     [], [None, 1, [2]], {}, {"a": [1]})])

    def test_depth(self):
        for deep in ("(" * 150 + "a" + ")" * 150, "a" + ".a" * 400,
                     "a" + "[*]" * 150, "!" * 200 + "a", "a" + "[]" * 150,
                     "[" * 60 + "a" + "]" * 60, "[" * 70 + "a" + "]" * 70,
                     "||".join("a" * 200)):
            self.check([(deep, {"a": 1})])
        deep = "`" + "[" * 64 + "]" * 64 + "`"
        self.check([(deep, None)])

    def test_limits(self):
        for text in ("(" * 10000, "(" * 10000 + "a" + ")" * 10000,
                     "[" * 10000, "a" + ".a" * 10000, "a" + "[*]" * 10000,
                     "!" * 10000 + "a", "a" + "|a" * 10000, "{a:" * 10000,
                     "length(" * 10000, "a" + "[0]" * 10000, "a[?" * 10000,
                     "map(&" * 10000, "a" + "*" * 10000, "a" + ".*" * 10000,
                     "`" + "[" * 65 + "]" * 65 + "`"):
            with self.subTest(text=text[:20]):
                self.assertIn("nested too deep" if text[:2] != "a*" else
                              "an operator", run([(text, {})])[0]["what"])
        for text in ("|".join(["[@,@]"] * 60),
                     "|".join(["[@,@][]"] * 100),
                     "to_string(%s)" % "|".join(["[@,@]"] * 60),
                     "[%s] | [0] == [1]" % ",".join(
                         ["|".join(["[@,@]"] * 60)] * 2),
                     "[@]" + "|join('', [@[0],@[0]])|[@]" * 60):
            with self.subTest(text=text[:20]):
                answer = run([(text, "x" * 100)])[0]
                self.assertEqual(answer.get("failed"), "it is too much work")

    def test_lengths(self):
        """Work is in proportion to the length of what is read."""
        many = ",".join(["''"] * 50000)
        array = [{"k": i * 7919 % 100003, "s": str(i)} for i in range(50000)]
        answers = run([("length([%s])" % many, {}),
                       ("sort_by(@, &k)[0].k", array),
                       ("max(map(&to_number(s), @))", array)])
        self.assertEqual(answers, [{"result": 50000}, {"result": 0},
                                   {"result": 49999}])


class Errors(unittest.TestCase):
    """Where, and in which words."""

    def test_expressions(self):
        for expression, at, what in (
                ("", 0, "an expression is expected"),
                ("a.", 2, "a name, *, [ or { is expected"),
                ("a b", 2, "an operator or the end is expected"),
                ("a*", 1, "an operator is expected"),
                ("a = b", 2, "== is expected"),
                ("a # b", 2, "this character has no meaning"),
                ("a[b]", 2, "a number, a colon or *] is expected"),
                ("a[1:b]", 4,
                 "a number, ] or one of two colons is expected"),
                ("a[0", 3, "] or a colon is expected"),
                ("[a b]", 3, "a comma or ] is expected"),
                ("{a b}", 3, ": is expected"),
                ("{a: b,}", 6, "a name is expected"),
                ("a == 'b", 5, "there is no ' that ends this"),
                ('a."\\x"', 4, "there is no such escape"),
                ("`{\"a\"`", 0, "no JSON literal: a colon is expected"),
                ("(a", 2, ") is expected"),
                ("a[?b", 4, "] is expected"),
                ("-", 0, "a digit is expected after -"),
                ("a | lenght(b)", 4, "function 'lenght' is not known"),
                ("length(a, b)", 0, "length() takes 1 argument"),
                ("contains(a)", 0, "contains() takes 2 arguments"),
                ("merge()", 0, "merge() takes 1 argument or more"),
                ("sort_by(a, b)", 11,
                 "an expression with & before it is expected"),
                ("length(&a)", 7, "& is for an argument of a function"),
                ('"length"(a)', 8,
                 "a function's name has no quotation marks"),
                ("@(a)", 2, "a function's name is expected before (")):
            with self.subTest(expression=expression):
                self.assertEqual(run([(expression, None)])[0],
                                 {"error": at, "what": what})

    def test_values(self):
        for expression, at, what in (
                ("a | length(@)", 4,
                 "length() takes: string, array, object; here is: number"),
                ("join('', @.b)", 0,
                 "join() takes an array of: string; here is: number"),
                ("sum(c)", 0, "sum() takes an array of: number; "
                 "here is: string"),
                ("a < c", 2, "a number and a string have no order"),
                ("b[::0]", 2, "the step of a slice is 0"),
                ("sort_by(d, &x)", 0,
                 "sort_by() takes keys that are all numbers, or all strings; "
                 "here is: null"),
                ("sum(`[1e308, 1e308]`)", 0, "the number is too large")):
            with self.subTest(expression=expression):
                document = {"a": 1, "b": [1], "c": "x", "d": [{"x": None}]}
                self.assertEqual(run([(expression, document)])[0],
                                 {"failed": what, "at": at})


class Differences(unittest.TestCase):
    """What query.h says of them, where Python's results are others."""

    def test_results(self):
        for expression, document, result in (
                ("`NaN`", None, "NaN"),
                ("[`Infinity`, `-Infinity`]", {}, ["Infinity", "-Infinity"]),
                ("[to_number('inf'), to_number('nan'), to_number('1_0')]", {},
                 [None, None, None]),
                ("to_number('1e999')", {}, None),
                ("@ == `9007199254740993`", 9007199254740992, True),
                ("sum(@)", [9007199254740993, 0], 9007199254740992)):
            with self.subTest(expression=expression):
                self.assertEqual(run([(expression, document)])[0],
                                 {"result": result})

    def test_refused(self):
        """Though they are never evaluated, or Python has a use for them."""
        for expression in ("`[]`[].unknown(@)", "`[]`[].length()",
                           "false && length(&a)", "[&a]", "type(&a)",
                           "map((&a), b)", '"\\u0000"', '`"\\ud800"`'):
            with self.subTest(expression=expression):
                self.assertIn("error", run([(expression, {})])[0])
        answer = run([("merge(`{}`, `[]`)", {})])[0]
        self.assertIn("takes: object", answer["failed"])
        answer = run([("@", eval("[" * 63 + "]" * 63)),
                      ("[[@]]", eval("[" * 63 + "]" * 63))])
        self.assertIn("result", answer[0])
        self.assertEqual(answer[1]["failed"], "its result is nested too deep")


class Decimals(unittest.TestCase):
    """Python's float(), repr() and math.ceil() are exact."""

    def check(self, texts):
        for expression in ("map(&to_string(to_number(@)), @)",
                           "map(&to_string(ceil(to_number(@))), @)"):
            _, expected = reference(expression, texts)
            answer = run([(expression, texts)])[0]["result"]
            for text, one, other in zip(texts, answer, json.loads(expected),
                                        strict=True):
                self.assertEqual(one, other, text)

    def test_borders(self):
        self.check(["0.0", "-0.0", "0e9", "1e-400", "4.9e-324", "2.5e-324",
                    "2.4703282292062327e-324", "2.4703282292062328e-324",
                    "2.2250738585072011e-308", "2.2250738585072014e-308",
                    "1.7976931348623157e308", "1.7976931348623158e308",
                    "9007199254740992.999", "9007199254740993.0", "1e22",
                    "1e23", "9.5e15", "1e16", "0.0001", "0.00001", "5e-324",
                    "0" * 900 + ".5", "0." + "0" * 900 + "1e900",
                    "9007199254740993." + "0" * 900 + "1"])

    def test_random(self):
        numbers = random.Random(SEED)
        texts = []
        while len(texts) < 4 * COUNT // 3:
            bits = numbers.getrandbits(64)
            number, above = struct.unpack("<2d", struct.pack(
                "<2Q", bits, bits + 1 & 2**64 - 1))
            short = numbers.randrange(-10**5, 10**5) / 10**numbers.randrange(6)
            if math.isfinite(number) and math.isfinite(above):
                with localcontext() as context:
                    context.prec = 1100
                    half = "%f" % ((Decimal(number) + Decimal(above)) / 2)
                texts += [repr(number), half, half + "1", repr(short),
                          "%.*e" % (numbers.randrange(20), number)]
        self.check(texts)


# --------------------------------------------------------------- at random

NAMES = ["a", "b", "c", "d", '"a"', '"b c"', '"é"']
KEYS = ["a", "b", "c", "d", "b c", "é"]
STRINGS = ["", "a", "b", "ab", "B", "é", "\U0001f600", "12", "-1.5", "x y"]
NUMBERS = [0, 1, 2, -1, 3, 10, 0.5, 1.0, -2.25, 1e21, 12345, 0.1, 1e-7]
TOKENS = list(".*[](){}|&!@,:?<>=-`'\" ") + [
    "[]", "[?", "||", "&&", "==", "!=", "<=", ">=", "a", "b", "0", "-1", "1",
    "'a'", "`1`", '"c"', "length(", "[*]", "[0]", "[::2]", ".*", "sort_by("]


class Grammar:
    """Random expressions and documents."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.kinds = [
            self.name, self.name, self.name, self.literal, self.current,
            self.sub, self.sub, self.index, self.slice, self.projection,
            self.projection, self.flatten, self.filter, self.filter,
            self.comparison, self.logic, self.negation, self.parenthesis,
            self.many, self.hash, self.pipe, self.function, self.function]

    def document(self, depth=4):
        pick = self.random.randrange(10 if depth > 0 else 4)
        if pick == 0:
            return self.random.choice([None, True, False])
        if pick < 3:
            return self.random.choice(NUMBERS)
        if pick == 3:
            return self.random.choice(STRINGS)
        n = self.random.randrange(5)
        if pick < 7:
            return {self.random.choice(KEYS): self.document(depth - 1)
                    for _ in range(n + 1)}
        if pick == 7:  # of one kind, for sum(), join() and so on
            kind = self.random.choice([NUMBERS, STRINGS])
            return [self.random.choice(kind) for _ in range(n)]
        if pick == 8:
            return [{key: self.document(0) for key in KEYS[:3]}
                    for _ in range(n)]
        return [self.document(depth - 1) for _ in range(n)]

    def expression(self, depth=5):
        if depth == 0:
            return self.random.choice([self.name, self.literal,
                                       self.current])(0)
        return self.random.choice(self.kinds)(depth - 1)

    def name(self, _depth):
        return self.random.choice(NAMES)

    def literal(self, _depth):
        if self.random.random() < 0.3:
            return "'%s'" % self.random.choice(STRINGS)
        text = json.dumps(self.document(1),
                          ensure_ascii=self.random.random() < 0.5)
        return "`%s`" % text

    def current(self, _depth):
        return "@"

    def step(self, depth):
        pick = self.random.randrange(6)
        if pick == 0:
            return self.many(depth)
        if pick == 1:
            return self.hash(depth)
        if pick == 2:
            return "*"
        if pick == 3:
            return self.function(depth)
        return self.name(depth)

    def sub(self, depth):
        return self.expression(depth) + "." + self.step(depth)

    def base(self, depth):
        return self.random.choice([self.expression(depth), ""])

    def index(self, depth):
        return "%s[%d]" % (self.base(depth), self.random.randint(-3, 3))

    def slice(self, depth):
        def number(low, high):
            return self.random.choice(["", str(self.random.randint(low,
                                                                   high))])
        text = number(-4, 4) + ":" + number(-4, 4)
        if self.random.random() < 0.5:
            text += ":" + number(-3, 3)
        return self.base(depth) + "[" + text + "]"

    def projection(self, depth):
        text = self.base(depth)
        text += self.random.choice(["[*]", ".*" if text else "*"])
        if self.random.random() < 0.5:
            text += "." + self.step(depth)
        return text

    def flatten(self, depth):
        return self.base(depth) + "[]" + self.random.choice(["", ".a", "[0]"])

    def filter(self, depth):
        return "%s[?%s]%s" % (self.base(depth), self.expression(depth),
                              self.random.choice(["", ".a", "[]", "[0]"]))

    def comparison(self, depth):
        return "%s %s %s" % (
            self.expression(depth),
            self.random.choice(["==", "!=", "<", "<=", ">", ">="]),
            self.expression(depth))

    def logic(self, depth):
        return "%s %s %s" % (self.expression(depth),
                             self.random.choice(["&&", "||"]),
                             self.expression(depth))

    def negation(self, depth):
        return "!" + self.expression(depth)

    def parenthesis(self, depth):
        return "(" + self.expression(depth) + ")"

    def many(self, depth):
        return "[%s]" % ", ".join(self.expression(depth) for _ in range(
            self.random.randint(1, 3)))

    def hash(self, depth):
        return "{%s}" % ", ".join(
            self.name(0) + ": " + self.expression(depth)
            for _ in range(self.random.randint(1, 3)))

    def pipe(self, depth):
        return self.expression(depth) + " | " + self.expression(depth)

    def function(self, depth):
        name = self.random.choice(sorted(TABLE))
        args = [("&" if one["types"] == ["expref"] else "")
                + self.expression(depth)
                for one in TABLE[name]["signature"]]
        if self.random.random() < 0.03:
            args.append(self.expression(depth))
        return "%s(%s)" % (name, ", ".join(args))

    def mutated(self, text):
        """With some tokens of it changed: most often it is no expression."""
        for _ in range(self.random.randint(1, 3)):
            at = self.random.randrange(len(text) + 1)
            cut = self.random.randrange(3)
            text = (text[:at] + self.random.choice(TOKENS + [""] * 20)
                    + text[at + cut:])
        return text


class Random(unittest.TestCase):
    def test_random(self):
        grammar = Grammar(SEED)
        rows = []
        while len(rows) < COUNT:
            text = grammar.expression(grammar.random.randint(1, 5))
            if grammar.random.random() < 0.3:
                text = grammar.mutated(text)
            if len(text) < 2000:
                rows.append((text, grammar.document()))
        answers = run(rows)
        self.assertEqual(len(answers), len(rows))
        seen = {"result": 0, "error": 0, "failed": 0}
        for (expression, document), answer in zip(rows, answers):
            expected = reference(expression, document)
            seen[expected[0]] += 1
            self.assertEqual(kind(answer), expected,
                             (expression, document, answer))
        for name, number in seen.items():
            self.assertGreater(number, COUNT // 50, name)


if __name__ == "__main__":
    unittest.main()
