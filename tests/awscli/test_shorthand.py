"""The command's reader of shorthand, beside the AWS CLI's own.

All texts go through one run of the program in SEGJOB_SHORTHAND. SEGJOB_RANDOM
is the number of random texts.
"""

import json
import os
import random
import subprocess
import unittest

try:
    from awscli import shorthand
except ImportError as error:
    raise unittest.SkipTest(f"{error} (Debian: awscli)")

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ.get("SEGJOB_SHORTHAND", os.path.join(
    HERE, "../../build/host/tests/test_shorthand"))
RANDOM = int(os.environ.get("SEGJOB_RANDOM", "20000"))

TEXTS = [
    "", "a", "a=", "=", "=b", "a=b", "a=b,", "a=b,c", "a=b,c=d", "a=b,c,d=e",
    "a=b, c = d", "a = b ", " a=b", "a=[b]", "a=[b,c]", "a=[]", "a=[b,]",
    "a=[,]", "a=[b", "a=[[b],[c]]", "a={b=c}", "a={}", "a={b=c,}", "a={b=c",
    "a={b=[c,{d=e}]}", "a={b}", "a={b=}", "a='b'", "a='b", "a='b\\'c'",
    "a='b\\\\'", 'a="b,c"', 'a="b\\"c"', "a='b','c'", "a=b,'c'", "a=b'c",
    "a=b\\,c", "a=\\,", "a=b=c", "a=b,c=d=e", "a=b]", "a=b}", "a=[b]c",
    "a={b=c}d", "a=b,a=c", "a={b=c,b=d}", "a.b-c_d/e#f:g=h", "ä=b", "a=ä",
    "a=\U0001f600", "a=b\U0001f600", "a=b c  ", "a=b\t,c", "a=(b)!#$%&*+",
    "a=b,,c", "a=b,\"c\"d", "a=~b", "a=^", "a=|b", "a=<b>", "a=b{c", "a=b[c",
    "a={b=c d , e=f}", "a=[ b , c ]", "a=[b c]", "a={b='c,d'}", "a=1,b=true",
    "a=b\nc=d", "a={b=c}\n", "a=b\n", "a=" + "[" * 40 + "]" * 40,
]

PIECES = ["a", "b", "=", ",", "[", "]", "{", "}", "'", '"', "\\", " ", "ä",
          "\U0001f600", "-", "\n", "a=", "a={", "\\,", "b=", "~", "^", "(",
          "|", ".", ":"]


def reference(text):
    """What the AWS CLI reads; None if it refuses."""
    try:
        return shorthand.ShorthandParser().parse(text)
    except (shorthand.ShorthandParseError, TypeError, IndexError):
        return None


def read(texts):
    done = subprocess.run(
        [PROGRAM], input="".join(json.dumps(text) + "\n" for text in texts),
        text=True, capture_output=True, check=True, encoding="utf-8")
    return [None if line.startswith("expected ") else json.loads(line)
            for line in done.stdout.splitlines()]


class Shorthand(unittest.TestCase):
    def check(self, texts):
        results = read(texts)
        self.assertEqual(len(results), len(texts))
        for text, result in zip(texts, results):
            with self.subTest(text):
                self.assertEqual(result, reference(text))

    def test_texts(self):
        self.check(TEXTS)

    def test_random_texts(self):
        rng = random.Random(19)
        texts = ["".join(rng.choices(PIECES, k=rng.randint(1, 12)))
                 for _ in range(RANDOM)]
        texts += ["a=" + text for text in texts[:RANDOM // 2]]
        accepted = sum(reference(text) is not None for text in texts)
        self.assertGreater(accepted, RANDOM // 20)
        self.check(texts)

    def test_nested_too_deep(self):
        self.assertEqual(read(["a=" + "[" * 10000, "a=" + "{b=" * 10000]),
                         [None, None])


if __name__ == "__main__":
    unittest.main()
